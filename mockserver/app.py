"""The HTTP edge: reads requests, asks the engine, and has its plans delivered."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

from mockserver import session
from mockserver.call import Call
from mockserver.clock import Clock
from mockserver.delivery import NoConnection, deliver, deliver_at_once
from mockserver.edge import ANY, Edge
from mockserver.endpoints import BY_NAME, Endpoint
from mockserver.engine import NO_RETRY, Answer, Engine
from mockserver.errors import RegexTimeout
from mockserver.failures.asked import ERROR_HEADER, FAULT_HEADER, in_headers
from mockserver.failures.trouble import CALM, Trouble
from mockserver.journal import UNDER_WAY, Exchange, Journal, Outcome
from mockserver.limiting.quotas import CROWDED, lanes
from mockserver.limiting.turns import Lane, Turns
from mockserver.log import RequestLog
from mockserver.plan import Headers, Piece, Plan
from mockserver.planning import fixed
from mockserver.reading import check_length, read_call, rest_of_body
from mockserver.refusals import (
    Disconnected,
    Refused,
    azure_no_deployment,
    azure_not_found,
    fault_impossible,
    internal_error,
    invalid_json,
    invalid_url,
    method_not_allowed,
    not_served,
)
from mockserver.repeated import LONGEST, Repeated
from mockserver.routes import LITERAL, Asked, Target, handler, resolve
from mockserver.rules import Refusal
from mockserver.tokens import exact
from mockserver.values import maker
from mockserver.wire.headers import printable

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from mockserver.access import Keys
    from mockserver.testing.control import Control

ADMIN = "/__admin"
LINGER = 1.0
"""Seconds for which a body that is too large is still taken, so that its sender gets to read why."""

PREFLIGHT_AGE = b"600"
"""Seconds for which a browser may remember what it is allowed."""

GONE = Answer(fixed(499, (), b""), "-")
"""What log and journal say of a request that never became whole; nobody is there to be told."""

NO_CONNECTION = (
    "this answer breaks its connection or HTTP itself, and a request that comes in-process, over ASGI, has no "
    "connection. Ask a server on a socket, such as MockServer"
)

_errors = logging.getLogger("mockserver")
_exchange = maker(Exchange)


class Api:
    """Answers every request to the API, known path or not."""

    def __init__(
        self, engine: Engine, journal: Journal, clock: Clock, log: RequestLog | None, edge: Edge = ANY
    ) -> None:
        self.engine = engine
        self.journal = journal
        self._clock = clock
        self._log = log
        self._exact = edge.exact
        self._max_body = edge.max_body
        self._digits = len(str(edge.max_body))
        self.edge = edge
        self._compress = edge.compress
        self._may_ask = edge.request_failures
        self._keys = _keys(edge.api_keys)
        self.default_session = ""
        """Whose a request is that names no session."""
        self._repeated = Repeated()
        self._turns = Turns()

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a request."""
        began = self._clock.elapsed()
        self.journal.arrived += 1
        method: str = scope["method"]
        full_path: str = scope["path"]
        target = LITERAL.get(full_path) or _resolve(scope)
        route = target.routes.get(method)
        endpoint = BY_NAME.get(route.handler) if route is not None else None
        headers: Headers = scope["headers"]
        given = dict(headers)
        call: Call | None = None
        warnings: tuple[Refusal, ...] = ()
        body = b""
        held: list[Lane] | None = _NO_LANES
        try:
            if endpoint is None:
                answer = await self._other(method, target, given, scope, receive)
                if (asked := self._asked(given)) is not CALM:
                    answer = self.engine.disturb(answer, asked, given)
            else:
                if self._keys is not None or target.azure:
                    self._admit(target, given, scope)
                if len(given.get(b"content-length", b"")) >= self._digits:
                    check_length(given, self._max_body)
                message = await receive()
                body = message.get("body", b"")
                if message.get("more_body") or not 0 < len(body) <= self._max_body or b"content-encoding" in given:
                    body = await self._body(message, given, receive)
                call, warnings = self._read(endpoint, body, target, given)
                if self.engine.fixtures.limits:
                    held = await self._turn(call)
                if held is None:
                    answer = self.engine.turned_away(call, CROWDED)
                else:
                    answer = self.engine.answer(call, self._asked(given))
        except Refused as refused:
            answer = self._refuse(refused, target)
            send = _lingering(receive, send) if refused.unread and b"expect" not in given else send
        except Disconnected:
            answer, given = GONE, {}
        except RegexTimeout as timeout:
            answer = self.engine.gave_up(timeout)
        except RecursionError:  # what was read is nested so deeply that something behind the reader gave up
            answer = self.engine.refuse(invalid_json())
        except Exception as error:
            _errors.exception("%s %s failed", method, full_path)
            answer = self.engine.refuse(internal_error(error))
        plan, stub, tokens, problem, _ = answer
        warning = ""
        if warnings or self._compress or b"origin" in given:
            warning = "; ".join(refusal.message for refusal in warnings)
            plan = self._around(plan, given, warning)
        outcome = deliver_at_once(plan, scope)
        exchange = _exchange(
            (
                began,
                method,
                full_path,
                call,
                stub,
                plan,
                UNDER_WAY if outcome is None else outcome,
                tokens,
                self._clock.elapsed() - began,
                len(body) if outcome is None else len(body) + outcome.sent,
                warning,
                given[_CLIENT_ID].decode("latin-1") if _CLIENT_ID in given else "",
                call.session if call is not None else self._session(target, given),
                given,
                scope.get("query_string", b""),
                b"" if call is not None else body,
                scope.get("client"),
                problem,
            )
        )
        try:
            if outcome is None:
                exchange = await self._deliver(exchange, scope, receive, send)
            else:
                self.journal.add(exchange)
        finally:
            if held:
                self._leave(held)
        if self._log is not None:
            self._log.add(exchange)

    async def _turn(self, call: Call) -> list[Lane] | None:
        """Wait for a call's turn: the lanes that it then holds, None where one has no room."""
        held: list[Lane] = []
        try:
            for lane in lanes(self.engine.fixtures.limits, call):
                if not await self._turns.take(lane):
                    break
                held.append(lane)
            else:
                return held
        except asyncio.CancelledError:
            self._leave(held)
            raise
        self._leave(held)
        return None

    def _leave(self, held: Iterable[Lane]) -> None:
        for lane in held:
            self._turns.leave(lane)

    @property
    def clock(self) -> Clock:
        """The clock that it goes by."""
        return self._clock

    def use_clock(self, clock: Clock) -> None:
        """Go by another clock, which goes on from what the one before says."""
        self._clock = clock
        self.engine.use_clock(clock)

    async def _deliver(self, exchange: Exchange, scope: "Scope", receive: "Receive", send: "Send") -> Exchange:
        """Play the plan of an exchange, or, where that cannot be done, one that says so; the journal has it meanwhile.

        Gives the exchange with its end.
        """
        number = self.journal.begin(exchange)
        self.engine.in_flight += 1
        ended: Exchange | None = None
        try:
            if exchange.plan is GONE.plan:
                outcome = Outcome(0, "disconnected")
            else:
                try:
                    outcome = await deliver(exchange.plan, scope, receive, send, self._clock)
                except NoConnection:
                    plan, _, _, problem, _ = self.engine.refuse(fault_impossible(NO_CONNECTION), extra=NO_RETRY)
                    exchange = exchange._replace(plan=plan, problem=problem)
                    outcome = await deliver(plan, scope, receive, send, self._clock)
            seconds = self._clock.elapsed() - exchange.at
            ended = exchange._replace(outcome=outcome, seconds=seconds, size=exchange.size + outcome.sent)
        finally:
            self.engine.in_flight -= 1
            self.journal.end(number, ended)
        return ended

    def _read(
        self, endpoint: Endpoint, body: bytes, target: Target, headers: Mapping[bytes, bytes]
    ) -> tuple[Call, tuple[Refusal, ...]]:
        """The call a body makes, and what the real API would have refused in it. Raises Refused."""
        named = self._session(target, headers)
        model = target.params.get("model")
        catalogue = self.engine.fixtures.catalogue
        if len(body) > LONGEST:
            return read_call(endpoint, body, catalogue, named, headers, model, self._exact)
        key = (endpoint.name, body, model, catalogue, exact())
        found = self._repeated.find(key)
        if found is not None:
            first, warnings = found
            return first.again(named, headers), warnings
        made = read_call(endpoint, body, catalogue, named, headers, model, self._exact)
        self._repeated.note(key, made)
        return made

    def _session(self, target: Target, headers: Mapping[bytes, bytes]) -> str:
        """Whose a request is."""
        return target.session or session.named_by(headers) or self.default_session

    async def _body(self, message: "Message", headers: Mapping[bytes, bytes], receive: "Receive") -> bytes:
        """A request's whole body, inflated, of which `message` is the first part. Raises Refused, or Disconnected."""
        body = await rest_of_body(message, receive, self._max_body)
        if b"content-encoding" in headers:
            from mockserver.coding import decoded

            body = decoded(body, headers[b"content-encoding"], self._max_body)
        return body

    def _asked(self, headers: Mapping[bytes, bytes]) -> Trouble:
        """What goes wrong with a request because it asks for it."""
        if (ERROR_HEADER in headers or FAULT_HEADER in headers) and self._may_ask:
            return in_headers(headers)
        return CALM

    def _admit(self, target: Target, headers: Mapping[bytes, bytes], scope: "Scope") -> None:
        """Let a request to a known path in. Raises Refused."""
        if self._keys is not None:
            self._keys.admit(headers, azure=target.azure)
        if target.azure and self._exact and b"api-version=" not in scope.get("query_string", b""):
            raise Refused(azure_not_found())

    async def _other(
        self, method: str, target: Target, headers: Mapping[bytes, bytes], scope: "Scope", receive: "Receive"
    ) -> Answer:
        """What no stub answers: other routes, questions of browsers, wrong methods, paths that are none."""
        if method == "OPTIONS":
            return Answer(fixed(204, _preflight(target, headers), b""), "-")
        if target.unserved is not None:
            raise Refused(not_served(target.path, target.unserved.name, target.unserved.instead))
        if not target.routes:
            raise Refused(azure_not_found() if target.azure else invalid_url(method, target.path))
        self._admit(target, headers, scope)
        check_length(headers, self._max_body)
        route = target.routes.get(method)
        if route is None:
            allow = ", ".join(target.allow).encode()
            raise Refused(method_not_allowed(method, target.path), ((b"allow", allow),))
        asked = Asked(
            method,
            target.path,
            target.params,
            scope.get("query_string", b""),
            headers,
            await self._body(await receive(), headers, receive) if method not in ("GET", "HEAD") else b"",
            self._session(target, headers),
        )
        answer = handler(route.handler)(self.engine, asked)
        return answer if method != "HEAD" else answer._replace(plan=answer.plan._replace(pieces=(Piece(b""),)))

    def _refuse(self, refused: Refused, target: Target) -> Answer:
        refusal = refused.refusal
        if target.azure and refusal.code == "model_not_found":
            refusal = azure_no_deployment()
        closing = ((b"connection", b"close"),) if refused.unread else ()
        answer = self.engine.refuse(refusal, extra=(*refused.headers, *closing))
        return answer if target.routes else answer._replace(problem=refusal)  # of a path that nobody answers

    def _around(self, plan: Plan, headers: Mapping[bytes, bytes], warning: str) -> Plan:
        """The plan with what this one request needs around the body."""
        added: Headers = ()
        kept = plan.headers
        if warning:
            added = ((b"x-mockserver-warning", printable(warning)),)
        if b"origin" in headers:
            added = (*added, *_allowed(headers))
            kept = tuple(header for header in kept if header[0] not in (b"access-control-allow-origin", b"vary"))
        if added:
            plan = plan._replace(headers=(*added, *kept))
        if self._compress and b"accept-encoding" in headers:
            from mockserver.coding import compressed

            plan = compressed(plan, headers[b"accept-encoding"])
        return plan


