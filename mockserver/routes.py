"""The paths of the API as a table, and the look-up in it.

A path is found below any base a client may have been given (`/v1`, none, `/openai/v1`, each also below
`/s/NAME`), with a slash too many or too few. Azure's paths carry the model, so do those of the old engines.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from mockserver.endpoints import BY_NAME, Endpoint
from mockserver.session import split_path
from mockserver.values import remembered

if TYPE_CHECKING:
    from mockserver.engine import Answer, Engine

BASES = ("", "/v1", "/openai/v1")
"""Below these, clients ask for the API's own paths."""
AZURE_BASES = ("/openai", "/v1/openai")
"""Below these, clients ask for Azure's paths (the second: litellm with a base URL that ends in `/v1`)."""

MAX_KEPT = 512
"""How many of the less usual paths are remembered."""


class Asked(NamedTuple):
    """A request to a path that no stub answers.

    `params` are the parts of the path the template names, unquoted; `query` is as sent; header names are
    lower case; the body is whole and decoded.
    """

    method: str
    path: str
    params: Mapping[str, str]
    query: bytes
    headers: Mapping[bytes, bytes]
    body: bytes
    session: str


Handler = Callable[["Engine", Asked], "Answer"]
"""Answers a request to a path that no stub answers. May raise Refused."""


class Route(NamedTuple):
    """A row of the table: methods, path below a base, who answers, and what.

    In the path `{name}` is one part, `{name*}` all that is left. `handler` is an endpoint's name, or
    `module:function` of a Handler, imported when first asked. HEAD comes with GET.
    """

    methods: tuple[str, ...]
    path: str
    handler: str
    answers: str
    azure: bool = False

    @property
    def endpoint(self) -> Endpoint | None:
        """The endpoint whose stubs answer, if any do."""
        return BY_NAME.get(self.handler)

    @property
    def bases(self) -> tuple[str, ...]:
        """What may stand before the path."""
        return AZURE_BASES if self.azure else BASES


ROUTES = (
    Route(("POST",), "/chat/completions", "chat", "a chat completion, or a stream of one"),
    Route(("GET",), "/chat/completions", "mockserver.archive:list_completions", "the stored chat completions"),
    Route(("GET",), "/chat/completions/{id}", "mockserver.archive:retrieve_completion", "a stored chat completion"),
    Route(("POST",), "/chat/completions/{id}", "mockserver.archive:update_completion", "one with new metadata"),
    Route(("DELETE",), "/chat/completions/{id}", "mockserver.archive:delete_completion", "that one is deleted"),
    Route(("GET",), "/chat/completions/{id}/messages", "mockserver.archive:list_messages", "what one answers"),
    Route(("POST",), "/completions", "completions", "a legacy completion, or a stream of one"),
    Route(("POST",), "/embeddings", "embeddings", "a list of embeddings"),
    Route(("GET",), "/models", "mockserver.handlers:list_models", "the list of models"),
    Route(("GET",), "/models/{model*}", "mockserver.handlers:retrieve_model", "one model"),
    Route(("DELETE",), "/models/{model*}", "mockserver.handlers:delete_model", "that a fine-tuned model is deleted"),
    Route(("GET",), "/engines", "mockserver.handlers:list_engines", "the list of models, in the words of 2020"),
    Route(("POST",), "/engines/{model}/chat/completions", "chat", "as /chat/completions"),
    Route(("POST",), "/engines/{model}/completions", "completions", "as /completions"),
    Route(("POST",), "/engines/{model}/embeddings", "embeddings", "as /embeddings"),
    Route(("POST",), "/deployments/{model}/chat/completions", "chat", "as /chat/completions", azure=True),
    Route(("POST",), "/deployments/{model}/completions", "completions", "as /completions", azure=True),
    Route(("POST",), "/deployments/{model}/embeddings", "embeddings", "as /embeddings", azure=True),
    Route(("GET",), "/models", "mockserver.handlers:list_models", "the list of models", azure=True),
    Route(("GET",), "/models/{model*}", "mockserver.handlers:retrieve_model", "one model", azure=True),
)


class Unserved(NamedTuple):
    """A part of the API that is not served: how its paths begin, its name, and what to do instead."""

    path: str
    name: str
    instead: str = "Of the API it serves chat completions, completions, embeddings and models."


_USE_CHAT = (
    "To make the client use chat completions: `client.chat.completions.create` in the official SDKs, "
    '`ChatOpenAI(use_responses_api=False)` in LangChain, `set_default_openai_api("chat_completions")` in '
    'openai-agents, `OpenAIChatModel` in pydantic-ai, `openai.chat("MODEL")` in the AI SDK.'
)

