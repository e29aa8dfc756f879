"""Faults as files, headers and Python say them, and what is said of those that are wrong."""

from typing import Any

import pytest

from mockserver.failures.when import ALWAYS, When
from mockserver.faults import KINDS, Fault, fault, parse
from mockserver.language.faults import FAULT, FaultSpec
from mockserver.language.kinds import ListOf
from mockserver.language.source import Invalid, Source


def read(text: str) -> FaultSpec:
    """The fault that YAML says."""
    source = Source("stubs.yaml")
    spec = FAULT.read(source.compose(text.encode()), source)
    assert source.problems == []
    return spec


def mistakes(text: str) -> list[str]:
    """Everything that is wrong with the YAML of a fault."""
    source = Source("stubs.yaml")
    with pytest.raises(Invalid):
        FAULT.read(source.compose(text.encode()), source)
    return [str(problem) for problem in source.problems]


class TestYaml:
    """`fault: ...`"""

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_name_is_enough(self, kind: str) -> None:
        """Every kind has sensible defaults."""
        assert read(kind) == FaultSpec(Fault(kind), ALWAYS, read(kind).place)
        assert read(f"{{kind: {kind}}}").fault == Fault(kind)

    def test_a_mapping_has_parameters_and_a_when(self) -> None:
        """Of the kinds of values that the language has."""
        spec = read("{kind: hang, after_chunks: 3, for: 1.5s, when: {probability: 0.5}}")
        assert spec.fault == Fault("hang", {"after_chunks": 3, "for": 1.5})
        assert spec.when == When(probability=0.5)

    def test_several_stand_in_a_list(self) -> None:
        """In the order in which they are applied."""
        source = Source("stubs.yaml")
        several = ListOf(FAULT, or_one=True).read(source.compose(b"[drip, {kind: reset, after_bytes: 9}]"), source)
        assert [spec.fault for spec in several] == [Fault("drip"), Fault("reset", {"after_bytes": 9})]

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("rest", ["1:1: there is no fault 'rest'; did you mean 'reset'?"]),
            (
                "{kind: reset, after_chunk: 3}",
                ["1:15: unknown key 'after_chunk' of the fault reset; did you mean 'after_chunks'?"],
            ),
            ("{kind: sse_crlf, every: 3}", ["1:18: unknown key 'every': the fault sse_crlf takes none"]),
            (
                "{kind: reset, after_chunks: -1, after: end, when: {first: 0}}",
                [
                    "1:59: expected a whole number of at least 1, got 0",
                    "1:29: expected a whole number of at least 0, got -1",
                    "1:40: expected one of nothing, headers, middle, anywhere, got 'end'",
                ],
            ),
            (
                "{kind: close, after_chunks: 1, after_bytes: 2}",
                ["1:1: 'after_chunks' and 'after_bytes' both say where it happens: give one"],
            ),
            ("{kind: wrong_length, by: 0}", ["1:1: 'by' is 0, and the length would be right"]),
            ("{kind: hang, for: long}", [
                "1:19: expected a duration such as 200ms, 1.5s or 2m, or a number of seconds, got 'long'"
            ]),
            ("{kind: redirect, location: 'ü'}", ["1:1: 'location' is not printable ASCII on one line"]),
            ("{kind: duplicate_headers, name: 'a b'}", ["1:1: 'a b' is not a header's name"]),
            ("{after_chunks: 3}", ["1:1: a fault needs the key 'kind': the name of what goes wrong"]),
            ("{kind: [reset]}", ["1:8: expected the name of a fault, got a list"]),
            ("[reset]", ["1:1: fault: expected the name of a fault, or a mapping with its kind, got a list"]),
            ("~", ["1:1: fault: expected the name of a fault, or a mapping with its kind, got nothing"]),
        ],
    )  # fmt: skip
    def test_mistakes_say_where_and_what(self, text: str, said: list[str]) -> None:
        """All of them at once."""
        assert mistakes(text) == [f"stubs.yaml:{message}" for message in said]

    def test_a_name_that_resembles_none_gets_the_list(self) -> None:
        """So that nobody has to look it up."""
        (said,) = mistakes("explosion")
        assert said == f"stubs.yaml:1:1: there is no fault 'explosion'; known are {', '.join(KINDS)}"


class TestHeader:
    """`x-mockserver-fault: reset; after_chunks=3`."""

    @pytest.mark.parametrize(
        ("text", "made"),
        [
            ("reset", Fault("reset")),
            (" reset ; after_chunks = 3 ;", Fault("reset", {"after_chunks": 3})),
            ("hang; for=200ms; after=headers", Fault("hang", {"for": 0.2, "after": "headers"})),
            ("content_type; type=text/plain", Fault("content_type", {"type": "text/plain"})),
        ],
    )
    def test_it_says_what_yaml_says(self, text: str, made: Fault) -> None:
        """The values are read by the same kinds."""
        assert parse(text) == made

    @pytest.mark.parametrize("text", ["reset; after_chunks=3", "close; after=headers", "sse_bom"])
    def test_a_fault_is_written_as_a_header(self, text: str) -> None:
        """As messages and the journal show it."""
        assert str(parse(text)) == text

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("rest", "there is no fault 'rest'; did you mean 'reset'?"),
            ("", f"there is no fault ''; known are {', '.join(KINDS)}"),
            ("reset; now", "expected NAME=VALUE behind the ';', got 'now': write it as reset; after_chunks=3"),
            ("reset; after_bytes=1; after_bytes=2", "'after_bytes' is given twice"),
            (
                "reset; after_chunks=three; aftr=headers",
                "after_chunks: expected a whole number of at least 0, got 'three'; "
                "unknown key 'aftr' of the fault reset; did you mean 'after'?",
            ),
        ],
    )
    def test_mistakes_are_said_in_a_sentence(self, text: str, said: str) -> None:
        """With the nearest word, and all of them."""
        with pytest.raises(ValueError, match=r"^\S") as wrong:
            parse(text)
        assert str(wrong.value) == said


class TestPython:
    """`fault("reset", after_chunks=3)`."""

    @pytest.mark.parametrize(
        ("kind", "params"),
        [
            ("reset", {"after_chunks": 3}),
            ("drip", {"bytes_per_second": 10.5}),
            ("redirect", {"status": "308", "location": "/v1/x"}),
        ],
    )
    def test_it_is_checked_as_in_yaml(self, kind: str, params: dict[str, Any]) -> None:
        """And kept as given."""
        assert fault(kind, **params) == Fault(kind, params)

    def test_mistakes_are_the_same(self) -> None:
        """A value error with the same sentence."""
        with pytest.raises(ValueError, match=r"^after_chunks: expected a whole number of at least 0, got -1$"):
            fault("reset", after_chunks=-1)


def test_the_schema_knows_every_kind_and_its_keys() -> None:
    """Editors complete what the language reads."""
    defs: dict[str, Any] = {}
    assert FAULT.schema(defs) == {"$ref": "#/$defs/fault"}
    names, *mappings = defs["fault"]["anyOf"]
    assert names == {"enum": list(KINDS)}
    assert [mapping["properties"]["kind"]["const"] for mapping in mappings] == list(KINDS)
    for mapping, kind in zip(mappings, KINDS.values(), strict=True):
        assert list(mapping["properties"]) == ["kind", *kind.keys, "when"]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_kind_says_what_it_is(kind: Any) -> None:
    """A sentence on one line, and what arrives changed where something does."""
    assert kind.doc.endswith(".")
    assert "\n" not in kind.doc
    assert bool(kind.alters) == (kind.effect == "alters")
    assert all(key.doc.endswith(".") for key in kind.keys.values())
