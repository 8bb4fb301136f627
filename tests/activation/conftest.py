"""A network of its own for each test, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.activation.lab import DyingDriver, Network, SlowDriver


@pytest.fixture
def network(database_url: str, tmp_path: Path) -> Iterator[Network]:
    """Activation with every installed driver, and two with a fault to order."""
    faulty = {"dying": DyingDriver(), "slow": SlowDriver()}
    opened = Network(database_url, tmp_path / "devices", faulty)
    yield opened
    opened.close()
