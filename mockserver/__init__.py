"""A mock server for the OpenAI API format, scripted in YAML.

from mockserver import MockServer

with MockServer("stubs.yaml") as server:
    ...  # clients take server.base_url
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "Bounds",
    "FixtureError",
    "InvalidValue",
    "MisbehaviourError",
    "Mistake",
    "MockServer",
    "MockServerError",
    "Place",
    "Problem",
    "RecordedCall",
    "Session",
    "StartError",
    "StubHandle",
    "UnmatchedCallError",
    "UsageError",
    "VerificationError",
    "asgi",
    "transport",
]

if TYPE_CHECKING:
    from mockserver.errors import (
        FixtureError,
        InvalidValue,
        MisbehaviourError,
        Mistake,
        MockServerError,
        Place,
        Problem,
        StartError,
        UnmatchedCallError,
        UsageError,
        VerificationError,
    )
    from mockserver.inprocess import asgi, transport
    from mockserver.limits import Bounds
    from mockserver.server import MockServer
    from mockserver.testing.handle import Session, StubHandle
    from mockserver.testing.recorded import RecordedCall

_HOMES = {
    "Bounds": "limits",
    "MockServer": "server",
    "RecordedCall": "testing.recorded",
    "Session": "testing.handle",
    "StubHandle": "testing.handle",
    "asgi": "inprocess",
    "transport": "inprocess",
}
"""The modules in which names stand; all others stand in `errors`."""


def __getattr__(name: str) -> Any:
    """A name of the package, imported when first used: pytest imports the package whether it is used or not."""
    if name not in __all__:
        raise AttributeError(f"module 'mockserver' has no attribute '{name}'")
    from importlib import import_module

    found = getattr(import_module(f"mockserver.{_HOMES.get(name, 'errors')}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
