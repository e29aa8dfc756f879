"""What is imported when: start-up is a feature, and the core knows nothing of the web."""

import subprocess
import sys

import pytest

import mockserver

CORE = ["mockserver.engine", "mockserver.respond", "mockserver.stubs", "mockserver.plan", "mockserver.language.load"]
EDGE = (
    "starlette",
    "uvicorn",
    "httptools",
    "h11",
    "uvloop",
    "mockserver.app",
    "mockserver.serving",
    "mockserver.protocol",
)
HEAVY = (
    *("jinja2", "faker", "regex", "jsonpath", "toktok", "starlette"),
    *("mockserver.generate", "mockserver.templates.template", "mockserver.admin"),
    *("mockserver.matching.nearest", "mockserver.matching.closeness"),
)

SERVE = """
import sys, threading
from mockserver.server import create_app
from mockserver.language.load import load
from mockserver.serving import Server, bind
sock = bind("127.0.0.1", 0)
server = Server(create_app(load())[0], lambda: server.stop())
server.run_in_this_thread(sock)
"""


def imported(code: str) -> list[str]:
    """The modules there are after running code in a fresh interpreter."""
    code += "\nimport sys; print('\\n'.join(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return run.stdout.split()


def among(modules: list[str], unwanted: tuple[str, ...]) -> list[str]:
    """Those modules that are one of the unwanted or inside one; an empty package is nobody's cost."""
    inside = [m for m in modules if any(m == name or m.startswith(name + ".") for name in unwanted)]
    return [m for m in inside if m != "mockserver.generate"]


@pytest.mark.parametrize("module", CORE)
def test_the_core_imports_no_web_framework(module: str) -> None:
    """Everything up to the plan can be used and tested without a server."""
    assert among(imported(f"import {module}"), EDGE) == []


def test_a_start_imports_nothing_heavy_that_the_files_do_not_need() -> None:
    """Templates, Faker, generators, the tokenizer and the admin API are imported by whoever first needs them."""
    assert among(imported(SERVE), HEAVY) == []


def test_a_start_of_pytest_imports_the_plugin_alone() -> None:
    """Whoever has mockserver installed and does not use it pays for one small module."""
    modules = imported("import mockserver.testing.pytest_plugin")
    assert among(modules, ("mockserver",)) == [
        "mockserver",
        "mockserver.testing",
        "mockserver.testing.pytest_plugin",
    ]
    assert among(modules, (*EDGE, *HEAVY, "yaml", "asyncio")) == []


def test_the_package_imports_little() -> None:
    """`import mockserver` is cheap: the server's parts come when one is started."""
    modules = imported("import mockserver")
    assert among(modules, (*EDGE, *HEAVY, "yaml", "mockserver.language", "mockserver.rules")) == []


@pytest.mark.parametrize("name", mockserver.__all__)
def test_each_name_of_the_package_is_found_when_first_used(name: str) -> None:
    """Wherever its module stands."""
    assert mockserver.__getattr__(name).__name__ == name


def test_the_command_does_without_the_command_of_uvicorn() -> None:
    """A process of its own needs nothing of what `uvicorn` on the command line needs, which takes long to import."""
    lean = "from mockserver.cli.serve import _pass_over_the_command_of_uvicorn as lean; lean()\n"
    modules = imported(f"{lean}import mockserver.serving")
    assert "uvicorn.server" in modules
    assert among(modules, ("click", "watchfiles", "uvicorn.supervisors")) == []


def test_a_server_in_somebody_elses_process_leaves_uvicorn_whole() -> None:
    """Whoever starts a `MockServer` can still run uvicorn beside it."""
    code = "import mockserver\nwith mockserver.MockServer(): pass\nimport uvicorn\nassert callable(uvicorn.run)"
    assert "uvicorn.main" in imported(code)
