"""The same seed gives the same faults to the same requests, in whatever order they arrive."""

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mockserver import MockServer
from tests.faults.faulty import Seen, connect, read_all, request

CLIENTS = 200
STUBS = """
stubs:
  - response: A long answer that is cut somewhere, or left alone, as the seed says.
    fault:
      - {kind: close, after: anywhere, when: {probability: 0.5}}
      - {kind: garbage, after: nothing, when: {probability: 0.2}}
"""


def asked(server: MockServer, user: str) -> Seen:
    """What becomes of one request."""
    with connect(server) as connection:
        connection.sendall(request(user=user, stream=True))
        return read_all(connection)


def run(file: Path, order: list[str]) -> dict[str, bytes]:
    """What comes back for each request, all of them asked at once, in this order."""
    with MockServer(file, seed=7) as server, ThreadPoolExecutor(CLIENTS) as pool:
        found = list(pool.map(lambda user: asked(server, user), order))
    return {user: seen.sent if seen.head else seen.data for user, seen in zip(order, found, strict=True)}


def test_faults_are_those_of_the_seed_in_any_order_of_arrival(tmp_path: Path) -> None:
    """Two hundred clients at once, twice: each sees the same bytes again."""
    file = tmp_path / "stubs.yaml"
    file.write_text(STUBS, encoding="utf-8")
    everyone = [f"client {number}" for number in range(CLIENTS)]
    shuffled = random.Random(1).sample(everyone, len(everyone))
    first, second = run(file, everyone), run(file, shuffled)
    assert first == second
    lengths = {len(data) for data in first.values()}
    assert len(lengths) > 50, "where an answer is cut should differ from client to client"
