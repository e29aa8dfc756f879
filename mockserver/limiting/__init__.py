"""Rate limits: who may ask how much, counted as the real API counts."""
