"""PostgreSQL's side of :mod:`banyan.kernel.engine.backup`: plain COPY, no other program needed.

Tables are made by the migrations the copy was made under, so a copy holds rows only.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import sqlalchemy as sa
from psycopg import sql

from banyan.kernel.engine.migrate import MIGRATION
from banyan.kernel.words.errors import refused

if TYPE_CHECKING:
    from banyan.kernel.engine.backup import CopiedFile, Manifest, MigrationsOf

_TABLES = """
SELECT table_name FROM information_schema.tables
WHERE table_schema = %s AND table_type = 'BASE TABLE' ORDER BY table_name
"""
_COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position
"""
_SERIALS = """
SELECT column_name, pg_get_serial_sequence(format('%%I.%%I', table_schema, table_name), column_name)
FROM information_schema.columns WHERE table_schema = %s AND table_name = %s
"""


def copy_out(
    url: str, rooms: Sequence[str], partial: Path
) -> tuple[dict[str, dict[str, int]], list[CopiedFile]]:
    """Write every table of every room as one snapshot sees them; migrations and files."""
    from banyan.kernel.engine.backup import ROOMS, told_file

    numbers: dict[str, dict[str, int]] = {}
    files: list[CopiedFile] = []
    plain = url.replace("postgresql+psycopg:", "postgresql:", 1)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for room in rooms:
            (partial / ROOMS / room).mkdir(mode=0o700)
            last = sql.SQL("SELECT owner, max(number) FROM {} GROUP BY owner")
            numbers[room] = dict(
                connection.execute(last.format(sql.Identifier(room, "migration"))).fetchall()
            )
            for (table,) in connection.execute(_TABLES, [room]).fetchall():
                path = f"{ROOMS}/{room}/{table}.copy"
                columns = [row[0] for row in connection.execute(_COLUMNS, [room, table])]
                copying = connection.cursor().copy(_copy(room, table, columns, "TO STDOUT"))
                with (partial / path).open("wb") as file, copying as lines:
                    for line in lines:
                        file.write(line)
                (partial / path).chmod(0o600)
                files.append(told_file(partial, path, columns))
    return numbers, files


def copy_in(url: str, source: Path, manifest: Manifest, migrations_of: MigrationsOf) -> None:
    """Make every room and fill it, in one transaction: all of it is there afterwards, or nothing.

    Refused when the schema of a room is there already.
    """
    from banyan.kernel.engine.backup import ROOMS

    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as tx:
        driver: Any = tx.connection.dbapi_connection
        for room, numbers in manifest.rooms.items():
            known = sa.text("SELECT 1 FROM pg_namespace WHERE nspname = :room")
            if tx.execute(known, {"room": room}).first() is not None:
                raise refused("conflict", "notEmpty", f"there is a schema {room} already")
            _make_room(tx, room, numbers, migrations_of)
        for file in manifest.files:
            if not file.path.startswith(f"{ROOMS}/"):
                continue
            room, table = file.path.removeprefix(f"{ROOMS}/").removesuffix(".copy").split("/")
            name = sql.Identifier(room, table)
            driver.execute(sql.SQL("DELETE FROM {}").format(name))
            with driver.cursor() as cursor:
                copying = cursor.copy(_copy(room, table, file.columns, "FROM STDIN"))
                with copying as lines, (source / file.path).open("rb") as rows:
                    while chunk := rows.read(1 << 16):
                        lines.write(chunk)
            _set_serials(driver, room, table)


def _make_room(
    tx: sa.Connection, room: str, numbers: dict[str, int], migrations_of: MigrationsOf
) -> None:
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    tx.exec_driver_sql(f'CREATE SCHEMA "{room}"')
    tx.exec_driver_sql(f'SET LOCAL search_path TO "{room}"')
    MIGRATION.create(tx, checkfirst=False)
    operations = Operations(MigrationContext.configure(tx))
    for migration in migrations_of(room):
        if migration.number <= numbers.get(migration.owner, 0):
            importlib.import_module(migration.module).upgrade(operations)


def _copy(room: str, table: str, columns: Sequence[str], which_way: str) -> sql.Composed:
    return sql.SQL("COPY {} ({}) {}").format(
        sql.Identifier(room, table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL("TO STDOUT") if which_way == "TO STDOUT" else sql.SQL("FROM STDIN"),
    )


def _set_serials(driver: Any, room: str, table: str) -> None:
    """Numbers that the database gives go on behind the highest that came back."""
    for column, sequence in driver.execute(_SERIALS, [room, table]).fetchall():
        if sequence is not None:
            behind = sql.SQL("SELECT setval(%s, max({0}), true) FROM {1} HAVING max({0}) > 0")
            driver.execute(
                behind.format(sql.Identifier(column), sql.Identifier(room, table)), [sequence]
            )
