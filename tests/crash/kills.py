"""One order's walk, killed at one point after the other, each time taken up by the next program."""

from __future__ import annotations

from collections.abc import Iterable

from tests.crash.child import Child, Ground, wait_for

POINTS_MAX = 80
"""More commits than one order takes, in one program."""


def kill_at(ground: Ground, child: Child, point: str, key: str) -> tuple[Child, bool]:
    """Order, die at ``point``, restart, and find everything in order.

    Returns the program that runs then, and whether the walk has such a point at all.
    """
    child.fate.write_text(f"kill {point}", "utf-8")
    order_id = child.order(key)
    wait_for(lambda: _has_ended(ground, child, order_id), lambda: f"death {point}, or the end")
    child.fate.unlink()
    again = child.order(key)
    is_hit = not again
    if is_hit:
        wait_for(lambda: not child.is_alive, lambda: f"its death {point}: it gives no answer")
        child.end()
        child = ground.start()
        again = child.order(key)
    assert order_id in ("", again), f"killed {point}: a repeat made another order"
    assert child.wait_over(again) == "completed", f"killed {point}"
    ground.settle()
    return child, is_hit


def _has_ended(ground: Ground, child: Child, order_id: str) -> bool:
    return not child.is_alive or (bool(order_id) and ground.is_quiet())


def kill_at_each(ground: Ground, points: Iterable[str]) -> list[str]:
    """Kill at each of these points in turn; those that the walk really has."""
    child, hit = ground.start(), []
    for number, point in enumerate(points):
        child, is_hit = kill_at(ground, child, point, f"order-{number}")
        if is_hit:
            hit.append(point)
    child.end()
    return hit
