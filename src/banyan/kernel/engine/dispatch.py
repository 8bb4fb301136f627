"""Tells every fact to everyone who hears it: exactly one effect, in order per subject.

The outbox keeps a delivery row per target. A reaction turns the fact into one command of the
target, keyed by the event's id, so telling twice acts once; then the row goes away. A target that
fails is told again with growing pauses, and after ``ATTEMPTS_MAX`` the delivery is parked: it and
the later facts of its subject stay on record until somebody redelivers them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from banyan.kernel.engine.clock import Clock, RealClock, to_us
from banyan.kernel.engine.house import House
from banyan.kernel.engine.room import Asked, Room
from banyan.kernel.engine.tables import DELIVERY, OUTBOX
from banyan.kernel.engine.vault import MARK
from banyan.kernel.words.codec import from_json, from_plain
from banyan.kernel.words.errors import Later, Never, Outage, Refused
from banyan.kernel.words.messages import Call, Command, Event, message_name

ATTEMPTS_MAX = 12
BATCH_MAX = 128
POLL_S = 0.5
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 60.0

_log = structlog.get_logger()

_earlier = DELIVERY.alias("earlier")
_DUE = (
    sa.select(OUTBOX, DELIVERY.c.target, DELIVERY.c.attempts)
    .join(OUTBOX, OUTBOX.c.seq == DELIVERY.c.seq)
    .where(DELIVERY.c.state == "due", DELIVERY.c.due_us <= sa.bindparam("now_us"))
    .where(
        ~sa.exists().where(
            _earlier.c.target == DELIVERY.c.target,
            _earlier.c.subject == DELIVERY.c.subject,
            _earlier.c.seq < DELIVERY.c.seq,
        )
    )
    .order_by(DELIVERY.c.seq)
    .limit(BATCH_MAX)
)
_AT = (DELIVERY.c.target == sa.bindparam("b_target")) & (DELIVERY.c.seq == sa.bindparam("b_seq"))
_TOLD = DELIVERY.delete().where(_AT)
_AGAIN = (
    DELIVERY.update()
    .where(_AT)
    .values(
        state=sa.bindparam("b_state"),
        attempts=sa.bindparam("b_attempts"),
        due_us=sa.bindparam("b_due_us"),
        reason=sa.bindparam("b_reason"),
    )
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One event on its way to one target."""

    seq: int
    id: str
    tenant: str
    kind: str
    subject: str
    actor: str
    correlation: str
    at_us: int
    body: str
    target: str
    attempts: int

    def call(self) -> Call:
        """The call a reaction acts in: the tenant of the fact, the platform as actor."""
        return Call(self.tenant, f"reaction:{self.target}", ("platform",), self.correlation)


class Untold(Exception):
    """An outcome of telling: not tried yet, or not known yet.

    The fact is offered again in a moment; no attempt is counted. Meanwhile others have their turn.
    """


Teller = Callable[[Sequence[Fact]], Sequence[Exception | None]]
"""Acts on facts of one target kind; for each, nothing or why not."""

Reaction = Callable[[Any], Command[Any] | None]
"""Turns a fact into one own command, or into nothing; pure."""


