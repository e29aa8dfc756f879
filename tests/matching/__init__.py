"""Whether a stub matches a call, and what is told when none does."""