UNSERVED = (
    Unserved("/responses", "the Responses API", _USE_CHAT),
    Unserved("/conversations", "the Conversations API", _USE_CHAT),
    Unserved("/assistants", "the Assistants API", _USE_CHAT),
    Unserved("/threads", "the Assistants API", _USE_CHAT),
    Unserved("/realtime", "the Realtime API", _USE_CHAT),
    Unserved("/chatkit", "ChatKit", _USE_CHAT),
    Unserved("/images", "images"),
    Unserved("/videos", "videos"),
    Unserved("/audio", "speech and transcriptions"),
    Unserved("/moderations", "moderations"),
    Unserved("/edits", "edits"),
    Unserved("/files", "files"),
    Unserved("/uploads", "uploads"),
    Unserved("/batches", "batches"),
    Unserved("/fine_tuning", "fine-tuning"),
    Unserved("/fine-tunes", "fine-tuning"),
    Unserved("/vector_stores", "vector stores"),
    Unserved("/containers", "containers"),
    Unserved("/evals", "evals"),
    Unserved("/graders", "graders"),
    Unserved("/skills", "skills"),
    Unserved("/organization", "the administration API"),
    Unserved("/projects", "the administration API"),
)
"""Paths of the real API that are not served; all paths below them too."""


class Target(NamedTuple):
    """What a path leads to: the rows by method, none for a path that is none.

    `session` is the one the path names; `path` is what the client meant, without the session; `params`
    are parts of the path; `unserved` says why there is nothing at a known path.
    """

    session: str
    path: str
    routes: Mapping[str, Route]
    params: Mapping[str, str]
    azure: bool
    unserved: Unserved | None = None

    @property
    def allow(self) -> tuple[str, ...]:
        """The methods that may be used, in the table's order."""
        return (*self.routes, "OPTIONS")


def _by_method(rows: Iterable[Route]) -> dict[str, Route]:
    """The rows by method; the first row of a method wins, and HEAD comes with GET."""
    found: dict[str, Route] = {}
    for row in rows:
        for method in row.methods:
            found.setdefault(method, row)
            if method == "GET":
                found.setdefault("HEAD", row)
    return found


def _literal() -> dict[str, Target]:
    """What each path without parameters leads to, below every base, with and without a slash at its end."""
    rows: dict[str, list[Route]] = {}
    for row in ROUTES:
        if "{" not in row.path:
            for base in row.bases:
                rows.setdefault(base + row.path, []).append(row)
    found = {}
    for path, those in rows.items():
        azure = path.startswith(AZURE_BASES) and those[0].azure
        target = Target("", path, _by_method(those), {}, azure)
        found[path] = found[path + "/"] = target
    return found


LITERAL = _literal()
"""The usual paths: one look-up and no more."""

_SERVICE = {base + row.path: row for row in UNSERVED for base in (*BASES, "/openai")}


@remembered(MAX_KEPT, 1_000)
def resolve(raw_path: str) -> Target:
    """What a path as sent leads to: escapes are undone part by part, so a model's name may contain `%2F`."""
    session, rest = split_path(raw_path)
    parts = [part for part in rest.split("/") if part]
    path = "/" + "/".join(map(unquote, parts))
    target = LITERAL.get(path) or _templated(parts) or _nowhere(path)
    shown = path if target.routes else unquote(rest)
    return target._replace(session=unquote(session), path=shown)


def _templated(parts: list[str]) -> Target | None:
    """What a path with parameters leads to."""
    rows: list[Route] = []
    params: dict[str, str] = {}
    for row in ROUTES:
        for base in row.bases if "{" in row.path else ():
            values = _matched((base + row.path).split("/")[1:], parts)
            if values is not None and (not rows or row.path == rows[0].path):
                rows.append(row)
                params = values
    return Target("", "", _by_method(rows), params, rows[0].azure) if rows else None


def _matched(template: list[str], parts: list[str]) -> dict[str, str] | None:
    """The values a template's names have in a path; None where the path is another one."""
    values: dict[str, str] = {}
    if template[-1].endswith("*}") and len(parts) >= len(template):
        kept = len(template) - 1
        parts = [*parts[:kept], "/".join(parts[kept:])]
    if len(parts) != len(template):
        return None
    for expected, part in zip(template, parts, strict=True):
        if expected.startswith("{"):
            values[expected.strip("{*}")] = unquote(part)
        elif expected != part:
            return None
    return values


def _nowhere(path: str) -> Target:
    """A path that is none, or one that is known and not served."""
    azure = path.startswith(AZURE_BASES) and not path.startswith("/openai/v1")
    above = path
    while above and above not in _SERVICE:
        above = above.rpartition("/")[0]
    return Target("", path, {}, {}, azure, _SERVICE.get(above))


@lru_cache(maxsize=64)
def handler(name: str) -> Handler:
    """The handler a row names as `module:function`."""
    module, _, function = name.partition(":")
    found: Handler = getattr(import_module(module), function)
    return found
