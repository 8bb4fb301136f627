"""Lets a request in with its call, or answers why not: request id, token, tenant, role.

Who has no token is told nothing, not even whether there is something at an address (401). Who has
one is told that there is nothing (404) before that he may not (403): the addresses are public.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from banyan.gateway.access import Access, action_of
from banyan.gateway.addresses import Address, AddressBook
from banyan.gateway.claims import Holder
from banyan.gateway.limits import Busy, Gate, Shares
from banyan.gateway.metrics import Metrics
from banyan.gateway.tokens import TokenBook
from banyan.kernel.engine.clock import Clock, to_us
from banyan.kernel.engine.logs import follow
from banyan.kernel.engine.mint import Mint
from banyan.kernel.words.errors import Outage, Refused, refused
from banyan.kernel.words.messages import Call
from banyan.tmf.errors import Header, answer_busy, answer_error
from banyan.tmf.surface import raw_path

REALM: Final = 'Bearer realm="banyan"'
_REQUEST_ID = re.compile(r"[A-Za-z0-9._~-]{1,64}")
_SAFE: Final[tuple[Header, ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
)
"""Answers are for their caller, now, and are what they say they are."""

FindOwn = Callable[[Holder], tuple[str, ...]]
"""Every id that stands for a holder's parties: themselves, their roles, their accounts."""

_Way = tuple[Receive, Send]

_log = structlog.get_logger()


@dataclass(frozen=True)
class Guard:
    """Everything the door decides by. ``open_paths`` need no token, and always get in.

    Nor do paths that begin with ``open_below``, if given: the rest of one is a secret of its own.
    """

    tokens: TokenBook
    access: Access
    addresses: AddressBook
    open_paths: frozenset[str]
    clock: Clock
    mints: Mint
    find_own: FindOwn
    gate: Gate
    actors: Shares | None
    tenants: Shares | None
    metrics: Metrics
    head_bytes_max: int
    hosts: frozenset[bytes]
    log_requests: bool = False
    open_below: str = ""


@dataclass(slots=True)
class _Visit:
    """One request on its way through the door."""

    id: str
    began_us: int
    place: tuple[str, str] = ("", "")
    status: int = 500
    told: Sequence[Header] = ()
    owed: Sequence[Header] = ()


