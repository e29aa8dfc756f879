"""Jinja2's sandbox with bounds: no template takes longer than half a second, or makes more text than fits in memory.

Whatever repeats or makes something (loops, calls, filters, operators, written lists) is counted where it happens: a
loop's items one by one, texts by their length before they are made. Jinja2 is heavy, so this module is imported only
when a file has a template.
"""

import re
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from string import Formatter
from typing import Any

from jinja2 import Environment, StrictUndefined, TemplateSyntaxError, nodes
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedFormatter
from jinja2.utils import Namespace
from jinja2.visitor import NodeTransformer

from mockserver.templates.allowance import SEQUENCES, Exceeded, allowance, weight

MAX_COUNT = 100_000
"""The largest width, length or number of times."""
MAX_BITS = 10_000
"""The largest integer, in binary digits."""

_SORTS = frozenset({"sort", "unique", "groupby", "dictsort", "min", "max"})
_COUNTS = frozenset({"batch", "slice", "center", "indent", "round", "truncate", "wordwrap"})
_CODECS = frozenset({"utf-8", "utf8", "ascii", "latin-1", "utf-16", "utf-32"})
_BASIC = (str, bytes, int, float, list, tuple, dict)
_WIDE = re.compile(r"\d{5}")
_WIDE_PERCENT = re.compile(r"%[^a-zA-Z%]*(?:\*|\d{5})")


class _QuietNamespace(Namespace):
    """`namespace()`, which is not written out: namespaces inside each other could be without end."""

    def __repr__(self) -> str:
        return "<Namespace>"


class _BoundedFormatter(SandboxedFormatter):
    """`str.format`, its widths and its length bounded."""

    _made = 0

    def format_field(self, value: Any, format_spec: str) -> Any:
        if _WIDE.search(format_spec):
            raise Exceeded(f"a width is at most 9999, got '{format_spec[:20]}'")
        weight(value)
        text = super().format_field(value, format_spec)
        self._made += len(text)
        allowance().spend(self._made)
        return text


class _Undefined(StrictUndefined):
    """A name that is not there; a value with a `_missing(name)` says itself what is told of that."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        missing = getattr(type(self._undefined_obj), "_missing", None)
        if missing is None or self._undefined_name is None:
            return super()._undefined_message
        return str(missing(self._undefined_obj, self._undefined_name))


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """The sandbox in which templates run: what would be unsafe or without bounds ends with Exceeded."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, filters: Mapping[str, Callable[..., Any]]) -> None:
        """`filters` are added to Jinja's own."""
        super().__init__(undefined=_Undefined, keep_trailing_newline=True, autoescape=False)
        self.filters.update(filters)
        for name in ("urlize", "xmlattr", "striptags", "pprint"):
            del self.filters[name]
        del self.globals["lipsum"]  # its chance is nobody's seed
        self.globals["namespace"] = _QuietNamespace
        self.filters = {name: _bounded_filter(name, function) for name, function in self.filters.items()}
        self.filters.update({_STEPS: _steps, _JOINED: _joined, _MADE: _made})

    @staticmethod
    def concat(parts: Iterable[str]) -> str:
        """What compiled templates join the texts of macros and blocks with."""
        listed = list(parts)
        allowance().spend(sum(map(len, listed)))
        return "".join(listed)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        watched: nodes.Template = _Watching(self).visit(tree)
        return watched

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """`+`, `*`, `**` and `%`, refused where the result would be too large."""
        if operator == "*":
            _check_product(left, right)
        elif operator == "**":
            if isinstance(left, int) and isinstance(right, int) and left.bit_length() * abs(right) > MAX_BITS:
                raise Exceeded(f"it makes a number of more than {MAX_BITS:,} bits")
        elif operator == "%" and isinstance(left, (str, bytes)):
            _check_percent(left, right)
        elif operator == "+" and isinstance(left, (str, bytes)) and isinstance(right, (str, bytes)):
            allowance().spend(len(left) + len(right))
        return allowance().make(super().call_binop(context, operator, left, right))

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """`str.format` and `format_map`, sandboxed and bounded."""
        wrapped = super().wrap_str_format(value)
        if wrapped is None:
            return None
        text: str = value.__self__
        mapped = value.__name__ == "format_map"

        def bounded(*args: Any, **kwargs: Any) -> str:
            formatter: Formatter = _BoundedFormatter(self)
            return formatter.vformat(text, () if mapped else args, args[0] if mapped else kwargs)

        return bounded

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call something: a step, with arguments that are not too large and a result that is not."""
        owner = getattr(__obj, "__self__", None)
        if isinstance(owner, _BASIC) and isinstance(__obj, (types.BuiltinMethodType, types.MethodType)):
            args = _checked_arguments(__obj.__name__, owner, args, kwargs)
        return allowance().make(super().call(__context, __obj, *args, **kwargs))


def _check_product(left: Any, right: Any) -> None:
    if isinstance(left, int) and isinstance(right, int):
        if left.bit_length() + right.bit_length() > MAX_BITS:
            raise Exceeded(f"it makes a number of more than {MAX_BITS:,} bits")
        return
    for sequence, times in ((left, right), (right, left)):
        if isinstance(sequence, (str, bytes, list, tuple)) and isinstance(times, int):
            allowance().spend(weight(sequence) * max(times, 0))


def _check_percent(pattern: str | bytes, values: Any) -> None:
    text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    if _WIDE_PERCENT.search(text):
        raise Exceeded("a width is at most 9999, and written in the format")
    times = text.count("%") if isinstance(values, dict) else 1
    allowance().spend(weight(values) * times)


def _check_count(count: Any, what: str) -> None:
    if isinstance(count, int) and abs(count) > MAX_COUNT:
        raise Exceeded(f"'{what}' takes numbers up to {MAX_COUNT:,} here, got {count:.4g}")


def _checked_arguments(name: str, owner: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
    """The arguments of a method of a text, a number or a list; Exceeded where its result would be too large."""
    given = (*args, *kwargs.values())
    for value in given:
        _check_count(value, name)
    if not isinstance(owner, (str, bytes)):
        return args
    if name == "join" and len(args) == 1:
        args = (_check_join(args[0], owner),)
    elif name == "replace" and len(args) >= 2:
        _check_replace(owner, args[0], args[1])
    elif name == "expandtabs":
        allowance().spend(len(owner) * max([8, *(value for value in given if isinstance(value, int))]))
    elif name == "translate" and args and isinstance(args[0], Mapping):
        longest = max((len(text) for text in args[0].values() if isinstance(text, str)), default=1)
        allowance().spend(len(owner) * longest)
    elif name in ("encode", "decode") and any(
        isinstance(codec, str) and codec.lower() not in _CODECS for codec in (*args[:1], kwargs.get("encoding", "utf8"))
    ):
        raise ValueError(f"'{name}' knows {', '.join(sorted(_CODECS))} here")
    return args


def _check_join(items: Iterable[Any], separator: str | bytes) -> list[Any]:
    listed = list(items)
    allowance().spend(weight(listed) + len(listed) * len(separator))
    return listed


def _check_replace(text: Any, old: Any, new: Any) -> None:
    if isinstance(text, (str, bytes)) and type(old) is type(new) is type(text):
        times = text.count(old) if old else len(text) + 1  # type: ignore[arg-type]
        allowance().spend(len(text) + times * len(new))


def _bounded_filter(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that counts as a step, with bounds on what it takes and what it gives."""
    skipped = 1 if hasattr(function, "jinja_pass_arg") else 0

    @wraps(function)
    def bounded(*args: Any, **kwargs: Any) -> Any:
        value, rest = args[skipped], (*args[skipped + 1 :], *kwargs.values())
        if isinstance(value, (dict, *SEQUENCES)):
            weight(value)
        if name in _COUNTS:
            for argument in rest:
                _check_count(argument, name)
        if name in _SORTS and hasattr(value, "__len__") and len(value) > MAX_COUNT:
            raise Exceeded(f"'{name}' takes up to {MAX_COUNT:,} items")
        if name == "join":
            separator = str(rest[0]) if rest else ""
            args = (*args[:skipped], _check_join(value, separator), *args[skipped + 1 :])
        elif name == "replace" and len(rest) >= 2:
            _check_replace(str(value), str(rest[0]), str(rest[1]))
        elif name == "format":
            _check_percent(str(value), kwargs or args[skipped + 1 :])
        elif name in ("indent", "wordwrap") and isinstance(value, str):
            _check_lines(name, value, rest)
        elif name == "sum" and not isinstance(kwargs.get("start", args[-1] if len(rest) > 1 else 0), (int, float)):
            raise Exceeded("'sum' adds numbers here")
        return allowance().make(function(*args, **kwargs))

    return bounded


