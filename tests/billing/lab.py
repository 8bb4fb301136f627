"""A billing room of its own, with the real engine and database under it."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from starlette.applications import Starlette

from banyan.components.billing import api, service, store
from banyan.components.billing import migrations as own_migrations
from banyan.components.billing.contract import BillOnDemand, StartCharging
from banyan.kernel.engine import migrations as kernel_migrations
from banyan.kernel.engine.clock import DrivenClock
from banyan.kernel.engine.db import Database
from banyan.kernel.engine.house import House
from banyan.kernel.engine.migrate import find_migrations, migrate
from banyan.kernel.engine.mint import Mint
from banyan.kernel.engine.room import Room
from banyan.kernel.words.codec import Document
from banyan.kernel.words.ids import BillingAccountId, ProductId, ProductOrderId
from banyan.kernel.words.messages import Call, Command
from banyan.kernel.words.price import PriceTerms
from banyan.tmf import documents
from banyan.tmf import migrations as kit_migrations
from banyan.tmf.resource import Resource
from banyan.tmf.rest import mount
from banyan.tmf.service import kit_handlers
from banyan.tmf.tables import KIT
from tests.tmf.lab import Caller, Http

A = TypeVar("A")


class Billing:
    """The room with short ways to ask it and to look at all its rows."""

    def __init__(self, url: str) -> None:
        self.clock = DrivenClock(datetime(2026, 1, 31, 12, tzinfo=UTC))
        self.database = Database("billing", url)
        owners = {"kernel": kernel_migrations, "tmf": kit_migrations, "billing": own_migrations}
        steps = [step for owner, each in owners.items() for step in find_migrations(owner, each)]
        migrate(self.database, self.clock, steps)
        handlers = (*service.HANDLERS, *kit_handlers("billing", api.RESOURCES))
        self.room = Room("billing", self.database, self.clock, Mint(self.clock), handlers)
        self.call = Call("north", "tester")
        self._keys = itertools.count()

    def put(self, command: Command[A], key: str = "") -> A:
        """Run a command, under a key of its own unless one is given."""
        return self.room.put(self.call, command, key or f"key-{next(self._keys)}")

    def bill(self, account_id: str = "ba-1") -> Document:
        """Bill an account; answers the bill."""
        task = self.put(demand(account_id))
        return self.get(store.BILL, task["customerBill"]["id"])

    def get(self, resource: Resource, number: str) -> Document:
        """A stored document."""
        with self.room.desk(self.call, "").look() as look:
            return documents.need(look, resource, number).document

    def rates(self, **wanted: str) -> list[Document]:
        """Stored rates, oldest first."""
        paths = {path.replace("_", "."): [value] for path, value in wanted.items()}
        with self.room.desk(self.call, "").look() as look:
            return documents.every(look, store.RATE, paths)

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every business row of the room: documents, their paths, and its own tables."""
        tables = [*KIT.sorted_tables, *store.METADATA.sorted_tables]
        with self.database.read() as tx:
            return {
                table.name: sorted(tuple(row) for row in tx.execute(sa.select(table)))
                for table in tables
            }

    def serve(self) -> Http:
        """The room's APIs over HTTP; to be closed."""
        house = House()
        house.add(self.room)
        return Http(Caller(Starlette(routes=mount(house, api.RESOURCES))))

    def close(self) -> None:
        """Give the database back."""
        self.database.close()


def demand(account_id: str = "ba-1") -> BillOnDemand:
    """The wish for a bill, as the kit hands it on."""
    ref = {"@type": "BillingAccountRef", "id": account_id, "@referredType": "BillingAccount"}
    return BillOnDemand(document={"@type": "CustomerBillOnDemand", "billingAccount": ref})


def monthly(amount_micros: int, months: int = 1, **more: Any) -> PriceTerms:
    """A recurring price at 19 % VAT."""
    terms = {"currency": "EUR", "tax_rate_ppm": 190_000, "tax_category": "VAT", **more}
    return PriceTerms(
        id="pop-m", name="Monthly fee", kind="recurring", amount_micros=amount_micros,
        period="month", period_length=months, **terms,
    )  # fmt: skip


def once(amount_micros: int, **more: Any) -> PriceTerms:
    """A one-time price at 19 % VAT."""
    terms = {"currency": "EUR", "tax_rate_ppm": 190_000, "tax_category": "VAT", **more}
    return PriceTerms(
        id="pop-o", name="Set-up fee", kind="oneTime", amount_micros=amount_micros, **terms
    )


def start(
    *prices: PriceTerms, item_id: str = "1", account_id: str = "ba-1",
    at: str = "2026-01-31T00:00:00+01:00",
) -> StartCharging:  # fmt: skip
    """The wish to charge an item of order-1."""
    return StartCharging(
        order_id=ProductOrderId("order-1"),
        item_id=item_id,
        product_id=ProductId("product-1"),
        product_name="Fibre 100",
        account_id=BillingAccountId(account_id),
        start=at,
        prices=prices,
    )
