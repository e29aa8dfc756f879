"""Code blocks are read from Markdown as a reader sees them."""

from pathlib import Path

import pytest

from tests.readme import blocks, commands


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No code, but `this`.\n", []),
        ("```console\n$ ls\nfile\n```\n", [("console", "$ ls\nfile\n")]),
        ("```\nplain\n```\n", [("", "plain\n")]),
        ("```\n```\n", [("", "")]),
        ("```yaml title=a.yaml\nstubs:\n  - one\n\n```\n", [("yaml title=a.yaml", "stubs:\n  - one\n\n")]),
        ("a\n```py\n1\n```\nb\n~~~ sh\n2\n~~~\n", [("py", "1\n"), ("sh", "2\n")]),
        ("````md\n```py\n1\n```\n````\n", [("md", "```py\n1\n```\n")]),
        ("~~~\n```\n~~~\n", [("", "```\n")]),
        ("- a list\n\n  ```py\n  if x:\n      y\n  ```\n", [("py", "if x:\n    y\n")]),
        ("```inline``` is no block\n", []),
        ("```py\nnever closed\n", [("py", "never closed\n")]),
    ],
)
def test_fenced_blocks_are_found(tmp_path: Path, text: str, expected: list[tuple[str, str]]) -> None:
    """Info and code, in order, whatever the fence."""
    file = tmp_path / "README.md"
    file.write_text(text, encoding="utf-8")
    assert blocks(file) == expected


@pytest.mark.parametrize(
    ("console", "expected"),
    [
        ("$ ls\nfile\n$ cat file\n$5\n", ["ls", "cat file"]),
        ("$ curl URL \\\n    -d '{}'\n{}\n", ["curl URL \\\n    -d '{}'"]),
        ("only output\n", []),
    ],
)
def test_commands_stand_behind_a_dollar_sign(console: str, expected: list[str]) -> None:
    """Output is left out, continued lines belong to their command."""
    assert commands(console) == expected
