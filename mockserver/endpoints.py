"""The endpoints of the API that are answered from stubs, as a table."""

from typing import Literal, NamedTuple, TypeAlias

EndpointName: TypeAlias = Literal["chat", "completions", "embeddings"]


class Endpoint(NamedTuple):
    """One endpoint: its word in the YAML language, its path below the base URL, whether it can stream."""

    name: EndpointName
    path: str
    streams: bool


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("chat", "/chat/completions", True),
    Endpoint("completions", "/completions", True),
    Endpoint("embeddings", "/embeddings", False),
)

BY_NAME: dict[str, Endpoint] = {endpoint.name: endpoint for endpoint in ENDPOINTS}
