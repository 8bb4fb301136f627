"""Databases: what was committed stays, races are run again, an absent server is an outage."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from banyan.kernel.engine.db import ATTEMPTS, Database, Quick
from banyan.kernel.words.errors import Later

METADATA = sa.MetaData()
COUNT = sa.Table(
    "count",
    METADATA,
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
)
_READ = Quick(sa.select(COUNT.c.value).where(COUNT.c.name == sa.bindparam("n")))
_SET = Quick(
    COUNT.update().where(COUNT.c.name == sa.bindparam("n")).values(value=sa.bindparam("v"))
)
PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


@pytest.fixture
def opened() -> Iterator[Any]:
    """Opens databases and closes them."""
    with ExitStack() as stack:

        def make(url: str, room: str = "room") -> Database:
            database = Database(room, url)
            stack.callback(database.close)
            database.ensure_home()
            return database

        yield make


def count_from(database: Database, start: int = 0) -> None:
    def make(tx: Connection) -> None:
        METADATA.create_all(tx)
        tx.execute(COUNT.insert(), {"name": "a", "value": start})

    database.write(make)


def value(tx: Connection) -> int:
    (found,) = _READ.run(tx, {"n": "a"}).fetchone()
    return int(found)


def add_one(tx: Connection) -> None:
    _SET.run(tx, {"n": "a", "v": value(tx) + 1})


def seen(database: Database) -> int:
    with database.read() as tx:
        return value(tx)


def pragmas(tx: Connection) -> dict[str, Any]:
    return {name: tx.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS}


def test_every_sqlite_connection_keeps_what_it_commits(opened: Any, tmp_path: Any) -> None:
    database = opened(f"sqlite:///{tmp_path}")
    assert database.write(pragmas) == PRAGMAS
    with ExitStack() as stack:
        for _ in range(20):  # more than the pool keeps
            assert pragmas(stack.enter_context(database.read())) == PRAGMAS
    assert database.write(pragmas) == PRAGMAS


def test_what_may_be_lost_in_a_power_cut_is_not_waited_for_and_the_rest_is(
    opened: Any, database_url: str
) -> None:
    database = opened(database_url)
    ask = "PRAGMA synchronous" if database.is_sqlite else "SHOW synchronous_commit"
    waits, hurries = (2, 1) if database.is_sqlite else ("on", "off")

    def setting(tx: Connection) -> Any:
        return tx.exec_driver_sql(ask).scalar()

    for is_lasting in (True, False, False, True, False, True):
        found = database.write(setting, is_lasting=is_lasting)
        assert found == (waits if is_lasting else hurries)
    count_from(database)
    database.write(add_one, is_lasting=False)
    assert seen(database) == 1


def test_a_writer_that_failed_is_replaced_by_one_that_keeps_what_it_commits(
    opened: Any, tmp_path: Any
) -> None:
    database = opened(f"sqlite:///{tmp_path}")
    with pytest.raises(DBAPIError):
        database.write(lambda tx: tx.exec_driver_sql("SELECT * FROM nowhere"))
    assert database.write(pragmas) == PRAGMAS


def test_a_database_of_a_room_is_its_own(opened: Any, database_url: str) -> None:
    one, two = opened(database_url, "one"), opened(database_url, "two")
    count_from(one, 1)
    count_from(two, 2)
    one.write(add_one)
    assert (seen(one), seen(two)) == (2, 2)


def test_what_fails_inside_a_write_leaves_nothing(opened: Any, database_url: str) -> None:
    database = opened(database_url)
    count_from(database)

    def fail(tx: Connection) -> None:
        add_one(tx)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write(fail)
    assert seen(database) == 0
    assert not database.is_writing


def test_a_reader_sees_one_instant_while_others_write(opened: Any, database_url: str) -> None:
    database = opened(database_url)
    count_from(database)
    with database.read() as tx:
        assert value(tx) == 0
        database.write(add_one)
        assert value(tx) == 0
    assert seen(database) == 1


def test_a_write_inside_a_write_is_a_bug(opened: Any, database_url: str) -> None:
    database = opened(database_url)
    with pytest.raises(AssertionError, match="a write inside a write"):
        database.write(lambda tx: database.write(lambda again: None))


def test_writers_that_race_lose_no_update(opened: Any, database_url: str) -> None:
    databases = [opened(database_url) for _ in range(2)]
    count_from(databases[0])

    def add(database: Database) -> None:
        for _ in range(25):
            while True:
                try:
                    database.write(add_one)
                    break
                except Later:  # lost ATTEMPTS races in a row: whoever asked tries again
                    continue

    adding = [threading.Thread(target=add, args=(d,)) for d in databases for _ in range(2)]
    for thread in adding:
        thread.start()
    for thread in adding:
        thread.join()
    assert seen(databases[0]) == 100


def test_a_race_that_is_always_lost_ends_in_later(opened: Any, pg_database: str) -> None:
    loser, winner = opened(pg_database), opened(pg_database)
    count_from(loser)
    tries: list[int] = []

    def lose(tx: Connection) -> None:
        tries.append(value(tx))
        winner.write(add_one)
        _SET.run(tx, {"n": "a", "v": -1})

    with pytest.raises(Later, match="too many writers"):
        loser.write(lose)
    assert tries == list(range(ATTEMPTS))
    assert seen(loser) == ATTEMPTS, "the winner's updates stand, the loser's never happened"


def test_a_server_that_is_not_there_is_an_outage() -> None:
    away = Database("room", "postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    with pytest.raises(Later, match="database"):
        away.write(lambda tx: None)
    with pytest.raises(Later, match="database"), away.read():
        pass
    away.close()


def test_a_server_that_goes_away_is_an_outage_until_it_is_back(
    opened: Any, pg_database: str
) -> None:
    database = opened(pg_database)
    count_from(database)
    plain = pg_database.replace("+psycopg", "")

    def hang_up(tx: Connection) -> None:
        add_one(tx)
        with psycopg.connect(plain, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        add_one(tx)

    with pytest.raises(Later, match="database"):
        database.write(hang_up)
    database.write(add_one)
    assert seen(database) == 1


def test_a_wrong_statement_is_a_bug_and_no_outage(opened: Any, database_url: str) -> None:
    database = opened(database_url)
    wrong = Quick(sa.select(sa.literal_column("1")).select_from(sa.table("nowhere")))
    for run in (lambda tx: wrong.run(tx, {}), lambda tx: tx.exec_driver_sql("SELECT FROM WHERE")):
        with pytest.raises(Exception, match=r"nowhere|syntax") as caught:
            database.write(run)
        assert not isinstance(caught.value, Later)
