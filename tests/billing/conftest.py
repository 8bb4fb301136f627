"""A billing room of its own for each test, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.billing.lab import Billing


@pytest.fixture
def billing(database_url: str) -> Iterator[Billing]:
    """Billing on a fresh database."""
    opened = Billing(database_url)
    yield opened
    opened.close()
