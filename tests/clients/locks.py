"""A lock between processes: the operating system frees it when its holder ends, however it ends."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt
    import time

    def _take(file: IO[bytes]) -> None:
        while True:
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            except OSError:  # somebody else has it; waiting inside `locking` gives up after ten seconds
                time.sleep(0.2)
            else:
                return

else:
    import fcntl

    def _take(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file at `path`, waiting for whoever has it.

    Closing the file lets go of it. Children started with `close_fds=False` hold it too: where the holder is
    killed, nobody comes in before they have ended (on POSIX).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        _take(file)
        os.set_inheritable(file.fileno(), True)
        yield
