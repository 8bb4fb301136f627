"""A house with one toy room ``shelf`` (things are put on it and taken off) and a plans room."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import sqlalchemy as sa

import banyan.kernel.engine.migrations
import banyan.kernel.engine.plans.migrations
from banyan.kernel.engine.clock import Clock, RealClock
from banyan.kernel.engine.db import Database, Quick
from banyan.kernel.engine.handlers import Handler, acts, answers, asks, decides
from banyan.kernel.engine.house import House
from banyan.kernel.engine.migrate import find_migrations, migrate
from banyan.kernel.engine.mint import Mint
from banyan.kernel.engine.plans.contract import FindPlan, PlanSeen, StartPlan
from banyan.kernel.engine.plans.journey import Journey, Journeys
from banyan.kernel.engine.plans.runner import Pace, Runner
from banyan.kernel.engine.plans.service import Adopter, plan_handlers
from banyan.kernel.engine.room import Room
from banyan.kernel.engine.work import Desk, Look, Work
from banyan.kernel.words.errors import refused
from banyan.kernel.words.messages import Call
from tests.kernel.shelf.contract import CountThings, Deliver, Put, PutAfterLook, Take, Things
from tests.kernel.shelf.events import ThingPut

CALL = Call("acme", "tester", ("admin",))
METADATA = sa.MetaData()
THING = sa.Table(
    "thing",
    METADATA,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(128), primary_key=True),
    sa.Column("times", sa.Integer, nullable=False),
)
_owners = itertools.count(1)


class Outside:
    """The world the toy room touches: what arrived there, and how it misbehaves."""

    def __init__(self) -> None:
        self.arrived: dict[str, int] = {}
        self.calls: list[str] = []
        self.failures: dict[str, list[Exception]] = {}
        self.gates: dict[str, threading.Event] = {}
        self.entered = threading.Event()

    def meet(self, name: str) -> None:
        """Fail as was arranged for ``name``, or wait at its gate."""
        self.calls.append(name)
        self.entered.set()
        gate = self.gates.get(name)
        if gate is not None:
            assert gate.wait(20), f"nobody opened the gate of {name}"
        self.fail(name)

    def fail(self, name: str) -> None:
        """Fail as was arranged for ``name``."""
        if self.failures.get(name):
            raise self.failures[name].pop(0)


_AT = (THING.c.tenant == sa.bindparam("t")) & (THING.c.name == sa.bindparam("n"))
_TIMES = Quick(sa.select(THING.c.times).where(_AT))
_AGAIN = Quick(THING.update().where(_AT).values(times=THING.c.times + sa.literal_column("1")))
_NEW = Quick(THING.insert())
_OFF = Quick(THING.delete().where(_AT))


def _put(work: Work, name: str) -> int:
    at = {"t": work.tenant, "n": name}
    found = _TIMES.run(work.tx, at).fetchone()
    times: int = 1 + (found[0] if found else 0)
    if found is None:
        _NEW.run(work.tx, {"tenant": work.tenant, "name": name, "times": 1})
    else:
        _AGAIN.run(work.tx, at)
    work.say(ThingPut(subject=name, name=name, times=times))
    return times


def shelf_handlers(outside: Outside) -> tuple[Handler, ...]:
    """The toy room's handlers."""

    def put(work: Work, command: Put) -> Things:
        if command.name.startswith("refuse"):
            _put(work, command.name)
            raise refused("rule", "noRoom", f"no room for {command.name}", "name")
        outside.fail(command.name)
        return Things(name=command.name, times=_put(work, command.name))

    def take(work: Work, command: Take) -> None:
        outside.fail(f"take {command.name}")
        outside.arrived.pop(command.name, None)
        _OFF.run(work.tx, {"t": work.tenant, "n": command.name})

    def look(desk: Desk, command: PutAfterLook) -> int:
        outside.meet(command.name)
        with desk.look() as view:
            return count(view, CountThings())

    def put_after_look(work: Work, command: PutAfterLook, seen: int) -> Things:
        _put(work, command.name)
        return Things(name=command.name, times=seen)

    def intend(work: Work, command: Deliver) -> int:
        return len(command.name)

    def act(desk: Desk, command: Deliver, intended: int) -> int:
        outside.meet(command.name)
        outside.arrived[command.name] = outside.arrived.get(command.name, 0) + 1
        return intended

    def conclude(work: Work, command: Deliver, outcome: int) -> Things:
        _put(work, command.name)
        return Things(name=command.name, times=outcome)

    return (
        decides(Put, put),
        decides(Take, take),
        asks(PutAfterLook, look, put_after_look),
        acts(Deliver, intend, act, conclude),
        answers(CountThings, count),
    )


