"""What is worked out of texts and remembered: never so long a text that a request could fill the memory with it."""

import gc

from mockserver import MockServer
from mockserver.values import remembered
from tests.conftest import chat


def test_short_texts_are_worked_out_once_and_long_ones_each_time() -> None:
    """Both give what the function gives."""
    worked: list[str] = []

    @remembered(10, 5)
    def size(text: str) -> int:
        worked.append(text)
        return len(text)

    assert [size("short"), size("short"), size("longer"), size("longer")] == [5, 5, 6, 6]
    assert worked == ["short", "longer", "longer"]


def test_a_model_with_an_endless_name_is_not_kept() -> None:
    """A name of a megabyte, in the model and as an unknown key, is gone when the request has left the journal."""
    from mockserver.limits import Bounds

    name = "endless" * 150_000
    with MockServer(bounds=Bounds(journal=0, stored=0)) as server:
        for _ in range(3):
            answer = chat(server, "hello", model=name, tools=[{"type": "function", "function": {"name": "f"}}])
            assert answer.status_code == 200
        chat(server, "hello")
        del answer
        gc.collect()
        caches = [thing for thing in gc.get_objects() if type(thing).__name__ == "_lru_cache_wrapper"]
        held = [key for cache in caches for key in gc.get_referents(cache) if isinstance(key, dict)]
        texts = [text for kept in held for key in kept for text in (key if isinstance(key, tuple) else (key,))]
    assert [len(text) for text in texts if isinstance(text, str) and len(text) > 100_000] == []
