"""A server that speaks HTTP by h11, as where httptools is not installed: `python -m tests.faults.h11_server FILE`.

It prints its port, and serves until its standard input ends.
"""

import sys

sys.modules["httptools"] = None  # type: ignore[assignment]  # what cannot be imported is not installed

from mockserver import MockServer  # noqa: E402

if __name__ == "__main__":
    with MockServer(sys.argv[1], seed=1) as server:
        from mockserver.protocol import Protocol

        assert "h11" in Protocol.__mro__[1].__module__
        print(server.port, flush=True)
        sys.stdin.read()
