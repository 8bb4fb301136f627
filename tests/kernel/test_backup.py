"""A copy of several rooms is one instant of all of them, and comes back whole or not at all."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

import banyan.kernel.engine.migrations
from banyan.kernel.engine.backup import Manifest, Origin, back_up, read_manifest, restore
from banyan.kernel.engine.clock import RealClock, to_us
from banyan.kernel.engine.db import Database
from banyan.kernel.engine.migrate import Migration, find_migrations, migrate
from banyan.kernel.engine.tables import ANSWER, OUTBOX
from banyan.kernel.words.errors import Refused

NAMES = ("a", "b", "c")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def migrations_of(room: str) -> Sequence[Migration]:
    """What makes up a room here."""
    return find_migrations("kernel", banyan.kernel.engine.migrations)


def _drop_schema(name: str, tx: sa.Connection) -> None:
    tx.exec_driver_sql(f'DROP SCHEMA IF EXISTS "{name}" CASCADE')


class Rooms:
    """Three rooms, and a writer that writes each number to the first before it does to the next."""

    def __init__(self, url: str, home: Path) -> None:
        self.url = url
        self.home = home
        self.databases = {name: Database(name, url) for name in NAMES}
        for name, database in self.databases.items():
            migrate(database, RealClock(), list(migrations_of(name)))
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def _write(self) -> None:
        number = 0
        while not self._stopping.is_set():
            number += 1
            for database in self.databases.values():
                self.add(database, number)

    def add(self, database: Database, number: int) -> None:
        """One row in each of two tables, in one transaction."""
        answer = {
            "tenant": "t", "key": f"{number:06}", "command": "", "fingerprint": "",
            "state": "given", "answer": "\\N\t\n☂", "at_us": to_us(NOW),
        }  # fmt: skip
        fact = {
            "tenant": "t", "id": f"e-{number}", "kind": "k", "subject": "s", "actor": "",
            "correlation": "", "at_us": 0, "body": "{}",
        }  # fmt: skip

        def write(tx: sa.Connection) -> None:
            tx.execute(ANSWER.insert(), answer)
            tx.execute(OUTBOX.insert(), fact)

        database.write(write)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._stopping.set()
        self._thread.join(60)

    def copy(self, target: Path) -> Manifest:
        """A copy of all three."""
        return back_up(Origin(self.url, NAMES, str(self.home), ("key",), "m", "1"), target, NOW)

    def vanish(self) -> None:
        """All rooms and files are gone."""
        for name, database in self.databases.items():
            if not database.is_sqlite:
                database.write(partial(_drop_schema, name))
            database.close()
        for file in [*self.home.rglob("*")]:
            if file.is_file():
                file.unlink()

    def numbers(self, name: str) -> tuple[list[str], int]:
        """The numbers in one room: of the answers, and how many facts."""
        database = Database(name, self.url)
        try:
            with database.read() as tx:
                keys = tx.execute(sa.select(ANSWER.c.key).order_by(ANSWER.c.key)).scalars().all()
                facts = tx.execute(sa.select(sa.func.count()).select_from(OUTBOX)).scalar()
                return list(keys), int(facts or 0)
        finally:
            database.close()


@pytest.fixture
def rooms(database_url: str, tmp_path: Path) -> Iterator[Rooms]:
    """Three rooms in a house's folder."""
    home = tmp_path / "data"
    home.mkdir(exist_ok=True)
    (home / "key").write_text("secret", "utf-8")
    opened = Rooms(database_url, home)
    yield opened
    for database in opened.databases.values():
        database.close()


def test_a_copy_taken_under_writes_is_one_instant_of_all_rooms(
    rooms: Rooms, tmp_path: Path
) -> None:
    rooms.start()
    while len(rooms.numbers("c")[0]) < 5:
        pass
    made = [rooms.copy(tmp_path / f"copy-{n}") for n in range(4)]
    rooms.stop()
    seen = []
    for number in range(len(made)):
        rooms.vanish()
        restore(tmp_path / f"copy-{number}", rooms.url, rooms.home, migrations_of, NAMES)
        told = {name: rooms.numbers(name) for name in NAMES}
        for keys, facts in told.values():
            assert keys == [f"{n:06}" for n in range(1, facts + 1)], "a torn transaction"
        counts = [facts for _, facts in told.values()]
        assert counts[0] >= counts[1] >= counts[2] >= counts[0] - 1, "not one instant"
        seen.append(counts[0])
    assert 5 <= seen[0] <= seen[1] <= seen[2] <= seen[3]
    assert seen[0] < seen[3], "the writer went on while copies were made"