def _check_lines(name: str, text: str, rest: tuple[Any, ...]) -> None:
    """Lines are indented by a width or a text; words are wrapped with a text between the lines."""
    if name == "wordwrap" and len(text) > MAX_COUNT:
        raise Exceeded(f"'wordwrap' takes texts of up to {MAX_COUNT:,} characters")
    sizes = [len(value) if isinstance(value, str) else value for value in rest if isinstance(value, (str, int))]
    lines = len(text) if name == "wordwrap" else text.count("\n") + 1
    longest = max((abs(size) for size in sizes), default=4) if name == "indent" else max(map(_length, rest), default=1)
    allowance().spend(len(text) + lines * longest)


def _length(value: Any) -> int:
    return len(value) if isinstance(value, str) else 1


_STEPS, _JOINED, _MADE = "steps of a loop", "texts joined", "value written"
"""Names of filters that no template can write; they are put into its tree."""


def _steps(items: Iterable[Any]) -> Iterator[Any]:
    """The items of a loop, each a step."""
    step = allowance().step
    for item in items:
        step()
        yield item


def _joined(parts: list[Any]) -> str:
    """`a ~ b`."""
    allowance().spend(weight(parts))
    return "".join(map(str, parts))


def _made(value: Any) -> Any:
    """A list, tuple or mapping that is written in the template."""
    return allowance().make(value)


class _Watching(NodeTransformer):
    """Puts the counting into a template's tree, and refuses what would read other files."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def _filtered(self, node: nodes.Expr, name: str) -> nodes.Filter:
        return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno, environment=self._environment)

    def visit_For(self, node: nodes.For) -> nodes.For:
        self.generic_visit(node)
        items: Any = node.iter
        node.iter = self._filtered(items, _STEPS)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Expr:
        self.generic_visit(node)
        parts = nodes.List(node.nodes, lineno=node.lineno, environment=self._environment)
        return self._filtered(parts, _JOINED)

    def _written(self, node: Any) -> nodes.Expr:
        self.generic_visit(node)
        constant = getattr(node, "ctx", "load") != "load" or all(isinstance(n, nodes.Const) for n in node.items)
        return node if constant else self._filtered(node, _MADE)

    visit_List = visit_Tuple = visit_Dict = _written

    def _other_file(self, node: nodes.Node) -> nodes.Node:
        raise TemplateSyntaxError("a template cannot read other files", node.lineno)

    visit_Include = visit_Import = visit_FromImport = visit_Extends = _other_file
