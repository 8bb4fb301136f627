"""Migrations: once, in order, safe at any start, and their sum is what the code declares."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import Connection

import banyan.kernel.engine.migrations
import banyan.kernel.engine.plans.migrations
import banyan.tmf.migrations
from banyan.kernel.engine.clock import RealClock
from banyan.kernel.engine.db import Database
from banyan.kernel.engine.migrate import (
    MIGRATION,
    Migration,
    NewerDatabase,
    find_migrations,
    migrate,
)
from banyan.kernel.engine.plans.tables import PLANS
from banyan.kernel.engine.tables import KERNEL
from banyan.tmf.tables import KIT

CLOCK = RealClock()
TABLES = sa.MetaData()
for declared in (KERNEL, KIT, PLANS):
    for table in declared.tables.values():
        table.to_metadata(TABLES)
STARTERS = 2

STARTING = """
import sys
import alembic.operations
import banyan.kernel.engine.migrations as kernel
import banyan.kernel.engine.plans.migrations as plans
from banyan.kernel.engine.clock import RealClock
from banyan.kernel.engine.db import Database
from banyan.kernel.engine.migrate import find_migrations, migrate

database = Database("room", sys.argv[1])
wanted = find_migrations("kernel", kernel) + find_migrations("plans", plans)
print("ready", flush=True)
sys.stdin.readline()
migrate(database, RealClock(), wanted)
database.close()
"""


def every_migration() -> list[Migration]:
    """The kernel's, the kit's and the plans'."""
    return [
        *find_migrations("kernel", banyan.kernel.engine.migrations),
        *find_migrations("tmf", banyan.tmf.migrations),
        *find_migrations("plans", banyan.kernel.engine.plans.migrations),
    ]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database."""
    database = Database("room", database_url)
    yield database
    database.close()


def rows(database: Database) -> list[Any]:
    with database.read() as tx:
        return sorted(tx.execute(sa.select(MIGRATION.c.owner, MIGRATION.c.number)))


def differences(tx: Connection) -> list[Any]:
    context = MigrationContext.configure(tx, opts={"compare_type": True})
    return list(compare_metadata(context, TABLES))


def write_package(folder: Path, *modules: str) -> ModuleType:
    """A package of migrations that each make a table named after their module."""
    for name in modules:
        (folder / f"{name}.py").write_text(
            "import sqlalchemy as sa\n"
            "def upgrade(op):\n"
            f"    op.create_table('{name}', sa.Column('id', sa.Integer, primary_key=True))\n"
        )
    package = ModuleType(f"tests.kernel.made_{folder.name}")
    package.__path__ = [str(folder)]
    sys.modules[package.__name__] = package
    return package


def test_the_sum_of_the_migrations_is_what_the_code_declares(database: Database) -> None:
    migrate(database, CLOCK, every_migration())
    with database.read() as tx:
        assert differences(tx) == []


def test_a_table_that_no_migration_makes_is_noticed(database: Database) -> None:
    migrate(database, CLOCK, [m for m in every_migration() if m.owner != "plans"])
    with database.read() as tx:
        found = {(what, table.name) for what, table, *_ in differences(tx) if what == "add_table"}
    assert found == {("add_table", name) for name in PLANS.tables}


def test_what_ran_is_never_run_again(database: Database) -> None:
    wanted = every_migration()
    assert migrate(database, CLOCK, wanted) == wanted
    assert migrate(database, CLOCK, wanted) == []
    assert rows(database) == sorted((m.owner, m.number) for m in wanted)


def test_a_later_release_runs_only_what_is_new(database: Database, tmp_path: Path) -> None:
    package = write_package(tmp_path, "m0001_first", "m0002_second")
    both = find_migrations("room", package)
    assert migrate(database, CLOCK, both[:1]) == both[:1]
    assert migrate(database, CLOCK, both) == both[1:]
    with database.read() as tx:
        assert {"m0001_first", "m0002_second"} <= set(sa.inspect(tx).get_table_names())


def test_a_migration_that_fails_leaves_nothing_behind(database: Database, tmp_path: Path) -> None:
    package = write_package(tmp_path, "m0001_first", "m0002_second")
    (tmp_path / "m0002_second.py").write_text("def upgrade(op):\n    op.execute('nonsense')\n")
    both = find_migrations("room", package)
    with pytest.raises(Exception, match="nonsense"):
        migrate(database, CLOCK, both)
    with database.read() as tx:
        assert sa.inspect(tx).get_table_names() == []


def test_a_database_of_a_later_release_is_left_alone(database: Database) -> None:
    migrate(database, CLOCK, every_migration())
    older = [m for m in every_migration() if m.owner != "plans"]
    with pytest.raises(NewerDatabase, match="plans"):
        migrate(database, CLOCK, older)


def test_numbers_run_without_a_gap_and_names_have_one_form(tmp_path: Path) -> None:
    gap, odd = tmp_path / "gap", tmp_path / "odd"
    gap.mkdir()
    odd.mkdir()
    with pytest.raises(AssertionError, match="a gap"):
        find_migrations("room", write_package(gap, "m0001_first", "m0003_third"))
    with pytest.raises(AssertionError, match="not named"):
        find_migrations("room", write_package(odd, "first"))


def test_several_processes_that_start_at_once_migrate_once(
    database: Database, database_url: str
) -> None:
    command = [sys.executable, "-c", STARTING, database_url]
    root = Path(__file__).parents[2]
    starting = [
        subprocess.Popen(command, cwd=root, text=True, stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(STARTERS)
    ]  # fmt: skip
    for child in starting:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in starting:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    errors = [child.communicate(timeout=60)[1] for child in starting]
    assert [child.returncode for child in starting] == [0] * STARTERS, "\n".join(errors)
    assert {owner for owner, _ in rows(database)} == {"kernel", "plans"}
