"""Houses over one fresh database per test, on each kind of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.lab import Lab

MakeLab = Callable[..., Lab]


@pytest.fixture
def make_lab(database_url: str, tmp_path: Path) -> Iterator[MakeLab]:
    """Makes houses over the same database and devices; closes them."""
    made: list[Lab] = []

    def make(*arguments: Any, **named: Any) -> Lab:
        made.append(Lab(database_url, tmp_path / "home", *arguments, **named))
        return made[-1]

    yield make
    for lab in made:
        lab.close()
