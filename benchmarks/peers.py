"""Other servers of this kind, each installed below `.venvs/` when first asked for, its versions pinned in `peers/`."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.servers import ROOT, Server
from benchmarks.workloads import STORY, VECTOR, Workload
from benchmarks.written import DELTAS, for_aimock, for_fakellm, for_stubllm

PINS = Path(__file__).parent / "peers"
HOMES = ROOT / ".venvs"
TIMEOUT = 600
"""Seconds that one step of an installation may take."""


class NotInstalled(Exception):
    """A peer cannot be had on this machine; the message says why."""


class Peer(NamedTuple):
    """Another server: its version, what it gets to serve as a file (None: nothing), its command for file and port."""

    name: str
    version: str
    suffix: str
    written: Callable[[Workload], str] | None
    command: Callable[[Path, Path, int], list[str]]

    def server(self, workload: Workload, folder: Path) -> Server:
        """The server of a workload, whose file is written to the folder. Raises NotInstalled."""
        home = installed(self.name)
        file = folder / f"{self.name}{self.suffix}"
        if self.written is not None:
            file.write_text(self.written(workload), encoding="utf-8")
        return Server(
            self.name,
            lambda port: self.command(home, file, port),
            announces=False,
            scripted=self.written is not None,
        )


def _aimock(home: Path, file: Path, port: int) -> list[str]:
    chunk = -(-len(STORY.answer) // DELTAS)
    script = home / "node_modules/@copilotkit/aimock/dist/cli.js"
    return ["node", str(script), "-p", str(port), "-f", str(file), "-c", str(chunk), "--log-level", "silent"]


def _python(home: Path, name: str, *arguments: str) -> list[str]:
    return [str(home / "bin" / name), "serve", *arguments]


PEERS = {
    peer.name: peer
    for peer in (
        Peer("aimock", "1.43.0", ".json", lambda workload: for_aimock(workload.stubs, VECTOR), _aimock),
        Peer(
            "llmock",
            "0.2.2",
            "",
            None,
            lambda home, file, port: _python(home, "llmock", "-p", f"{port}", "--log-level", "error"),
        ),
        Peer(
            "stubllm",
            "0.1.5",
            ".json",
            lambda workload: for_stubllm(workload.stubs),
            lambda home, file, port: _python(
                home, "stubllm", "--port", f"{port}", "--fixture-file", f"{file}", "--log-level", "error"
            ),
        ),
        Peer(
            "fakellm",
            "0.3.5",
            ".yaml",
            lambda workload: for_fakellm(workload.stubs),
            lambda home, file, port: _python(home, "fakellm", "--port", f"{port}", "--config", f"{file}"),
        ),
    )
}
"""All but aimock are Python on uvicorn; llmock cannot be told what to answer."""


def installed(name: str) -> Path:
    """The folder a peer is installed in. Raises NotInstalled where it cannot be."""
    node = (PINS / name).is_dir()
    pins = sorted((PINS / name).iterdir()) if node else [PINS / f"{name}.txt"]
    digest = hashlib.sha256(sys.version.encode() + b"".join(pin.read_bytes() for pin in pins)).hexdigest()
    home = HOMES / f"peer-{name}-{digest[:12]}"
    if not (home / "complete").exists():
        print(f"installing {name} ...", file=sys.stderr, flush=True)
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        _install_node(name, home, pins) if node else _install_python(name, home, pins[0])
        (home / "complete").touch()
    return home


def _install_node(name: str, home: Path, pins: list[Path]) -> None:
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise NotInstalled(f"{name} needs node and npm")
    for pin in pins:
        shutil.copy(pin, home)
    _run(name, ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], home)


def _install_python(name: str, home: Path, pins: Path) -> None:
    if os.name == "nt":
        raise NotInstalled(f"{name} is measured on POSIX systems only")
    _run(name, [sys.executable, "-m", "venv", str(home)], home)
    _run(name, [str(home / "bin/pip"), "install", "-q", "--no-deps", "--no-input", "-r", str(pins)], home)


def _run(name: str, command: list[str], home: Path) -> None:
    try:
        done = subprocess.run(
            command, cwd=home, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalled(f"{name} cannot be installed: {error}") from None
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines() or [""]
        raise NotInstalled(f"{name} cannot be installed: {said[-1]}")