_NO_LANES: list[Lane] = []
_CLIENT_ID = b"x-client-request-id"


def _keys(api_keys: tuple[str, ...]) -> "Keys | None":
    """The keys to check; nothing is imported where none are."""
    if not api_keys:
        return None
    from mockserver.access import Keys

    return Keys(api_keys)


def _resolve(scope: "Scope") -> Target:
    """What a path leads to that is not one of the usual spellings; as sent: a part of it may hold a `%2F`."""
    raw: bytes | None = scope.get("raw_path")
    return resolve(raw.decode("latin-1") if raw else quote(scope["path"]))


def _allowed(headers: Mapping[bytes, bytes]) -> Headers:
    """That the page of a browser may read the answer."""
    return ((b"access-control-allow-origin", headers[b"origin"]), (b"vary", b"Origin"))


def _preflight(target: Target, headers: Mapping[bytes, bytes]) -> Headers:
    """What a browser asks before it lets a page send a request: all of it is allowed."""
    methods = ", ".join(target.allow if target.routes else ("GET", "POST", "DELETE", "OPTIONS")).encode()
    if b"origin" not in headers:
        return ((b"allow", methods),)
    wanted = headers.get(b"access-control-request-headers", b"authorization, content-type")
    return (
        (b"allow", methods),
        (b"access-control-allow-methods", methods),
        (b"access-control-allow-headers", wanted),
        (b"access-control-max-age", PREFLIGHT_AGE),
    )