def test_what_came_back_is_written_on_behind_its_last_number(rooms: Rooms, tmp_path: Path) -> None:
    for number in (1, 2):
        rooms.add(rooms.databases["a"], number)
    rooms.copy(tmp_path / "copy")
    rooms.vanish()
    restore(tmp_path / "copy", rooms.url, rooms.home, migrations_of, NAMES)
    back = Database("a", rooms.url)
    assert migrate(back, RealClock(), list(migrations_of("a"))) == []
    rooms.add(back, 3)
    with back.read() as tx:
        assert tx.execute(sa.select(ANSWER.c.answer)).scalars().all() == ["\\N\t\n☂"] * 3
        assert tx.execute(sa.select(OUTBOX.c.seq).order_by(OUTBOX.c.seq)).scalars().all() == [
            1, 2, 3,
        ]  # fmt: skip
    back.close()
    assert (rooms.home / "key").read_text("utf-8") == "secret"


def test_nothing_is_overwritten(rooms: Rooms, tmp_path: Path) -> None:
    rooms.copy(tmp_path / "copy")
    with pytest.raises(Refused, match="is there already"):
        rooms.copy(tmp_path / "copy")
    (rooms.home / "key").rename(tmp_path / "key")
    with pytest.raises(Refused, match="already"):
        restore(tmp_path / "copy", rooms.url, rooms.home, migrations_of, NAMES)
    rooms.vanish()
    (rooms.home / "key").write_text("another", "utf-8")
    with pytest.raises(Refused, match="key is there already"):
        restore(tmp_path / "copy", rooms.url, rooms.home, migrations_of, NAMES)


def test_what_an_interrupted_copy_left_is_in_nobodys_way(rooms: Rooms, tmp_path: Path) -> None:
    left = tmp_path / ".copy.partial"
    left.mkdir()
    (left / "half").write_text("", "utf-8")
    rooms.copy(tmp_path / "copy")
    assert not left.exists()
    assert not (tmp_path / "copy" / "half").exists()


def test_a_damaged_copy_is_refused_before_anything_is_made(rooms: Rooms, tmp_path: Path) -> None:
    rooms.add(rooms.databases["b"], 1)
    made = rooms.copy(tmp_path / "copy")
    rooms.vanish()
    victim = max(made.files, key=lambda file: file.size)
    path = tmp_path / "copy" / victim.path
    told = bytearray(path.read_bytes())
    told[len(told) // 2] ^= 1
    path.write_bytes(told)
    with pytest.raises(Refused, match="not as it was written"):
        restore(tmp_path / "copy", rooms.url, rooms.home, migrations_of, NAMES)
    with pytest.raises(Refused, match="holds no backup"):
        read_manifest(tmp_path)


def test_a_copy_of_a_later_release_is_refused(rooms: Rooms, tmp_path: Path) -> None:
    rooms.copy(tmp_path / "copy")
    rooms.vanish()

    def earlier(room: str) -> Sequence[Migration]:
        return migrations_of(room)[:1]

    with pytest.raises(Refused, match="or a newer one"):
        restore(tmp_path / "copy", rooms.url, rooms.home, earlier, NAMES)
    with pytest.raises(Refused, match="or a newer one"):
        restore(tmp_path / "copy", rooms.url, rooms.home, migrations_of, ("a", "b"))


def test_a_copy_of_the_other_kind_of_database_is_refused(rooms: Rooms, tmp_path: Path) -> None:
    made = rooms.copy(tmp_path / "copy")
    other = "postgresql+psycopg://nobody@localhost/none"
    if made.backend == "postgresql":
        other = f"sqlite:///{tmp_path / 'other'}"
    with pytest.raises(Refused, match="the backup is one of"):
        restore(tmp_path / "copy", other, tmp_path / "other", migrations_of, NAMES)
