"""A database for each test of party."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """A fresh SQLite folder."""
    return f"sqlite:///{tmp_path}"