class Reactions:
    """The reactions of all rooms of a process, as a teller for targets named after rooms."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._events: dict[str, type[Event]] = {}
        self._reactions: dict[tuple[str, str], Reaction] = {}

    def add(self, target: str, event: type[Event], reaction: Reaction) -> None:
        """``target`` hears ``event`` and answers it with ``reaction``."""
        name = message_name(event)
        assert (target, name) not in self._reactions, f"{target} hears {name} twice"
        self._events[name] = event
        self._reactions[target, name] = reaction

    def listeners(self) -> Mapping[str, tuple[str, ...]]:
        """Event name → who hears it."""
        heard: dict[str, tuple[str, ...]] = {}
        for target, name in sorted(self._reactions):
            heard[name] = (*heard.get(name, ()), target)
        return heard

    def tell(self, facts: Sequence[Fact]) -> Sequence[Exception | None]:
        """React to each fact; commands of one room share a commit."""
        outcomes: list[Exception | None] = [None] * len(facts)
        by_room: dict[str, list[tuple[int, Asked]]] = {}
        for position, fact in enumerate(facts):
            try:
                command = self._command(fact)
            except Exception as error:  # a bug in a reaction parks the fact, nobody else's
                outcomes[position] = error
                continue
            if command is not None:
                asked = Asked(fact.call(), command, f"event/{fact.id}/{fact.target}")
                room = self._house.room_of(command).name
                by_room.setdefault(room, []).append((position, asked))
        for room, several in by_room.items():
            slots = self._house.rooms[room].put_many([(asked, None) for _, asked in several])
            for (position, _), slot in zip(several, slots, strict=True):
                outcomes[position] = slot.error
        return outcomes

    def _command(self, fact: Fact) -> Command[Any] | None:
        reaction = self._reactions.get((fact.target, fact.kind))
        if reaction is None:
            raise Never(f"{fact.target} does not hear {fact.kind} any more")
        command = reaction(from_plain(from_json(fact.body), self._events[fact.kind]))
        if command is not None:
            name = message_name(type(command))
            assert name in self._house.messages, (
                f"nobody answers {name}, the reaction to {fact.kind}"
            )
        return command


class Dispatcher:
    """A thread that tells facts until it is stopped: one for reactions, one for slow outsiders.

    ``targets`` limits it to its own: names, or a prefix ending in ``:``.
    """

    def __init__(
        self,
        rooms: Iterable[Room],
        teller: Teller,
        targets: Iterable[str] | str,
        clock: Clock | None = None,
    ) -> None:
        self._rooms = list(rooms)
        self._teller = teller
        self._clock = clock or RealClock()
        own = (
            DELIVERY.c.target.startswith(targets, autoescape=True)
            if isinstance(targets, str)
            else DELIVERY.c.target.in_(sorted(targets))
        )
        self._query = _DUE.where(own)
        self._bell = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)

    def start(self) -> None:
        """Begin telling; commits in this process ring the bell, others are found by polling."""
        for room in self._rooms:
            room.bells.append(self._bell)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Finish the batch under way and end the thread."""
        self._stopping.set()
        self._bell.set()
        if self._thread.is_alive():
            self._thread.join(30)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                told = self.tell_due()
            except Outage as outage:
                _log.warning("dispatch.outage", reason=outage.reason)
                told = 0
            except Exception as error:  # a bug costs a pause, never the thread
                _log.error("dispatch.bug", exc_info=error)
                told = 0
            if not told:
                self._clock.wait(self._bell, None, POLL_S)

    def tell_due(self) -> int:
        """Tell everything due now, once; returns how many facts reached their target."""
        told = 0
        for room in self._rooms:
            facts = self._due(room)
            if facts:
                told += self._tell(room, facts)
        return told

    def _due(self, room: Room) -> list[Fact]:
        with room.database.read() as tx:
            rows = tx.execute(self._query, {"now_us": to_us(self._clock.now())}).mappings()
            return [self._opened(room, tx, Fact(**row)) for row in rows]

    def _opened(self, room: Room, tx: Connection, fact: Fact) -> Fact:
        """The fact with its body unsealed; an empty body once the person's key is destroyed."""
        if room.vault is None or not fact.body.startswith(MARK):
            return fact
        return replace(fact, body=room.vault.open(tx, fact.tenant, fact.body) or "")

    def _tell(self, room: Room, facts: list[Fact]) -> int:
        done: list[dict[str, Any]] = []
        again: list[dict[str, Any]] = []
        for fact, error in zip(facts, self._teller(facts), strict=True):
            at = {"b_target": fact.target, "b_seq": fact.seq}
            if error is None:
                done.append(at)
            elif isinstance(error, Untold):
                again.append(at | self._row("due", fact.attempts, FIRST_PAUSE_S, ""))
            else:
                again.append(at | self._pause(fact, error))
        if done or again:
            room.upkeep(lambda tx: _record(tx, done, again))
        return len(done)

    def _pause(self, fact: Fact, error: Exception) -> dict[str, Any]:
        attempts = fact.attempts + 1
        hopeless = not isinstance(error, Later) and not isinstance(error, Refused)
        parked = attempts >= ATTEMPTS_MAX or (hopeless and attempts > 1)
        pause_s = min(FIRST_PAUSE_S * 2**fact.attempts, LONGEST_PAUSE_S)
        if isinstance(error, Later):
            pause_s = max(pause_s, min(error.seconds, LONGEST_PAUSE_S))
        _log.warning(
            "dispatch.parked" if parked else "dispatch.again",
            target=fact.target,
            kind=fact.kind,
            subject=fact.subject,
            attempts=attempts,
            reason=str(error),
            exc_info=None if isinstance(error, Outage | Refused) else error,
        )
        state = "parked" if parked else "due"
        return self._row(state, attempts, pause_s, f"{type(error).__name__}: {error}")

    def _row(self, state: str, attempts: int, pause_s: float, reason: str) -> dict[str, Any]:
        return {
            "b_state": state,
            "b_attempts": attempts,
            "b_due_us": to_us(self._clock.now() + timedelta(seconds=pause_s)),
            "b_reason": reason,
        }


def _record(tx: Connection, done: list[dict[str, Any]], again: list[dict[str, Any]]) -> None:
    if done:
        tx.execute(_TOLD, done)
    if again:
        tx.execute(_AGAIN, again)


def redeliver(room: Room, target: str | None = None, tenant: str | None = None) -> int:
    """Make parked deliveries (of one target, of one tenant, or all) due again; returns how many.

    What waits behind them on the same subject goes on after them. A repeat finds nothing parked.
    """
    wish = DELIVERY.update().where(DELIVERY.c.state == "parked")
    if target is not None:
        wish = wish.where(DELIVERY.c.target == target)
    if tenant is not None:
        own = sa.exists().where(OUTBOX.c.seq == DELIVERY.c.seq, OUTBOX.c.tenant == tenant)
        wish = wish.where(own)
    wish = wish.values(state="due", attempts=0, due_us=0)
    count: int = room.upkeep(lambda tx: tx.execute(wish).rowcount)
    if count:
        for bell in room.bells:
            bell.set()
    return count


def parked(room: Room, tenant: str | None = None, most: int | None = None) -> list[dict[str, Any]]:
    """The parked deliveries of a room (of one tenant) with the facts they hold, oldest first.

    ``waiting`` is how many later facts of the same subject wait behind each.
    """
    behind = DELIVERY.alias("behind")
    waiting = (
        sa.select(sa.func.count())
        .where(
            behind.c.target == DELIVERY.c.target,
            behind.c.subject == DELIVERY.c.subject,
            behind.c.seq > DELIVERY.c.seq,
        )
        .scalar_subquery()
    )
    found = (
        sa.select(
            OUTBOX, DELIVERY.c.target, DELIVERY.c.attempts, DELIVERY.c.reason,
            waiting.label("waiting"),
        )
        .join(OUTBOX, OUTBOX.c.seq == DELIVERY.c.seq)
        .where(DELIVERY.c.state == "parked")
        .order_by(DELIVERY.c.seq)
        .limit(most)
    )  # fmt: skip
    if tenant is not None:
        found = found.where(OUTBOX.c.tenant == tenant)
    with room.database.read() as tx:
        return [dict(row) for row in tx.execute(found).mappings()]
