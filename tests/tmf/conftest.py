"""A small house of its own for each test, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tmf.lab import Lab


@pytest.fixture
def lab(database_url: str) -> Iterator[Lab]:
    """The lab house on a fresh database."""
    opened = Lab(database_url)
    yield opened
    opened.close()
