"""Errors by name, latency, `when`, rate limits, and the scenarios of fixtures/failures/."""
