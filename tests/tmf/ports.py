"""A room asked through the Documents port, wherever its documents are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from banyan.kernel.engine import migrations as kernel_migrations
from banyan.kernel.engine.clock import DrivenClock
from banyan.kernel.engine.db import Database
from banyan.kernel.engine.handlers import Handler
from banyan.kernel.engine.migrate import find_migrations, migrate
from banyan.kernel.engine.mint import Mint
from banyan.kernel.engine.room import Room
from banyan.kernel.engine.tables import OUTBOX
from banyan.kernel.engine.vault import Vault
from banyan.kernel.engine.work import Look
from banyan.kernel.words.codec import Document, to_json
from banyan.kernel.words.ids import HubId
from banyan.kernel.words.messages import Call
from banyan.tmf import documents
from banyan.tmf import migrations as kit_migrations
from banyan.tmf.client import TmfClient
from banyan.tmf.documents import Page, Stored
from banyan.tmf.filters import Condition, Operator, Sort
from banyan.tmf.patching import Patch
from banyan.tmf.remote import Remote
from banyan.tmf.resource import Resource
from banyan.tmf.service import kit_messages
from banyan.tmf.swap import Swap

OPERATORS: tuple[Operator, ...] = ("gte", "regex")
CALL = Call("north", "tester", ("admin",), "thread-1")


class Port:
    """One resource of one room; ``client`` leads to the server that keeps it, if one does."""

    def __init__(
        self,
        rows: Iterable[Resource],
        name: str,
        url: str,
        client: TmfClient | None = None,
        handlers: tuple[Handler, ...] = (),
    ) -> None:
        own = tuple(rows)
        self.row = next(row for row in own if row.name == name)
        self.clock = DrivenClock(datetime(2026, 1, 1, tzinfo=UTC))
        mints = Mint(self.clock)
        self.database = Database(self.row.room, url)
        own_migrations = import_module(f"banyan.components.{self.row.room}.migrations")
        owners = {
            "kernel": kernel_migrations, "tmf": kit_migrations, self.row.room: own_migrations,
        }  # fmt: skip
        steps = [step for owner, home in owners.items() for step in find_migrations(owner, home)]
        migrate(self.database, self.clock, steps)
        remotes = [] if client is None else [Remote(client, own, CALL.tenant)]
        self.swap = Swap(self.row.room, own, remotes)
        every = (*self.swap.handlers, *handlers)
        vault = Vault(bytes(32))
        self.room = Room(self.row.room, self.database, self.clock, mints, every, vault)
        self.swap.attach(self.room)
        self.messages = kit_messages(self.row.room)
        self.mints = mints

    def close(self) -> None:
        """Give the database back."""
        self.swap.close()
        self.database.close()

    def create(self, document: Document, key: str = "") -> Stored:
        """Have a document made."""
        command = self.messages.create(resource=self.row.name, document=document)
        kept = self.room.put(CALL, command, key, sameness=to_json(document).decode())
        return Stored(kept.document, kept.rev)

    def change(self, document_id: str, patch: Document, *revs: int, generation: int = 5) -> Stored:
        """Have a merge patch taken."""
        command = self.messages.change(
            resource=self.row.name, id=document_id, generation=generation,
            patch=Patch(patch, "merge", ""), revs=revs,
        )  # fmt: skip
        kept = self.room.put(CALL, command, "")
        return Stored(kept.document, kept.rev)

    def remove(self, document_id: str, *revs: int) -> None:
        """Have a document taken away."""
        command = self.messages.remove(resource=self.row.name, id=document_id, revs=revs)
        self.room.put(CALL, command, "")

    def get(self, document_id: str) -> Stored | None:
        """One document."""
        found = self.room.ask(CALL, self.messages.find(resource=self.row.name, id=document_id))
        return None if found is None else Stored(found.document, found.rev)

    def find(
        self,
        *wanted: tuple[str, Sequence[str]],
        offset: int = 0,
        limit: int | None = None,
        generation: int = 5,
        sort: str = "",
    ) -> Page:
        """Part of a list; a path may end with an operator, an order begin with a minus."""
        query = self.messages.listed(
            resource=self.row.name,
            generation=generation,
            conditions=tuple(_condition(path, tuple(values)) for path, values in wanted),
            sort=(Sort(sort.removeprefix("-"), sort.startswith("-")),) if sort else (),
            offset=offset,
            limit=limit,
        )
        return self.room.ask(CALL, query)

    def decided_by(self, document_id: str) -> Document | None:
        """The document as the room's own decisions see it."""
        with self.database.read() as tx:
            stored = documents.get(self._look(tx), self.row, document_id)
        return None if stored is None else stored.document

    def _look(self, tx: Connection) -> Look:
        return Look(tx, CALL, self.clock.now(), self.room.vault)

    def subscribe(self) -> None:
        """Let somebody want the events of this API."""
        command = self.messages.create_hub(
            id=self.mints.mint(HubId), api=self.row.api, generation=5,
            callback="http://ear.example/", query="",
        )  # fmt: skip
        self.room.put(CALL, command, "")

    def said(self) -> list[str]:
        """What the subscribers are told, in order."""
        with self.database.read() as tx:
            kinds = tx.execute(sa.select(OUTBOX.c.kind).order_by(OUTBOX.c.seq)).scalars().all()
        head = f"{self.row.api}.{self.row.name}."
        return [kind.removeprefix(head) for kind in kinds if not kind.endswith("Elsewhere")]


def _condition(path: str, values: tuple[str, ...]) -> Condition:
    for operator in OPERATORS:
        if path.endswith(f".{operator}"):
            return Condition(path.removesuffix(f".{operator}"), values, operator)
    return Condition(path, values)


def clean(client: TmfClient, resource: str) -> None:
    """Leave nothing of a resource at a server."""
    for document in list(client.each(resource)):
        client.remove(resource, document["id"])


def ids(page: Page) -> list[Any]:
    """The ids of what a page holds."""
    return [stored.document["id"] for stored in page.found]
