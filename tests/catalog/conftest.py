"""An empty catalogue for each test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.catalog.shop import Shop


@pytest.fixture
def shop(database_url: str) -> Iterator[Shop]:
    """The room catalog on a database of its own."""
    made = Shop(database_url)
    yield made
    made.database.close()
