"""One room served over HTTP on a database of its own: what a client of its APIs meets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from types import ModuleType

from starlette.applications import Starlette

from banyan.kernel.engine import migrations as kernel_migrations
from banyan.kernel.engine.clock import DrivenClock
from banyan.kernel.engine.db import Database
from banyan.kernel.engine.handlers import Handler
from banyan.kernel.engine.house import House
from banyan.kernel.engine.migrate import find_migrations, migrate
from banyan.kernel.engine.mint import Mint
from banyan.kernel.engine.room import Room
from banyan.kernel.engine.vault import Vault
from banyan.tmf import migrations as kit_migrations
from banyan.tmf.errors import exception_handlers
from banyan.tmf.resource import Resource
from banyan.tmf.rest import mount
from banyan.tmf.service import kit_handlers
from tests.tmf.lab import Caller, Http


class Served:
    """The room, its clock, and an HTTP client for it."""

    def __init__(
        self,
        name: str,
        url: str,
        resources: Iterable[Resource],
        handlers: Iterable[Handler],
        own: ModuleType | None = None,
    ) -> None:
        rows = tuple(resources)
        self.clock = DrivenClock(datetime(2026, 1, 1, tzinfo=UTC))
        mints = Mint(self.clock)
        self.database = Database(name, url)
        owners = {"kernel": kernel_migrations, "tmf": kit_migrations}
        owners |= {} if own is None else {name: own}
        steps = [step for owner, home in owners.items() for step in find_migrations(owner, home)]
        migrate(self.database, self.clock, steps)
        every = (*kit_handlers(name, rows), *handlers)
        self.room = Room(name, self.database, self.clock, mints, every, Vault(bytes(32)))
        house = House()
        house.add(self.room)
        app = Starlette(
            routes=mount(house, rows), exception_handlers=dict(exception_handlers(mints))
        )
        self.http = Http(Caller(app))

    def close(self) -> None:
        """Give the database back."""
        self.http.close()
        self.database.close()
