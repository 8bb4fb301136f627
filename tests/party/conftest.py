"""The party room, once on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from banyan.components.inventory import component as inventory
from banyan.components.party import api, service
from banyan.kernel.engine.settings import Settings
from tests.party.desk import Desk
from tests.served import Served


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    """The room."""
    made = Desk(database_url)
    yield made
    made.database.close()


@pytest.fixture
def served(database_url: str) -> Iterator[Served]:
    """The room over HTTP."""
    beside = [inventory.build(Settings())]
    made = Served("party", database_url, api.RESOURCES, service.HANDLERS, beside=beside)
    yield made
    made.close()
