"""What a running process has used, from /proc; None on platforms that have no /proc."""

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")


class Stat(NamedTuple):
    """Fields of /proc/PID/stat: CPU time, in ticks, of a process and of its children that it has waited for."""

    pid: int
    parent: int
    own: int
    children: int


def parse_stat(text: str) -> Stat:
    """Read one line of /proc/PID/stat; the program's name in it may hold blanks and parentheses."""
    pid, _, _ = text.partition(" ")
    fields = text.rpartition(")")[2].split()
    own, children = fields[11:13], fields[13:15]
    return Stat(int(pid), int(fields[1]), sum(map(int, own)), sum(map(int, children)))


def parse_resident(text: str) -> int:
    """Bytes of resident memory in the text of /proc/PID/status; 0 for a process that has none left."""
    for line in text.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def family(root: int, stats: Iterable[Stat]) -> list[Stat]:
    """The process `root` and all its descendants among `stats`."""
    children: dict[int, list[Stat]] = {}
    found = []
    for stat in stats:
        children.setdefault(stat.parent, []).append(stat)
        if stat.pid == root:
            found.append(stat)
    for stat in found:  # grows while it is walked
        found.extend(children.get(stat.pid, ()))
    return found


def cpu_seconds(root: int) -> float | None:
    """CPU time, user and system, used so far by a process, its threads and its descendants."""
    if not supported():
        return None
    tick = 1 / os.sysconf("SC_CLK_TCK")
    return sum(_used(stat, tick) + stat.children * tick for stat in family(root, _stats()))


def resident_bytes(root: int) -> int | None:
    """Resident memory of a process and its descendants; pages they share count for each."""
    if not supported():
        return None
    members = family(root, _stats())
    return sum(parse_resident(_read(PROC / str(stat.pid) / "status")) for stat in members)


def _used(stat: Stat, tick: float) -> float:
    """CPU seconds of one process with its threads: from its own clock, to the nanosecond, where there is one."""
    try:
        return time.clock_gettime(~stat.pid << 3 | 2)  # what clock_getcpuclockid(3) gives for a process
    except OSError:
        return stat.own * tick


def supported() -> bool:
    """Whether this platform tells what another process has used."""
    return (PROC / "self" / "stat").exists()


def _stats() -> list[Stat]:
    texts = (_read(folder / "stat") for folder in PROC.iterdir() if folder.name.isdigit())
    return [parse_stat(text) for text in texts if text]


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # the process has ended meanwhile
        return ""
