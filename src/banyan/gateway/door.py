"""Lets a request in with its call, or answers why not: request id, token, tenant, role.

Who has no token is told nothing, not even whether there is something at an address (401). Who has
one is told that there is nothing (404) before that he may not (403): the addresses are public.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from banyan.gateway.access import Access, action_of
from banyan.gateway.addresses import Address, AddressBook
from banyan.gateway.claims import Holder
from banyan.gateway.tokens import TokenBook
from banyan.kernel.engine.clock import Clock, to_us
from banyan.kernel.engine.mint import Mint
from banyan.kernel.words.errors import Outage, Refused, refused
from banyan.kernel.words.messages import Call
from banyan.tmf.errors import Header, answer_error
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

_log = structlog.get_logger()


@dataclass(frozen=True)
class Guard:
    """Everything the door decides by. ``open_paths`` need no token.

    Nor do paths that begin with ``open_below``, if given: the rest of one is a secret of its own.
    """

    tokens: TokenBook
    access: Access
    addresses: AddressBook
    open_paths: frozenset[str]
    clock: Clock
    mints: Mint
    find_own: FindOwn
    log_requests: bool = False
    open_below: str = ""


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
        headers = dict(scope["headers"])
        request_id = self._request_id(headers)
        began_us = to_us(self._guard.clock.now())
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    *_SAFE,
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        actor = ""
        try:
            call = await self._admit(scope, headers, request_id)
            if call is not None:
                scope.setdefault("state", {})["call"] = call
                actor = f"{call.tenant}/{call.actor}"
        except (Refused, Outage) as error:
            await answer_error(error, headers=_challenge(error)).send(answer)
        else:
            await self._app(scope, receive, answer)
        if self._guard.log_requests:
            took_ms = (to_us(self._guard.clock.now()) - began_us) // 1_000
            _log.info(
                "http", method=scope["method"], path=self._told(scope["path"]), status=status,
                took_ms=took_ms, actor=actor, request_id=request_id,
            )  # fmt: skip

    def _told(self, path: str) -> str:
        """A path as the log may hold it."""
        below = self._guard.open_below
        return below if below and path.startswith(below) else path

    def _request_id(self, headers: Mapping[bytes, bytes]) -> str:
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        return given if _REQUEST_ID.fullmatch(given) else self._guard.mints.text()

    async def _admit(
        self, scope: Scope, headers: Mapping[bytes, bytes], request_id: str
    ) -> Call | None:
        guard, path, method = self._guard, raw_path(scope), scope["method"]
        if path in guard.open_paths or (guard.open_below and path.startswith(guard.open_below)):
            return None
        holder = guard.tokens.holder(_bearer(headers))
        address = guard.addresses.find(path)
        if address is None:
            raise refused("unknown", "notFound", "there is nothing at this address")
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
        return Call(holder.tenant, holder.actor, holder.roles, request_id, owns)


_TELLS_OWN: Final = {
    0: frozenset({"GET", "HEAD", "POST"}),
    1: frozenset({"GET", "HEAD", "PATCH", "DELETE"}),
}
"""Where the kit tells own things from others': lists and single things, nothing below those."""


def _tells_own(address: Address, method: str) -> bool:
    return method in _TELLS_OWN.get(address.depth, ())


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
