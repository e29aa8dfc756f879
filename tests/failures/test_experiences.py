"""Every error through the client libraries: the class that their documentation promises."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mockserver.failures.presets import BY_NAME, NAMES
from tests.clients.conftest import RunOnce
from tests.failures.experiences import PROVIDERS, SDKS, measured, refreshed

PAGE = Path(__file__).parents[2] / "docs" / "failures.md"

BY_STATUS = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    408: "APIStatusError",
    409: "ConflictError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
}
"""What the official SDK documents for a status; `InternalServerError` from 500 on."""

LITELLM = {
    "context_length_exceeded": "ContextWindowExceededError",
    "content_filter": "ContentPolicyViolationError",
    "missing_api_key": "AuthenticationError",
    "invalid_api_key": "AuthenticationError",
    "mismatched_organization": "AuthenticationError",
    "model_not_found": "NotFoundError",
    "unsupported_parameter": "BadRequestError",
    "unsupported_value": "BadRequestError",
    "rate_limit": "RateLimitError",
    "rate_limit_tokens": "RateLimitError",
    "request_too_large": "RateLimitError",
    "insufficient_quota": "RateLimitError",
    "server_error": "InternalServerError",
    "bad_gateway": "BadGatewayError",
    "bad_gateway_html": "BadGatewayError",
    "overloaded": "ServiceUnavailableError",
    "model_overloaded": "ServiceUnavailableError",
    "slow_down": "ServiceUnavailableError",
    "service_unavailable": "ServiceUnavailableError",
    "gateway_timeout": "Timeout",
    "request_timeout": "Timeout",
}
"""What litellm documents, with `openai/`."""


@pytest.fixture(scope="module")
def results(once: RunOnce) -> Mapping[str, Any]:
    """What the clients raised."""
    return once("errors-by-name", measured)


@pytest.mark.parametrize("name", NAMES)
def test_the_official_sdk_raises_what_it_documents(results: Mapping[str, Any], name: str) -> None:
    """By the status, with code, parameter and type where the body has an envelope; both major versions."""
    preset = BY_NAME[name]
    for sdk in SDKS:
        raised = results[sdk][name]
        assert raised["class"] == BY_STATUS.get(preset.status, "InternalServerError")
        assert raised["status"] == preset.status
        assert raised["request_id"].startswith("req_")
        if preset.body is None and not name.startswith("azure"):
            assert (raised["type"], raised["code"], raised["param"]) == (preset.type, preset.code, preset.param)


@pytest.mark.parametrize("name", LITELLM)
def test_litellm_raises_what_it_documents(results: Mapping[str, Any], name: str) -> None:
    """Its own classes for a context that is too small and for a refused prompt among them."""
    assert results["openai"][name]["class"] == LITELLM[name]


def test_azures_filter_is_one_to_litellm(results: Mapping[str, Any]) -> None:
    """With `azure/`, whose body it knows."""
    assert results["azure"]["azure_content_filter"]["class"] == "ContentPolicyViolationError"
    assert results["azure"]["content_policy_violation"]["class"] == "ContentPolicyViolationError"


@pytest.mark.parametrize("name", NAMES)
def test_litellm_raises_for_every_provider(results: Mapping[str, Any], name: str) -> None:
    """No error passes for an answer."""
    for provider in PROVIDERS:
        assert results[provider][name]["class"] not in ("n", "nothing was raised")


@pytest.mark.parametrize("name", [name for name in NAMES if name != "unprocessable"])
def test_an_error_inside_of_a_stream_is_raised(results: Mapping[str, Any], name: str) -> None:
    """After the chunks that came before it; it has a code and a message, and no status."""
    raised = results["streams"][f"inside {name}"]
    assert (raised["class"], raised["chunks"]) == ("APIError", 2)
    assert "status" not in raised
    assert raised["message"]


def test_the_page_says_what_the_clients_raised(results: Mapping[str, Any]) -> None:
    """`python -m tests.failures.experiences docs/failures.md` would change nothing."""
    page = PAGE.read_text(encoding="utf-8")
    assert refreshed(page, results) == page
