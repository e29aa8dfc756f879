"""A client of the admin API that holds every answer against the OpenAPI document."""

from typing import Any, NamedTuple

import httpx
from jsonschema import Draft202012Validator
from starlette.routing import Match, Route

import mockserver
from mockserver.admin import create_admin
from mockserver.admin.operations import OPERATIONS, Operation

ROUTES = create_admin(mockserver.asgi()).routes
BY_NAME = {operation.name: operation for operation in OPERATIONS}


def resolve(method: str, path: str) -> tuple[Operation, dict[str, Any]]:
    """The operation that answers a request, and what its route has found in it. Raises LookupError for none."""
    scope = {"type": "http", "method": method, "path": f"/__admin{path}"}
    for route in ROUTES:
        match, found = route.matches(scope)
        if match is Match.FULL:
            assert isinstance(route, Route)
            return BY_NAME[route.name], {**scope, **found}
    raise LookupError(path)


class Answer(NamedTuple):
    """The status of an answer and its JSON."""

    status: int
    json: Any


class Admin:
    """Asks for operations by method and path; `seen` are those that were asked for."""

    def __init__(self, server: Any, token: str | None = None) -> None:
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        self.client = httpx.Client(base_url=server.url, headers=headers, trust_env=False)
        self.document: Any = self.client.get("/__admin/openapi.json").json()
        self.seen: set[str] = set()

    def __call__(
        self, method: str, path: str, json: Any = None, *, session: str | None = None, **options: Any
    ) -> Answer:
        """The answer to a request, which is as the document says."""
        prefix = "" if session is None else f"/s/{session}"
        body = {} if json is None else {"json": json}
        response = self.client.request(method, f"{prefix}/__admin{path}", **body, **options)
        found, _ = resolve(method, path.partition("?")[0])
        self.seen.add(found.name)
        described = self.document["paths"][f"/__admin{found.path}"][method.lower()]
        told = response.json()
        self.hold(described["responses"][str(response.status_code)], told)
        if response.status_code < 300 and json is not None:
            self.hold(described["requestBody"], json)
        return Answer(response.status_code, told)

    def hold(self, described: Any, value: Any) -> None:
        """Raise where a value is not as the document says."""
        schema = described["content"]["application/json"]["schema"]
        Draft202012Validator({**schema, "components": self.document["components"]}).validate(value)
