"""For tests: stubs in Python, the journal as tests read it, verification, the verdict, the pytest plugin."""
