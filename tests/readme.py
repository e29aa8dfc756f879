"""The code blocks of a Markdown file, so that tests can run what a README says."""

import re
from pathlib import Path
from typing import NamedTuple

_FENCE = re.compile(r"(?P<indent> {0,3})(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>.*)")


class Block(NamedTuple):
    """A fenced code block: what stands behind the opening fence (its language), and the code."""

    info: str
    code: str


def blocks(path: Path) -> list[Block]:
    """The fenced code blocks of a file, in order. A block without its closing fence ends with the file."""
    found: list[Block] = []
    lines = iter(path.read_text(encoding="utf-8").splitlines())
    for line in lines:
        opened = _FENCE.fullmatch(line)
        if opened is None or (opened["fence"][0] == "`" and "`" in opened["info"]):
            continue
        code = []
        for inner in lines:
            if _closes(inner, opened["fence"]):
                break
            code.append(_dedented(inner, len(opened["indent"])))
        found.append(Block(opened["info"].strip(), "".join(text + "\n" for text in code)))
    return found


def commands(console: str) -> list[str]:
    """The commands of a `console` block: its lines behind `$ `, with the lines that a `\\` continues."""
    found: list[str] = []
    continued = False
    for line in console.splitlines():
        if continued:
            found[-1] += "\n" + line
        elif line.startswith("$ "):
            found.append(line[2:])
        else:
            continue
        continued = line.endswith("\\")
    return found


def _closes(line: str, fence: str) -> bool:
    """A closing fence is at least as long as the opening one, of its kind, and nothing stands behind it."""
    mark = line.strip()
    return len(mark) >= len(fence) and set(mark) == {fence[0]} and line[:4] != "    "


def _dedented(line: str, indent: int) -> str:
    """A line without as much of its indentation as the opening fence has."""
    spaces = len(line) - len(line.lstrip(" "))
    return line[min(spaces, indent) :]
