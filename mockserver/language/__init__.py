"""The YAML language: how fixture files are read, and every mistake told where it is."""
