"""A small house behind a real Starlette app: one room with individuals and orders, and callers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
from anyio.from_thread import start_blocking_portal
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from banyan.kernel.engine import migrations as kernel_migrations
from banyan.kernel.engine.clock import DrivenClock, to_wire
from banyan.kernel.engine.db import Database
from banyan.kernel.engine.handlers import decides
from banyan.kernel.engine.house import House
from banyan.kernel.engine.migrate import find_migrations, migrate
from banyan.kernel.engine.mint import Mint
from banyan.kernel.engine.room import Room
from banyan.kernel.engine.vault import Vault
from banyan.kernel.engine.work import Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, refused
from banyan.kernel.words.ids import IndividualId, ProductOrderId
from banyan.kernel.words.lifecycle import Lifecycle
from banyan.kernel.words.messages import Call
from banyan.tmf import documents
from banyan.tmf import migrations as kit_migrations
from banyan.tmf.errors import exception_handlers
from banyan.tmf.resource import Resource
from banyan.tmf.rest import mount
from banyan.tmf.service import kit_handlers
from banyan.tmf.surface import RestSettings
from tests.tmf.desk.contract import AmendOrder, TakeOrder

PARTY_V4 = "/tmf-api/party/v4"
PARTY_V5 = "/tmf-api/partyManagement/v5"
ORDER_V4 = "/tmf-api/productOrderingManagement/v4"
ORDER_V5 = "/tmf-api/productOrderingManagement/v5"

ORDER_LIFE = Lifecycle(
    name="product order",
    initial=("acknowledged",),
    table={
        ("acknowledged", "begin"): "inProgress",
        ("acknowledged", "reject"): "rejected",
        ("inProgress", "complete"): "completed",
    },
)

INDIVIDUAL_LIFE = Lifecycle(
    name="individual",
    initial=("initialized",),
    table={("initialized", "validate"): "validated", ("validated", "bury"): "deceased"},
)


def _fill_individual(document: Document, now: datetime) -> Document:
    return {"status": "initialized", **document}


def _check_individual(document: Document) -> list[Finding]:
    if document["givenName"] == document["familyName"]:
        return [Finding("sameNames", "must differ from givenName", "familyName")]
    return []


def _fill_order(document: Document, now: datetime) -> Document:
    return {**document, "state": "acknowledged", "creationDate": to_wire(now)}


INDIVIDUAL = Resource(
    api="TMF632",
    name="individual",
    shape="Individual",
    room="desk",
    id_type=IndividualId,
    state="status",
    lifecycle=INDIVIDUAL_LIFE,
    indexed=("familyName", "birthDate", "relatedParty.partyOrPartyRole.id"),
    fill=_fill_individual,
    check=_check_individual,
)

ORDER = Resource(
    api="TMF622",
    name="productOrder",
    shape="ProductOrder",
    room="desk",
    id_type=ProductOrderId,
    create=TakeOrder,
    patch=AmendOrder,
    state="state",
    lifecycle=ORDER_LIFE,
    indexed=("relatedParty.partyOrPartyRole.id", "creationDate"),
    fill=_fill_order,
)

RESOURCES = (INDIVIDUAL, ORDER)


def _take(work: Work, command: TakeOrder) -> Document:
    first = command.document["productOrderItem"][0]
    offering = first.get("productOffering", {}).get("id")
    if offering == "gone":
        path = "relatedParty.0.partyOrPartyRole.id"
        raise refused("rule", "offeringGone", "is no longer sold", path)
    return documents.create(work, ORDER, command.document)


def _amend(work: Work, command: AmendOrder) -> Document:
    return documents.change(work, ORDER, command.document, command.rev)


OWN_HANDLERS = (decides(TakeOrder, _take), decides(AmendOrder, _amend))
HANDLERS = (*kit_handlers("desk", RESOURCES), *OWN_HANDLERS)

App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Caller:
    """Says on whose behalf a request is, the way the gateway does: here by plain headers."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set ``request.state.call``."""
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            tenant = headers.get(b"x-tenant", b"north").decode()
            actor = headers.get(b"x-actor", b"tester").decode()
            scope.setdefault("state", {})["call"] = Call(tenant, actor, ("admin",), "thread-1")
        await self.app(scope, receive, send)


