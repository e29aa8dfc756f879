"""The operations of the admin API as a table: from it come the routes, the OpenAPI document and the docs' table."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from mockserver.admin import bodies, calls, failures, stubs
from mockserver.admin.asked import Asked, Result
from mockserver.language.kinds import Kind


class Query(NamedTuple):
    """A parameter of the query."""

    name: str
    schema: Mapping[str, Any]
    doc: str


class Operation(NamedTuple):
    """What can be done: by a method at a path below `/__admin`, with a body of a kind where it takes one.

    `answer` names the schema of the answer's JSON, `statuses` are those of success and `refusals` those of requests
    that are as they should be and still cannot be done. Where `raw`, the handler reads the body itself.
    """

    method: str
    path: str
    name: str
    does: str
    handler: Callable[[Asked], Awaitable[Result]]
    answer: str
    body: Kind[Any] | None = None
    needs_body: bool = False
    raw: bool = False
    query: tuple[Query, ...] = ()
    statuses: tuple[int, ...] = (200,)
    refusals: tuple[int, ...] = ()
    of_session: bool = True

    @property
    def pattern(self) -> str:
        """The path as Starlette has it: a name is all parts to the end, which need not be quoted then."""
        return self.path.replace("{name}", "{name:path}")


LIMIT = Query(
    "limit", {"type": "integer", "minimum": 1, "maximum": calls.MOST}, f"So many at most, the latest; {calls.SHOWN:,}."
)

IGNORE = Query("ignore", {"type": "string"}, "Names of rules, with commas between them, that are not looked at.")


def _openapi(asked: Asked) -> Awaitable[Result]:
    from mockserver.admin.openapi import serve

    return serve(asked)


OPERATIONS = (
    Operation("GET", "/health", "health", "that the server is up, and what it serves; needs no token", stubs.health,
              "Health", of_session=False),
    Operation("GET", "/openapi.json", "openapi", "this API, described (OpenAPI 3.1)", _openapi, "OpenApi",
              of_session=False),
    Operation("GET", "/stubs", "list_stubs", "all stubs in the order in which they are tried, with their hits",
              stubs.listed, "Stubs"),
    Operation("POST", "/stubs", "add_stub", "add a stub, as in YAML, to be tried before the others", stubs.add, "Stub",
              bodies.ADDED_STUB, True, raw=True, statuses=(201,)),
    Operation("DELETE", "/stubs", "clear_stubs", "remove all stubs that were added", stubs.clear, "Removed"),
    Operation("GET", "/stubs/{name}", "get_stub", "one stub", stubs.get, "Stub", refusals=(404,)),
    Operation("PUT", "/stubs/{name}", "replace_stub", "put a stub in the place of that one, or add it", stubs.replace,
              "Stub", bodies.ADDED_STUB, True, raw=True, statuses=(200, 201), refusals=(409,)),
    Operation("DELETE", "/stubs/{name}", "remove_stub", "remove a stub that was added", stubs.remove, "Stub",
              refusals=(404, 409)),
    Operation("GET", "/requests", "list_requests", "the requests that came, with their answers", calls.listed,
              "Requests", query=(LIMIT,)),
    Operation("DELETE", "/requests", "forget_requests", "forget the requests that came, and nothing else",
              calls.forget, "Forgotten"),
    Operation("POST", "/requests/find", "find_requests", "those that a `match` means", calls.listed, "Requests",
              bodies.CALLS, query=(LIMIT,)),
    Operation("POST", "/requests/count", "count_requests", "how many a `match` means", calls.count, "Count",
              bodies.CALLS),
    Operation("POST", "/requests/wait", "wait_for_requests", "wait until so many have come that a `match` means",
              calls.wait, "Arrived", bodies.WAIT, query=(LIMIT,)),
    Operation("GET", "/requests/unmatched", "list_unmatched",
              "those that no stub answered as it says, with the stubs that come nearest", calls.unmatched, "Unmatched"),
    Operation("POST", "/verify", "verify", "whether so many came as expected", calls.verify, "Verification",
              bodies.VERIFY),
    Operation("POST", "/verify/order", "verify_order", "whether they came one after the other", calls.verify_order,
              "Order", bodies.ORDER, True),
    Operation("GET", "/verdict", "verdict", "what the client did wrong, and which requests show it", calls.verdict,
              "Verdict", query=(IGNORE,)),
    Operation("GET", "/scenarios", "list_scenarios", "the state of each scenario", stubs.scenarios, "Scenarios"),
    Operation("DELETE", "/scenarios", "reset_scenarios", "put all back into `Started`", stubs.reset_scenarios,
              "Scenarios"),
    Operation("GET", "/scenarios/{name}", "get_scenario", "the state of one", stubs.scenario, "Scenario",
              refusals=(404,)),
    Operation("PUT", "/scenarios/{name}", "set_scenario", "put one into a state", stubs.set_scenario, "Scenario",
              bodies.STATE, True),
    Operation("GET", "/failures", "list_failures", "the failures of all calls, and which are on", failures.listed,
              "Failures"),
    Operation("POST", "/failures", "add_failure", "add one, as in `failures` in YAML; it happens from now on",
              failures.add, "Failure", bodies.ADDED_FAILURE, True, statuses=(201,)),
    Operation("PUT", "/failures/{name}", "switch_failure", "switch one on or off, be it of a file or added",
              failures.switch, "Failure", bodies.SWITCH, True, refusals=(404,)),
    Operation("DELETE", "/failures/{name}", "remove_failure", "remove one that was added", failures.remove, "Failure",
              refusals=(404, 409)),
    Operation("GET", "/clock", "get_clock", "what time it is on the server's clock", failures.clock, "Clock",
              of_session=False),
    Operation("PUT", "/clock", "set_clock", "let it run at another pace, or move it forward", failures.set_clock,
              "Clock", bodies.CLOCK, True, of_session=False),
    Operation("GET", "/sessions", "list_sessions", "the sessions of which anything is remembered", stubs.sessions,
              "Sessions", of_session=False),
    Operation("DELETE", "/sessions/{name}", "end_session", "forget everything of one", stubs.end_session, "Session",
              refusals=(404,), of_session=False),
    Operation("POST", "/reset", "reset",
              "forget all requests, states and added stubs: of the session where one is named, else of all",
              stubs.reset, "Reset"),
)  # fmt: skip
"""In the order of the docs; of paths that fit, the first is meant."""


def table() -> str:
    """The operations as a Markdown table."""
    head = "| request | what it does | body | status |\n|---|---|---|---|\n"
    return head + "".join(map(_row, OPERATIONS))


def _row(operation: Operation) -> str:
    body = "" if operation.body is None else _linked(schema_name(operation.body))
    statuses = ", ".join(map(str, (*operation.statuses, *operation.refusals)))
    return f"| `{operation.method} /__admin{operation.path}` | {operation.does} | {body} | {statuses} |\n"


def _linked(body: str) -> str:
    """A body's name, with a link to where it is described."""
    elsewhere = {"stub": "language.md#stubs", "failure": "language.md#failures"}
    return f"[{body}]({elsewhere.get(body, f'#{body}')})"


def schema_name(kind: Kind[Any]) -> str:
    """How the OpenAPI document calls the schema of a body."""
    return str(kind.schema({})["$ref"].rpartition("/")[2])
