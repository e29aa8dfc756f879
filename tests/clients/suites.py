"""What the official SDKs publish beside their code: the source distribution of the Python SDK, with its own tests."""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from tests.clients import environments
from tests.clients.environments import NotInstalled, NotWanted
from tests.clients.locks import exclusive

SDIST = "openai==3.54.0"


def openai_python() -> Path:
    """The unpacked source distribution of the Python SDK, downloaded when first needed. Raises NotInstalled."""
    home = environments.ROOT / f"sdist-{SDIST.replace('==', '-')}"
    with exclusive(home.with_name(home.name + ".lock")):
        if not (home / "complete").exists():
            if os.environ.get(environments.SKIP) == "1":
                raise NotWanted(f"{SDIST} is not downloaded, and {environments.SKIP}=1")
            shutil.rmtree(home, ignore_errors=True)
            _download(home)
    (source,) = home.glob("openai-*/")
    return source


def _download(home: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps", "--no-binary", ":all:"]
    done = subprocess.run(
        [*command, "--dest", str(home), SDIST],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=environments.TIMEOUT,
    )
    if done.returncode != 0:
        raise NotInstalled(f"{SDIST} cannot be downloaded; {environments.SKIP}=1 goes without.\n{done.stderr}")
    (archive,) = home.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        file.extractall(home, filter="data")
    (home / "complete").touch()
