"""What goes wrong on demand: errors by the API's names, latency, and when they happen."""
