"""The reference: the same five steps as a DBOS workflow, configured for durability and speed.

DBOS keeps its state in an SQLite database of its own through our engine (WAL, FULL, IMMEDIATE); its
own default (a rollback journal) is two to three times slower. A step inserts one row, by the plain
driver, over a connection its thread keeps.
"""

from __future__ import annotations

import sqlite3
import sys
import threading
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

from bench.measure import serve
from bench.subjects.clients import run_jobs

STEPS = 5
PRAGMAS = ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")

DBOS: Any = import_module("dbos").DBOS
"""By name: types are checked without it, only benchmarks install it."""

_kept = threading.local()


def make_engine(folder: Path) -> Engine:
    """The engine DBOS keeps its state with."""
    engine = sa.create_engine(f"sqlite:///{folder / 'dbos.db'}", pool_size=32, max_overflow=32)

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    return engine


class Reference:
    """One DBOS and the application's databases."""

    def __init__(self, folder: Path, variant: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._files = STEPS if variant == "five_rooms" else 1
        self._has_effect = variant != "no_effect"
        for i in range(self._files):
            self._connection(i).execute(
                "CREATE TABLE effect (name TEXT, number INTEGER, PRIMARY KEY (name, number))"
            )
        config = {
            "name": "banyan-bench",
            "system_database_engine": make_engine(folder),
            "executor_id": "bench-0",
            "application_version": "bench",
            "log_level": "WARNING",
        }
        self._dbos = DBOS(config=config)
        steps = [DBOS.step(name=f"step-{i}")(self._make_step(i)) for i in range(STEPS)]

        def five(name: str) -> int:
            return sum(step(name) for step in steps)

        self._five = DBOS.workflow(name="five")(five)
        DBOS.launch()

    def _connection(self, i: int) -> sqlite3.Connection:
        kept: dict[int, sqlite3.Connection] = _kept.__dict__.setdefault("open", {})
        if i not in kept:
            kept[i] = sqlite3.connect(self._folder / f"application{i}.db", isolation_level=None)
            for pragma in PRAGMAS:
                kept[i].execute(f"PRAGMA {pragma}")
        return kept[i]

    def _make_step(self, i: int) -> Any:
        def step(name: str) -> int:
            if self._has_effect:
                row = (name, i)
                self._connection(i % self._files).execute("INSERT INTO effect VALUES (?, ?)", row)
            return i

        return step

    def job(self, name: str) -> None:
        """Run a workflow to its end."""
        self._five(name)

    def close(self) -> None:
        """End DBOS."""
        DBOS.destroy()


def main() -> None:
    """Serve jobs: ``dbos_workflow.py <folder> <variant>``."""
    reference = Reference(Path(sys.argv[1]), sys.argv[2])
    facts = {"dbos_version": version("dbos")}
    serve(facts, lambda count, at_once: run_jobs(reference.job, count, at_once))
    reference.close()


if __name__ == "__main__":
    main()
