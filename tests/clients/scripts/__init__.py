"""What clients do, each script run in its client's environment; only the standard library is shared."""
