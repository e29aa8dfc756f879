"""The journal's entries as people and programs read them: nothing is worked out before somebody asks."""

import re
from collections.abc import Mapping
from typing import Any

from mockserver.call import Call
from mockserver.journal import Exchange
from mockserver.rules import Refusal

SECRET_HEADERS = frozenset(
    (
        "authorization",
        "proxy-authorization",
        "api-key",
        "x-api-key",
        "ocp-apim-subscription-key",
        "cookie",
        "set-cookie",
    )
)
_SECRET_QUERY = re.compile(
    r"((?:^|&)(?:api[-_]?key|key|token|access_token|sig|subscription-key)=)([^&]*)", re.IGNORECASE
)
_SESSION_KEY = re.compile(r"(?:Bearer\s+)?mock-session-\S*\Z", re.IGNORECASE)


class RecordedCall:
    """One request that came, and what became of it.

    `stub` is the name of the stub that answered, None where none did; `session` whose call it was. `status` is that of
    the answer. `ended` says how the answer ended: `complete`, `closed`, `reset`, `hung`, `disconnected` where the
    client left first, `open` where it has not ended yet. `at` is when the request came, `seconds` how long the answer
    took, `sent` how many bytes of its body left. `warning` is what the real API would have refused. `problem` is what
    this server had against the request (no stub matched, a template failed, ...), None where nothing.
    """

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.method: str = exchange.method
        self.path: str = exchange.path
        self.session: str = exchange.session
        self.stub: str | None = None if exchange.stub == "-" else exchange.stub
        self.status: int = exchange.plan.status
        self.ended: str = exchange.outcome.ended
        self.at: float = exchange.at
        self.seconds: float = exchange.seconds
        self.sent: int = exchange.outcome.sent
        self.warning: str = exchange.warning
        self.tokens: int | None = exchange.tokens

    @property
    def call(self) -> Call | None:
        """The request as it was read; None where it could not be."""
        return self.exchange.call

    @property
    def endpoint(self) -> str | None:
        """`chat`, `completions` or `embeddings`; None for any other path, and for what could not be read."""
        call = self.exchange.call
        return None if call is None else call.endpoint

    @property
    def model(self) -> str:
        """The model asked for."""
        call = self.exchange.call
        return "" if call is None else call.model

    @property
    def json(self) -> Any:
        """The request's body as sent; None where it is not JSON."""
        call, body = self.exchange.call, self.exchange.body
        if call is not None:
            return call.body
        from mockserver.reading import decode

        try:
            return decode(body.decode())
        except (ValueError, RecursionError, StopIteration):
            return None

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation of a chat request, else nothing."""
        call = self.exchange.call
        return [] if call is None else call.messages

    @property
    def user(self) -> str:
        """What the user said: the last user message, the prompt or the input."""
        call = self.exchange.call
        return "" if call is None else call.user

    @property
    def headers(self) -> dict[str, str]:
        """The request's headers, their names in lower case; of secrets only the ends are shown."""
        return masked({_text(name): _text(value) for name, value in self.exchange.headers.items()})

    @property
    def query(self) -> str:
        """The query string, its secrets masked."""
        return _SECRET_QUERY.sub(lambda found: found[1] + mask(found[2]), _text(self.exchange.query))

    @property
    def retry(self) -> int:
        """How many times an SDK has sent this request before, as it says itself; 0 where nobody says."""
        count = self.exchange.headers.get(b"x-stainless-retry-count", b"0")
        return int(count) if count.isdigit() and len(count) < 10 else 0

    @property
    def answer(self) -> bytes:
        """The body of the answer, as it was planned."""
        return self.exchange.plan.body

    @property
    def planned(self) -> dict[str, Any]:
        """When what of the answer was to leave, whatever the time scale, and how it was to end.

        `begins`, the `pieces` of the body (the events of a stream that takes its time) and `ends` are in seconds after
        the answer began; `ending` is `complete`, `closed`, `reset` or `hung`.
        """
        plan = self.exchange.plan
        dues = [piece.due for piece in plan.pieces]
        return {"begins": plan.began, "pieces": dues, "ends": plan.until, "ending": plan.ending.value}

    @property
    def answer_headers(self) -> dict[str, str]:
        """The headers of the answer."""
        return masked({_text(name): _text(value) for name, value in self.exchange.plan.headers})

    @property
    def problem(self) -> str | None:
        """What this server had against the request."""
        problem = self.exchange.problem
        return None if problem is None else problem.message

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON; `at` is in seconds on the server's clock."""
        exchange = self.exchange
        return {
            "at": exchange.at,
            "seconds": exchange.seconds,
            "session": self.session,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": self.headers,
            "endpoint": self.endpoint,
            "model": self.model or None,
            "json": self.json,
            "retry": self.retry,
            "stub": self.stub,
            "status": self.status,
            "answer": {"headers": self.answer_headers, "body": _text(self.answer), "stream": exchange.plan.events},
            "planned": self.planned,
            "sent": self.sent,
            "ended": self.ended,
            "ended_at": exchange.outcome.at,
            "tokens": self.tokens,
            "warning": self.warning or None,
            "problem": _problem(exchange.problem),
        }

    def __str__(self) -> str:
        return line(self.exchange, self.exchange.at)

    def __repr__(self) -> str:
        return f"<RecordedCall {self}>"


def line(exchange: Exchange, since: float) -> str:
    """An exchange on one line: when, what was asked, what was answered, and what was odd about it."""
    call, plan = exchange.call, exchange.plan
    if call is None:
        asked = f"{exchange.method} {_short(exchange.path)}"
    else:
        asked = f"{call.endpoint} {_short(call.model)} '{_short(call.user)}'{' as a stream' * call.stream}"
    by = "by nobody" if exchange.stub == "-" else _short(exchange.stub)
    odd = [] if exchange.outcome.ended == "complete" else [exchange.outcome.ended]
    if retry := RecordedCall(exchange).retry:
        odd.append(f"retry {retry}")
    if exchange.problem is not None:
        odd.append((exchange.problem.code or "unknown path").removeprefix("mockserver_"))
    if exchange.warning:
        odd.append(f"the real API would refuse: {_short(exchange.warning, 200)}")
    return f"+{exchange.at - since:.3f}s {asked} -> {plan.status} {by}" + "".join(f", {word}" for word in odd)


def masked(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers with the secrets among them masked."""
    return {name: mask(value) if name in SECRET_HEADERS else value for name, value in headers.items()}


def mask(value: str) -> str:
    """A secret of which only the last characters are shown, and of a key that names a session all of it."""
    if _SESSION_KEY.match(value):
        return value
    scheme, space, secret = value.rpartition(" ")
    return f"{scheme}{space}***{secret[-4:] if len(secret) >= 16 else ''}"


def _problem(problem: Refusal | None) -> dict[str, str | None] | None:
    return None if problem is None else {"code": problem.code, "message": problem.message}


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


def _short(text: str, limit: int = 60) -> str:
    short = text if len(text) <= limit else text[: limit - 3] + "..."
    return short if short.isprintable() else short.encode("unicode_escape").decode("ascii")
