"""One request against its endpoint's table, at one of two levels."""

from collections.abc import Iterator
from typing import Any

from mockserver.endpoints import EndpointName
from mockserver.rules.chat import CHAT
from mockserver.rules.completions import COMPLETIONS
from mockserver.rules.embeddings import EMBEDDINGS
from mockserver.rules.families import family_of
from mockserver.rules.refusal import CLEAN, Fault, Outcome, Refusal, hard, refuse
from mockserver.rules.table import Row, Table

MOST_WARNINGS = 10
"""How many warnings one request gets; further ones are left out."""

NOT_JSON = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP "
    "library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you "
    "have trouble figuring out how to fix this, please contact us through our help center at "
    "help.openai.com.)"
)
"""The words for a body that is no JSON object, and for a `model` that is no string (seen in pastes)."""

TABLES: dict[EndpointName, Table] = {table.endpoint: table for table in (CHAT, COMPLETIONS, EMBEDDINGS)}


def check(endpoint: EndpointName, body: dict[str, Any], *, exact: bool = False, model: str | None = None) -> Outcome:
    """What is wrong with a request's body, any JSON object.

    The compatible level refuses what no server of this format takes and warns of what the real API
    would have refused; the exact level refuses both, with the fault the API reports first. `model` is
    the name where the path carries it, and then stands for the body's.
    """
    table = TABLES[endpoint]
    name = body.get("model") if model is None else model
    if type(name) is str and name and table.clean(body, family_of(name)):
        return CLEAN
    if model is not None:
        body = {**body, "model": model}
    return _strictest(_faults(table, body)) if exact else _lenient(_faults(table, body))


def rows() -> Iterator[Row]:
    """All rules as printable lines, endpoint by endpoint."""
    for table in TABLES.values():
        yield Row(table.endpoint, "model", "present, not empty", "compatible", None)
        yield from table.rows()


def _faults(table: Table, body: dict[str, Any]) -> Iterator[Fault]:
    name = body.get("model")
    if name is None or name == "":
        yield hard(refuse("you must provide a model parameter"))
    elif not isinstance(name, str):
        yield hard(refuse(NOT_JSON))
    else:
        yield from table.faults(body, family_of(name))


def _strictest(faults: Iterator[Fault]) -> Outcome:
    return next((Outcome(fault.refusal) for fault in faults), CLEAN)


def _lenient(faults: Iterator[Fault]) -> Outcome:
    warnings: list[Refusal] = []
    for refusal, level in faults:
        if level == "compatible":
            return Outcome(refusal)
        if len(warnings) < MOST_WARNINGS and refusal not in warnings:
            warnings.append(refusal)
    return Outcome(None, tuple(warnings))
