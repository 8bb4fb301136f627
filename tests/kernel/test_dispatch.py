"""Telling facts: one effect each, in order per subject, and what can't be told holds its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

import banyan.kernel.engine.migrations
from banyan.kernel.engine.clock import DrivenClock, to_us
from banyan.kernel.engine.db import Database
from banyan.kernel.engine.dispatch import (
    ATTEMPTS_MAX,
    LONGEST_PAUSE_S,
    Dispatcher,
    Fact,
    Reactions,
    Untold,
    parked,
    redeliver,
)
from banyan.kernel.engine.handlers import decides
from banyan.kernel.engine.migrate import find_migrations, migrate
from banyan.kernel.engine.room import Room
from banyan.kernel.engine.tables import DELIVERY
from banyan.kernel.engine.work import Work
from banyan.kernel.words.errors import Later, Never
from banyan.kernel.words.messages import Command
from tests.kernel.ear.contract import Hear
from tests.kernel.lab import CALL, Lab
from tests.kernel.shelf.contract import Put
from tests.kernel.shelf.events import ThingPut

METADATA = sa.MetaData()
LINE = sa.Table(
    "line",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("words", sa.String(64), nullable=False),
)
START = datetime(2026, 1, 31, 12, tzinfo=UTC)
PAUSE = timedelta(seconds=LONGEST_PAUSE_S)


class Lost(Command[None], frozen=True, kw_only=True):
    """A command that no room answers."""


class Heard:
    """A house whose ear writes down, line by line, what is put on the shelf."""

    def __init__(self, url: str) -> None:
        self.clock = DrivenClock(START)
        self.lab = Lab(url, clock=self.clock)
        self.database = Database("ear", url)
        handlers = (decides(Hear, self._hear),)
        self.ear = Room("ear", self.database, self.clock, self.lab.mint, handlers)
        migrate(
            self.database, self.clock, find_migrations("kernel", banyan.kernel.engine.migrations)
        )
        self.database.write(lambda tx: METADATA.create_all(tx))
        self.lab.house.add(self.ear)
        self.reactions = Reactions(self.lab.house)
        self.reactions.add("ear", ThingPut, self._react)
        self.lab.shelf.listeners = self.reactions.listeners()
        self.dispatcher = self.teller(self.reactions)

    def teller(self, tells: Any) -> Dispatcher:
        """A dispatcher for the shelf's facts."""
        return Dispatcher([self.lab.shelf], tells.tell, ["ear"], self.clock)

    def _react(self, fact: ThingPut) -> Command[Any] | None:
        self.lab.outside.fail(f"react {fact.name}")
        return None if fact.name == "silence" else Hear(name=fact.name, words=str(fact.times))

    def _hear(self, work: Work, command: Hear) -> int:
        self.lab.outside.fail(f"hear {command.name}")
        work.tx.execute(LINE.insert(), {"name": command.name, "words": command.words})
        return 0

    def put(self, *names: str) -> None:
        """Put things on the shelf, one commit each."""
        for name in names:
            self.lab.shelf.put(CALL, Put(name=name), self.lab.mint.text())

    def lines(self) -> list[str]:
        """What the ear heard, in order."""
        with self.database.read() as tx:
            rows = tx.execute(sa.select(LINE).order_by(LINE.c.number))
            return [f"{row.name} {row.words}" for row in rows]

    def open(self) -> int:
        """Deliveries not made yet."""
        with self.lab.shelf.database.read() as tx:
            return int(tx.execute(sa.select(sa.func.count()).select_from(DELIVERY)).scalar() or 0)

    def fail(self, what: str, *errors: Exception) -> None:
        """Let ``what`` fail so."""
        self.lab.outside.failures[what] = list(errors)

    def tell_patiently(self, rounds: int) -> None:
        """Tell, with pauses long enough for everything that is to be tried again."""
        for _ in range(rounds):
            self.dispatcher.tell_due()
            self.clock.advance(PAUSE)

    def close(self) -> None:
        """Give the databases back."""
        self.lab.close()
        self.database.close()


