"""A whole house on each kind of database; nothing walks unless a test lets it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.lab import Lab
from tests.journeys.shop import Shop, open_shop
from tests.ordering.desk import Desk


@pytest.fixture
def lab(database_url: str, tmp_path: Path) -> Iterator[Lab]:
    """A house whose worker is not started."""
    made = Lab(database_url, tmp_path / "home")
    yield made
    made.close()


@pytest.fixture
def shop(lab: Lab) -> Shop:
    """Its shop: a catalogue, a network, a customer with an account."""
    return open_shop(lab)


@pytest.fixture
def desk(lab: Lab, shop: Shop) -> Desk:
    """Ordering in that house, driven by hand."""
    return Desk(lab, shop)
