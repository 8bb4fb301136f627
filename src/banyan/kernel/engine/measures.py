"""Whether a room works, and in numbers, how: for those who watch over the house."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import sqlalchemy as sa

from banyan.kernel.engine.clock import to_us
from banyan.kernel.engine.room import Room
from banyan.kernel.engine.tables import DELIVERY, OUTBOX


class Measure(NamedTuple):
    """One number: what it is called and means, whose it is, and whether it only ever grows."""

    name: str
    meaning: str
    labels: tuple[tuple[str, str], ...]
    value: float
    is_counter: bool = False


_WAITING = sa.select(
    DELIVERY.c.state, sa.func.count(), sa.func.min(OUTBOX.c.at_us)
).join(OUTBOX, OUTBOX.c.seq == DELIVERY.c.seq).group_by(DELIVERY.c.state)  # fmt: skip


def measure_room(room: Room) -> Iterator[Measure]:
    """What is on its way from a room, what is stuck, and what its database did."""
    with room.database.read() as tx:
        found = {state: (count, oldest) for state, count, oldest in tx.execute(_WAITING)}
    own = (("room", room.name),)
    due, oldest_us = found.get("due", (0, None))
    age_s = 0.0 if oldest_us is None else max(0, to_us(room.clock.now()) - oldest_us) / 1_000_000
    yield Measure("banyan_outbox_due", "Deliveries not yet made.", own, due)
    yield Measure("banyan_outbox_age_seconds", "Age of the oldest such delivery.", own, age_s)
    parked = found.get("parked", (0, None))[0]
    yield Measure("banyan_outbox_parked", "Deliveries that nobody tries any more.", own, parked)
    counts = room.database.counts
    for name, meaning, value in (
        ("banyan_db_commits", "Transactions committed.", counts.commits),
        ("banyan_db_races", "Transactions run again after a lost race.", counts.races),
        ("banyan_db_errors", "Times the database failed or was away.", counts.errors),
    ):
        yield Measure(name, meaning, own, value, is_counter=True)


def check_room(room: Room) -> None:
    """Raises an outage when the room's database does not answer."""
    with room.database.read() as tx:
        tx.execute(sa.select(sa.literal(1))).scalar()
