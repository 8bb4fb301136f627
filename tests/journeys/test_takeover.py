"""Two programs and one order: who was overtaken has nothing to say any more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from banyan.journeys.order_to_active import NAME
from banyan.kernel.words.errors import Later, NeedsPerson
from tests.journeys.books import Books
from tests.journeys.conftest import MakeLab
from tests.journeys.faults import Faults
from tests.journeys.lab import Lab, changed, wait_for
from tests.journeys.shop import FALLOUTS, ORDERS, Shop, open_shop

CONFIGURE = "1/configure/access-port.1.1.2"
RESERVE_UNDO = "1/reserve/vlan.1.1.1/undo"


@pytest.fixture
def books(database_url: str, tmp_path: Path) -> Iterator[Books]:
    found = Books(database_url, tmp_path / "home")
    yield found
    found.close()


def fall_asleep(lab: Lab, patch: pytest.MonkeyPatch) -> threading.Event:
    """Keep the lab's worker from doing anything until the event is set."""
    runner = lab.standing.runner
    assert runner is not None
    awake, turn = threading.Event(), runner.turn
    patch.setattr(runner, "turn", lambda: awake.wait(0.02) and turn())
    return awake


def is_written(lab: Lab, order_id: str) -> bool:
    """Whether the plan's rows have caught up with the reservation."""
    plan = lab.plan(NAME, order_id)
    steps = {} if plan is None else {step.name: step.state for step in plan.steps}
    return steps.get(RESERVE_UNDO.removesuffix("/undo")) == "done"


def test_news_of_an_overtaken_worker_reaches_nobody_when_another_has_completed_the_order(
    make_lab: MakeLab, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    late_faults = Faults()
    late = make_lab(late_faults.builders(), lease_s=0.4).work()
    shop = open_shop(late)
    reached, gate = threading.Event(), threading.Event()

    def find_fault() -> None:
        reached.set()
        assert gate.wait(30)
        raise NeedsPerson("the late worker found a fault")

    late_faults.planned = {(CONFIGURE, "look.before"): find_fault}
    order_id = shop.order()
    assert reached.wait(20)
    wait_for(lambda: is_written(late, order_id), lambda: "the first steps to be written down")
    awake = fall_asleep(late, monkeypatch)
    lab = make_lab(lease_s=0.4).work()
    lab.wait_plan(NAME, order_id, "completed")
    gate.set()
    threading.Event().wait(0.2)  # what the late worker found is waiting for it when it wakes
    awake.set()
    threading.Event().wait(0.5)
    assert lab.get(FALLOUTS, **{"productOrder.id": order_id}) == []
    assert lab.get(f"{ORDERS}/{order_id}")["state"] == "completed"
    wait_for(lambda: lab.untold() == 0, lambda: "everything to be told")
    books.check()


def test_news_of_an_overtaken_worker_reaches_nobody_while_another_unwinds(
    make_lab: MakeLab, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    late_faults, faults = Faults(), Faults()
    late = make_lab(late_faults.builders(), lease_s=0.4).work()
    lab = make_lab(faults.builders(), lease_s=0.4)
    shop = open_shop(late)
    before = late.snapshot("ordering")
    reached, gate, undoing = threading.Event(), threading.Event(), threading.Event()

    def find_fault() -> None:
        reached.set()
        assert gate.wait(30)
        raise NeedsPerson("the late worker found a fault")

    def not_yet() -> None:
        undoing.set()
        raise Later(0.05, "not undone before the late worker has woken up")

    late_faults.planned = {(CONFIGURE, "look.before"): find_fault}
    faults.planned = {(RESERVE_UNDO, "handle.before"): not_yet}
    order_id = shop.order()
    assert reached.wait(20)
    wait_for(lambda: is_written(late, order_id), lambda: "the first steps to be written down")
    awake = fall_asleep(late, monkeypatch)
    shop = Shop(lab, shop.customer_id, shop.account_id)
    shop.cancel(order_id)
    wait_for(lambda: lab.hear().untold() == 0, lambda: "the cancellation to arrive")
    lab.work()
    assert undoing.wait(20), "the next worker takes over and unwinds"
    gate.set()
    threading.Event().wait(0.2)  # what the late worker found is waiting for it when it wakes
    awake.set()
    threading.Event().wait(0.5)
    faults.planned = {}
    lab.wait_plan(NAME, order_id, "unwound")
    order = lab.get(f"{ORDERS}/{order_id}")
    assert order["state"] == "cancelled"
    assert "productOrderErrorMessage" not in order
    assert lab.get(FALLOUTS, **{"productOrder.id": order_id}) == []
    assert changed(before, lab.snapshot("ordering")) == {}
    wait_for(lambda: lab.untold() == 0, lambda: "everything to be told")
    books.check()
