"""Errors by name: what the real API sends on a bad day, to the field.

Evidence is told line by line: "recorded" was seen in a recording or in an error that a user pasted into a public
issue; "measured" was seen in a third party's measurements of the API; "believed" is what no source was found for.
In messages and bodies, `{model}` is the model asked for, `{key}` the key as the API repeats it, `{retry_after}` the
wait as Go writes it (`1.5s`) and `{seconds}` the same in whole seconds.
"""

import json
from typing import NamedTuple

from mockserver.plan import Headers
from mockserver.refusals import azure_no_deployment, azure_wrong_key, no_key

INVALID = "invalid_request_error"

_HTML_TYPE = (b"content-type", b"text/html; charset=UTF-8")
_CLOUDFLARE: Headers = (
    _HTML_TYPE,
    (b"server", b"cloudflare"),
    (b"cf-ray", b"96ec92b78fe0e4fe-JHB"),
    (b"cache-control", b"private, no-store"),
)
_AZURE: Headers = (
    (b"content-type", b"application/json"),
    (b"x-ms-region", b"East US 2"),
    (b"apim-request-id", b"3f1c5b0e-6d0a-4c55-9d8b-6f1d1d0f7a11"),
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains; preload"),
)


class Preset(NamedTuple):
    """An error of the API.

    `message`, `type`, `param` and `code` fill the API's envelope, unless `body` is sent in its place. `headers`
    stand in the place of those that the status has; `retry_after` is in seconds.
    """

    name: str
    status: int
    about: str
    evidence: str
    message: str = ""
    type: str = INVALID
    code: str | None = None
    param: str | None = None
    retry_after: float | None = None
    headers: Headers | None = None
    body: str | None = None


def _page(status: int, title: str, said: str) -> str:
    """A page as proxies send it, without its looks."""
    return (
        "<!DOCTYPE html>\n<html>\n"
        f"<head><title>api.openai.com | {status}: {title}</title></head>\n"
        f"<body>\n<h1>{title} <span>Error code {status}</span></h1>\n<p>{said}</p>\n<hr><center>cloudflare</center>\n"
        "</body>\n</html>\n"
    )


def _cloudflare(status: int, message: str, type: str) -> str:
    """An error of the proxy in front of the API, whose code is a number and whose keys are sorted (recorded)."""
    return json.dumps({"error": {"code": status, "message": message, "param": None, "type": type}})


def _filtered(**filtered: bool) -> str:
    """The body of a prompt that Azure's filter has refused (recorded)."""
    harms: dict[str, object] = {
        name: {"filtered": filtered.get(name, False), "severity": "high" if filtered.get(name) else "safe"}
        for name in ("hate", "self_harm", "sexual", "violence")
    }
    harms["jailbreak"] = {"detected": False, "filtered": False}
    error = {
        "message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. "
        "Please modify your prompt and retry. To learn more about our content filtering policies please read our "
        "documentation: https://go.microsoft.com/fwlink/?linkid=2198766",
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": harms},
    }
    return json.dumps({"error": error})


_VISIT = "Visit https://platform.openai.com/account/rate-limits to learn more."

