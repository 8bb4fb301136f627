"""One database per room: an SQLite file of its own, or a PostgreSQL schema of its own.

Writers run serializable; a lost race is run again, at most ``ATTEMPTS`` times. On SQLite every
connection is WAL with ``synchronous=FULL``: what was committed survives a power cut.
"""

from __future__ import annotations

import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement

from banyan.kernel.words.errors import Later

ATTEMPTS = 12
BUSY_MS = 30_000
POOL_SIZE = 16
_RETRY_STATES = {"40001", "40P01", "55P03"}
_SQLITE_GONE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
}
_PG_GONE = ("08", "53", "57P")

T = TypeVar("T")


@dataclass
class Counts:
    """What a database did since it was opened; written under no lock, so off by one at worst."""

    commits: int = 0
    races: int = 0
    errors: int = 0


class Database:
    """A room's database. ``url`` is ``sqlite:///<folder>`` or ``postgresql+psycopg://…``."""

    def __init__(self, room: str, url: str) -> None:
        self.room = room
        self.is_sqlite = url.startswith("sqlite:")
        self._writing = threading.local()
        self._engine = _sqlite_engine(room, url) if self.is_sqlite else _pg_engine(room, url)
        self._writer: Connection | None = None
        self._writer_lock = threading.Lock()
        self._is_lasting = True
        self.counts = Counts()
        reading = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reader = self._engine.execution_options(banyan_reads=True, **reading)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view; it blocks no writer. Keep it short: it holds back the WAL."""
        with self._outages(), self._reader.begin() as tx:
            yield tx

    def write(self, work: Callable[[Connection], T], *, is_lasting: bool = True) -> T:
        """Run ``work`` in one serializable transaction and commit; it may run several times.

        One thread of a process writes at a time, over one kept connection. What is not
        ``is_lasting`` is not waited for on disk: a power cut may take the last of it, whole
        transactions from the end, so it is for rows that can be made again from others.
        Raises :class:`Later` when the database is away or the race was lost ``ATTEMPTS`` times.
        """
        assert not self.is_writing, f"{self.room}: a write inside a write"
        for attempt in range(ATTEMPTS):
            try:
                with self._writer_lock:
                    done = self._write_once(work, is_lasting)
                    self.counts.commits += 1
                    return done
            except _driver_errors() as error:
                if not _lost_race(error):
                    self.counts.errors += 1
                    raise _as_outage(error) from error
                self.counts.races += 1
                if attempt:
                    threading.Event().wait(0.002 * 2 ** min(attempt, 6))
        raise Later(1, f"{self.room}: too many writers at once")

    @property
    def is_writing(self) -> bool:
        """Whether this thread is inside :meth:`write` of this database."""
        return getattr(self._writing, "on", False)

    def _write_once(self, work: Callable[[Connection], T], is_lasting: bool) -> T:
        self._writing.on = True
        try:
            if self._writer is None:
                self._writer = self._engine.connect()
                self._is_lasting = True
            if self.is_sqlite and is_lasting != self._is_lasting:
                self._is_lasting = is_lasting
                cursor = self._writer.connection.cursor()
                cursor.execute(f"PRAGMA synchronous={'FULL' if is_lasting else 'NORMAL'}")
            with self._writer.begin() as tx:
                assert tx.connection is self._writer
                if not self.is_sqlite and not is_lasting:
                    tx.connection.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")
                return work(self._writer)
        except _driver_errors() as error:
            if not _lost_race(error):
                self._drop_writer()
            raise
        finally:
            self._writing.on = False

    def _drop_writer(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.invalidate()
            writer.close()

    @contextmanager
    def _outages(self) -> Iterator[None]:
        try:
            yield
        except _driver_errors() as error:
            self.counts.errors += 1
            raise _as_outage(error) from error

    def ensure_home(self) -> None:
        """Make the PostgreSQL schema if it isn't there; nothing to do on SQLite."""
        if self.is_sqlite:
            return

        def is_there(tx: Connection) -> bool:
            known = sa.text("SELECT 1 FROM pg_namespace WHERE nspname = :room")
            return tx.execute(known, {"room": self.room}).first() is not None

        def make(tx: Connection) -> None:
            if not is_there(tx):
                tx.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{self.room}"')

        try:
            self.write(make)
        except DBAPIError:
            if not self.write(is_there):
                raise  # otherwise another process was faster

    def close(self) -> None:
        """Give all connections back."""
        with self._writer_lock:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
        self._engine.dispose()


