"""The YAML language as one typed model: every key, what it takes, what it means.

Records are read by `mockserver.language.kinds`. What a key does is told where it stands, and nowhere else: here those
of files, models and stubs, in `matching` those of `match`, in `steps` what is done call after call, in `responses`
those of `response`.
"""

import yaml

from mockserver.language.defaults import DEFAULTS, NONE, DefaultsSpec
from mockserver.language.failures import FAILURE, FailureSpec
from mockserver.language.kinds import (
    Boolean,
    Choice,
    ListOf,
    Number,
    Record,
    Schema,
    Schemas,
    Spec,
    Text,
    key,
    required,
)
from mockserver.language.limits import LIMIT, LimitSpec
from mockserver.language.matching import MATCH, Match
from mockserver.language.source import Invalid, Node, Source, is_null
from mockserver.language.steps import STUB_KEYS, SequencedSpec, check_steps

_INFINITY = float("inf")


class StubSpec(SequencedSpec):
    """A rule: which calls it answers and with what. The first stub that matches answers."""

    name: str | None = key(Text("a name"), "How logs and headers call the stub; `FILE#N` when left out.")
    match: Match = key(MATCH, "Which calls it answers; every call when left out.", default=Match())
    priority: int = key(
        Number(-1_000_000, 1_000_000, whole=True),
        "Stubs of a higher priority are tried first, those of the same in their order.",
        default=0,
    )


STUB = Record(
    StubSpec,
    "a stub",
    check=check_steps,
    some_of=STUB_KEYS,
    also={"dependentRequired": {"at_end": ["sequence"], "required_state": ["scenario"], "new_state": ["scenario"]}},
)


class ModelSpec(Spec):
    """A model that GET /models lists."""

    id: str = required(Text("a model's id"), "The model's id.")
    warning: str | None = key(
        Text(), "The model is deprecated: the `warning` that every completion asked of it carries."
    )
    owned_by: str | None = key(Text(), "Who owns it; `mockserver` when left out.")
    created: int | None = key(Number(0, _INFINITY, whole=True), "When it was made, in seconds since 1970.")
    exact: bool | None = key(
        Boolean(),
        "Whether requests to it are validated as strictly as the real API does; as `--exact` says when left out.",
    )


def _short_model(node: Node, source: Source) -> ModelSpec:
    return ModelSpec(id=Text("a model's id").read(node, source))


class Policy(Spec):
    """Whether models that nobody declared may be asked for, and where the file says so."""

    refuse: bool = False


class _PolicyKind:
    """Reads a policy, which keeps its place: files must not contradict each other."""

    words = Choice(("accept", "refuse"))
    expected = words.expected

    def read(self, node: Node, source: Source) -> Policy:
        """The policy a word stands for."""
        return Policy(refuse=self.words.read(node, source) == "refuse", place=source.place(node))

    def schema(self, defs: Schemas) -> Schema:
        """The words."""
        return self.words.schema(defs)


class Include(Spec):
    """Another file or folder, and where it is named."""

    path: str = ""


class _IncludeKind:
    """Reads the path of another file, which keeps its place: a file that is not there is told where it is named."""

    expected = "the path of a file or folder"

    def read(self, node: Node, source: Source) -> Include:
        """The path as written."""
        return Include(path=Text(self.expected).read(node, source), place=source.place(node))

    def schema(self, defs: Schemas) -> Schema:
        """Any text."""
        return {"type": "string"}


class FileSpec(Spec):
    """A fixture file. Keys that begin with `x-` are passed over: a place for anchors."""

    models: tuple[ModelSpec, ...] = key(
        ListOf(Record(ModelSpec, "a model", short=_short_model, short_expected="a model's id")),
        "The models that GET /models lists, instead of the public catalogue.",
        default=(),
    )
    unknown_models: Policy | None = key(
        _PolicyKind(),
        "What becomes of a request for any other model: `accept`, as when left out, or `refuse`, with the API's 404.",
    )
    include: tuple[Include, ...] = key(
        ListOf(_IncludeKind(), or_one=True),
        "Other files and folders, by paths from the folder this file is in. They are read behind it, as if they had "
        "been named behind it on the command line.",
        default=(),
    )
    defaults: DefaultsSpec = key(DEFAULTS, "What the stubs of this file have where they do not say it.", default=NONE)
    failures: tuple[FailureSpec, ...] = key(
        ListOf(FAILURE), "What may go wrong with all calls that match, whichever stub answers them.", default=()
    )
    limits: tuple[LimitSpec, ...] = key(
        ListOf(LIMIT, or_one=True), "How many requests and tokens are let in, and how many at once.", default=()
    )
    stubs: tuple[StubSpec, ...] = key(ListOf(STUB), "The stubs, in the order in which they are tried.", default=())


FILE = Record(FileSpec, "a fixture file", extras=True)


def read_file(node: Node, source: Source) -> FileSpec | None:
    """The file's record, or None where problems were noted."""
    if is_null(node):
        source.note_empty()
        return None
    if isinstance(node, yaml.SequenceNode):
        source.note(node, "expected a mapping with the key 'stubs', got a list: write 'stubs:' above it")
        return None
    try:
        return FILE.read(node, source)
    except Invalid:
        return None


def includes(node: Node, file: str) -> tuple[Include, ...]:
    """The files that a file with mistakes includes, as far as they can be read: theirs are told as well."""
    source = Source(file)
    kind = FileSpec.keys["include"].kind
    for key_node, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key_node.value == "include":
            try:
                found: tuple[Include, ...] = kind.read(value, source)
                return found
            except Invalid:
                break
    return ()
