"""Every refusal, as client libraries raise it: the right class with the right code, parameter and request id."""

import json
from typing import Any, NamedTuple

import pytest

from tests.clients.conftest import Answers, RunOnce, run_against
from tests.clients.node import run_node

KEY = "sk-right"
LARGEST = 20_000
"""Bytes that a body may have."""

CHAT = "/chat/completions"
EMBEDDINGS = "/embeddings"


class Case(NamedTuple):
    """A request that is refused, and what the official SDKs raise; Node's classes have the same names.

    `litellm` is the class that litellm raises with `openai/`, None where litellm cannot make the request; `vllm` and
    `azure` are those with `hosted_vllm/` and `azure/`, where they are others; `in_azure` is what Azure's paths say.
    """

    raises: str
    status: int
    code: str | None
    param: str | None
    message: str
    method: str = "POST"
    path: str = CHAT
    body: Any = None
    key: str | None = KEY
    type: str | None = "invalid_request_error"
    litellm: str | None = None
    vllm: str | None = None
    azure: str | None = None
    in_azure: str | None = None

    def raised_by(self, provider: str) -> str | None:
        """The class that litellm raises with a provider."""
        return {"openai": None, "hosted_vllm": self.vllm, "azure": self.azure}[provider] or self.litellm


def chat(text: str = "hello", **fields: Any) -> dict[str, Any]:
    """The body of a chat request."""
    return {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}], **fields}


def embed(text: Any, **fields: Any) -> dict[str, Any]:
    """The body of an embeddings request."""
    return {"model": "text-embedding-3-small", "input": text, **fields}


def refused(code: str | None, param: str | None, message: str, body: Any, path: str = CHAT, **more: Any) -> Case:
    """A request that is wrong, and that litellm refuses as the SDK does."""
    more.setdefault("litellm", "BadRequestError")
    return Case("BadRequestError", 400, code, param, message, body=body, path=path, **more)


def fault(status: int, raises: str, type: str, code: str | None, message: str, litellm: str, azure: str = "") -> Case:
    """An error that a stub answers."""
    body = chat(f"fault {status} {code}")
    return Case(raises, status, code, None, message, body=body, type=type, litellm=litellm, azure=azure or None)


TOOL = {"type": "function", "function": {"name": "known"}}
ORPHAN = {"role": "tool", "tool_call_id": "call_1", "content": "18 degrees"}

CASES = {
    "missing": refused(
        "missing_required_parameter",
        "messages",
        "Missing required parameter: 'messages'.",
        {"model": "gpt-4o-mini"},
        litellm=None,
    ),
    "wrong type": refused(
        "invalid_type", "temperature", "Invalid type for 'temperature': expected a decimal", chat(temperature="warm")
    ),
    "too large": refused(
        "decimal_above_max_value", "temperature", "Invalid 'temperature': decimal above maximum", chat(temperature=9)
    ),
    "too small": refused("integer_below_min_value", "n", "Invalid 'n': integer below minimum value.", chat(n=0)),
    "too many": refused(
        "array_above_max_length",
        "stop",
        "Invalid 'stop': array too long.",
        chat(stop=["a", "b", "c", "d", "e"]),
        litellm=None,  # it leaves the fifth out itself
    ),
    "too few": refused("empty_array", "messages", "Invalid 'messages': empty array.", {**chat(), "messages": []}),
    "not one of": refused(
        "invalid_value",
        "response_format.type",
        "Invalid value: 'xml'. Supported values are:",
        chat(response_format={"type": "xml"}),
    ),
    "a field without another": refused(
        None,
        "tool_choice",
        "Invalid value for 'tool_choice': 'tool_choice' is only allowed",
        chat(tool_choice=TOOL),
        litellm=None,  # it leaves the choice out itself
    ),
    "a result without a call": refused(
        None,
        "messages.[1].role",
        "Invalid parameter: messages with role 'tool' must be a response to",
        {**chat(), "messages": [*chat()["messages"], ORPHAN]},
    ),
    "an empty input": refused(None, None, "'$.input' is invalid.", embed(""), EMBEDDINGS),
    "too many inputs": refused(
        "array_above_max_length", "input", "Invalid 'input': array too long.", embed(["x"] * 2049), EMBEDDINGS
    ),
    "no dimensions": refused(None, None, "0 is less than the minimum of 1", embed("x", dimensions=0), EMBEDDINGS),
    "a wrong key": Case(
        "AuthenticationError",
        401,
        "invalid_api_key",
        None,
        "Incorrect API key provided: sk-wrong.",
        body=chat(),
        key="sk-wrong",
        litellm="AuthenticationError",
        in_azure="Access denied due to invalid subscription key or wrong API endpoint.",
    ),
    "no key": Case(
        "AuthenticationError",
        401,
        None,
        None,
        "You didn't provide an API key.",
        body=chat(),
        key=None,
        litellm="AuthenticationError",
        in_azure="Access denied due to invalid subscription key or wrong API endpoint.",
    ),
    "an unknown model": Case(
        "NotFoundError",
        404,
        "model_not_found",
        None,
        "The model `nobody` does not exist or you do not have access to it.",
        body={**chat(), "model": "nobody"},
        litellm="NotFoundError",
        in_azure="The API deployment for this resource does not exist.",
    ),
    "an unknown model, retrieved": Case(
        "NotFoundError", 404, "model_not_found", "model", "The model 'nobody' does not exist", "GET", "/models/nobody"
    ),
    "an unknown path": Case(
        "NotFoundError",
        404,
        None,
        None,
        "Invalid URL (POST /",
        path="/nowhere",
        body=chat(),
        litellm="NotFoundError",
        in_azure="",
    ),
    "a path not served": Case(
        "NotFoundError",
        404,
        "mockserver_not_served",
        None,
        "mockserver does not serve /v1/responses",
        path="/responses",
    ),
    "a wrong method": Case(
        "APIStatusError", 405, None, None, "Not allowed to GET on /v1/embeddings.", "GET", EMBEDDINGS
    ),
    "a body too large": Case(
        "APIStatusError",
        413,
        None,
        None,
        "Request body too large",
        body=chat("x" * LARGEST),
        litellm="APIError",
        vllm="BadRequestError",  # it searches the whole body, and finds `invalid_request_error`
    ),
}
"""What the server refuses by itself."""