class Quick:
    """A statement of the hot path: compiled once per dialect, run on the driver's own cursor.

    It takes and gives what the driver does (no type processing), so use it on plain columns only.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, _Placed]] = {}

    def run(self, tx: Connection, values: Mapping[str, Any]) -> Any:
        """Run it once; the driver's cursor, for ``fetchone``, ``fetchall`` and ``rowcount``."""
        sql, placed = self._compiled.get(tx.dialect.name) or self._compile(tx)
        return _driver(tx).execute(sql, placed(values))

    def run_many(self, tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it for each row."""
        if not rows:
            return
        sql, placed = self._compiled.get(tx.dialect.name) or self._compile(tx)
        cursor = _driver(tx).cursor()
        cursor.executemany(sql, [placed(row) for row in rows])
        cursor.close()

    def _compile(self, tx: Connection) -> tuple[str, _Placed]:
        compiled = self._statement.compile(dialect=tx.dialect)
        order = getattr(compiled, "positiontup", None)
        made = str(compiled), _placed_by(order)
        self._compiled[tx.dialect.name] = made
        return made


_Placed = Callable[[Mapping[str, Any]], Any]
"""Named values in the form the driver takes: by place for SQLite, as they are for psycopg."""


def _placed_by(order: Sequence[str] | None) -> _Placed:
    if order is None:
        return lambda values: values
    if len(order) == 1:
        (only,) = order
        return lambda values: (values[only],)
    return itemgetter(*order) if order else lambda values: ()


def _driver(tx: Connection) -> Any:
    """The driver's own connection; both drivers' ``execute`` makes the cursor in one call."""
    return tx.connection.dbapi_connection


def _driver_errors() -> tuple[type[Exception], ...]:
    """What can come up from a database: wrapped by SQLAlchemy, or bare from :class:`Quick`."""
    found: list[type[Exception]] = [DBAPIError, sqlite3.Error]
    if "psycopg" in sys.modules:
        found.append(sys.modules["psycopg"].Error)
    return tuple(found)


def _bare(error: Exception) -> BaseException:
    wrapped = getattr(error, "orig", None)
    return wrapped if isinstance(wrapped, BaseException) else error


def _lost_race(error: Exception) -> bool:
    return getattr(_bare(error), "sqlstate", None) in _RETRY_STATES


def _as_outage(error: Exception) -> Exception:
    """:class:`Later` if the database is away; a wrong statement stays the bug it is."""
    bare = _bare(error)
    if isinstance(bare, sqlite3.Error):
        is_gone = getattr(bare, "sqlite_errorcode", 0) & 0xFF in _SQLITE_GONE
    else:
        state = getattr(bare, "sqlstate", None) or ""
        lost = not state and type(bare).__name__ in ("OperationalError", "InterfaceError")
        is_gone = lost or state.startswith(_PG_GONE)
    return Later(1, f"database: {bare}") if is_gone else error


def _sqlite_engine(room: str, url: str) -> Engine:
    folder = Path(url.removeprefix("sqlite:///"))
    folder.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        f"sqlite:///{folder / room}.db", pool_size=POOL_SIZE, max_overflow=POOL_SIZE
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        _turn_to_wal(connection)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(tx: Connection) -> None:
        reads = tx.get_execution_options().get("banyan_reads")
        cursor = tx.connection.cursor()  # the driver's own: this is once for every transaction
        cursor.execute("BEGIN" if reads else "BEGIN IMMEDIATE")
        cursor.close()

    return engine


def _turn_to_wal(connection: sqlite3.Connection) -> None:
    """While somebody else does this to a new file, SQLite is busy at once, whatever the timeout."""
    for attempt in range(ATTEMPTS):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not is_busy or attempt == ATTEMPTS - 1:
                raise
        threading.Event().wait(0.005 * 2 ** min(attempt, 6))


def _pg_engine(room: str, url: str) -> Engine:
    return sa.create_engine(
        url,
        isolation_level="SERIALIZABLE",
        pool_size=POOL_SIZE,
        max_overflow=POOL_SIZE,
        pool_pre_ping=False,
        connect_args={"options": f'-csearch_path="{room}"', "connect_timeout": 10},
    )
