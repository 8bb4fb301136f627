"""The whole house behind its front door, in this process, on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from banyan.gateway.tokens import TokenBook
from banyan.kernel.engine.settings import Settings
from banyan.wiring import Standing, build
from tests.gateway.lab import FrontDoor


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """A house that stands, and does not walk plans."""
    home = tmp_path_factory.mktemp("house")
    standing = build(Settings(folder=str(home)), "gateway-tests")
    yield standing
    standing.stop()


@pytest.fixture(scope="module")
def front(standing: Standing) -> Iterator[FrontDoor]:
    """A client in front of the house's door."""
    door = FrontDoor(standing, TokenBook(Path(standing.settings.folder)))
    yield door
    door.close()
