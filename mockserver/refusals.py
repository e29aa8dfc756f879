"""Refusals made before a body is looked at, in the API's own words (seen in public reports of them)."""

from mockserver.plan import Headers
from mockserver.rules import NOT_JSON, Refusal

_INVALID = "invalid_request_error"


class Refused(Exception):
    """A request that is refused before it is a call, and headers its answer needs.

    `unread` says that the rest of the body is not read, so the connection has to be closed.
    """

    def __init__(self, refusal: Refusal, headers: Headers = (), *, unread: bool = False) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal
        self.headers = headers
        self.unread = unread


class Disconnected(Exception):
    """The client went away before its request was whole."""


def invalid_json() -> Refusal:
    """The body is not JSON, or no object."""
    return Refusal(400, NOT_JSON, _INVALID, None, None)


def invalid_url(method: str, path: str) -> Refusal:
    """There is no such path."""
    return Refusal(404, f"Invalid URL ({method} {path})", _INVALID, None, None)


def not_served(path: str, name: str, instead: str) -> Refusal:
    """The real API has that path, this server has not."""
    message = f"mockserver does not serve {path} ({name}). {instead}"
    return Refusal(404, message, _INVALID, None, "mockserver_not_served")


def method_not_allowed(method: str, path: str) -> Refusal:
    """The path is asked with another method."""
    hint = "(HINT: Perhaps you meant to use a different HTTP method?)"
    return Refusal(405, f"Not allowed to {method} on {path}. {hint}", _INVALID, None, None)


def no_key() -> Refusal:
    """There is no key, or not where keys belong."""
    message = (
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth "
        "(i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing "
        "the API from your browser and are prompted for a username and password. You can obtain an API key from "
        "https://platform.openai.com/account/api-keys."
    )
    return Refusal(401, message, _INVALID, None, None)


def wrong_key(key: str) -> Refusal:
    """The key is none of those accepted."""
    message = (
        f"Incorrect API key provided: {masked(key)}. You can find your API key at "
        "https://platform.openai.com/account/api-keys."
    )
    return Refusal(401, message, _INVALID, None, "invalid_api_key")


def masked(key: str) -> str:
    """A key as the API repeats it: its first eight and last four characters; short ones are repeated whole."""
    return key if len(key) <= 12 else f"{key[:8]}{'*' * min(len(key) - 12, 200)}{key[-4:]}"


def azure_wrong_key() -> Refusal:
    """No key of the resource, in Azure's words."""
    message = (
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an "
        "active subscription and use a correct regional API endpoint for your resource."
    )
    return Refusal(401, message, _INVALID, None, "401")


def azure_not_found() -> Refusal:
    """There is no such path, in Azure's words."""
    return Refusal(404, "Resource not found", _INVALID, None, "404")


def azure_no_deployment() -> Refusal:
    """The path names a model there is not, in Azure's words."""
    message = (
        "The API deployment for this resource does not exist. If you created the deployment within the last 5 "
        "minutes, please wait a moment and try again."
    )
    return Refusal(404, message, _INVALID, None, "DeploymentNotFound")


def body_too_large(limit: int) -> Refusal:
    """The body is larger than the server takes."""
    return Refusal(413, f"Request body too large: at most {limit} bytes are accepted.", _INVALID, None, None)


def unknown_coding(name: str, known: tuple[str, ...]) -> Refusal:
    """The body is compressed in a way this server cannot undo."""
    message = f"Unsupported content-encoding '{name[:80]}'. Supported are: {', '.join(known)}."
    return Refusal(400, message, _INVALID, None, None)


def undecodable(name: str) -> Refusal:
    """The body is not what its content-encoding says."""
    return Refusal(400, f"The request body could not be decoded as '{name}'.", _INVALID, None, None)


def invalid_http(reason: str) -> Refusal:
    """What came is not HTTP."""
    return Refusal(400, f"Bad request: {reason}", _INVALID, None, None)


def fault_impossible(reason: str) -> Refusal:
    """A fault that cannot be had on this answer: it is said, never passed over."""
    message = f"The fault cannot be played: {reason}."
    return Refusal(500, message, "server_error", None, "mockserver_fault_impossible")


def internal_error(error: Exception) -> Refusal:
    """A mistake of this package's own; the traceback is on standard error."""
    message = f"mockserver failed while answering: {type(error).__name__}. This is a bug of mockserver."
    return Refusal(500, message, "server_error", None, "mockserver_failed")
