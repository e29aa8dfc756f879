"""What a stub can answer, as clients get it: plain and streamed, chat, completions and embeddings."""

import base64
import json
import struct
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver import FixtureError, MockServer
from mockserver.language.kinds import Kind
from mockserver.language.load import load
from mockserver.language.model import STUB
from mockserver.language.source import Invalid, Source
from tests.conftest import Serve, chat, content, events

COUNTRY = {"type": "json_schema", "json_schema": {"name": "c", "schema": {"type": "object", "properties": {}}}}
TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}


def complete(server: MockServer, prompt: str | list[str] = "hello", **fields: Any) -> httpx.Response:
    """One completion."""
    body = {"model": "gpt-3.5-turbo-instruct", "prompt": prompt, **fields}
    return httpx.post(f"{server.base_url}/completions", json=body, trust_env=False)


def embed(server: MockServer, *inputs: str, **fields: Any) -> httpx.Response:
    """The embeddings of some inputs."""
    body = {"model": "text-embedding-3-small", "input": list(inputs), **fields}
    return httpx.post(f"{server.base_url}/embeddings", json=body, trust_env=False)


def vectors(response: httpx.Response) -> list[list[float]]:
    """The vectors of an answer to embeddings."""
    assert response.status_code == 200, response.text
    return [item["embedding"] for item in response.json()["data"]]


def chunks(response: httpx.Response) -> list[dict[str, Any]]:
    """The chunks of a stream."""
    *data, done = events(response)
    assert done == "[DONE]"
    return [json.loads(chunk) for chunk in data]


def joined(response: httpx.Response, index: int = 0) -> str:
    """The text of one choice of a chat stream."""
    parts = [part for chunk in chunks(response) for part in chunk["choices"] if part["index"] == index]
    return "".join(part["delta"].get("content") or "" for part in parts)


SEVERAL = """\
stubs:
  - response:
      choices:
        - Heads
        - {text: Tails, finish_reason: length, fields: {message.odds: 0.5}}
        - tool_calls: [{name: flip, arguments: {side: "{{ user }}"}}]
        - {refusal: I do not gamble., reasoning: Is it right?}
      fields: {choice.by: mock}
"""


def test_several_choices_answer_in_turn(serve: Serve) -> None:
    """Each with what it says of itself; more than are given repeat them."""
    server = serve(SEVERAL)
    choices = chat(server, "red", n=5).json()["choices"]
    assert [choice["message"].get("content") for choice in choices] == ["Heads", "Tails", None, None, "Heads"]
    assert [c["finish_reason"] for c in choices] == ["stop", "length", "tool_calls", "stop", "stop"]
    assert [choice["message"].get("odds") for choice in choices] == [None, 0.5, None, None, None]
    assert choices[2]["message"]["tool_calls"][0]["function"] == {"name": "flip", "arguments": '{"side":"red"}'}
    assert choices[3]["message"]["refusal"] == "I do not gamble."
    assert choices[3]["message"]["reasoning_content"] == "Is it right?"
    assert [choice["by"] for choice in choices] == ["mock"] * 5
    assert content(chat(server)) == "Heads"
    streamed = chat(server, "red", n=2, stream=True)
    assert (joined(streamed), joined(streamed, 1)) == ("Heads", "Tails")


def test_several_choices_of_several_prompts(serve: Serve) -> None:
    """Each prompt gets them from the first."""
    server = serve("stubs: [{response: {choices: [one, two]}}]")
    choices = complete(server, ["a", "b"], n=2).json()["choices"]
    assert [choice["text"] for choice in choices] == ["one", "two", "one", "two"]


def test_json_is_written_as_yaml(serve: Serve) -> None:
    """It is sent as the text of the answer, compact, with templates inside."""
    server = serve(
        """\
        stubs:
          - {match: {user: null}, response: {json: null}}
          - match: {user: static}
            response: {json: {b: [1, true, no], a: é}}
          - response: {json: {said: "{{ user }}", n: 1}}
        """.replace("{user: null}", "{user: {exact: 'nothing'}}")
    )
    assert content(chat(server, "nothing")) == "null"
    assert content(chat(server, "static")) == '{"b":[1,true,"no"],"a":"é"}'
    assert content(chat(server, 'a "b"')) == '{"said":"a \\"b\\"","n":1}'
    assert joined(chat(server, "x", stream=True)) == '{"said":"x","n":1}'
    assert complete(server, "static").json()["choices"][0]["text"] == '{"b":[1,true,"no"],"a":"é"}'


