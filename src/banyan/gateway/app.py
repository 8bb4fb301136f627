"""The front door: request id, token, tenant, role, then the rooms' APIs; default deny.

Everything but the welcome page and the health answers needs a token. A path that belongs to no API
is answered 404 to those who have one, 401 to all others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from banyan.gateway.access import PLAN, may
from banyan.gateway.tokens import TokenBook
from banyan.gateway.welcome import POLICY, welcome_page
from banyan.kernel.engine.clock import Clock, to_us
from banyan.kernel.engine.mint import Mint
from banyan.kernel.words.codec import to_json
from banyan.kernel.words.errors import Refused, refused
from banyan.kernel.words.messages import Call
from banyan.tmf.apis import API
from banyan.tmf.errors import answer_error, exception_handlers

PLAN_BASE = "/banyan-api/planManagement/v1"
OPEN_PATHS = frozenset({"/", "/healthz"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._~-]{1,64}")

_log = structlog.get_logger()


@dataclass(frozen=True)
class Front:
    """What the front door opens onto. ``find_plan`` answers (call, journey, subject)."""

    routes: Sequence[BaseRoute]
    apis: Set[str]
    tokens: TokenBook
    clock: Clock
    mints: Mint
    health: Callable[[], dict[str, Any]]
    find_plan: Callable[[Call, str, str], Any]
    log_requests: bool = False


def make_app(front: Front) -> Starlette:
    """The HTTP application."""

    async def welcome(request: Request) -> Response:
        page = welcome_page(front.apis, str(request.base_url))
        return HTMLResponse(page, headers={"content-security-policy": POLICY})

    async def health(request: Request) -> Response:
        return _json(await run_in_threadpool(front.health))

    async def plan(request: Request) -> Response:
        path = request.path_params
        found = await run_in_threadpool(
            front.find_plan, request.state.call, path["journey"], path["subject"]
        )
        if found is None:
            reason = f"{path['journey']} has no plan for {path['subject']}"
            raise refused("unknown", "notFound", reason)
        return _json(found)

    routes = [
        Route("/", welcome),
        Route("/healthz", health),
        Route(f"{PLAN_BASE}/plan/{{journey}}/{{subject}}", plan),
        *front.routes,
    ]
    app = Starlette(routes=routes, exception_handlers=exception_handlers(front.mints))
    app.add_middleware(Door, front=front)
    return app


def _json(body: Any) -> Response:
    return Response(to_json(body), media_type="application/json;charset=utf-8")


class Door:
    """Lets a request in with its call, or answers why not."""

    def __init__(self, app: ASGIApp, front: Front) -> None:
        self._app = app
        self._front = front
        bases = {PLAN_BASE: PLAN}
        for name in front.apis:
            api = API[name]
            for generation in api.generations:
                bases[api.version(generation).base_path] = name
            bases |= dict.fromkeys(api.aliases, name)
        self._bases = bases
        self._depths = sorted({base.count("/") for base in bases}, reverse=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        request_id = self._request_id(headers)
        began_us = to_us(self._front.clock.now())
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        actor = ""
        try:
            call = self._admit(scope["path"], scope["method"], headers, request_id)
            if call is not None:
                scope.setdefault("state", {})["call"] = call
                actor = f"{call.tenant}/{call.actor}"
        except Refused as error:
            extra = []
            if error.refusal.kind == "unauthenticated":
                extra = [(b"www-authenticate", b'Bearer realm="banyan"')]
            await answer_error(error, headers=extra).send(answer)
        else:
            await self._app(scope, receive, answer)
        if self._front.log_requests:
            took_ms = (to_us(self._front.clock.now()) - began_us) // 1_000
            _log.info(
                "http", method=scope["method"], path=scope["path"], status=status,
                took_ms=took_ms, actor=actor, request_id=request_id,
            )  # fmt: skip

    def _request_id(self, headers: dict[bytes, bytes]) -> str:
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        return given if _REQUEST_ID.fullmatch(given) else self._front.mints.text()

    def _admit(
        self, path: str, method: str, headers: dict[bytes, bytes], request_id: str
    ) -> Call | None:
        if path in OPEN_PATHS:
            return None
        scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        if not token:
            reason = "send a token: 'Authorization: Bearer <token>'"
            raise refused("unauthenticated", "missingToken", reason)
        holder = self._front.tokens.holder(token.strip()) if scheme.lower() == "bearer" else None
        if holder is None:
            raise refused("unauthenticated", "unknownToken", "this token is not known here")
        api, rest = self._find_api(path)
        if api is None:
            raise refused("unknown", "notFound", "there is nothing at this address")
        is_hub = rest == "hub" or rest.startswith("hub/")  # to subscribe is to read
        if not may(holder.role, api, "GET" if is_hub else method):
            reason = f"the role {holder.role} may not {method} {api}"
            raise refused("forbidden", "forbidden", reason)
        return Call(holder.tenant, holder.actor, (holder.role,), request_id)

    def _find_api(self, path: str) -> tuple[str | None, str]:
        """The API a path belongs to, and what follows its base path."""
        parts = path.split("/")
        for depth in self._depths:
            api = self._bases.get("/".join(parts[: depth + 1]))
            if api is not None:
                return api, "/".join(parts[depth + 1 :])
        return None, ""