class Http:
    """Calls an ASGI app from plain test code, from any thread; every app runs in one event loop."""

    def __init__(self, app: App) -> None:
        self._context = start_blocking_portal()
        self._portal = self._context.__enter__()
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://house.example")

    def send(self, method: str, url: str, **parts: Any) -> httpx.Response:
        """The answer to a request."""
        return self._portal.call(partial(self._client.request, method, url, **parts))

    def get(self, url: str, **parts: Any) -> httpx.Response:
        """GET."""
        return self.send("GET", url, **parts)

    def post(self, url: str, **parts: Any) -> httpx.Response:
        """POST."""
        return self.send("POST", url, **parts)

    def patch(self, url: str, **parts: Any) -> httpx.Response:
        """PATCH."""
        return self.send("PATCH", url, **parts)

    def delete(self, url: str, **parts: Any) -> httpx.Response:
        """DELETE."""
        return self.send("DELETE", url, **parts)

    def close(self) -> None:
        """End the loop."""
        self._portal.call(self._client.aclose)
        self._context.__exit__(None, None, None)


class Lab:
    """The house, its one room, its clock, and an HTTP client for it."""

    def __init__(
        self,
        url: str,
        settings: RestSettings | None = None,
        individual: Resource = INDIVIDUAL,
        vault: Vault | None = None,
        more: tuple[Resource, ...] = (),
    ) -> None:
        self.clock = DrivenClock(datetime(2026, 1, 31, 12, tzinfo=UTC))
        self.mints = Mint(self.clock)
        self.database = Database("desk", url)
        owners = {"kernel": kernel_migrations, "tmf": kit_migrations}
        steps = [step for owner, home in owners.items() for step in find_migrations(owner, home)]
        migrate(self.database, self.clock, steps)
        resources = self.resources = (individual, ORDER, *more)
        handlers = (*kit_handlers("desk", resources), *OWN_HANDLERS)
        self.room = Room("desk", self.database, self.clock, self.mints, handlers, vault)
        self.house = House()
        self.house.add(self.room)
        app = Starlette(
            routes=mount(self.house, resources, settings),
            exception_handlers=dict(exception_handlers(self.mints)),
        )
        self.app = Caller(app)
        self.http = Http(self.app)

    def close(self) -> None:
        """Give the database back."""
        self.http.close()
        self.database.close()

    def add_individual(self, base: str = PARTY_V5, **attributes: Any) -> Document:
        """A stored individual, as the answer showed it."""
        body = {"givenName": "Ada", "familyName": "Byron", **attributes}
        if base.endswith("v5"):
            body.setdefault("@type", "Individual")
        answer = self.http.post(f"{base}/individual", json=body)
        assert answer.status_code == 201, answer.text
        made: Document = answer.json()
        return made

    def add_order(self, base: str = ORDER_V5, **attributes: Any) -> Document:
        """A stored order, as the answer showed it."""
        answer = self.http.post(f"{base}/productOrder", json={**ORDER_BODY, **attributes})
        assert answer.status_code == 201, answer.text
        made: Document = answer.json()
        return made


def codes(answer: httpx.Response) -> set[tuple[str, str]]:
    """The code and path of every finding of an Error."""
    return {(each["code"], each["path"]) for each in answer.json()["findings"]}


def names(answer: httpx.Response, attribute: str = "familyName") -> Sequence[str]:
    """One attribute of every document of a list."""
    return [each[attribute] for each in answer.json()]


ORDER_BODY: Document = {
    "@type": "ProductOrder",
    "productOrderItem": [
        {"@type": "ProductOrderItem", "id": "1", "action": "add", "quantity": 1},
    ],
}
