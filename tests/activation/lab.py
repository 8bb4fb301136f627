"""Activation beside an inventory, with real drivers, and drivers with a fault to order."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from starlette.applications import Starlette

from banyan.components.activation import api, service, store
from banyan.components.activation import migrations as own_migrations
from banyan.components.activation.adapters.device import (
    Device,
    DeviceDriver,
    DriverSettings,
    Held,
    find_drivers,
)
from banyan.components.activation.adapters.null import NullDriver
from banyan.components.inventory import migrations as inventory_migrations
from banyan.components.inventory import service as inventory_service
from banyan.components.inventory.contract import AddResource, AmendResource
from banyan.kernel.engine import migrations as kernel_migrations
from banyan.kernel.engine.clock import DrivenClock
from banyan.kernel.engine.db import Database
from banyan.kernel.engine.house import House
from banyan.kernel.engine.migrate import find_migrations, migrate
from banyan.kernel.engine.mint import Mint
from banyan.kernel.engine.room import Room
from banyan.kernel.words.codec import Document
from banyan.kernel.words.ids import ResourceId
from banyan.kernel.words.messages import Call, Command
from banyan.tmf import documents
from banyan.tmf import migrations as kit_migrations
from banyan.tmf.rest import mount
from banyan.tmf.service import kit_handlers
from banyan.tmf.tables import KIT
from tests.tmf.lab import Caller, Http

A = TypeVar("A")


class Network:
    """A house of two rooms: devices in the inventory, activation over them."""

    def __init__(
        self, url: str, folder: Path, more_drivers: Mapping[str, DeviceDriver] | None = None
    ) -> None:
        self.clock = DrivenClock(datetime(2026, 1, 31, 12, tzinfo=UTC))
        self.call = Call("north", "tester")
        self.drivers = {**find_drivers(DriverSettings(folder, 0.2)), **(more_drivers or {})}
        self.house = House()
        for name, package, handlers in (
            ("inventory", inventory_migrations, inventory_service.HANDLERS),
            (
                "activation",
                own_migrations,
                (*service.handlers(self.drivers), *kit_handlers("activation", api.RESOURCES)),
            ),
        ):
            database = Database(name, url)
            owners = {"kernel": kernel_migrations, "tmf": kit_migrations, name: package}
            steps = [
                step for owner, each in owners.items() for step in find_migrations(owner, each)
            ]
            migrate(database, self.clock, steps)
            self.house.add(Room(name, database, self.clock, Mint(self.clock), handlers))
        self.room = self.house.rooms["activation"]
        self.room.asking = self.house.limited("activation", ["inventory.FindDevice"])
        self._keys = itertools.count()

    def put(self, command: Command[A], key: str = "") -> A:
        """Run a command, under a key of its own unless one is given."""
        return self.house.command(self.call, command, key or f"key-{next(self._keys)}")

    def add_device(self, name: str, driver: str, state: str = "unlocked") -> Document:
        """File a device in the inventory."""
        facts = [{"name": "driver", "value": driver}, {"name": "address", "value": "rack 1"}]
        document = {
            "@type": "PhysicalResource",
            "name": name,
            "administrativeState": state,
            "resourceCharacteristic": facts,
        }
        return self.put(AddResource(document=document))

    def set_state(self, device: Document, state: str, rev: int) -> None:
        """Lock or unlock a device."""
        document = {**device, "administrativeState": state}
        self.put(AmendResource(id=ResourceId(device["id"]), document=document, rev=rev))

    def held(self, device: str, driver: str, service: str = "access") -> Held:
        """What a device really holds."""
        return self.drivers[driver].read(Device("north", device, "rack 1"), service)

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every business row of activation: all but tickets."""
        tables = [*KIT.sorted_tables, store.CONFIGURATION]
        with self.room.database.read() as tx:
            return {
                table.name: sorted(tuple(row) for row in tx.execute(sa.select(table)))
                for table in tables
            }

    def shown(self) -> list[Document]:
        """What TMF702 shows."""
        with self.room.desk(self.call, "").look() as look:
            return documents.every(look, store.CONFIGURED)

    def serve(self) -> Http:
        """The room's API over HTTP; to be closed."""
        return Http(Caller(Starlette(routes=mount(self.house, api.RESOURCES))))

    def close(self) -> None:
        """Give the databases back."""
        for room in self.house.rooms.values():
            room.database.close()


class Lost(Exception):
    """The program ends here: nothing may catch it."""


class DyingDriver(NullDriver):
    """Takes what it is told; as long as ``lives`` is 0 the caller then dies before it hears so."""

    def __init__(self) -> None:
        super().__init__(DriverSettings(Path()))
        self.lives = 0

    def configure(self, device: Device, service: str, configuration: Document, ticket: int) -> None:
        super().configure(device, service, configuration, ticket)
        if not self.lives:
            raise Lost


class SlowDriver(NullDriver):
    """Waits before it writes (or after), until it is let go; ``arrived``: somebody waits."""

    def __init__(self) -> None:
        super().__init__(DriverSettings(Path()))
        self.arrived = threading.Event()
        self.go = threading.Event()
        self.waits = True
        self.is_written_first = False
        self.watch: Callable[[], None] = lambda: None

    def configure(self, device: Device, service: str, configuration: Document, ticket: int) -> None:
        self.watch()
        waits, self.waits = self.waits, False
        if waits and not self.is_written_first:
            self._wait()
        super().configure(device, service, configuration, ticket)
        if waits and self.is_written_first:
            self._wait()

    def _wait(self) -> None:
        self.arrived.set()
        assert self.go.wait(20)