def _lingering(receive: "Receive", send: "Send") -> "Send":
    """A `send` that takes what still comes before the connection closes: a reset would lose the answer."""

    async def send_late(message: "Message") -> None:
        if message["type"] == "http.response.body" and not message.get("more_body"):
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGER):
                    while (await receive()).get("more_body"):
                        pass
        await send(message)

    return send_late


class App:
    """The ASGI application of a server: the API, and beside it the admin API, which no stub can touch.

    The API has one handler that speaks ASGI itself: a framework's routing, middleware and response objects cost
    more than the answer. The admin API, a Starlette application, is imported when first asked something.
    """

    def __init__(self, api: Api, workers: int = 1) -> None:
        self.api = api
        self.workers = workers
        self._admin: ASGIApp | None = None
        self._control: Control | None = None

    @property
    def control(self) -> "Control":
        """What tests can do to this server; made, like the admin API, when first asked for."""
        if self._control is None:
            from mockserver.testing.control import Control

            self._control = Control(self.api.engine, self.api.journal)
        return self._control

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await _alive(receive, send)
            return
        if ADMIN not in scope["path"] or not _for_admin(scope):
            await self.api(scope, receive, send)
            return
        if self._admin is None:
            from mockserver.admin import create_admin

            self._admin = create_admin(self)
        await self._admin(scope, receive, send)


async def _alive(receive: "Receive", send: "Send") -> None:
    """Say yes to a server that begins and ends (ASGI's lifespan), and no to a WebSocket."""
    while True:
        kind = (await receive())["type"]
        if kind == "websocket.connect":
            await send({"type": "websocket.close"})
        if not kind.startswith("lifespan."):
            return
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


def _for_admin(scope: "Scope") -> bool:
    """Whether a request is for the admin API, of a session or of the server, and not for a model of that name."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    path = session.split_path(raw.decode("latin-1"))[1]
    return path == ADMIN or path.startswith(ADMIN + "/")