FAULTS = {
    "context": fault(
        400,
        "BadRequestError",
        "invalid_request_error",
        "context_length_exceeded",
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
        "ContextWindowExceededError",
    ),
    "policy": fault(
        400,
        "BadRequestError",
        "invalid_request_error",
        "invalid_prompt",
        "Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
        "ContentPolicyViolationError",
        "BadRequestError",
    ),
    "country": fault(
        403,
        "PermissionDeniedError",
        "request_forbidden",
        "unsupported_country_region_territory",
        "Country, region, or territory not supported",
        "APIError",
    ),
    "conflict": fault(409, "ConflictError", "conflict", None, "Please try again.", "APIError"),
    "unprocessable": fault(422, "UnprocessableEntityError", "other", None, "Not so.", "BadRequestError"),
    "rate": fault(
        429,
        "RateLimitError",
        "requests",
        "rate_limit_exceeded",
        "Rate limit reached for gpt-4o-mini in organization org-x on requests per min (RPM): Limit 3, Used 3.",
        "RateLimitError",
    ),
    "quota": fault(
        429,
        "RateLimitError",
        "insufficient_quota",
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
        "RateLimitError",
    ),
    "server": fault(
        500,
        "InternalServerError",
        "server_error",
        None,
        "The server had an error while processing your request. Sorry about that!",
        "InternalServerError",
        "APIError",
    ),
    "overloaded": fault(
        503,
        "InternalServerError",
        "service_unavailable_error",
        "server_is_overloaded",
        "Our servers are currently overloaded. Please try again later.",
        "ServiceUnavailableError",
    ),
}
"""What a stub answers in the words of the API."""

ALL = CASES | FAULTS


def stub(case: Case) -> dict[str, Any]:
    """The stub that answers a fault."""
    error = {"message": case.message, "type": case.type, "param": case.param, "code": case.code}
    text = case.body["messages"][0]["content"]
    return {"match": {"user": {"exact": text}}, "response": {"status": case.status, "body": {"error": error}}}


STUBS = json.dumps(
    {
        "models": ["gpt-4o-mini", "text-embedding-3-small"],
        "unknown_models": "refuse",
        "stubs": [stub(case) for case in FAULTS.values()],
    }
)
SERVER: dict[str, Any] = {"api_keys": [KEY], "max_body": LARGEST}


def asked(names: list[str]) -> str:
    """What the scripts take: the requests of these cases, by name."""
    fields = ("method", "path", "body", "key")
    return json.dumps({name: {field: getattr(ALL[name], field) for field in fields} for name in names})


@pytest.fixture(scope="module", params=["openai-3", "openai-1", "node"])
def sdk(request: pytest.FixtureRequest, once: RunOnce) -> Answers:
    """What the official SDK of Python, in two versions, and of Node raised in each case."""
    name: str = request.param
    cases = asked(list(ALL))
    if name == "node":
        return once("errors-node", lambda: run_against(STUBS, name, "errors", cases, run=run_node, **SERVER))
    return once(f"errors-{name}", lambda: run_against(STUBS, name, "openai_errors", cases, **SERVER))


@pytest.mark.parametrize("name", ALL)
def test_the_official_sdks_raise(sdk: Answers, name: str) -> None:
    """The class of the status, with all that body and headers say."""
    case, error = ALL[name], sdk[name]
    assert (error["status"], error["class"]) == (case.status, case.raises)
    assert (error["type"], error["code"], error["param"]) == (case.type, case.code, case.param)
    assert error["message"].startswith(case.message)
    assert error["request_id"].startswith("req_")


FOR_LITELLM = [name for name, case in ALL.items() if case.litellm is not None]
PROVIDERS = ("openai", "hosted_vllm", "azure")
ASKED = [(name, provider) for name in FOR_LITELLM for provider in PROVIDERS]
ASKED.remove(("no key", "hosted_vllm"))  # it always sends one


@pytest.fixture(scope="module")
def litellm(once: RunOnce) -> Answers:
    """What litellm raised in each case, by provider."""
    cases = asked(FOR_LITELLM)
    return once("errors-litellm", lambda: run_against(STUBS, "litellm", "litellm_errors", cases, **SERVER))


@pytest.mark.parametrize(("name", "provider"), ASKED)
def test_litellm_raises(litellm: Answers, name: str, provider: str) -> None:
    """The class it makes of such an error by its words, and the server's message in it."""
    case, error = ALL[name], litellm[provider][name]
    message = case.in_azure if provider == "azure" and case.in_azure is not None else case.message
    assert error["class"] == case.raised_by(provider), error
    assert message in error["message"]