class Door:
    """The outermost ASGI application."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app = app
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        guard = self._guard
        headers = dict(scope["headers"])
        visit = _Visit(self._request_id(headers), to_us(guard.clock.now()))

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                visit.status = message["status"]
                own = (b"x-request-id", visit.id.encode())
                message["headers"] = [*message["headers"], *_SAFE, *visit.told, own]
            await send(message)

        try:
            if guard.hosts and _host(headers) not in guard.hosts:
                raise refused("malformed", "wrongHost", "this house has another name")
            path = raw_path(scope)
            if path in guard.open_paths:
                await self._app(scope, receive, answer)
            elif guard.open_below and path.startswith(guard.open_below):
                await self._pass(scope, (receive, answer))
            else:
                await self._let_in(scope, headers, visit, (receive, answer))
        except (Refused, Outage) as error:
            await answer_error(error, headers=[*_challenge(error), *visit.owed]).send(answer)
        except Busy as busy:
            guard.metrics.shed("busy")
            await answer_busy(busy.seconds).send(answer)
        finally:
            took_us = to_us(guard.clock.now()) - visit.began_us
            guard.metrics.count(visit.place, scope["method"], visit.status, took_us)
            if guard.log_requests:
                path = self._told(scope["path"])
                _log.info(
                    "http", method=scope["method"], path=path, status=visit.status,
                    took_ms=took_us // 1_000, request_id=visit.id,
                )  # fmt: skip

    async def _let_in(
        self, scope: Scope, headers: Mapping[bytes, bytes], visit: _Visit, way: _Way
    ) -> None:
        if sum(len(name) + len(value) for name, value in scope["headers"]) > self._head_max:
            raise refused("malformed", "headSize", f"headers have at most {self._head_max} bytes")
        call = await self._admit(scope, headers, visit)
        scope.setdefault("state", {})["call"] = call
        await self._pass(scope, way)

    async def _pass(self, scope: Scope, way: _Way) -> None:
        """Go through the gate, when there is room."""
        await self._guard.gate.enter()
        try:
            await self._app(scope, *way)
        finally:
            self._guard.gate.leave()

    @property
    def _head_max(self) -> int:
        return self._guard.head_bytes_max

    def _claim(self, holder: Holder, visit: _Visit) -> None:
        """Take from the caller's share and his tenant's; refused (``limited``) when it is used."""
        guard, now_us = self._guard, visit.began_us
        for shares, who, what in (
            (guard.tenants, (holder.tenant,), "tenant"),
            (guard.actors, (holder.tenant, holder.actor), "actor"),
        ):
            if shares is not None:
                taken = shares.take(who, now_us)
                visit.told = taken.headers()
                if not taken.is_allowed:
                    guard.metrics.shed(what)
                    visit.owed = [(b"retry-after", b"%d" % taken.wait_s)]
                    reason = f"this {what} may not ask so much at once"
                    raise refused("limited", "tooManyRequests", reason)

    def _told(self, path: str) -> str:
        """A path as the log may hold it."""
        below = self._guard.open_below
        return below if below and path.startswith(below) else path

    def _request_id(self, headers: Mapping[bytes, bytes]) -> str:
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        return given if _REQUEST_ID.fullmatch(given) else self._guard.mints.text()

    async def _admit(self, scope: Scope, headers: Mapping[bytes, bytes], visit: _Visit) -> Call:
        guard, path, method = self._guard, raw_path(scope), scope["method"]
        token = _bearer(headers)
        holder = guard.tokens.recall(token)
        if holder is None:  # a signature costs too much for the loop that serves everybody
            holder = await run_in_threadpool(guard.tokens.holder, token)
        follow(Call(holder.tenant, holder.actor, correlation=visit.id))
        self._claim(holder, visit)
        address = guard.addresses.find(path)
        if address is None:
            raise refused("unknown", "notFound", "there is nothing at this address")
        visit.place = address.api, address.noun
        action = action_of(address.noun, method)
        grant = "nothing"
        if action is not None:
            grant = guard.access.grant(
                holder.roles, holder.tenant, address.api, address.noun, action
            )
        if grant == "nothing" or (grant == "own" and not _tells_own(address, method)):
            may_not = f"may not {method} {address.api} {address.noun}".rstrip()
            reason = f"the role {', '.join(holder.roles) or '(none)'} {may_not}"
            raise refused("forbidden", "forbidden", reason)
        owns = None if grant == "all" else await run_in_threadpool(guard.find_own, holder)
        return Call(holder.tenant, holder.actor, holder.roles, visit.id, owns)


_TELLS_OWN: Final = {
    0: frozenset({"GET", "HEAD", "OPTIONS", "POST"}),
    1: frozenset({"GET", "HEAD", "OPTIONS", "PATCH", "DELETE"}),
}
"""Where the kit tells own things from others': lists and single things, nothing below those."""


def _tells_own(address: Address, method: str) -> bool:
    return method in _TELLS_OWN.get(address.depth, ())


def _host(headers: Mapping[bytes, bytes]) -> bytes:
    """The name the caller used, without a port."""
    name = headers.get(b"host", b"").lower()
    return name.partition(b"]")[0] + b"]" if name.startswith(b"[") else name.partition(b":")[0]


def _bearer(headers: Mapping[bytes, bytes]) -> str:
    given = headers.get(b"authorization", b"").decode("latin-1")
    scheme, _, token = given.partition(" ")
    token = token.strip()
    if not token:
        reason = "send a token: 'Authorization: Bearer <token>'"
        raise refused("unauthenticated", "missingToken", reason)
    if scheme.lower() != "bearer":
        raise refused("unauthenticated", "missingToken", "the token must be sent as 'Bearer'")
    return token


def _challenge(error: Refused | Outage) -> list[Header]:
    """What a refused caller has to bring (RFC 6750)."""
    if not isinstance(error, Refused) or error.refusal.kind != "unauthenticated":
        return []
    found = error.refusal.findings[0]
    if found.code == "missingToken":
        return [(b"www-authenticate", REALM.encode())]
    told = f'{REALM}, error="invalid_token", error_description="{found.reason}"'
    return [(b"www-authenticate", told.encode())]