def test_json_is_made_up_by_a_schema_of_the_stub(serve: Serve) -> None:
    """In the place of the request's, and where the request has none."""
    server = serve(
        """\
        stubs:
          - response:
              generate: json
              schema:
                type: object
                properties: {country: {const: Norway}, population: {type: integer, minimum: 5, maximum: 5}}
                required: [country, population]
                additionalProperties: false
        """
    )
    expected = {"country": "Norway", "population": 5}
    assert json.loads(content(chat(server))) == expected
    assert json.loads(content(chat(server, response_format=COUNTRY))) == expected
    assert json.loads(complete(server, max_tokens=100).json()["choices"][0]["text"]) == expected


def test_auto_suits_the_request(serve: Serve) -> None:
    """A tool call that is due, JSON by the schema, text, a vector; as in the default, and without a response too."""
    server = serve("stubs: [{name: mine, response: {generate: auto}}]")
    due = chat(server, tools=[TOOL], tool_choice="required").json()["choices"][0]["message"]
    assert due["tool_calls"][0]["function"]["name"] == "get_weather"
    assert json.loads(content(chat(server, response_format=COUNTRY))) == {}
    assert " " in content(chat(server))
    assert len(vectors(embed(server, "x"))[0]) == 1536
    assert complete(server).headers["x-mockserver-stub"] == "mine"


LOGPROBS = """\
stubs:
  - response:
      text: Yes, sir
      logprobs:
        - {token: "Yes", logprob: -0.1, top: {"No": -2.5, "Yes": -0.1, "é": -4}}
        - {token: ", s", logprob: -1}
        - {token: ir, logprob: 0}
"""


def test_logprobs_are_given(serve: Serve) -> None:
    """With the tokens the stub says, the likeliest first and as many as are asked for."""
    server = serve(LOGPROBS)
    assert chat(server).json()["choices"][0]["logprobs"] is None
    answer = chat(server, logprobs=True, top_logprobs=2).json()
    first, second, third = answer["choices"][0]["logprobs"]["content"]
    assert answer["usage"]["completion_tokens"] == 3
    assert (first["token"], first["logprob"], first["bytes"]) == ("Yes", -0.1, [89, 101, 115])
    assert [(top["token"], top["logprob"]) for top in first["top_logprobs"]] == [("Yes", -0.1), ("No", -2.5)]
    assert [top["token"] for top in second["top_logprobs"]] == [", s"]
    assert third["logprob"] == 0
    deltas = [chunk["choices"][0] for chunk in chunks(chat(server, logprobs=True, stream=True))]
    assert [d["delta"]["content"] for d in deltas if d["delta"].get("content")] == ["Yes", ", s", "ir"]
    assert [d["logprobs"]["content"][0]["logprob"] for d in deltas if d["logprobs"]] == [-0.1, -1, 0]


