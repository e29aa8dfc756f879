"""`curl`, with lines as a README has them."""

import json
import shlex
import shutil
import subprocess
from typing import Any

import pytest

from mockserver import MockServer
from tests.conftest import Serve
from tests.readme import commands

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on this machine")

ADDRESS = "http://127.0.0.1:8080"
"""Where the server of a README is."""

TIMEOUT = 60.0

CHAT = """
$ curl http://127.0.0.1:8080/v1/chat/completions -H "Content-Type: application/json" \\
    -d '{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}]}'
"""
WITHOUT_TYPE = """
$ curl http://127.0.0.1:8080/chat/completions -d '{"model": "m", "messages": [{"role": "user", "content": "hello"}]}'
"""
STREAM = """
$ curl -N http://127.0.0.1:8080/v1/chat/completions -H "Content-Type: application/json" \\
    -d '{"model": "gpt-4o-mini", "stream": true, "messages": [{"role": "user", "content": "hello"}]}'
"""
COMPLETIONS = """
$ curl http://127.0.0.1:8080/v1/completions -H "Content-Type: application/json" \\
    -d '{"model": "gpt-3.5-turbo-instruct", "prompt": "hello"}'
"""
MODELS = "$ curl http://127.0.0.1:8080/v1/models"
MODEL = "$ curl http://127.0.0.1:8080/v1/models/meta-llama/Llama-3.3-70B"
EMBEDDINGS = """
$ curl http://127.0.0.1:8080/v1/embeddings -H "Content-Type: application/json" \\
    -d '{"model": "text-embedding-3-small", "input": "red apples"}'
"""
NOWHERE = "$ curl http://127.0.0.1:8080/v1/nowhere"

STUBS = """
models: [gpt-4o-mini, meta-llama/Llama-3.3-70B]
stubs:
  - match: {endpoint: [chat, completions], user: hello}
    response: Hi there!
"""


@pytest.fixture
def server(serve: Serve) -> MockServer:
    """A server that greets."""
    return serve(STUBS)


def curl(server: MockServer, console: str) -> str:
    """What a console block's one command prints, asked of this server."""
    (command,) = commands(console)
    assert ADDRESS in command
    program, *arguments = shlex.split(command.replace(ADDRESS, server.url).replace("\\\n", " "))
    done = subprocess.run(
        # --noproxy: the machine may have a proxy for what is not local
        [program, "--silent", "--show-error", "--noproxy", "*", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIMEOUT,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("console", [CHAT, WITHOUT_TYPE])
def test_chat(server: MockServer, console: str) -> None:
    """An answer, even where the type is the form's that curl sends by itself."""
    answer = json.loads(curl(server, console))
    assert answer["object"] == "chat.completion"
    assert answer["choices"][0]["message"]["content"] == "Hi there!"


def test_chat_stream(server: MockServer) -> None:
    """Events, each with an empty line behind it, and `[DONE]`."""
    *printed, end = curl(server, STREAM).split("\n\n")
    assert end == ""
    assert all(event.startswith("data: ") for event in printed)
    *chunks, last = [event.removeprefix("data: ") for event in printed]
    assert last == "[DONE]"
    deltas: list[dict[str, Any]] = [json.loads(chunk)["choices"][0]["delta"] for chunk in chunks]
    assert "".join(delta.get("content", "") for delta in deltas) == "Hi there!"


def test_completions(server: MockServer) -> None:
    """A legacy completion."""
    answer = json.loads(curl(server, COMPLETIONS))
    assert (answer["object"], answer["choices"][0]["text"]) == ("text_completion", "Hi there!")


def test_models(server: MockServer) -> None:
    """The list, and one of it whose id has a slash."""
    listed = json.loads(curl(server, MODELS))
    assert listed["object"] == "list"
    assert [model["id"] for model in listed["data"]] == ["gpt-4o-mini", "meta-llama/Llama-3.3-70B"]
    assert json.loads(curl(server, MODEL)) == listed["data"][1]


def test_embeddings(server: MockServer) -> None:
    """A vector of numbers, as nobody asked for base64."""
    answer = json.loads(curl(server, EMBEDDINGS))
    (vector,) = [item["embedding"] for item in answer["data"]]
    assert len(vector) == 1536
    assert sum(number * number for number in vector) == pytest.approx(1, abs=1e-6)


def test_an_unknown_path(server: MockServer) -> None:
    """The API's error, as JSON."""
    assert json.loads(curl(server, NOWHERE)) == {
        "error": {
            "message": "Invalid URL (GET /v1/nowhere)",
            "type": "invalid_request_error",
            "param": None,
            "code": None,
        }
    }
