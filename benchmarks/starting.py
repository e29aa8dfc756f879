"""The start of a server and its memory, beside f1's; and what 10,000 stubs and the vocabulary cost to load."""

import json
import subprocess
import sys
from pathlib import Path
from time import perf_counter

from benchmarks.load import Expected, fetch, request_bytes
from benchmarks.measure import (
    MOCKSERVER,
    WITH_TOKENS,
    Aim,
    Result,
    Setting,
    checked,
    folder,
    generator,
    hand_over,
)
from benchmarks.peers import PEERS, NotInstalled
from benchmarks.process import resident_bytes
from benchmarks.servers import ROOT, Server, ServerFailed, environment, f1, mockserver, serving
from benchmarks.workloads import PLAIN, fixture_file, many
from benchmarks.written import for_mockserver

MIB = 2**20


def measure_start(setting: Setting) -> list[Result]:
    """Milliseconds from spawn to the first answer, and resident memory after it.

    One round before the first that counts lets Python write its compiled files. Raises ServerFailed, WrongAnswer or
    OSError.
    """
    request = request_bytes(PLAIN.path, next(PLAIN.bodies()))
    skipped: dict[str, str] = {}
    with folder() as files:
        servers = _everyone(setting, files, skipped)
        times: dict[str, list[float]] = {server.name: [] for server in servers}
        memory: dict[str, list[float]] = {server.name: [] for server in servers}
        for turn in range(setting.effort.starts + 1):
            for server in servers[:: -1 if turn % 2 else 1]:
                with serving(server, setting.cores) as running:
                    answer = fetch(running.port, request)
                    passed = perf_counter() - running.began
                    checked(PLAIN, server, answer)
                    resident = resident_bytes(running.pid)
                if turn:
                    times[server.name].append(passed * 1e3)
                    memory[server.name] += [] if resident is None else [resident / MIB]
    own = [name for name in (MOCKSERVER, WITH_TOKENS) if name in times]
    started = [Aim(name, "f1", 1.35, 1.15) for name in own[:1]]
    started += [Aim(name, "aimock", 1.2) for name in own[:1] if "aimock" in times]
    return [
        Result("start", "from spawn to the first answer", "ms", times, tuple(started), skipped=skipped),
        Result("memory", "resident after the first answer", "MiB", memory, (Aim(own[0], "f1", 1.6, 1.25),)),
    ]


def measure_growth(setting: Setting) -> list[Result]:
    """How much the memory grows by so many requests, each of them another one. Raises as `measure_start` does."""
    bodies = [next(PLAIN.bodies()).replace(b"hello", b"hello %d" % number) for number in range(20_000)]
    requests = [request_bytes(PLAIN.path, body) for body in bodies]
    count = setting.effort.requests
    skipped: dict[str, str] = {}
    grown: dict[str, list[float]] = {}
    with folder() as files:
        quick = setting._replace(peers=tuple(name for name in setting.peers if name == "aimock"))
        for server in _everyone(quick, files, skipped):  # the others would take minutes
            with serving(server, setting.cores) as running:
                answer = checked(PLAIN, server, fetch(running.port, requests[0]))
                before, done = resident_bytes(running.pid), 0
                with generator(setting, running.port, requests, Expected(answer.status, None), 16) as load:
                    while done < count:
                        done += load.run(1.0).requests
                after = resident_bytes(running.pid)
                grown[server.name] = [] if before is None or after is None else [(after - before) / MIB]
    aims = tuple(Aim(name, None, 10.0, 6.0) for name in (MOCKSERVER, WITH_TOKENS) if name in grown)
    return [Result("memory-growth", f"more memory after {count:,} requests", "MiB", grown, aims, skipped=skipped)]


def _everyone(setting: Setting, files: Path, skipped: dict[str, str]) -> list[Server]:
    """f1, mockserver without and with exact tokens, and the peers."""
    stubs, answer = files / "stubs.yaml", files / "answer"
    stubs.write_text(fixture_file(PLAIN, PLAIN.variants[0]), encoding="utf-8")
    own = mockserver(setting.command, MOCKSERVER, stubs, ("--tokens", "estimated"))
    with serving(own, setting.cores) as running:
        hand_over(fetch(running.port, request_bytes(PLAIN.path, next(PLAIN.bodies()))), answer)
    servers = [f1(answer), own]
    if setting.tokens:
        servers.append(mockserver(setting.command, WITH_TOKENS, stubs, ("--tokens", "exact")))
    for name in setting.peers:
        try:
            servers.append(PEERS[name].server(PLAIN, files))
        except NotInstalled as error:
            skipped[name] = str(error)
    return servers


LOADING = """
import json, sys, time, yaml
data = open(sys.argv[1], encoding="utf-8").read()
from mockserver.language.load import load
began = time.process_time()
yaml.compose(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
between = time.process_time()
load([sys.argv[1]])
print(json.dumps({"PyYAML": between - began, "mockserver": time.process_time() - between}))
"""


def measure_loading(setting: Setting) -> list[Result]:
    """CPU milliseconds for reading 10,000 stubs, beside PyYAML's composing of the same file. Raises ServerFailed."""
    found: dict[str, list[float]] = {}
    with folder() as files:
        stubs = files / "stubs.yaml"
        stubs.write_text(for_mockserver(many("contains", 10_000)), encoding="utf-8")
        for _ in range(setting.effort.starts):
            for name, seconds in _told(LOADING, str(stubs)).items():
                found.setdefault(name, []).append(seconds * 1e3)
    aims = (Aim(MOCKSERVER, None, 1_500.0, 800.0), Aim(MOCKSERVER, "PyYAML", 3.0))
    return [Result("loading", "reading 10,000 stubs (1 MB of YAML)", "ms CPU", found, aims)]


VOCABULARY = """
import json, time
from mockserver.tokens import count, use
def resident():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS:")) / 1024
use("exact")
before, began = resident(), time.process_time()
count("The sea is calm.", MODEL)
print(json.dumps({"seconds": time.process_time() - began, "mib": resident() - before}))
"""


def measure_vocabulary(setting: Setting) -> list[Result]:
    """What the real vocabularies cost the first request that needs one. Raises ServerFailed."""
    if not setting.tokens:
        return []
    times: dict[str, list[float]] = {}
    memory: dict[str, list[float]] = {}
    for name, model in (("o200k", "gpt-4o-mini"), ("cl100k", "gpt-4")):
        for _ in range(setting.effort.starts):
            told = _told(VOCABULARY.replace("MODEL", repr(model)))
            times.setdefault(name, []).append(told["seconds"] * 1e3)
            memory.setdefault(name, []).append(told["mib"])
    about = "loading a vocabulary, once, in the first request that needs it"
    return [Result("vocabulary", about, "ms CPU", times), Result("vocabulary-memory", about, "MiB", memory)]


def _told(script: str, *arguments: str) -> dict[str, float]:
    """What a script prints as JSON, run in an interpreter of its own."""
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise ServerFailed(f"the script failed: {done.stderr}")
    told: dict[str, float] = json.loads(done.stdout)
    return told
