"""The HTTP edge, on real sockets."""
