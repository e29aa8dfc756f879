"""A mock server for the OpenAI API format, scripted in YAML.

from mockserver import MockServer

with MockServer("stubs.yaml") as server:
    ...  # clients take server.base_url
"""

from mockserver.errors import FixtureError, MockServerError, Place, Problem, StartError
from mockserver.limits import Bounds

__version__ = "0.1.0"
__all__ = [
    "Bounds",
    "FixtureError",
    "MockServer",
    "MockServerError",
    "Place",
    "Problem",
    "StartError",
    "asgi",
    "transport",
]

from mockserver.inprocess import asgi, transport
from mockserver.server import MockServer