def count(look: Look, query: CountThings) -> int:
    """How often things were put on the shelf, all together."""
    times = sa.select(sa.func.coalesce(sa.func.sum(THING.c.times), 0))
    total = look.tx.execute(times.where(THING.c.tenant == look.tenant)).scalar()
    return int(total or 0)


class Lab:
    """One process's worth of house."""

    def __init__(
        self,
        url: str,
        journeys: tuple[Journey, ...] = (),
        lease_s: float = 1.0,
        clock: Clock | None = None,
    ) -> None:
        self.outside = Outside()
        self.clock = clock or RealClock()
        self.mint = Mint(self.clock)
        self.house = House()
        self.adopter = Adopter()
        self.journeys = Journeys(journeys)
        self.pace = Pace(lease_s, 0.05, 0.02)
        self.runner: Runner | None = None
        self.shelf = self._room("shelf", url, shelf_handlers(self.outside))
        handlers = plan_handlers(self.journeys, self.clock, self.adopter)
        self.plans = self._room("plans", url, handlers)

    def _room(self, name: str, url: str, handlers: tuple[Handler, ...]) -> Room:
        database = Database(name, url)
        room = Room(name, database, self.clock, self.mint, handlers)
        migrations = find_migrations("kernel", banyan.kernel.engine.migrations)
        if name == "plans":
            migrations += find_migrations("plans", banyan.kernel.engine.plans.migrations)
        migrate(database, self.clock, migrations)
        if name == "shelf":
            database.write(METADATA.create_all)
        self.house.add(room)
        return room

    def work(self) -> Runner:
        """Start a worker."""
        owner = f"worker-{next(_owners)}"
        self.runner = Runner(self.house, self.journeys, self.adopter, owner, self.clock, self.pace)
        self.runner.start()
        return self.runner

    def things(self) -> dict[str, int]:
        """What is on the shelf, and how often it was put there."""
        with self.shelf.database.read() as tx:
            return {row.name: row.times for row in tx.execute(sa.select(THING))}

    def start(self, journey: str, subject: str, **params: Any) -> str:
        """Start a plan; returns its id."""
        command = StartPlan(journey=journey, subject=subject, params=params)
        return self.plans.put(CALL, command, f"start/{journey}/{subject}").id

    def plan(self, journey: str, subject: str) -> PlanSeen:
        """The plan as its rows stand."""
        found = self.plans.ask(CALL, FindPlan(journey=journey, subject=subject))
        assert found is not None
        return found

    def wait(self, journey: str, subject: str, *states: str, within_s: float = 20) -> PlanSeen:
        """The plan once its rows are in one of ``states``."""
        bell = threading.Event()
        for _ in range(int(within_s / 0.01)):
            plan = self.plan(journey, subject)
            if plan.state in states and not any(
                step.kind == "tell" and step.state == "waiting" for step in plan.steps
            ):
                return plan
            bell.wait(0.01)
        steps = [(s.name, s.state, s.reason) for s in plan.steps]
        raise AssertionError(f"{subject} is {plan.state}, not {states}: {steps}")

    def close(self) -> None:
        """End the worker and give the databases back."""
        for gate in self.outside.gates.values():
            gate.set()
        if self.runner is not None:
            self.runner.stop()
        self.shelf.database.close()
        self.plans.database.close()
