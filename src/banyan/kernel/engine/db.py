"""One database per room: an SQLite file of its own, or a PostgreSQL schema of its own.

Writers run serializable; a lost race is run again, at most ``ATTEMPTS`` times. On SQLite every
connection is WAL with ``synchronous=FULL``: what was committed survives a power cut.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from banyan.kernel.words.errors import Later

ATTEMPTS = 12
BUSY_MS = 30_000
POOL_SIZE = 16
_RETRY_STATES = {"40001", "40P01", "55P03"}

T = TypeVar("T")


class Database:
    """A room's database. ``url`` is ``sqlite:///<folder>`` or ``postgresql+psycopg://…``."""

    def __init__(self, room: str, url: str) -> None:
        self.room = room
        self.is_sqlite = url.startswith("sqlite:")
        self._writing = threading.local()
        self._engine = _sqlite_engine(room, url) if self.is_sqlite else _pg_engine(room, url)
        reading = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reader = self._engine.execution_options(banyan_reads=True, **reading)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view; it blocks no writer. Keep it short: it holds back the WAL."""
        with self._outages(), self._reader.begin() as tx:
            yield tx

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in one serializable transaction and commit; it may run several times.

        Raises :class:`Later` when the database is away or the race was lost ``ATTEMPTS`` times.
        """
        assert not self.is_writing, f"{self.room}: a write inside a write"
        for attempt in range(ATTEMPTS):
            try:
                return self._write_once(work)
            except DBAPIError as error:
                if not _lost_race(error):
                    raise _as_outage(error) from error
                if attempt:
                    threading.Event().wait(0.002 * 2 ** min(attempt, 6))
        raise Later(1, f"{self.room}: too many writers at once")

    @property
    def is_writing(self) -> bool:
        """Whether this thread is inside :meth:`write` of this database."""
        return getattr(self._writing, "on", False)

    def _write_once(self, work: Callable[[Connection], T]) -> T:
        self._writing.on = True
        try:
            with self._engine.begin() as tx:
                return work(tx)
        finally:
            self._writing.on = False

    @contextmanager
    def _outages(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise _as_outage(error) from error

    def ensure_home(self) -> None:
        """Make the PostgreSQL schema if it isn't there; nothing to do on SQLite."""
        if self.is_sqlite:
            return

        def make(tx: Connection) -> None:
            known = sa.text("SELECT 1 FROM pg_namespace WHERE nspname = :room")
            if tx.execute(known, {"room": self.room}).first() is None:
                tx.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{self.room}"')

        self.write(make)

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()


def _lost_race(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in _RETRY_STATES


def _as_outage(error: DBAPIError) -> Exception:
    state = getattr(error.orig, "sqlstate", None) or ""
    gone = error.connection_invalidated or state.startswith(("08", "57P"))
    if gone or isinstance(error, OperationalError):
        return Later(1, f"database: {error.orig}")
    return error


def _sqlite_engine(room: str, url: str) -> Engine:
    folder = Path(url.removeprefix("sqlite:///"))
    folder.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        f"sqlite:///{folder / room}.db", pool_size=POOL_SIZE, max_overflow=POOL_SIZE
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={BUSY_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(tx: Connection) -> None:
        reads = tx.get_execution_options().get("banyan_reads")
        tx.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _pg_engine(room: str, url: str) -> Engine:
    return sa.create_engine(
        url,
        isolation_level="SERIALIZABLE",
        pool_size=POOL_SIZE,
        max_overflow=POOL_SIZE,
        pool_pre_ping=False,
        connect_args={"options": f'-csearch_path="{room}"', "connect_timeout": 10},
    )
