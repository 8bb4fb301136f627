"""Programs that die or sleep in the middle of an order, at chosen points, and their successors."""

from __future__ import annotations

import signal
import threading
from typing import Any

from tests.crash.child import LEASE_S, Child, Ground, wait_for
from tests.crash.kills import kill_at_each

BELL = threading.Event()

EVERYDAY = (
    "before ordering 1",
    "after plans 1",
    "before device 1",
    "after inventory 2",
    "after billing 1",
    "before * 13",
)
"""Some points of one order's walk; the soak tests take every one."""


def test_an_order_survives_the_death_of_its_program_at_any_point(ground: Ground) -> None:
    assert kill_at_each(ground, EVERYDAY) == list(EVERYDAY)


def test_another_program_takes_over_from_one_that_dies(ground: Ground) -> None:
    other = ground.start()
    for number, point in enumerate(("after activation 1", "before device 1")):
        child = ground.start()
        order_id = _order_until(child, other, f"kill {point}", f"taken-{number}")
        assert not child.is_alive
        child.end()
        assert other.wait_over(order_id) == "completed"
        ground.settle()


def test_a_program_that_sleeps_while_another_undoes_its_order_changes_nothing_when_it_wakes(
    ground: Ground,
) -> None:
    other, child = ground.start(), ground.start()
    for number, point in enumerate(ASLEEP):
        order_id = _order_until(child, other, f"stop {point}", f"asleep-{number}")
        other.shop.cancel(order_id)
        assert other.wait_over(order_id) == "cancelled"
        ground.settle()
        before = ground.books.dump()
        child.wake()
        BELL.wait(4 * LEASE_S)
        assert _differing(before, ground.books.dump()) == [], f"it slept {point}"
        later = child.order(f"later-{number}")
        assert child.wait_over(later) == "completed", "awake, it works as before"
        ground.settle()


ASLEEP = ("after inventory 1", "after activation 1", "after billing 1")
"""Where a program falls asleep: a step is on disk, the next one is about to begin."""


def _differing(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [name for name in {**before, **after} if before.get(name) != after.get(name)]


def _order_until(child: Child, other: Child, fate: str, key: str) -> str:
    """Order at ``child`` and wait until its fate is there, while ``other`` can do nothing."""
    other.send(signal.SIGSTOP)
    child.fate.write_text(fate, "utf-8")
    order_id = child.order(key)
    assert order_id, "the order was answered before its plan began"
    wait_for(lambda: not child.is_alive or child.is_stopped, lambda: f"{fate}: {child.said()}")
    child.fate.unlink()
    other.wake()
    return order_id
