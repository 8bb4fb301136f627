"""The room catalog on a database of its own, and short ways to ask it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import banyan.components.catalog.migrations
import banyan.kernel.engine.migrations
import banyan.tmf.migrations
from banyan.components.catalog import service
from banyan.components.catalog.contract import (
    CatalogItem,
    CatalogLoaded,
    FindOfferings,
    ImportCatalog,
    LoadCatalog,
    OfferingTerms,
)
from banyan.components.catalog.model import Ability
from banyan.kernel.engine.clock import DrivenClock
from banyan.kernel.engine.db import Database
from banyan.kernel.engine.migrate import find_migrations, migrate
from banyan.kernel.engine.mint import Mint
from banyan.kernel.engine.room import Room
from banyan.kernel.engine.work import Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.messages import Call

CALL = Call("t1", "tester")
ABILITIES = (
    Ability(driver="file", technologies=("file",), operations=("configure", "read", "remove")),
    Ability(driver="probe", technologies=("otdr",), operations=("read",)),
)


class Shop:
    """The room with its database."""

    def __init__(self, database_url: str) -> None:
        self.clock = DrivenClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.database = Database("catalog", database_url)
        migrations = [
            *find_migrations("kernel", banyan.kernel.engine.migrations),
            *find_migrations("tmf", banyan.tmf.migrations),
            *find_migrations("catalog", banyan.components.catalog.migrations),
        ]
        migrate(self.database, self.clock, migrations)
        self.mints = Mint(self.clock)
        self.room = Room(
            "catalog", self.database, self.clock, self.mints, service.handlers(ABILITIES)
        )
        self.count = 0

    def put(self, command: Any, call: Call = CALL) -> Any:
        """Run a command under a key of its own."""
        self.count += 1
        return self.room.put(call, command, f"key-{self.count}")

    def load(self, documents: dict[str, list[Document]], call: Call = CALL) -> CatalogLoaded:
        """Load documents given by their resource, published unless they say otherwise."""
        items = [
            CatalogItem(resource=resource, document={"lifecycleStatus": "Active", **document})
            for resource, several in documents.items()
            for document in several
        ]
        loaded: CatalogLoaded = self.put(LoadCatalog(items=tuple(items)), call)
        return loaded

    def load_text(self, text: str) -> Any:
        """Load one catalogue file, ``a.yaml``."""
        files = [{"name": "a.yaml", "text": text}]
        return self.put(ImportCatalog(document={"url": "inline:", "catalogFile": files}))

    def terms(self, *ids: str, call: Call = CALL) -> tuple[OfferingTerms, ...]:
        """The terms of offerings."""
        return self.room.ask(call, FindOfferings(ids=ids))

    def within(self, run: Any, call: Call = CALL) -> Any:
        """Run ``run`` with a unit of work."""
        return self.database.write(
            lambda tx: run(Work(tx, call, self.clock.now(), "k", self.mints, {}))
        )
