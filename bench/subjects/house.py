"""Ours: plans of five steps under the worker, as ``banyan run`` runs it (its own thread).

A client waits on an event. After each of the worker's commits its thread looks, over a database
connection of its own, at the rows of the plans waited for, and sets the events of those that say
completed: DBOS, too, tells its caller without another thread in between.
"""

from __future__ import annotations

import itertools
import sqlite3
import sys
import threading
import types
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from time import perf_counter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

import banyan.kernel.engine.migrations
import banyan.kernel.engine.plans.migrations
from banyan.kernel.engine.clock import RealClock
from banyan.kernel.engine.db import Database, Quick
from banyan.kernel.engine.handlers import decides
from banyan.kernel.engine.house import House
from banyan.kernel.engine.migrate import find_migrations, migrate
from banyan.kernel.engine.mint import Mint
from banyan.kernel.engine.plans.contract import StartPlan
from banyan.kernel.engine.plans.journey import Journey, Journeys, Step, param, wish
from banyan.kernel.engine.plans.runner import Runner
from banyan.kernel.engine.plans.service import Adopter, plan_handlers
from banyan.kernel.engine.room import Asked, Room
from banyan.kernel.engine.work import Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.messages import Call, Command
from bench.measure import serve
from bench.subjects.clients import run_jobs

CALL = Call("acme", "bench")
STEPS = 5
_numbers = itertools.count(1)
METADATA = sa.MetaData()
EFFECT = sa.Table(
    "effect",
    METADATA,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
)
_INSERT = Quick(EFFECT.insert())
_OVER = "SELECT subject FROM plan WHERE state = 'completed' AND subject IN ({})"


def make_command(room: str) -> type[Command[int]]:
    """The one command of a bench room: insert row ``number`` of ``name``."""

    def fill(names: dict[str, Any]) -> None:
        names["__module__"] = f"bench.{room}.contract"
        names["__annotations__"] = {"name": str, "number": int}

    made: type[Command[int]] = types.new_class(
        "Insert", (Command[int],), {"frozen": True, "kw_only": True}, fill
    )
    return made


class Bench:
    """A house with one or five rooms and the plans."""

    def __init__(self, folder: Path, variant: str) -> None:
        self._url = f"sqlite:///{folder}"
        self._clock = RealClock()
        self._mint = Mint(self._clock)
        self._house = House()
        self._has_effect = variant != "no_effect"
        rooms = [f"room{i}" for i in range(STEPS if variant == "five_rooms" else 1)]
        commands = [make_command(room) for room in rooms]
        for room, command in zip(rooms, commands, strict=True):
            self._add(room, (decides(command, self._insert),))
        steps = tuple(self._step(i, commands[i % len(commands)]) for i in range(STEPS))
        journeys = Journeys((Journey("five", 1, lambda params: steps),))
        adopter = Adopter()
        self._plans = self._add("plans", plan_handlers(journeys, self._clock, adopter))
        self._waiting: dict[str, threading.Event | None] = {}
        self._over: SimpleQueue[str] = SimpleQueue()
        self._looking = threading.local()
        self._listen(self._plans, folder / "plans.db")
        self._runner = Runner(self._house, journeys, adopter, "bench", self._clock)
        self._runner.start()

    def _add(self, name: str, handlers: Any) -> Room:
        database = Database(name, self._url)
        migrations = find_migrations("kernel", banyan.kernel.engine.migrations)
        if name == "plans":
            migrations += find_migrations("plans", banyan.kernel.engine.plans.migrations)
        migrate(database, self._clock, migrations)
        database.write(METADATA.create_all)
        room = Room(name, database, self._clock, self._mint, handlers)
        self._house.add(room)
        return room

    def _insert(self, work: Work, command: Any) -> int:
        if self._has_effect:
            _INSERT.run(work.tx, {"name": command.name, "number": command.number})
        return int(command.number)

    def _step(self, i: int, command: type[Command[int]]) -> Step:
        number = i
        return Step(
            name=f"step-{i}",
            do=wish(command, name=param("name"), number=number),
            needs=(f"step-{i - 1}",) if i else (),
            why_no_undo="a benchmark",
        )

    def _listen(self, plans: Room, path: Path) -> None:
        upkeep = plans.upkeep

        def looking(work: Callable[[Connection], Any], **how: Any) -> Any:
            done = upkeep(work, **how)
            self._look(path)
            return done

        plans.__dict__["upkeep"] = looking

    def _look(self, path: Path) -> None:
        if not hasattr(self._looking, "observer"):
            self._looking.observer = sqlite3.connect(path, isolation_level=None)
        wanted = list(self._waiting)
        marks = ", ".join("?" * len(wanted))
        query = _OVER.format(marks)
        for (subject,) in self._looking.observer.execute(query, wanted).fetchall():
            waiting = self._waiting.pop(subject)
            if waiting is None:
                self._over.put(subject)
            else:
                waiting.set()

    def job(self, name: str) -> None:
        """Start a plan and wait until its row says completed."""
        over = self._waiting[name] = threading.Event()
        params: Document = {"name": name}
        self._plans.put(CALL, StartPlan(journey="five", subject=name, params=params), name)
        assert over.wait(60), f"{name} is not completed"

    def flow(self, count: int, at_once: int) -> dict[str, Any]:
        """Keep ``at_once`` plans under way, started as the dispatcher starts them.

        It asks for all that are wanted by then in one go, and their starts share a commit. Seconds
        until the rows of all ``count`` say completed.
        """
        began, left, under_way = perf_counter(), count, 0
        while left or under_way:
            names = [f"f{next(_numbers)}" for _ in range(min(left, at_once - under_way))]
            self._start(names)
            left, under_way = left - len(names), under_way + len(names)
            self._over.get(timeout=60)
            under_way -= 1
            while not self._over.empty():
                self._over.get()
                under_way -= 1
        return {"all_s": perf_counter() - began}

    def _start(self, names: list[str]) -> None:
        self._waiting.update(dict.fromkeys(names))
        starts = [StartPlan(journey="five", subject=n, params={"name": n}) for n in names]
        asked = [(Asked(CALL, start, start.subject), None) for start in starts]
        for slot in self._plans.put_many(asked):
            assert slot.error is None, slot.error

    def close(self) -> None:
        """Stop the worker."""
        self._runner.stop()


def main() -> None:
    """Serve jobs: ``house.py <folder> <variant>``."""
    bench = Bench(Path(sys.argv[1]), sys.argv[2])

    def answer(count: int, at_once: int, *, flows: bool = False) -> dict[str, Any]:
        return bench.flow(count, at_once) if flows else run_jobs(bench.job, count, at_once)

    serve({}, answer)
    bench.close()


if __name__ == "__main__":
    main()
