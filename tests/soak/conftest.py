"""Ground to crash on, a seed, and a way to say how far a long test is."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crash.child import Ground

Say = Callable[[str], None]


@pytest.fixture
def ground(database_url: str, tmp_path: Path) -> Iterator[Ground]:
    """A stocked shop that nobody runs yet."""
    with Ground(database_url, tmp_path / "ground") as made:
        yield made


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Say:
    """Write a line of progress where the tests' own progress is shown."""
    reporter: Any = request.config.pluginmanager.get_plugin("terminalreporter")
    capturing: Any = request.config.pluginmanager.get_plugin("capturemanager")

    def write(line: str) -> None:
        with capturing.global_and_fixture_disabled():
            reporter.ensure_newline()
            reporter.write_line(f"  {request.node.name}: {line}", flush=True)

    return write


@pytest.fixture
def chance(say: Say) -> random.Random:
    """Chance with a seed that is said, so that a run can be repeated nearly."""
    seed = random.SystemRandom().randrange(2**32)
    say(f"seed {seed}")
    return random.Random(seed)
