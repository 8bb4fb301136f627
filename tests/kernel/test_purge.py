"""What is old goes, what somebody may still need stays, however old it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from banyan.kernel.engine.clock import DrivenClock
from banyan.kernel.engine.dispatch import Dispatcher, redeliver
from banyan.kernel.engine.purge import PAGE, Purged, Purger
from banyan.kernel.engine.tables import ANSWER, AUDIT, DELIVERY, OUTBOX
from banyan.kernel.words.errors import Never
from tests.kernel.lab import CALL, Lab
from tests.kernel.shelf.contract import Put

KEEP = timedelta(days=30)


@pytest.fixture
def lab(database_url: str) -> Iterator[Lab]:
    """A house on a driven clock, whose things are heard of by an ear."""
    opened = Lab(database_url, clock=DrivenClock(datetime(2026, 1, 1, tzinfo=UTC)))
    opened.shelf.listeners = {"shelf.ThingPut": ("ear",)}
    yield opened
    opened.close()


def purge(lab: Lab, *plans: str) -> Purged:
    """One round, with plans that are not over."""
    return Purger(lab.house, lambda: set(plans), KEEP, lab.clock).purge()


def advance(lab: Lab, days: int) -> None:
    """Let days pass."""
    assert isinstance(lab.clock, DrivenClock)
    lab.clock.advance(timedelta(days=days))


def tell(lab: Lab, error: Exception | None = None) -> None:
    """Tell all facts that are due, with this end."""
    teller = Dispatcher([lab.shelf], lambda facts: [error for _ in facts], ["ear"], lab.clock)
    while teller.tell_due():
        pass


def count(lab: Lab, table: sa.Table) -> int:
    """How many rows."""
    with lab.shelf.database.read() as tx:
        return int(tx.execute(sa.select(sa.func.count()).select_from(table)).scalar() or 0)


def keys(lab: Lab) -> list[Any]:
    """The keys that are remembered."""
    with lab.shelf.database.read() as tx:
        return list(tx.execute(sa.select(ANSWER.c.key).order_by(ANSWER.c.key)).scalars())


def test_what_is_told_and_answered_goes_when_it_is_old_enough(lab: Lab) -> None:
    lab.shelf.put(CALL, Put(name="old"), "http/old")
    tell(lab)
    advance(lab, 20)
    lab.shelf.put(CALL, Put(name="young"), "http/young")
    tell(lab)
    assert purge(lab) == Purged(0, 0)
    advance(lab, 11)
    assert purge(lab) == Purged(1, 1)
    assert keys(lab) == ["http/young"]
    assert count(lab, AUDIT) == 2, "the audit stays"
    assert lab.shelf.put(CALL, Put(name="young"), "http/young").times == 1, "still remembered"


def test_a_fact_somebody_is_to_be_told_never_goes(lab: Lab) -> None:
    lab.shelf.put(CALL, Put(name="a"), "k1")
    lab.shelf.put(CALL, Put(name="b"), "k2")
    for _ in range(3):
        tell(lab, Never("nobody at home"))
        advance(lab, 1)
    advance(lab, 400)
    purge(lab)
    assert count(lab, OUTBOX) == count(lab, DELIVERY) == 2
    redeliver(lab.shelf)
    advance(lab, 1)
    tell(lab)
    assert count(lab, DELIVERY) == 0
    assert purge(lab).facts == 2


def test_the_answer_to_a_fact_stays_until_it_is_told(lab: Lab) -> None:
    lab.shelf.put(CALL, Put(name="a"), "k1")
    with lab.shelf.database.read() as tx:
        (event,) = tx.execute(sa.select(OUTBOX.c.id)).scalars()
    lab.shelf.put(CALL, Put(name="b"), f"event/{event}/ear")
    lab.shelf.put(CALL, Put(name="c"), "event/another/ear")
    advance(lab, 31)
    assert purge(lab).answers == 2
    assert keys(lab) == [f"event/{event}/ear"]


def test_the_answers_of_a_plan_stay_until_it_is_over(lab: Lab) -> None:
    for plan in ("plan-1", "plan-2"):
        lab.shelf.put(CALL, Put(name=plan), f"plan/{plan}/1/reserve/vlan")
        lab.shelf.bar(CALL.tenant, f"plan/{plan}/2/configure")
    advance(lab, 365)
    purge(lab, "plan-2")
    assert keys(lab) == ["plan/plan-2/1/reserve/vlan", "plan/plan-2/2/configure"]
    purge(lab)
    assert keys(lab) == []


def test_more_than_a_page_goes_in_one_round(lab: Lab) -> None:
    at_us = 1
    rows = [
        {"tenant": f"t{n % 3}", "key": f"http/{n:05}", "command": "", "fingerprint": "",
         "state": "given", "answer": "null", "at_us": at_us if n % 2 else 2**60}
        for n in range(2 * PAGE + 7)
    ]  # fmt: skip
    lab.shelf.database.write(lambda tx: tx.execute(ANSWER.insert(), rows))
    assert purge(lab).answers == sum(row["at_us"] == at_us for row in rows)
    assert len(keys(lab)) == sum(row["at_us"] != at_us for row in rows)
