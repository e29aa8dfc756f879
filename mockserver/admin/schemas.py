"""What the admin API answers, as JSON Schemas by their names."""

from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]

TEXT: Schema = {"type": "string"}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}
COUNT: Schema = {"type": "integer", "minimum": 0}
SECONDS: Schema = {"type": "number"}
TRUTH: Schema = {"type": "boolean"}
ANYTHING: Schema = {}


def _object(doc: str, **properties: Schema) -> Schema:
    """An object with these keys, all of them and no others."""
    return {
        "type": "object",
        "description": doc,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(item: Schema, doc: str = "") -> Schema:
    return {"type": "array", "items": item, **({"description": doc} if doc else {})}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _told(schema: Schema, doc: str) -> Schema:
    return {**schema, "description": doc}


_HEADERS: Schema = {"type": "object", "additionalProperties": TEXT}
_DROPPED = _told(COUNT, "Requests that the journal has forgotten because there were too many.")
_MESSAGE = _told(MAYBE_TEXT, "What is not as expected, for people; null where all is.")
_REQUEST: dict[str, Schema] = {
    "at": _told(SECONDS, "When it came, in seconds on the server's clock, as in `elapsed` of `/clock`."),
    "seconds": _told(SECONDS, "How long the answer took."),
    "session": _told(TEXT, "Whose it is; empty for the default one."),
    "method": TEXT,
    "path": TEXT,
    "query": _told(TEXT, "The query string, its secrets masked."),
    "headers": _told(_HEADERS, "Their names in lower case; secrets masked."),
    "endpoint": _told(MAYBE_TEXT, "`chat`, `completions` or `embeddings`; null for what is no such call."),
    "model": MAYBE_TEXT,
    "json": _told(ANYTHING, "The body; null where it is not JSON."),
    "retry": _told(COUNT, "How many times an SDK has sent it before, as it says itself."),
    "stub": _told(MAYBE_TEXT, "Who answered; null for nobody."),
    "status": COUNT,
    "answer": _object("The answer as planned.", headers=_HEADERS, body=TEXT, stream=TRUTH),
    "planned": _object(
        "When it was to begin, each piece of its body to leave, and the last of it, in seconds after the answer began, "
        "whatever the time scale; and how it was to end, as in `ended`.",
        begins=SECONDS,
        pieces=_list(SECONDS),
        ends=SECONDS,
        ending=TEXT,
    ),
    "sent": _told(COUNT, "Bytes of the answer's body that left."),
    "ended": _told(TEXT, "`complete`, `closed`, `reset`, `hung`, `disconnected` (by the client), or `open` so far."),
    "ended_at": _told(SECONDS, "When, in seconds after the answer began."),
    "tokens": {"type": ["integer", "null"]},
    "warning": _told(MAYBE_TEXT, "What the real API would have refused."),
    "problem": _told(
        {"anyOf": [{"type": "null"}, _object("", code=MAYBE_TEXT, message=TEXT)]},
        "What this server had against it: no stub matched, a template failed, and the like.",
    ),
}

SCHEMAS: dict[str, Schema] = {
    "Error": {
        "type": "object",
        "description": "Why something was not done.",
        "properties": {
            "error": {
                "type": "object",
                "properties": {
                    "message": TEXT,
                    "problems": _list(_ref("Problem"), "Every mistake, where there are mistakes in the body."),
                },
                "required": ["message"],
                "additionalProperties": False,
            }
        },
        "required": ["error"],
        "additionalProperties": False,
    },
    "Problem": _object(
        "One mistake.", path=_told(TEXT, "That of the key, as in `sequence[1].error.name`."), message=TEXT
    ),
    "Health": {
        "type": "object",
        "description": "That the server is up.",
        "properties": {
            "status": {"enum": ["ok", "stale"], "description": "`stale`: an edit of the files has mistakes."},
            "version": TEXT,
            "stubs": COUNT,
            "mistakes": _list(TEXT),
            "workers": {
                "type": "integer",
                "description": "Where there are several, which know only this of each other.",
            },
        },
        "required": ["status", "version", "stubs"],
        "additionalProperties": False,
    },
    "OpenApi": {"type": "object", "required": ["openapi", "info", "paths", "components"]},
    "Condition": _object("What a stub demands, in words.", key=TEXT, expected=TEXT),
    "Difference": _object("What kept a stub from matching, in words.", key=TEXT, expected=TEXT, got=TEXT),
    "Stub": _object(
        "A stub of a session.",
        name=TEXT,
        place=_told(TEXT, "Where it comes from."),
        at_run_time=_told(TRUTH, "Whether it was added while the server runs."),
        hits=_told(COUNT, "How many calls of the session it has answered."),
        priority={"type": "integer"},
        endpoints=_list(TEXT),
        conditions=_list(_ref("Condition")),
        steps=_told(COUNT, "How long its sequence is."),
        scenario=MAYBE_TEXT,
        written=_told(ANYTHING, "The stub as it was added; null for one of a file."),
    ),
    "Stubs": _object("All stubs of a session.", stubs=_list(_ref("Stub"))),
    "Removed": _object("What was removed.", removed=_list(TEXT)),
    "Request": _object("A request that came, and what became of it.", **_REQUEST),
    "Requests": _object(
        "Requests that came.",
        requests=_list(_ref("Request"), "In the order in which they came."),
        count=_told(COUNT, "How many there are, listed or not."),
        dropped=_DROPPED,
    ),
    "Forgotten": _object("What was forgotten.", forgotten=COUNT),
    "Count": _object("How many there are.", count=COUNT, dropped=_DROPPED),
    "Arrived": _object(
        "What came of waiting.",
        arrived=_told(TRUTH, "Whether so many have come in time."),
        requests=_list(_ref("Request")),
        count=COUNT,
        dropped=_DROPPED,
    ),
    "NearMiss": _object(
        "A stub that did not match, and why.", stub=TEXT, place=TEXT, differences=_list(_ref("Difference"))
    ),
    "Unmatched": _object(
        "Requests that no stub answered as it says.",
        requests=_list(_object("", **_REQUEST, near_misses=_list(_ref("NearMiss")))),
        message=_told(MAYBE_TEXT, "All of it in words; null where there are none."),
    ),
    "NearRequest": _object(
        "A request that is none of those expected.", request=_ref("Request"), differences=_list(_ref("Difference"))
    ),
    "Verification": _object(
        "Whether so many came.",
        holds=TRUTH,
        count=COUNT,
        dropped=_DROPPED,
        message=_MESSAGE,
        nearest=_list(_ref("NearRequest"), "Those that came nearest, where too few came."),
    ),
    "Order": _object(
        "Whether they came one after the other.",
        holds=TRUTH,
        found=_told(COUNT, "How many of the steps were found, one after the other."),
        message=_MESSAGE,
    ),
    "Finding": _object(
        "Something that a client did wrong.",
        rule=_told(TEXT, "The name of the rule."),
        doubt=_told(TRUTH, "Whether it may be as it should be."),
        message=TEXT,
        calls=_list(COUNT, "The requests that show it: their numbers in the list of requests, from 1."),
    ),
    "Verdict": _object("What a client did wrong.", findings=_list(_ref("Finding")), message=_MESSAGE),
    "Scenario": _object("The state of a scenario.", name=TEXT, state=TEXT),
    "Scenarios": _object("The states of all.", scenarios=_list(_ref("Scenario"))),
    "Failure": _object(
        "What may go wrong with all calls that it is about.",
        name=TEXT,
        place=TEXT,
        at_run_time=TRUTH,
        conditions=_list(_ref("Condition")),
        on=TRUTH,
    ),
    "Failures": _object("All failures.", failures=_list(_ref("Failure"))),
    "Clock": _object(
        "The server's clock.",
        now=_told(SECONDS, "Seconds since 1970."),
        elapsed=_told(SECONDS, "Seconds since some fixed moment."),
        time_scale=_told(SECONDS, "How long waiting takes: 0.1 is a tenth of what files say."),
    ),
    "Session": _object("A session.", name=TEXT, calls=COUNT, stubs=_told(COUNT, "Those that were added.")),
    "Sessions": _object("All sessions.", sessions=_list(_ref("Session"))),
    "Reset": _object("What has begun anew.", reset=_told(TEXT, "The session's name, or `everything`.")),
}
"""By the names that operations have for them."""