PRESETS = (
    Preset("missing_api_key", 401, "no API key, or not where keys belong", "recorded", no_key().message),
    Preset(
        "invalid_api_key",
        401,
        "an API key that is none",
        "recorded",
        "Incorrect API key provided: {key}. You can find your API key at https://platform.openai.com/account/api-keys.",
        code="invalid_api_key",
    ),
    Preset(
        "mismatched_organization",
        401,
        "the organization in the headers is not the key's",
        "believed",
        "OpenAI-Organization header should match organization for API key",
        code="mismatched_organization",
    ),
    Preset(
        "permission_denied",
        403,
        "the project may not use the model",
        "recorded",
        "Project `proj_mockserver` does not have access to model `{model}`",
        code="model_not_found",
    ),
    Preset(
        "unsupported_region",
        403,
        "asked from a country that is not served",
        "recorded",
        "Country, region, or territory not supported",
        "request_forbidden",
        "unsupported_country_region_territory",
    ),
    Preset(
        "model_not_found",
        404,
        "a model that is not there, or no more",
        "recorded",
        "The model `{model}` does not exist or you do not have access to it.",
        code="model_not_found",
    ),
    Preset(
        "unsupported_parameter",
        400,
        "a parameter that the model does not take",
        "recorded",
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        code="unsupported_parameter",
        param="max_tokens",
    ),
    Preset(
        "unsupported_value",
        400,
        "a value that the model does not take",
        "recorded",
        "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.",
        code="unsupported_value",
        param="temperature",
    ),
    Preset(
        "context_length_exceeded",
        400,
        "more tokens than the model's context holds",
        "recorded",
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 160008 tokens. "
        "Please reduce the length of the messages.",
        code="context_length_exceeded",
        param="messages",
    ),
    Preset(
        "content_filter",
        400,
        "a prompt flagged against the usage policy",
        "recorded",
        "Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please try again with a "
        "different prompt: https://platform.openai.com/docs/guides/reasoning#advice-on-prompting",
        code="invalid_prompt",
    ),
    Preset(
        "content_policy_violation",
        400,
        "the safety system has refused the request",
        "recorded, of another endpoint",
        "Your request was rejected as a result of our safety system. Your prompt may contain text that is not allowed "
        "by our safety system.",
        code="content_policy_violation",
    ),
    Preset(
        "azure_content_filter",
        400,
        "Azure's filter has refused the prompt",
        "recorded",
        headers=_AZURE,
        body=_filtered(violence=True),
    ),
    Preset(
        "billing_hard_limit",
        400,
        "the account's own spending limit is reached",
        "message recorded, type believed",
        "Billing hard limit has been reached",
        "billing_limit_user_error",
        "billing_hard_limit_reached",
    ),
    Preset(
        "rate_limit",
        429,
        "too many requests in a minute",
        "recorded",
        "Rate limit reached for {model} in organization org-mockserver on requests per min (RPM): Limit 10000, Used "
        "10000, Requested 1. Please try again in {retry_after}. " + _VISIT,
        "requests",
        "rate_limit_exceeded",
        retry_after=0.006,
    ),
    Preset(
        "rate_limit_tokens",
        429,
        "too many tokens in a minute",
        "recorded",
        "Rate limit reached for {model} in organization org-mockserver on tokens per min (TPM): Limit 2000000, Used "
        "1999500, Requested 1000. Please try again in {retry_after}. " + _VISIT,
        "tokens",
        "rate_limit_exceeded",
        retry_after=0.015,
    ),
    Preset(
        "request_too_large",
        429,
        "one request of more tokens than a minute has",
        "recorded",
        "Request too large for {model} in organization org-mockserver on tokens per min (TPM): Limit 2000000, "
        "Requested 2000062. The input or output tokens must be reduced in order to run successfully. " + _VISIT,
        "tokens",
        "rate_limit_exceeded",
    ),
    Preset(
        "insufficient_quota",
        429,
        "the account has no money left",
        "recorded",
        "You exceeded your current quota, please check your plan and billing details. For more information on this "
        "error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.",
        "insufficient_quota",
        "insufficient_quota",
    ),
    Preset(
        "server_error",
        500,
        "the API has failed",
        "recorded",
        "The server had an error while processing your request. Sorry about that!",
        "server_error",
    ),
    Preset(
        "bad_gateway",
        502,
        "the proxy got no answer from the API, in JSON",
        "recorded",
        "Bad gateway.",
        "cf_bad_gateway",
        "502",
        body=_cloudflare(502, "Bad gateway.", "cf_bad_gateway"),
    ),
    Preset(
        "bad_gateway_html",
        502,
        "the proxy got no answer from the API, as a web page",
        "recorded, shortened",
        "Bad gateway",
        "server_error",
        headers=_CLOUDFLARE,
        body=_page(502, "Bad gateway", "The web server reported a bad gateway error."),
    ),
    Preset(
        "overloaded",
        503,
        "the API has too much to do",
        "recorded",
        "Our servers are currently overloaded. Please try again later.",
        "service_unavailable_error",
        "server_is_overloaded",
    ),
    Preset(
        "model_overloaded",
        503,
        "the model has too much to do, in the words of 2023",
        "recorded",
        "That model is currently overloaded with other requests. You can retry your request, or contact us through "
        "our help center at help.openai.com if the error persists.",
        "server_error",
    ),
    Preset("slow_down", 503, "traffic grew too fast", "believed", "Slow Down", "server_error", "slow_down"),
    Preset(
        "service_unavailable",
        503,
        "the proxy says that the API is not there",
        "recorded",
        "Service Unavailable.",
        "cf_service_unavailable",
        "503",
        body=_cloudflare(503, "Service Unavailable.", "cf_service_unavailable"),
    ),
    Preset(
        "gateway_timeout",
        504,
        "the proxy has waited too long, and says so in a web page",
        "recorded, shortened",
        "Gateway time-out",
        "server_error",
        headers=_CLOUDFLARE,
        body=_page(504, "Gateway time-out", "The web server reported a gateway time-out error."),
    ),
    Preset(
        "cloudflare_timeout",
        524,
        "the proxy has waited too long, in JSON",
        "recorded",
        "Gateway timeout.",
        "cf_gateway_timeout",
        "524",
        body=_cloudflare(524, "Gateway timeout.", "cf_gateway_timeout"),
    ),
    Preset("request_timeout", 408, "the request took too long", "believed", "Request timed out.", "timeout"),
    Preset(
        "conflict",
        409,
        "another request changes the same",
        "believed",
        "Another request is changing the same resource. Please try again.",
        "conflict_error",
    ),
    Preset(
        "unprocessable",
        422,
        "a compatible server (FastAPI) does not like the body",
        "as FastAPI writes it",
        headers=((b"content-type", b"application/json"),),
        body='{"detail":[{"type":"missing","loc":["body","messages"],"msg":"Field required","input":{}}]}',
    ),
    Preset(
        "azure_invalid_api_key",
        401,
        "Azure: no key of the resource",
        "recorded",
        azure_wrong_key().message,
        code="401",
        headers=_AZURE,
    ),
    Preset(
        "azure_deployment_not_found",
        404,
        "Azure: no such deployment",
        "recorded",
        azure_no_deployment().message,
        code="DeploymentNotFound",
        headers=_AZURE,
    ),
    Preset(
        "azure_rate_limit",
        429,
        "Azure: too many requests",
        "recorded",
        retry_after=1.0,
        headers=_AZURE,
        body=json.dumps(
            {
                "error": {
                    "code": "429",
                    "message": "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version "
                    "2024-10-21 have exceeded call rate limit of your current OpenAI S0 pricing tier. Please retry "
                    "after {seconds} seconds. Please go here: https://aka.ms/oai/quotaincrease if you would like to "
                    "further increase the default rate limit.",
                }
            }
        ),
    ),
)
"""All errors that have a name."""

BY_NAME = {preset.name: preset for preset in PRESETS}
NAMES = tuple(BY_NAME)
