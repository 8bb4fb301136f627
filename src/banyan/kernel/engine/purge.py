"""Lets go of remembered answers and told facts, some time after nobody can need them any more.

An answer goes when it is old enough, unless it is of a step of a plan that is not over, or of a
fact that somebody is still to be told. A fact goes when it is old enough and everybody was told:
parked deliveries keep theirs for ever. Documents and the audit are not touched.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from banyan.kernel.engine.clock import Clock, RealClock, to_us
from banyan.kernel.engine.house import House
from banyan.kernel.engine.room import Room
from banyan.kernel.engine.tables import ANSWER, DELIVERY, OUTBOX
from banyan.kernel.words.errors import Outage

EVERY_S: Final = 3_600.0
"""How often a running house looks for what may go, in seconds."""
PAGE: Final = 500
"""Rows that are looked at, or taken away, in one transaction."""

_log = structlog.get_logger()

_UNTOLD = sa.select(OUTBOX.c.id).join(DELIVERY, DELIVERY.c.seq == OUTBOX.c.seq)
_UNTOLD_SEQS = sa.select(DELIVERY.c.seq).distinct()
_FACTS = (
    sa.select(OUTBOX.c.seq, OUTBOX.c.at_us)
    .where(OUTBOX.c.seq > sa.bindparam("after"))
    .order_by(OUTBOX.c.seq)
    .limit(PAGE)
)
_ANSWERS = (
    sa.select(ANSWER.c.tenant, ANSWER.c.key, ANSWER.c.at_us)
    .where(
        (ANSWER.c.tenant > sa.bindparam("t"))
        | ((ANSWER.c.tenant == sa.bindparam("t")) & (ANSWER.c.key > sa.bindparam("k")))
    )
    .order_by(ANSWER.c.tenant, ANSWER.c.key)
    .limit(PAGE)
)
_DROP_FACT = OUTBOX.delete().where(OUTBOX.c.seq == sa.bindparam("b_seq"))
_DROP_ANSWER = ANSWER.delete().where(
    ANSWER.c.tenant == sa.bindparam("b_t"), ANSWER.c.key == sa.bindparam("b_k")
)


@dataclass(frozen=True, slots=True)
class Purged:
    """How much went in one round."""

    answers: int = 0
    facts: int = 0


OpenPlans = Callable[[], set[str]]
"""The ids of all plans that are not over."""


class Purger:
    """A thread that purges all rooms of a house once in an hour, each page in a commit of its own.

    Several processes may do so at once: what is gone already is not missed.
    """

    def __init__(
        self, house: House, open_plans: OpenPlans, keep: timedelta, clock: Clock | None = None
    ) -> None:
        self._house = house
        self._open_plans = open_plans
        self._keep = keep
        self._clock = clock or RealClock()
        self._bell = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="purger", daemon=True)

    def start(self) -> None:
        """Begin, with a round in an hour: what was under way at the last end comes first."""
        self._thread.start()

    def stop(self) -> None:
        """End after the page under way."""
        self._stopping.set()
        self._bell.set()
        if self._thread.is_alive():
            self._thread.join(30)

    def _run(self) -> None:
        self._clock.wait(self._bell, None, EVERY_S)
        while not self._stopping.is_set():
            try:
                purged = self.purge()
                if purged != Purged():
                    _log.info("purge", answers=purged.answers, facts=purged.facts)
            except Outage as outage:
                _log.warning("purge.outage", reason=outage.reason)
            except Exception as error:  # a bug costs a round, never the thread
                _log.error("purge.bug", exc_info=error)
            self._clock.wait(self._bell, None, EVERY_S)

    def purge(self) -> Purged:
        """One round; returns how much went."""
        until_us = to_us(self._clock.now() - self._keep)
        rooms = list(self._house.rooms.values())
        needed = {f"plan/{plan}" for plan in self._open_plans()}
        for room in rooms:
            with room.database.read() as tx:
                needed.update(f"event/{told}" for told in tx.execute(_UNTOLD).scalars())
        answers = sum(self._purge_answers(room, needed, until_us) for room in rooms)
        facts = sum(self._purge_facts(room, until_us) for room in rooms)
        return Purged(answers, facts)

    def _purge_answers(self, room: Room, needed: set[str], until_us: int) -> int:
        at, gone = {"t": "", "k": ""}, 0
        while not self._stopping.is_set():
            with room.database.read() as tx:
                rows = tx.execute(_ANSWERS, at).all()
            old = [row for row in rows if row.at_us < until_us and _whose(row.key) not in needed]
            gone += _drop(room, _DROP_ANSWER, ({"b_t": row.tenant, "b_k": row.key} for row in old))
            if len(rows) < PAGE:
                break
            at = {"t": rows[-1].tenant, "k": rows[-1].key}
        return gone

    def _purge_facts(self, room: Room, until_us: int) -> int:
        after, gone = 0, 0
        while not self._stopping.is_set():
            with room.database.read() as tx:  # an old fact gets no new delivery: this stays true
                rows = tx.execute(_FACTS, {"after": after}).all()
                untold = set(tx.execute(_UNTOLD_SEQS).scalars())
            old = [row.seq for row in rows if row.at_us < until_us and row.seq not in untold]
            gone += _drop(room, _DROP_FACT, ({"b_seq": seq} for seq in old))
            if len(rows) < PAGE or not any(row.at_us < until_us for row in rows):
                break
            after = rows[-1].seq
        return gone


def _whose(key: str) -> str:
    """``plan/<id>`` or ``event/<id>`` of a key that belongs to one."""
    kind, _, rest = key.partition("/")
    return f"{kind}/{rest.partition('/')[0]}"


def _drop(room: Room, statement: Any, keys: Iterable[dict[str, Any]]) -> int:
    rows = list(keys)

    def drop(tx: Connection) -> None:
        tx.execute(statement, rows)

    if rows:
        room.upkeep(drop, is_lasting=False)
    return len(rows)
