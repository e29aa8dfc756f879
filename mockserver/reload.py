"""Serving edits of fixture files without a restart: a thread watches them and reads all anew when one changes."""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.errors import FixtureError, StartError, UsageError
from mockserver.language.load import Fixtures, find_files, folders, load

if TYPE_CHECKING:
    from mockserver.engine import Engine
    from mockserver.server import PathLike
    from mockserver.serving import Server

LOOK_EVERY = 1_000
"""Milliseconds after which files are looked at even if nothing was heard of them (network drives tell nothing)."""
QUIET = 50
"""Milliseconds without a change after which an edit is taken to be whole."""

Fingerprint = dict[Path, tuple[int, int, int]]
"""What of a file changes when it is edited."""


class Reloader:
    """Watches what a server serves, and hands over what was read whenever that has changed.

    `paths` are those that `load` was given, `served` is what it read from them. `use` takes new fixtures, `refuse` the
    mistakes of an edit that cannot be served; both are called from the watching thread. Raises UsageError where there
    is nothing to watch and StartError without the extra `mockserver[reload]`.
    """

    def __init__(
        self,
        paths: Sequence["PathLike"],
        served: Fixtures,
        use: Callable[[Fixtures], None],
        refuse: Callable[[FixtureError], None],
        *,
        strict: bool = False,
    ) -> None:
        if not paths:
            raise UsageError("reload has nothing to watch: name a file or folder to serve")
        try:
            import watchfiles
        except ImportError:
            raise StartError("reload needs the extra: pip install 'mockserver[reload]'") from None
        self._watch = watchfiles.watch
        self._paths = paths
        self._strict = strict
        self._use = use
        self._refuse = refuse
        self._named = served.paths
        self._seen = fingerprint(served.paths)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mockserver-reload", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Watch no longer; harmless when it was never started."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            watched = places(self._named)
            if not watched:  # all were taken away; they may come back
                self._stop.wait(LOOK_EVERY / 1_000)
                self.look()
                continue
            try:
                for _ in self._watch(
                    *watched,
                    watch_filter=None,
                    recursive=False,
                    step=QUIET,
                    rust_timeout=LOOK_EVERY,
                    yield_on_timeout=True,
                    stop_event=self._stop,
                    raise_interrupt=False,
                ):
                    self.look()
                    if places(self._named) != watched:
                        break  # another folder is to be watched, or one is gone
            except FileNotFoundError:
                continue  # a folder went between the look and the watching

    def look(self) -> None:
        """Read everything anew where something has changed; the watching thread does."""
        now = fingerprint(self._named)
        if now == self._seen:
            return
        read = self._read()
        while read.paths != self._named:  # of what it names anew nothing was seen before it was read
            self._named = read.paths
            now = fingerprint(self._named)
            read = self._read()
        self._seen = now
        if isinstance(read, FixtureError):
            self._refuse(read)
        else:
            self._use(read)

    def _read(self) -> Fixtures | FixtureError:
        try:
            return load(self._paths, strict=self._strict)
        except FixtureError as error:
            return error


def reloading(
    server: "Server",
    engine: "Engine",
    paths: Sequence["PathLike"],
    say: Callable[[str, bool], None],
    *,
    strict: bool,
    check: Callable[[Fixtures], None] = lambda fixtures: None,
) -> Reloader:
    """A reloader of a server. `say` is told what was read, or loudly (True) what could not be.

    `check` raises FixtureError for what can be read, but not be served here.
    """

    def use(fixtures: Fixtures) -> None:
        try:
            check(fixtures)
        except FixtureError as error:
            refuse(error)
            return
        server.between_requests(engine.use, fixtures)
        say(f"reloaded: {fixtures}", False)

    def refuse(error: FixtureError) -> None:
        server.between_requests(engine.refuse_edit, error)
        count = len(error.problems)
        still = "the stubs from before this edit are still served"
        say(f"{error}\nmockserver: {count} mistake{'s' * (count != 1)} found, {still}", True)

    return Reloader(paths, engine.fixtures, use, refuse, strict=strict)


def log(text: str, loudly: bool) -> None:
    """Tell the logger `mockserver`."""
    logging.getLogger("mockserver").log(logging.ERROR if loudly else logging.INFO, text)


def fingerprint(paths: Iterable[Path]) -> Fingerprint:
    """What there is at paths, files and folders, and how to tell whether it was edited."""
    found: Fingerprint = {}
    for file in find_files(paths, []):
        try:
            about = file.stat()
        except OSError:
            continue  # it was there a moment ago
        found[file] = (about.st_mtime_ns, about.st_size, about.st_ino)
    return found


def places(paths: Iterable[Path]) -> set[Path]:
    """The folders in which changes matter: those of files, since editors put a new file in an old one's place."""
    found: set[Path] = set()
    for path in paths:
        found.update(folders(path) if path.is_dir() else (path.parent,))
    return {folder for folder in found if folder.is_dir()}
