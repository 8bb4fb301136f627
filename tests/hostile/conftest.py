"""One house for all that is sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.running import RunningHouse, running


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHouse]:
    """A house in a program of its own, with limits far away: they are tested elsewhere."""
    with running(tmp_path_factory.mktemp("hostile")) as opened:
        yield opened
        log = opened.log.read_text("utf-8")
        assert "http.bug" not in log, log[-4_000:]