@pytest.fixture
def house(database_url: str) -> Iterator[Heard]:
    """A house with a shelf, an ear and a clock that stands still."""
    heard = Heard(database_url)
    yield heard
    heard.close()


class Dying:
    """Tells, then dies before it can be written down that it told."""

    class Killed(BaseException):
        """The process ends here."""

    def __init__(self, reactions: Reactions) -> None:
        self._reactions = reactions

    def tell(self, facts: Sequence[Fact]) -> Sequence[Exception | None]:
        """See :class:`Reactions`."""
        self._reactions.tell(facts)
        raise self.Killed


def test_every_fact_is_told_once_and_in_order(house: Heard) -> None:
    house.put("a", "b", "a", "a", "b")
    assert house.dispatcher.tell_due() == 2, "one of each subject at a time"
    house.tell_patiently(2)
    lines = house.lines()
    assert [line for line in lines if line.startswith("a")] == ["a 1", "a 2", "a 3"]
    assert [line for line in lines if line.startswith("b")] == ["b 1", "b 2"]
    assert house.open() == 0
    assert house.dispatcher.tell_due() == 0


def test_a_refused_command_says_nothing(house: Heard) -> None:
    house.lab.shelf.put_many([])
    house.fail("a", ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        house.put("a")
    house.tell_patiently(1)
    assert house.lines() == []


def test_a_fact_that_calls_for_nothing_is_told_too(house: Heard) -> None:
    house.put("silence")
    assert house.dispatcher.tell_due() == 1
    assert (house.lines(), house.open()) == ([], 0)


def test_a_fact_told_twice_has_one_effect(house: Heard) -> None:
    house.put("a", "b")
    for _ in range(2):
        with pytest.raises(Dying.Killed):
            house.teller(Dying(house.reactions)).tell_due()
        assert house.open() == 2
    house.dispatcher.tell_due()
    assert sorted(house.lines()) == ["a 1", "b 1"]
    assert house.open() == 0


def test_two_dispatchers_at_once_have_one_effect(house: Heard) -> None:
    house.put("a", "b", "c", "a")
    telling = [threading.Thread(target=lambda: house.teller(house.reactions).tell_due())
               for _ in range(4)]  # fmt: skip
    for thread in telling:
        thread.start()
    for thread in telling:
        thread.join()
    house.tell_patiently(3)
    assert sorted(house.lines()) == ["a 1", "a 2", "b 1", "c 1"]


def test_a_passing_failure_is_told_again_after_growing_pauses(house: Heard) -> None:
    house.fail("hear a", *[Later(0, "busy") for _ in range(3)])
    house.put("a")
    pauses = []
    for _ in range(3):
        assert house.dispatcher.tell_due() == 0
        began = house.clock.now()
        while not _is_due(house):
            house.clock.advance(timedelta(milliseconds=100))
        pauses.append(house.clock.now() - began)
    house.tell_patiently(1)
    assert pauses[0] < pauses[1] < pauses[2]
    assert house.lines() == ["a 1"]


def _is_due(house: Heard) -> bool:
    with house.lab.shelf.database.read() as tx:
        return int(tx.execute(sa.select(DELIVERY.c.due_us)).scalar() or 0) <= to_us(
            house.clock.now()
        )


@pytest.mark.parametrize("where", ["react", "hear"])
@pytest.mark.parametrize("error", [Later, Never, ZeroDivisionError])
def test_what_can_not_be_told_is_parked_and_holds_the_later_facts_of_its_subject_only(
    house: Heard, where: str, error: type[Exception]
) -> None:
    many = range(ATTEMPTS_MAX)
    house.fail(f"{where} a", *[Later(1, "no") if error is Later else error("no") for _ in many])
    house.put("a", "b", "a", "c", "b")
    house.tell_patiently(ATTEMPTS_MAX + 1)
    assert sorted(house.lines()) == ["b 1", "b 2", "c 1"]
    held = parked(house.lab.shelf)
    assert [(fact["subject"], fact["target"]) for fact in held] == [("a", "ear")]
    assert "no" in held[0]["reason"]
    assert house.open() == 2
    house.lab.outside.failures.clear()
    assert redeliver(house.lab.shelf, "somebody else") == 0
    assert redeliver(house.lab.shelf, "ear") == 1
    house.tell_patiently(2)
    assert house.lines()[-2:] == ["a 1", "a 2"]
    assert (house.open(), parked(house.lab.shelf)) == (0, [])


def test_what_was_not_tried_stays_due_and_is_never_parked(house: Heard) -> None:
    house.put("a")

    class Busy:
        def tell(self, facts: Sequence[Fact]) -> Sequence[Exception | None]:
            return [Untold() for _ in facts]

    busy = house.teller(Busy())
    for _ in range(ATTEMPTS_MAX + 1):
        busy.tell_due()
        house.clock.advance(PAUSE)
    assert parked(house.lab.shelf) == []
    house.tell_patiently(1)
    assert house.lines() == ["a 1"]


def test_a_fact_nobody_hears_any_more_is_parked_not_lost(house: Heard) -> None:
    house.put("a")
    deaf = house.teller(Reactions(house.lab.house))
    for _ in range(2):
        deaf.tell_due()
        house.clock.advance(PAUSE)
    assert len(parked(house.lab.shelf)) == 1
    redeliver(house.lab.shelf)
    house.tell_patiently(1)
    assert house.lines() == ["a 1"]


def test_a_dispatcher_tells_its_own_targets_only(house: Heard) -> None:
    house.lab.shelf.listeners = {"shelf.ThingPut": ("ear", "hub:1", "hub:2", "hubris")}
    house.put("a")
    seen: list[str] = []

    class Hubs:
        def tell(self, facts: Sequence[Fact]) -> Sequence[Exception | None]:
            seen.extend(fact.target for fact in facts)
            return [None] * len(facts)

    Dispatcher([house.lab.shelf], Hubs().tell, "hub:", house.clock).tell_due()
    assert sorted(seen) == ["hub:1", "hub:2"]
    assert house.open() == 2


def test_a_reaction_that_asks_nobody_parks_its_fact_and_nobody_elses(house: Heard) -> None:
    house.reactions.add("void", ThingPut, lambda fact: Lost())
    house.lab.shelf.listeners = house.reactions.listeners()
    house.put("a", "b")
    both = Dispatcher([house.lab.shelf], house.reactions.tell, ["ear", "void"], house.clock)
    for _ in range(2):
        both.tell_due()
        house.clock.advance(PAUSE)
    assert sorted(house.lines()) == ["a 1", "b 1"]
    assert [fact["target"] for fact in parked(house.lab.shelf)] == ["void", "void"]


def test_a_running_dispatcher_is_woken_by_commits_and_survives_bugs(house: Heard) -> None:
    calls: list[int] = []

    class Buggy:
        def tell(self, facts: Sequence[Fact]) -> Sequence[Exception | None]:
            calls.append(len(facts))
            if len(calls) == 1:
                raise ZeroDivisionError("in the teller itself")
            return house.reactions.tell(facts)

    running = house.teller(Buggy())
    running.start()
    try:
        house.put("a", "b")
        for _ in range(1_000):
            if len(house.lines()) == 2:
                break
            threading.Event().wait(0.01)
    finally:
        running.stop()
    assert sorted(house.lines()) == ["a 1", "b 1"]


def test_facts_committed_late_are_not_missed(pg_database: str) -> None:
    house, other = Heard(pg_database), Heard(pg_database)
    written, may_commit = threading.Event(), threading.Event()

    def say_slowly(tx: Connection) -> None:
        slow = Work(tx, CALL, house.clock.now(), "k", house.lab.mint, house.lab.shelf.listeners)
        slow.say(ThingPut(subject="early", name="early", times=1))
        written.set()
        assert may_commit.wait(10)

    early = threading.Thread(target=lambda: house.lab.shelf.upkeep(say_slowly))
    early.start()
    assert written.wait(10)
    other.put("late")  # takes the later number and is committed first
    assert other.dispatcher.tell_due() == 1
    may_commit.set()
    early.join()
    other.tell_patiently(1)
    assert other.lines() == ["late 1", "early 1"]
    assert other.open() == 0
    house.close()
    other.close()
