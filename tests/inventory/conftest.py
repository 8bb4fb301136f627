"""An inventory of its own for each test, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.inventory.lab import Inventory


@pytest.fixture
def inventory(database_url: str) -> Iterator[Inventory]:
    """An inventory on a fresh database."""
    opened = Inventory(database_url)
    yield opened
    opened.close()
