"""Ground to crash on: a database and a folder, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.child import Ground


@pytest.fixture
def ground(database_url: str, tmp_path: Path) -> Iterator[Ground]:
    """A stocked shop that nobody runs yet."""
    with Ground(database_url, tmp_path / "ground") as made:
        yield made
