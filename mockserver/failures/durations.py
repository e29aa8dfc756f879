"""Durations as people write them: `200ms`, `1.5s`, `2m`, `1m30s`, or a number of seconds."""

import re

EXPECTED = "a duration such as 200ms, 1.5s or 2m, or a number of seconds"
"""Completes the sentence "expected ...\"."""

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = r"(\d{1,12}(?:\.\d{1,9})?)(ms|s|m|h)"
_WHOLE = re.compile(f"(?:{_PART})+")
_PARTS = re.compile(_PART)
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,9})?")
PATTERN = r"^\s*([0-9.]+|([0-9.]+(ms|s|m|h))+)\s*$"
"""What a duration in text looks like, for editors."""


def seconds(text: str) -> float:
    """The seconds of a duration. Raises ValueError, whose text says what was expected."""
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"expected {EXPECTED}, got {text!r}")
    return sum(float(number) * _UNITS[unit] for number, unit in _PARTS.findall(text))
