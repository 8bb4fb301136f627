"""One room served over HTTP on a database of its own: what a client of its APIs meets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from types import ModuleType

from starlette.applications import Starlette

from banyan.kernel.engine import migrations as kernel_migrations
from banyan.kernel.engine.clock import DrivenClock
from banyan.kernel.engine.component import RoomParts
from banyan.kernel.engine.db import Database
from banyan.kernel.engine.handlers import Handler
from banyan.kernel.engine.house import House
from banyan.kernel.engine.migrate import find_migrations, migrate
from banyan.kernel.engine.mint import Mint
from banyan.kernel.engine.room import Room
from banyan.kernel.engine.vault import Vault
from banyan.kernel.words.messages import message_name
from banyan.tmf import migrations as kit_migrations
from banyan.tmf.errors import exception_handlers
from banyan.tmf.resource import Resource
from banyan.tmf.rest import mount
from banyan.tmf.service import kit_handlers
from tests.tmf.lab import Caller, Http


class Served:
    """The room, its clock, and an HTTP client for it; ``beside`` are rooms that it may ask."""

    def __init__(
        self,
        name: str,
        url: str,
        resources: Iterable[Resource],
        handlers: Iterable[Handler],
        own: ModuleType | None = None,
        beside: Iterable[RoomParts] = (),
    ) -> None:
        rows = tuple(resources)
        self.clock = DrivenClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.mints = Mint(self.clock)
        self.house = House()
        self.room = self._open(name, url, (*kit_handlers(name, rows), *handlers), own)
        self.database = self.room.database
        for part in beside:
            every = (*part.handlers, *kit_handlers(part.name, part.resources))
            self._open(part.name, url, every, part.migrations)
        asked = [message for room in self.house.rooms.values() for message in room.handlers]
        self.room.asking = self.house.limited(name, map(message_name, asked))
        app = Starlette(
            routes=mount(self.house, rows), exception_handlers=dict(exception_handlers(self.mints))
        )
        self.http = Http(Caller(app))

    def _open(
        self, name: str, url: str, handlers: Iterable[Handler], own: ModuleType | None
    ) -> Room:
        database = Database(name, url)
        owners = {
            "kernel": kernel_migrations,
            "tmf": kit_migrations,
            **({name: own} if own else {}),
        }
        steps = [step for owner, home in owners.items() for step in find_migrations(owner, home)]
        migrate(database, self.clock, steps)
        room = Room(name, database, self.clock, self.mints, handlers, Vault(bytes(32)))
        self.house.add(room)
        return room

    def close(self) -> None:
        """Give the databases back."""
        self.http.close()
        for room in self.house.rooms.values():
            room.database.close()