def test_given_logprobs_go_as_far_as_the_text(serve: Serve) -> None:
    """A limit and a stop sequence cut both, inside a token too."""
    server = serve(LOGPROBS)
    choice = chat(server, logprobs=True, max_tokens=2).json()["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("Yes, s", "length")
    assert [entry["token"] for entry in choice["logprobs"]["content"]] == ["Yes", ", s"]
    choice = chat(server, logprobs=True, stop=" s").json()["choices"][0]
    assert choice["message"]["content"] == "Yes,"
    assert [(e["token"], e["bytes"]) for e in choice["logprobs"]["content"]] == [("Yes", [89, 101, 115]), (",", [44])]


def test_given_logprobs_of_completions(serve: Serve) -> None:
    """Four lists, with the offsets behind the prompt; behind an echo they follow those of the prompt."""
    server = serve(LOGPROBS)
    logprobs = complete(server, "Is it?", logprobs=2, max_tokens=9).json()["choices"][0]["logprobs"]
    assert logprobs["tokens"] == ["Yes", ", s", "ir"]
    assert logprobs["text_offset"] == [6, 9, 12]
    assert logprobs["token_logprobs"] == [-0.1, -1, 0]
    assert logprobs["top_logprobs"][0] == {"Yes": -0.1, "No": -2.5}
    echoed = complete(server, "Is it?", logprobs=2, max_tokens=9, echo=True).json()["choices"][0]
    assert echoed["text"] == "Is it?Yes, sir"
    assert echoed["logprobs"]["tokens"][-3:] == ["Yes", ", s", "ir"]
    assert echoed["logprobs"]["text_offset"][-3:] == [6, 9, 12]
    best = complete(server, "Is it?", logprobs=1, max_tokens=9, best_of=2).json()["choices"]
    assert [choice["logprobs"]["tokens"] for choice in best] == [["Yes", ", s", "ir"]]


def test_logprobs_alone_are_the_text(serve: Serve) -> None:
    """Their tokens add up to it."""
    server = serve('stubs: [{response: {logprobs: [{token: "Hi", logprob: -1}, {token: " you", logprob: -2}]}}]')
    assert content(chat(server)) == "Hi you"


EMBEDDINGS = """\
stubs:
  - response:
      embeddings:
        /^red \\w+$/i: [1, 0]
        apple: [0.6, 0.8]
        get my money back: refund policy
"""


def test_embeddings_are_given_by_the_text(serve: Serve) -> None:
    """The first pattern that fits; a text instead of a vector lends its own; others are made up."""
    server = serve(EMBEDDINGS)
    red, apple, money, policy, other = vectors(
        embed(server, "Red apple", "an apple", "How do I get my money back?", "refund policy", "other")
    )
    assert (red, apple) == ([1, 0], [0.6, 0.8])
    assert money == policy
    assert len(other) == len(policy) == 1536
    assert other != policy
    assert vectors(embed(server, "refund policy"))[0] == policy
    assert [len(v) for v in vectors(embed(server, "to get my money back", "apple", dimensions=8))] == [8, 2]
    packed = base64.b64decode(vectors(embed(server, "apple", encoding_format="base64"))[0])  # type: ignore[arg-type]
    assert struct.unpack("<2f", packed) == struct.unpack("<2f", struct.pack("<2f", 0.6, 0.8))


def test_any_field_can_be_set(serve: Serve) -> None:
    """Of the answer, its usage, its choices and their messages; values may hold templates."""
    server = serve(
        """\
        stubs:
          - response:
              text: Hi
              system_fingerprint: fp_"mine"
              service_tier: scale
              fields:
                object: chat.other
                citations: ["https://x.test/{{ user }}"]
                usage.cost: 0.25
                usage.prompt_tokens_details.audio_tokens: 7
                a.b.c: null
                message.audio.id: a1
                message.role: model
                choice.native_finish_reason: STOP
        """
    )
    answer = chat(server, "me").json()
    assert (answer["object"], answer["system_fingerprint"], answer["service_tier"]) == (
        "chat.other",
        'fp_"mine"',
        "scale",
    )
    assert answer["citations"] == ["https://x.test/me"]
    assert answer["usage"]["cost"] == 0.25
    assert answer["usage"]["prompt_tokens_details"] == {"cached_tokens": 0, "audio_tokens": 7}
    assert answer["usage"]["completion_tokens"] == 1
    assert answer["a"] == {"b": {"c": None}}
    choice = answer["choices"][0]
    assert choice["native_finish_reason"] == "STOP"
    assert choice["message"] == {
        "role": "model",
        "content": "Hi",
        "refusal": None,
        "annotations": [],
        "audio": {"id": "a1"},
    }
    assert complete(server).json()["choices"][0]["native_finish_reason"] == "STOP"


def test_fields_stand_in_streams_where_a_client_looks_for_them(serve: Serve) -> None:
    """Of the answer in every chunk, of a message in its first delta, of a choice in its last, of usage in the usage."""
    server = serve(
        """\
        stubs:
          - response:
              text: Hi there
              system_fingerprint: fp_mine
              fields: {provider: mock, usage.cost: 1, message.audio.id: a1, choice.native: STOP}
        """
    )
    options = {"include_usage": True}
    made = chunks(chat(server, stream=True, stream_options=options))
    assert {(chunk["provider"], chunk["system_fingerprint"]) for chunk in made} == {("mock", "fp_mine")}
    first, *middle, last = [chunk["choices"][0] for chunk in made[:-1]]
    assert (first["delta"]["audio"], last["native"]) == ({"id": "a1"}, "STOP")
    assert all("audio" not in part["delta"] and "native" not in part for part in middle)
    assert [chunk["usage"] for chunk in made[:-1]] == [None] * len(made[:-1])
    assert made[-1]["usage"]["cost"] == 1
    older = chunks(complete(server, stream=True, stream_options=options))
    assert {chunk["provider"] for chunk in older} == {"mock"}
    assert ["native" in part for chunk in older for part in chunk["choices"]] == [False] * (len(older) - 2) + [True]
    assert older[-1]["usage"]["cost"] == 1


def test_fields_can_be_left_out(serve: Serve) -> None:
    """Everywhere, in streams too, as servers do that know less than the real API."""
    server = serve(
        """\
        stubs:
          - response:
              text: Hi
              omit: [system_fingerprint, usage.prompt_tokens_details, message.refusal, message.annotations.x,
                     choice.logprobs, service_tier, not.there]
        """
    )
    answer = chat(server).json()
    assert list(answer) == ["id", "object", "created", "model", "choices", "usage"]
    assert "prompt_tokens_details" not in answer["usage"]
    assert "logprobs" not in answer["choices"][0]
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": "Hi", "annotations": []}
    made = chunks(chat(server, stream=True, stream_options={"include_usage": True}))
    assert all("system_fingerprint" not in chunk for chunk in made)
    assert all("logprobs" not in part for chunk in made for part in chunk["choices"])
    assert made[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert "prompt_tokens_details" not in made[-1]["usage"]


def test_values_of_fields_are_not_shared_between_answers(serve: Serve) -> None:
    """A field set inside of a value that another sets does not stay there."""
    server = serve('stubs: [{response: {text: Hi, fields: {a: {b: 1}, a.c: "{{ call.count }}"}}}]')
    assert [chat(server).json()["a"] for _ in range(2)] == [{"b": 1, "c": "1"}, {"b": 1, "c": "2"}]


def test_fields_of_embeddings(serve: Serve) -> None:
    """Around the data, which stays as it is."""
    server = serve('stubs: [{response: {embedding: [1], fields: {id: "the data", usage.cost: 2}, omit: [object]}}]')
    assert embed(server, "a", "b").json() == {
        "data": [{"object": "embedding", "index": index, "embedding": [1]} for index in range(2)],
        "model": "text-embedding-3-small",
        "usage": {"prompt_tokens": 2, "total_tokens": 2, "cost": 2},
        "id": "the data",
    }


def test_obfuscation_pads_chunks_with_fields_too(serve: Serve) -> None:
    """A line's length still tells its token's only in steps of 16."""
    server = serve("stubs: [{response: {text: one two three, fields: {provider: mock}}}]")
    lines = events(chat(server, stream=True))[:-1]
    assert len({len(line.encode()) % 16 for line in lines}) == 1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with files for a stub, one behind a link that leads out of it, and one above it."""
    inside = tmp_path / "stubs"
    (inside / "long").mkdir(parents=True)
    (inside / "long" / "text.txt").write_bytes("\ufeffÄ {{ not a template }}\r\nend".encode())
    (inside / "body.bin").write_bytes(b"\x00\xff\r\n")
    (inside / "latin.txt").write_bytes(b"a\nb \xe4")
    (tmp_path / "secret.txt").write_text("secret")
    (inside / "link.txt").symlink_to(tmp_path / "secret.txt")
    (inside / "out").symlink_to(tmp_path)
    (inside / "good.txt").symlink_to(inside / "long" / "text.txt")
    (inside / "circle").symlink_to(inside / "circle")
    return inside


def loaded(folder: Path, response: str) -> str:
    """What is told of a response in a file of the folder."""
    file = folder / "stubs.yaml"
    file.write_text(f"stubs:\n  - response: {response}\n")
    with pytest.raises(FixtureError) as failed:
        load([file])
    return str(failed.value).removeprefix(f"{file}:")


def test_texts_and_bodies_can_lie_in_files(folder: Path) -> None:
    """Texts without their byte order mark and otherwise as they are; bodies byte for byte."""
    (folder / "stubs.yaml").write_text(
        "stubs:\n"
        "  - {match: {user: text}, response: {text_file: long/text.txt, finish_reason: stop}}\n"
        "  - {match: {user: link}, response: {text_file: good.txt}}\n"
        "  - response: {body_file: body.bin, status: 201, headers: {content-type: application/x-odd}}\n"
    )
    with MockServer(folder) as server:
        assert content(chat(server, "text")) == content(chat(server, "link")) == "Ä {{ not a template }}\r\nend"
        for more in ({}, {"stream": True}):
            response = chat(server, "bytes", **more)
            assert (response.status_code, response.content) == (201, b"\x00\xff\r\n")
            assert response.headers["content-type"] == "application/x-odd"
        assert embed(server, "x").content == b"\x00\xff\r\n"


OUTSIDE = "expected the path of a file in the folder of this one, or below it, got"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/etc/passwd", f"{OUTSIDE} '/etc/passwd'"),
        ("../secret.txt", f"{OUTSIDE} '../secret.txt'"),
        ("long/../../secret.txt", f"{OUTSIDE} 'long/../../secret.txt'"),
        (r"..\secret.txt", rf"{OUTSIDE} '..\secret.txt'"),
        (r"C:\secret.txt", rf"{OUTSIDE} 'C:\secret.txt'"),
        (r"\\host\share\x", rf"{OUTSIDE} '\\host\share\x'"),
        ("link.txt", f"{OUTSIDE} 'link.txt', which is a link to PARENT/secret.txt"),
        ("out/secret.txt", f"{OUTSIDE} 'out/secret.txt', which is a link to PARENT/secret.txt"),
        ("nowhere.txt", "no such file: 'nowhere.txt'"),
        ("long", "no such file: 'long'"),
        ("~", "expected the path of a file in the folder of this one, or below it, got nothing"),
    ],
)
def test_no_path_leads_out_of_the_folder(folder: Path, path: str, told: str) -> None:
    """Neither up, nor from the root of any system, nor by a link; and only files are read."""
    for key in ("body_file", "text_file"):
        said = loaded(folder, f"{{{key}: {path}}}")
        assert said == f"2:{18 + len(key)}: {told}".replace("PARENT", str(folder.parent))


def test_what_cannot_be_read_is_told(folder: Path) -> None:
    """A link that leads to itself, a name that no system has, a text that is not UTF-8."""
    assert loaded(folder, "{body_file: circle}").startswith("2:27: the file 'circle' cannot be read: ")
    assert loaded(folder, '{body_file: "a\\0b"}') == "2:27: the file 'a\0b' cannot be read: embedded null byte"
    assert (
        loaded(folder, "{text_file: latin.txt}")
        == "2:27: the file 'latin.txt' is not UTF-8: line 2 is the first that is not"
    )


def test_a_stub_in_no_file_has_no_files_beside_it() -> None:
    """One that is sent to a running server cannot read what lies there."""
    source = Source("a stub")
    node = source.compose(b"response: {body_file: setup.py}")
    kind: Kind[Any] = STUB
    with pytest.raises(Invalid):
        kind.read(node, source)
    assert [problem.message for problem in source.problems] == [
        "a stub that stands in no file has no folder in which files could be"
    ]


def test_files_beside_are_watched_with_their_stubs(folder: Path) -> None:
    """So an edit of one is an edit of the stubs, also where it was missing."""
    (folder / "stubs.yaml").write_text("stubs: [{response: {text_file: good.txt}}]")
    assert load([folder / "stubs.yaml"]).paths == (folder / "stubs.yaml", folder / "good.txt")
    (folder / "stubs.yaml").write_text("stubs: [{response: {text_file: later.txt}}]")
    with pytest.raises(FixtureError) as failed:
        load([folder / "stubs.yaml"])
    assert failed.value.paths == (folder / "stubs.yaml", folder / "later.txt")
