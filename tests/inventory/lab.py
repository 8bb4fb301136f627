"""An inventory of its own, with the real engine and database under it."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from starlette.applications import Starlette

from banyan.components.inventory import api, service, store
from banyan.components.inventory import migrations as own_migrations
from banyan.kernel.engine import migrations as kernel_migrations
from banyan.kernel.engine.clock import DrivenClock
from banyan.kernel.engine.db import Database
from banyan.kernel.engine.house import House
from banyan.kernel.engine.migrate import find_migrations, migrate
from banyan.kernel.engine.mint import Mint
from banyan.kernel.engine.room import Room
from banyan.kernel.engine.work import Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Refused
from banyan.kernel.words.messages import Call, Command, Query
from banyan.tmf import documents
from banyan.tmf import migrations as kit_migrations
from banyan.tmf.resource import Resource
from banyan.tmf.rest import mount
from banyan.tmf.service import kit_handlers
from banyan.tmf.tables import KIT
from tests.tmf.lab import Caller, Http

A = TypeVar("A")


class Inventory:
    """The room with short ways to ask it and to look at all its rows.

    ``before`` leaves out its own migrations from there on: a database of an older release.
    """

    def __init__(self, url: str, before: str = "") -> None:
        self.clock = DrivenClock(datetime(2026, 1, 31, 12, tzinfo=UTC))
        self.database = Database("inventory", url)
        owners = {"kernel": kernel_migrations, "tmf": kit_migrations, "inventory": own_migrations}
        steps = [
            step
            for owner, package in owners.items()
            for step in find_migrations(owner, package)
            if not (before and owner == "inventory" and step.name >= before)
        ]
        migrate(self.database, self.clock, steps)
        handlers = (*service.HANDLERS, *kit_handlers("inventory", api.RESOURCES))
        self.room = Room("inventory", self.database, self.clock, Mint(self.clock), handlers)
        self.call = Call("north", "tester")
        self._keys = itertools.count()

    def put(self, command: Command[A], key: str = "") -> A:
        """Run a command, under a key of its own unless one is given."""
        return self.room.put(self.call, command, key or f"key-{next(self._keys)}")

    def ask(self, query: Query[A]) -> A:
        """Answer a query."""
        return self.room.ask(self.call, query)

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every business row of the room: documents, their paths, and its own tables.

        All but history: what was taken back has been, and history says so.
        """
        own = [table for table in store.METADATA.sorted_tables if table.name != "version"]
        tables = [*KIT.sorted_tables, *own]
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

    def work(self, tx: Connection) -> Work:
        """The write transaction the kit would hand on."""
        return Work(tx, self.call, self.clock.now(), "key", self.room.mints, {})

    def get(self, resource: Resource, number: str) -> Document:
        """A stored document."""
        with self.room.desk(self.call, "").look() as look:
            return documents.need(look, resource, number).document

    def remove(self, resource: Resource, document: Document) -> None:
        """Remove a document as the kit does: the row's guard first."""

        def go(tx: Connection) -> None:
            resource.guard_removal(self.work(tx), document)
            documents.remove(self.work(tx), resource, document["id"])

        self.database.write(go)


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    """The codes of what was refused."""
    return {finding.code for finding in refusal.value.refusal.findings}
