"""Five requests per operation of every API, made up by Schemathesis: nothing is answered 5xx.

Each API is asked in its newest generation; ``make soak`` sends fifty, in all of them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import RunningHouse
from tests.hostile.attack import attack, find_bases


@pytest.mark.parametrize("base", find_bases(newest=True))
def test_no_request_is_answered_with_a_fault(
    house: RunningHouse, base: str, tmp_path: Path
) -> None:
    assert attack(house, base, 5, tmp_path) == ""
