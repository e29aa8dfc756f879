"""The OpenAPI document of the admin API, made from its operations."""

from functools import cache
from typing import Any

from mockserver import __version__
from mockserver.admin.asked import ALL, Asked, Result
from mockserver.admin.operations import OPERATIONS, Operation, schema_name
from mockserver.admin.schemas import SCHEMAS
from mockserver.language.kinds import Schemas

_WORDS = {
    200: "Done.",
    201: "Added.",
    400: "The request is not as it should be; the message says how it should.",
    401: "The token is missing or wrong.",
    403: "The admin API is closed to this client.",
    404: "There is none of this name.",
    409: "It is of a file, which stays as it is.",
    413: "The body is too large.",
    415: "The body is not sent as application/json.",
    501: "The server has several workers, of which one cannot speak for all.",
}
_DEFS, _COMPONENTS = "#/$defs/", "#/components/schemas/"

_SESSION = [
    {
        "name": "session",
        "in": "query",
        "schema": {"type": "string"},
        "description": "The session; the default one when left out. Beside this, the path `/s/NAME/__admin/...` names "
        f"it. Where requests are listed and counted, `{ALL}` is all sessions.",
    },
    {
        "name": "x-mockserver-session",
        "in": "header",
        "schema": {"type": "string"},
        "description": "The session, where neither path nor query names one.",
    },
]


async def serve(asked: Asked) -> Result:
    """The document."""
    return Result(document())


@cache
def document() -> dict[str, Any]:
    """The document (https://spec.openapis.org/oas/v3.1.0)."""
    paths: dict[str, dict[str, Any]] = {}
    defs: Schemas = {}
    for operation in OPERATIONS:
        paths.setdefault(f"/__admin{operation.path}", {})[operation.method.lower()] = _described(operation, defs)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mockserver admin API",
            "version": __version__,
            "description": "What a test in any language can do to a running server. Bodies are in the language of "
            "the YAML files, as JSON.",
        },
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": {**SCHEMAS, **_moved(dict(sorted(defs.items())))},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "`--admin-token`"}},
        },
    }


def _described(operation: Operation, defs: Schemas) -> dict[str, Any]:
    made: dict[str, Any] = {"operationId": operation.name, "summary": operation.does, "parameters": []}
    if "{name}" in operation.path:
        made["parameters"].append({"name": "name", "in": "path", "required": True, "schema": {"type": "string"}})
    if operation.of_session:
        made["parameters"] += _SESSION
    for query in operation.query:
        parameter = {"name": query.name, "in": "query", "schema": query.schema, "description": query.doc}
        made["parameters"].append(parameter)
    refusals = {400, 401, 403, 501, *operation.refusals}
    if operation.body is not None:
        operation.body.schema(defs)
        body = {"$ref": _COMPONENTS + schema_name(operation.body)}
        made["requestBody"] = {"required": operation.needs_body, "content": _json(body)}
        refusals |= {413, 415}
    answers = {status: _ref(operation.answer) for status in operation.statuses} | {
        status: _ref("Error") for status in sorted(refusals)
    }
    made["responses"] = {
        str(status): {"description": _WORDS[status], "content": _json(schema)} for status, schema in answers.items()
    }
    return made


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": _COMPONENTS + name}


def _moved(value: Any) -> Any:
    """A schema whose references lead to where OpenAPI keeps schemas."""
    if isinstance(value, dict):
        return {key: _moved(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_moved(item) for item in value]
    return value.replace(_DEFS, _COMPONENTS) if isinstance(value, str) and value.startswith(_DEFS) else value
