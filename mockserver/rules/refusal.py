"""What is wrong with a request, and the API's own words for it.

Each function of this module is one wording. The words are those seen in recordings and in errors
users pasted, unless its docstring says "inferred".
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

Level = Literal["compatible", "exact"]
"""The lowest level at which a fault is refused: "compatible" faults are refused by both."""

_LONGEST = 256
"""How much of a caller's own text is repeated in a message, in characters."""


class Refusal(NamedTuple):
    """An error as the API would send it: the status and the four keys of its body."""

    status: int
    message: str
    type: str = "invalid_request_error"
    param: str | None = None
    code: str | None = None

    @property
    def is_our_own(self) -> bool:
        """Whether it is this server that refuses: the API has no code that begins with `mockserver_`."""
        return self.code is not None and self.code.startswith("mockserver_")


class Fault(NamedTuple):
    """A refusal, and the lowest level at which it is one; below it, it is a warning."""

    refusal: Refusal
    level: Level


class Outcome(NamedTuple):
    """What a check found: the refusal, if there is one, else what the real API would have refused."""

    refusal: Refusal | None = None
    warnings: tuple[Refusal, ...] = ()


CLEAN = Outcome()
"""Nothing to say about the request."""


def hard(refusal: Refusal) -> Fault:
    """A fault that is refused at both levels."""
    return Fault(refusal, "compatible")


def soft(refusal: Refusal) -> Fault:
    """A fault that is refused at the exact level, and a warning at the compatible one."""
    return Fault(refusal, "exact")


def refuse(message: str, param: str | None = None, code: str | None = None, status: int = 400) -> Refusal:
    """A refusal of the usual type. Text that cannot be sent (lone surrogates) is replaced."""
    return Refusal(status, _sendable(message), "invalid_request_error", param and _sendable(param), code)


def missing(path: str) -> Refusal:
    """A required parameter is absent."""
    return refuse(f"Missing required parameter: '{path}'.", path, "missing_required_parameter")


def unknown(path: str, near: Sequence[str] = ()) -> Refusal:
    """A parameter nobody knows; `near` are the known names it may be a slip of."""
    hint = f" Did you mean {listed(near, 'or')}?" if near else ""
    return refuse(f"Unknown parameter: '{path}'.{hint}", path, "unknown_parameter")


def unrecognized(names: Sequence[str]) -> Refusal:
    """Unknown parameters in the words of older models and of legacy completions."""
    plural = "s" if len(names) > 1 else ""
    return refuse(f"Unrecognized request argument{plural} supplied: {', '.join(map(short, names))}")


def wrong_type(path: str, expected: str, value: object) -> Refusal:
    """A value of another JSON type; `expected` has its article (`a string`)."""
    message = f"Invalid type for '{path}': expected {expected}, but got {got(value)} instead."
    return refuse(message, path, "invalid_type")


def not_one_of(path: str, value: object, values: Sequence[str]) -> Refusal:
    """A string that is not in the parameter's list."""
    message = f"Invalid value: {quoted(value)}. Supported values are: {listed(values)}."
    return refuse(message, path, "invalid_value")


def no_match(path: str, pattern: str) -> Refusal:
    """A string that does not match the pattern of names."""
    message = (
        f"Invalid '{path}': string does not match pattern. Expected a string that matches the pattern '{pattern}'."
    )
    return refuse(message, path, "invalid_value")


def empty_string(path: str) -> Refusal:
    """A string that must not be empty."""
    message = (
        f"Invalid '{path}': empty string. Expected a string with minimum length 1, but got an empty string instead."
    )
    return refuse(message, path, "empty_string")


def long_string(path: str, longest: int, length: int) -> Refusal:
    """A string above its maximum length, in characters."""
    message = (
        f"Invalid '{path}': string too long. Expected a string with maximum length {longest}, "
        f"but got a string with length {length} instead."
    )
    return refuse(message, path, "string_above_max_length")


def empty_array(path: str) -> Refusal:
    """An array that must not be empty."""
    message = f"Invalid '{path}': empty array. Expected an array with minimum length 1, but got an empty array instead."
    return refuse(message, path, "empty_array")


def long_array(path: str, longest: int, length: int) -> Refusal:
    """An array above its maximum length."""
    message = (
        f"Invalid '{path}': array too long. Expected an array with maximum length {longest}, "
        f"but got an array with length {length} instead."
    )
    return refuse(message, path, "array_above_max_length")


def below(path: str, noun: str, low: float, value: float) -> Refusal:
    """A number under its minimum; `noun` is `integer` or `decimal`."""
    message = (
        f"Invalid '{path}': {noun} below minimum value. Expected a value >= {low}, but got {number(value)} instead."
    )
    return refuse(message, path, f"{noun}_below_min_value")


def above(path: str, noun: str, high: float, value: float) -> Refusal:
    """A number over its maximum; `noun` is `integer` or `decimal`."""
    message = (
        f"Invalid '{path}': {noun} above maximum value. Expected a value <= {high}, but got {number(value)} instead."
    )
    return refuse(message, path, f"{noun}_above_max_value")


def many_properties(path: str, most: int, count: int) -> Refusal:
    """An object with too many keys."""
    message = (
        f"Invalid '{path}': too many properties. Expected an object with at most {most} properties, "
        f"but got an object with {count} properties instead."
    )
    return refuse(message, path, "object_above_max_properties")


def long_name(path: str, name: str, longest: int) -> Refusal:
    """An object's key that is too long; it is shortened in the text, whole in `param`."""
    message = (
        f"Invalid property name in '{path}': '{name[:3]}...{name[-3:]}' is too long. Expected a string "
        f"with maximum length {longest}, but got a string with length {len(name)} instead."
    )
    return refuse(message, f"{path}.{name}", "property_name_above_max_length")


def unsupported_parameter(path: str, hint: str = "") -> Refusal:
    """A parameter this model does not take."""
    message = f"Unsupported parameter: '{path}' is not supported with this model.{hint}"
    return refuse(message, path, "unsupported_parameter")


def unsupported_value(path: str, value: object, values: Sequence[str]) -> Refusal:
    """A value this model does not take; an empty `values` means: only the default, which is 1."""
    takes = f"Supported values are: {listed(values)}" if values else "Only the default (1) value is supported"
    message = f"Unsupported value: '{path}' does not support {quoted(value)} with this model. {takes}."
    return refuse(message, path, "unsupported_value")


def listed(values: Sequence[str], last: str = "and") -> str:
    """Quoted words as the API lists them: `'a'`, `'a' and 'b'`, `'a', 'b', and 'c'`."""
    words = [f"'{value}'" for value in values]
    if len(words) < 3:
        return f" {last} ".join(words)
    return f"{', '.join(words[:-1])}, {last} {words[-1]}"


_GOT = {
    str: "a string",
    int: "an integer",
    float: "a decimal number",
    bool: "a boolean",
    dict: "an object",
    list: "an array",
}


def got(value: object) -> str:
    """The type of a JSON value in the words of `invalid_type`."""
    return _GOT.get(type(value), "null")


def number(value: float) -> str:
    """A number as text; one with thousands of digits as its size only."""
    if isinstance(value, int) and value.bit_length() > 1024:
        return f"an integer of {value.bit_length()} bits"
    return str(value)


def quoted(value: object) -> str:
    """A value as the API repeats it: a string in quotes as it is, anything else as Python writes it."""
    if isinstance(value, str):
        return f"'{short(value)}'"
    try:
        return short(repr(value))
    except (RecursionError, ValueError):
        return got(value)


def short(text: str) -> str:
    """A caller's text, cut to a length fit for a message."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _sendable(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
