"""Brings a room's database to the schema its code expects, once, in order.

A migration is a module ``m<number>_<words>.py`` with ``upgrade(op)`` (Alembic operations). Each
runs in a transaction together with the row that says it ran; what ran is never run again.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import dataclass
from types import ModuleType

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from banyan.kernel.engine.clock import Clock, to_us
from banyan.kernel.engine.db import Database
from banyan.kernel.engine.tables import KERNEL

_NAME = re.compile(r"m(\d{4})_[a-z0-9_]+")

MIGRATION = sa.Table(
    "migration",
    KERNEL,
    sa.Column("owner", sa.String(64), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(128), nullable=False),
    sa.Column("at_us", sa.BigInteger, nullable=False),
)


class NewerDatabase(RuntimeError):
    """The database was written by a later release; this one must not touch it."""


@dataclass(frozen=True)
class Migration:
    """One step of one owner."""

    owner: str
    number: int
    name: str
    module: str


def find_migrations(owner: str, package: ModuleType) -> list[Migration]:
    """The migrations in ``package``, in order; their numbers must run 1, 2, 3 …"""
    found = []
    for item in pkgutil.iter_modules(package.__path__):
        match = _NAME.fullmatch(item.name)
        assert match, f"{package.__name__}.{item.name} is not named m<number>_<words>"
        found.append(Migration(owner, int(match[1]), item.name, f"{package.__name__}.{item.name}"))
    found.sort(key=lambda m: m.number)
    assert [m.number for m in found] == list(range(1, len(found) + 1)), f"{owner}: a gap"
    return found


def migrate(database: Database, clock: Clock, migrations: list[Migration]) -> list[Migration]:
    """Run what has not run yet; returns what it ran. Safe when several processes start at once.

    Raises :class:`NewerDatabase` when the database knows a migration this release does not.
    """
    database.ensure_home()
    with database.read() as tx:
        pending = _pending(tx, migrations)
    if not pending:
        return []
    try:
        return database.write(lambda tx: _run_pending(tx, clock, migrations))
    except DBAPIError:
        with database.read() as tx:
            if _pending(tx, migrations) == pending:
                raise  # nobody else was faster: it is our own mistake
        return migrate(database, clock, migrations)


def find_pending(database: Database, migrations: list[Migration]) -> list[Migration]:
    """What has not run yet. Raises :class:`NewerDatabase` as :func:`migrate` does."""
    with database.read() as tx:
        return _pending(tx, migrations)


def _pending(tx: Connection, migrations: list[Migration]) -> list[Migration]:
    if not sa.inspect(tx).has_table(MIGRATION.name):
        return list(migrations)
    ran = {(row.owner, row.number) for row in tx.execute(sa.select(MIGRATION))}
    newer = ran - {(m.owner, m.number) for m in migrations}
    if newer:
        names = ", ".join(f"{owner} m{number:04}" for owner, number in sorted(newer))
        raise NewerDatabase(f"this database was written by a later release ({names})")
    return [m for m in migrations if (m.owner, m.number) not in ran]


def _run_pending(tx: Connection, clock: Clock, migrations: list[Migration]) -> list[Migration]:
    from alembic.migration import MigrationContext  # slow to import, rarely needed
    from alembic.operations import Operations

    MIGRATION.create(tx, checkfirst=True)
    operations = Operations(MigrationContext.configure(tx))
    pending = _pending(tx, migrations)
    for migration in pending:
        importlib.import_module(migration.module).upgrade(operations)
        tx.execute(
            MIGRATION.insert().values(
                owner=migration.owner,
                number=migration.number,
                name=migration.name,
                at_us=to_us(clock.now()),
            )
        )
    return pending
