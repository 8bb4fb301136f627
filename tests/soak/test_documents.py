"""Fifty requests per operation of every API document: the long form of tests/hostile."""

from __future__ import annotations

from pathlib import Path

from tests.cli.running import running
from tests.hostile.attack import attack, find_bases
from tests.soak.conftest import Say


def test_no_request_of_many_is_answered_with_a_fault(tmp_path: Path, say: Say) -> None:
    found = {}
    with running(tmp_path / "house") as house:
        for base in find_bases():
            wrong = attack(house, base, 50, tmp_path)
            say(f"{base}: {'FAULTS' if wrong else 'well'}")
            if wrong:
                found[base] = wrong
    assert found == {}
