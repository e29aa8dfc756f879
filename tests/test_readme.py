"""The README says what is so: its files can be read, its code runs, its commands and options are those there are."""

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mockserver import MockServer
from mockserver.cli.serve import parser
from mockserver.language.load import load
from tests.conftest import chat, content
from tests.readme import blocks
from tests.testing.test_pages import OPENAI

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PROSE = README.read_text(encoding="utf-8")
BLOCKS = blocks(README)
FIXTURES = [block.code for block in BLOCKS if block.info == "yaml"]
PYTHON = [block.code for block in BLOCKS if block.info == "python"]
COMMANDS = [line for block in BLOCKS if block.info == "console" for line in block.code.splitlines()]
CURLS = [line for line in COMMANDS if line.startswith("curl ")]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REQUIREMENTS = ROOT / "tests" / "clients" / "environments"

BOOK = {"type": "function", "function": {"name": "book_table", "parameters": {"type": "object", "properties": {}}}}


def block(info: str, having: str) -> str:
    """The one block of a language that contains something."""
    (found,) = [block.code for block in BLOCKS if block.info == info and having in block.code]
    return found


@pytest.fixture
def stubs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`stubs.yaml` of "Your first stub", saved where the test runs."""
    monkeypatch.chdir(tmp_path)
    file = Path("stubs.yaml")
    file.write_text(block("yaml", "Hi there!"), encoding="utf-8")
    return file


@pytest.fixture
def server(stubs: Path) -> Iterator[MockServer]:
    """A server of the first stubs."""
    with MockServer(stubs) as running:
        yield running


@pytest.mark.parametrize("code", FIXTURES, ids=range(len(FIXTURES)))
def test_every_fixture_file_can_be_read(tmp_path: Path, code: str) -> None:
    """Without mistakes."""
    file = tmp_path / "stubs.yaml"
    file.write_text(code, encoding="utf-8")
    assert load([file], strict=True).stubs.all


def test_the_first_stubs_answer_as_told(server: MockServer) -> None:
    """A text, a template and a tool call, each naming its stub."""
    hello = chat(server, "hello")
    assert (content(hello), hello.headers["x-mockserver-stub"]) == ("Hi there!", "stubs#1")
    weather = chat(server, "What is the weather in Paris?")
    assert re.fullmatch(r"It is sunny in Paris, says \w.*\.", content(weather))
    assert weather.headers["x-mockserver-stub"] == "weather"
    booked = chat(server, "Please book a table", tools=[BOOK]).json()
    (call,) = booked["choices"][0]["message"]["tool_calls"]
    assert (call["function"]["name"], json.loads(call["function"]["arguments"])) == ("book_table", {"party": 4})


def test_what_no_stub_matches_gets_the_default_or_with_strict_a_404(server: MockServer, stubs: Path) -> None:
    """The 404 names the nearest stubs and what differed."""
    assert chat(server, "something else").headers["x-mockserver-stub"] == "default/text"
    with MockServer(stubs, strict=True) as strict:
        refused = chat(strict, "something else")
    assert refused.status_code == 404
    message = refused.json()["error"]["message"]
    assert "- stubs#1 (stubs.yaml:2:5): user: expected a text containing 'hello', got 'something else'" in message


def test_the_scripted_failures_are_those(tmp_path: Path) -> None:
    """A rate limit, a server error and an answer; an answer that takes its time; one that is cut half of the time."""
    file = tmp_path / "broken.yaml"
    file.write_text(block("yaml", "user: flaky"), encoding="utf-8")
    with MockServer(file, seed=1, time_scale=0) as server:
        flaky = [chat(server, "flaky") for _ in range(3)]
        assert [answer.status_code for answer in flaky] == [429, 500, 200]
        assert flaky[0].headers["retry-after"] == "2"
        assert content(flaky[2]) == "Third time lucky."
        assert content(chat(server, "hi", model="slow-1")) == "Wait for it."
        ended = {arrives(server, f"cut {number}") for number in range(20)}
    assert ended == {True, False}


def arrives(server: MockServer, said: str) -> bool:
    """Whether a stream arrives whole."""
    try:
        return chat(server, said, stream=True).text.endswith("[DONE]\n\n")
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("code", PYTHON, ids=range(len(PYTHON)))
def test_every_snippet_is_python(code: str) -> None:
    """It compiles; what it says to the openai package is tested with the package."""
    compile(code, "README.md", "exec")


GREET = """
import os
import httpx

def greet(said, base_url=None):
    url = (base_url or os.environ["OPENAI_BASE_URL"]) + "/chat/completions"
    key = {"authorization": "Bearer " + os.environ.get("OPENAI_API_KEY", "anything")}
    body = {"model": "m", "messages": [{"role": "user", "content": said}]}
    for _ in range(2):
        answer = httpx.post(url, json=body, headers=key)
        if answer.status_code == 200:
            return answer.json()["choices"][0]["message"]["content"]
    raise AssertionError(answer.text)

"""
"""The code under test of the README's tests."""


