"""Place on either database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.place.lab import Place


@pytest.fixture
def place(database_url: str) -> Iterator[Place]:
    """The room over HTTP."""
    made = Place(database_url)
    yield made
    made.close()
