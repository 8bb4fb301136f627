"""The front door: what answers beside the rooms' APIs, and all of it behind one guard.

The welcome page, whether the house lives and the public keys of its tokens are for everybody; for
anything else :mod:`banyan.gateway.door` wants a token.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final, Literal

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from banyan.gateway.access import Access
from banyan.gateway.addresses import AddressBook
from banyan.gateway.apidocs import DOCS_PATH, docs_page
from banyan.gateway.door import Door, FindOwn, Guard
from banyan.gateway.limits import Gate, shares
from banyan.gateway.metrics import MEDIA, Metrics
from banyan.gateway.tokens import TokenBook
from banyan.gateway.welcome import POLICY, welcome_page
from banyan.kernel.engine.clock import Clock
from banyan.kernel.engine.measures import Measure
from banyan.kernel.engine.mint import Mint
from banyan.kernel.engine.settings import LimitSettings
from banyan.kernel.words.codec import to_json
from banyan.kernel.words.errors import refused
from banyan.kernel.words.messages import Call
from banyan.tmf.auditing import AUDIT_API, AUDIT_BASE
from banyan.tmf.errors import exception_handlers
from banyan.tmf.parking import DELIVERY_API, DELIVERY_BASE, DELIVERY_NOUNS

PLAN: Final = "BANYAN-Plan"
COMPARISON: Final = "BANYAN-Comparison"
COMPARISON_BASE: Final = "/banyan-api/comparisonManagement/v1"
PLAN_BASE: Final = "/banyan-api/planManagement/v1"
JWKS_PATH: Final = "/.well-known/jwks.json"
METRICS: Final = "BANYAN-Metrics"
METRICS_PATH: Final = "/metrics"
OPEN_PATHS: Final = frozenset({"/", DOCS_PATH, "/healthz", "/readyz", JWKS_PATH})
OWN_BASES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    PLAN_BASE: (PLAN, ("plan",)),
    METRICS_PATH: (METRICS, ()),
    AUDIT_BASE: (AUDIT_API, ("auditEvent",)),
    COMPARISON_BASE: (COMPARISON, ("comparison",)),
    DELIVERY_BASE: (DELIVERY_API, DELIVERY_NOUNS),
}
"""Base path → API and nouns, of what answers here and is not the standards kit's."""


@dataclass(frozen=True)
class Front:
    """What the front door opens onto. ``find_plan`` answers (call, journey, subject), ``readiness``
    what is wrong, by part of the house: nothing if all is well.

    Paths that begin with ``open_below`` need no token: who knows the rest of one may use it.
    """

    routes: Sequence[BaseRoute]
    apis: Set[str]
    tokens: TokenBook
    access: Access
    clock: Clock
    mints: Mint
    health: Callable[[], Mapping[str, Any]]
    readiness: Callable[[], Mapping[str, str]]
    measure: Callable[[], Iterable[Measure]]
    limits: LimitSettings
    metrics_for: Literal["token", "open", "off"]
    find_plan: Callable[[Call, str, str], Any]
    compare: Callable[[Call], Any]
    find_own: FindOwn
    hosts: Sequence[str] = ()
    log_requests: bool = False
    open_below: str = ""


def addresses_of(front: Front) -> AddressBook:
    """Every address that answers behind the door."""
    return AddressBook(front.apis, OWN_BASES)


def _pages(apis: Set[str]) -> list[Route]:
    """The pages for people: welcome, and the APIs' own documents."""

    async def welcome(request: Request) -> Response:
        page = welcome_page(apis, str(request.base_url))
        return HTMLResponse(page, headers={"content-security-policy": POLICY})

    async def docs(request: Request) -> Response:
        page, policy = docs_page(frozenset(apis))
        return HTMLResponse(page, headers={"content-security-policy": policy})

    return [Route("/", welcome), Route(DOCS_PATH, docs)]


def make_app(front: Front) -> Starlette:
    """The HTTP application."""

    async def health(request: Request) -> Response:
        return _json(front.health())

    async def ready(request: Request) -> Response:
        wrong = await run_in_threadpool(front.readiness)
        if not wrong:
            return _json({"status": "ready"})
        return _json({"status": "not ready", "failing": dict(wrong)}, status=503)

    async def show_metrics(request: Request) -> Response:
        gate = guard.gate
        metrics.inside.set(gate.inside)
        metrics.waiting.set(gate.waiting)
        return Response(await run_in_threadpool(metrics.text), media_type=MEDIA)

    async def jwks(request: Request) -> Response:
        return _json(front.tokens.jwks())

    async def plan(request: Request) -> Response:
        path = request.path_params
        found = await run_in_threadpool(
            front.find_plan, request.state.call, path["journey"], path["subject"]
        )
        if found is None:
            reason = f"{path['journey']} has no plan for {path['subject']}"
            raise refused("unknown", "notFound", reason)
        return _json(found)

    async def compare(request: Request) -> Response:
        return _json(await run_in_threadpool(front.compare, request.state.call))

    routes = [
        *_pages(front.apis),
        Route("/healthz", health),
        Route("/readyz", ready),
        Route(JWKS_PATH, jwks),
        Route(f"{PLAN_BASE}/plan/{{journey}}/{{subject}}", plan),
        Route(f"{COMPARISON_BASE}/comparison", compare),
        *front.routes,
    ]
    if front.metrics_for != "off":
        routes.append(Route(METRICS_PATH, show_metrics))
    limits, metrics = front.limits, Metrics(front.measure)
    guard = Guard(
        tokens=front.tokens,
        access=front.access,
        addresses=addresses_of(front),
        open_paths=OPEN_PATHS | ({METRICS_PATH} if front.metrics_for == "open" else set()),
        open_below=front.open_below,
        clock=front.clock,
        mints=front.mints,
        find_own=front.find_own,
        gate=Gate(limits.in_flight_max, limits.waiting_max, limits.wait_s),
        actors=shares(limits.actor_per_s, limits.actor_burst),
        tenants=shares(limits.tenant_per_s, limits.tenant_burst),
        metrics=metrics,
        head_bytes_max=limits.head_bytes_max,
        hosts=frozenset(name.lower().encode() for name in front.hosts),
        log_requests=front.log_requests,
    )
    app = Starlette(routes=routes, exception_handlers=exception_handlers(front.mints))
    app.add_middleware(Door, guard=guard)
    return app


def _json(body: Any, status: int = 200) -> Response:
    return Response(to_json(body), status, media_type="application/json;charset=utf-8")