@pytest.mark.usefixtures("stubs")
@pytest.mark.parametrize("having", ["def test_greeting", "def test_retries"])
def test_the_tests_in_the_readme_pass(tmp_path: Path, having: str) -> None:
    """As they stand, with nothing imported, in a pytest of their own."""
    (tmp_path / "openai.py").write_text(OPENAI, encoding="utf-8")
    (tmp_path / "test_it.py").write_text(GREET + block("python", having), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_it.py"],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.usefixtures("stubs")
def test_the_server_in_the_readme_answers() -> None:
    """The context manager, as it stands."""
    exec(GREET + block("python", "from mockserver import MockServer"), {})  # noqa: S102


def actions() -> list[argparse.Action]:
    """The options of the command, and its paths."""
    return parser()._actions


def described() -> dict[str, str]:
    """What the README's list of the command's options says, by what it says it of: `--port N`, `-v, -q`, `PATH`."""
    usage, listed = block("text", "mockserver [serve]").split("\n\n", 1)
    assert usage == parser().usage
    rows = (re.split(r" {2,}", line, maxsplit=1) for line in listed.splitlines())
    return {row[0]: "".join(row[1:]) for row in rows}


def test_the_options_are_those_of_the_command() -> None:
    """Every option that is named is there, and the page that has them all is named."""
    named = {word for names in described() for word in re.findall(r"--?[a-z-]+", names)}
    assert {"--port", "--seed", "--strict"} <= named
    assert named <= {option for action in actions() for option in action.option_strings}
    assert "[docs/commands.md](docs/commands.md) has all options and commands." in PROSE


def test_the_options_mean_what_help_says() -> None:
    """The README and `--help` have the same words, defaults included."""
    by_name = {name: action for action in actions() for name in action.option_strings or ["PATH"]}
    for names, meaning in described().items():
        meant = [by_name[word].help or "" for word in re.findall(r"--?[a-z-]+|PATH", names)]
        if meaning:
            assert meaning.startswith("; ".join(meant)), names
        for word, metavar in re.findall(r"(--[a-z-]+) ([A-Z]+)", names):
            assert metavar == (by_name[word].metavar or by_name[word].dest.upper())


def test_addresses_have_the_default_port() -> None:
    """What is copied reaches the server that was started."""
    found = set(re.findall(r"http://[\w.:]+", PROSE))
    assert found == {f"http://{parser().get_default('host')}:{parser().get_default('port')}"}


def test_the_commands_name_what_is_there() -> None:
    """Requirement files, installed commands, modules, and the oldest Python."""
    required = re.findall(r"-r (\S+)", "\n".join(COMMANDS))
    assert required == ["tests/requirements.txt"]
    assert all((ROOT / name).is_file() for name in required)
    pinned = (ROOT / required[0]).read_text(encoding="utf-8")
    run = {name for line in COMMANDS for name in re.findall(r"\.venv/bin/(\S+)", line)} - {"pip"}
    assert run == {*PROJECT["scripts"], "pytest"}
    assert "\npytest==" in pinned
    assert all(
        (ROOT / name / "__main__.py").is_file() for name in re.findall(r"python -m (\w+)", PROSE) if name != "venv"
    )
    assert PROJECT["requires-python"] == ">=" + re.findall(r"Python (3\.\d+) or newer", PROSE)[0]


def test_the_file_names_in_the_commands_are_those_in_the_text() -> None:
    """What the reader has saved is what is served."""
    assert "Save this as `stubs.yaml`" in PROSE
    assert "`.venv/bin/mockserver stubs.yaml`" in PROSE


def anchors(page: Path) -> set[str]:
    """What links to the headings of a page say behind the `#`."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    """A link inside the repository leads to a file, and where it names a heading, to one that is there."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            name, _, anchor = target.partition("#")
            file = page.parent / name if name else page
            assert file.exists(), target
            assert not anchor or file.suffix != ".md" or anchor in anchors(file), target


def pinned() -> set[tuple[str, str]]:
    """Every client that the tests run, with its version."""
    clients = ROOT / "tests" / "clients"
    python = [pin for file in REQUIREMENTS.glob("*.txt") for pin in file.read_text(encoding="utf-8").splitlines()]
    node = json.loads((clients / "node" / "package.json").read_text(encoding="utf-8"))["dependencies"]
    go = re.findall(r"(openai-go)/v3 v([\d.]+)", (clients / "go" / "go.mod").read_text(encoding="utf-8"))
    java = re.findall(
        r"<artifactId>(openai-java)</artifactId>\s*<version>([\d.]+)<",
        (clients / "java" / "pom.xml").read_text(encoding="utf-8"),
    )
    lines = (pin.partition("==") for pin in python)
    return {*((name, version) for name, _, version in lines), *node.items(), *go, *java}


def test_the_versions_of_clients_are_those_tested() -> None:
    """The clients that the README says are known to work are the ones that the tests pin."""
    (table,) = re.findall(r"^Known to work.*?^(\|.*?)^$", PROSE, re.M | re.S)
    told = set()
    for name, versions in re.findall(r"([@\w/-]*[a-z]) (\d[\d., and]*\d)", table):
        told |= {(name, version) for version in re.findall(r"[\d.]+\d", versions)}
    assert len(told) == 12
    assert told - pinned() == set()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on this machine")
@pytest.mark.parametrize("command", CURLS, ids=range(len(CURLS)))
def test_the_curl_lines_are_answered(default_server: MockServer, command: str) -> None:
    """Each is answered by the server that was started without a file."""
    program, *arguments = shlex.split(command.replace("http://127.0.0.1:8080", default_server.url))
    line = [program, "--silent", "--show-error", "--fail", "--noproxy", "*", *arguments]
    done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=60)
    if "error" in command:  # asked for
        (status,) = re.findall(r"^HTTP/1.1 (\d+)", done.stdout)
        assert status == ("429" if "rate_limit" in command else "400")
        assert done.returncode == 22
        return
    assert done.returncode == 0, done.stderr
    streamed = '"stream": true' in command
    assert done.stdout.endswith("data: [DONE]\n\n") if streamed else json.loads(done.stdout)["object"]


def test_the_readme_has_blocks_of_every_kind() -> None:
    """The tests above would say nothing of a README without them."""
    assert len(FIXTURES) >= 2
    assert len(PYTHON) >= 3
    assert len(CURLS) >= 4
