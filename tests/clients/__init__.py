"""Real clients against a server on a real socket, each in a virtual environment of its own."""
