"""``banyan doctor``: whether an installation is well, and what to do where it is not."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

from banyan import __version__
from banyan.cli.offline import DatabaseOption, HomeOption, SettingsOption, settings_of
from banyan.kernel.engine.settings import MASTER_FILE

if TYPE_CHECKING:
    from banyan.kernel.engine.db import Database
    from banyan.kernel.engine.settings import Settings

Level = Literal["ok", "look", "ill"]

SECRETS = (MASTER_FILE, "token-keys.json", "admin.token")
DISK_LOW, DISK_OUT = 2 << 30, 200 << 20
WAL_LARGE = 512 << 20
QUICK_ROWS = 1_000
CLOCK_S = 5.0


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; ``advice`` says what to do if it is not well."""

    level: Level
    place: str
    told: str
    advice: str = ""


def doctor(
    settings: SettingsOption = None, home: HomeOption = "", database: DatabaseOption = ""
) -> None:
    """Look at an installation, also when its house is down; 1 if something is ill."""
    own = settings_of(settings, home, database)
    worst = 0
    for found in examine(own):
        worst += found.level == "ill"
        typer.secho(
            f"{found.level:5} {found.place}: {found.told}",
            fg={"ok": None, "look": "yellow", "ill": "red"}[found.level],
        )
        if found.advice:
            typer.echo(f"      {found.advice}")
    if worst:
        sys.exit(1)


def examine(settings: Settings) -> Iterator[Finding]:
    """Everything there is to look at; a check that can't be made is ill itself."""
    from banyan.kernel.words.errors import Outage, Refused

    home = Path(settings.folder).resolve()
    yield from check_versions(settings)
    yield from check_folder(home)
    yield from check_house(home)
    try:
        from banyan.wiring import open_databases

        with ExitStack() as stack:
            rooms = stack.enter_context(open_databases(settings))
            if not rooms:
                yield Finding("look", "rooms", "there are none yet", "'banyan run' makes them.")
            yield from _each(settings, rooms)
    except (Outage, Refused) as error:
        advice = "Check the setting 'database', and that the server runs and lets you in."
        yield Finding("ill", "database", str(error), advice)


def _each(settings: Settings, rooms: dict[str, Database]) -> Iterator[Finding]:
    checks: tuple[Callable[[Settings, str, Database], Iterator[Finding]], ...] = (
        check_schema, check_wal, check_master_key, check_deliveries, check_held, check_audit,
    )  # fmt: skip
    for name, room in rooms.items():
        for check in checks:
            yield from check(settings, name, room)
    for name, room in list(rooms.items())[:1]:
        yield from check_clock(name, room)


def check_versions(settings: Settings) -> Iterator[Finding]:
    """What runs here, and whether all of it is there."""
    python = ".".join(map(str, sys.version_info[:3]))
    told = f"Banyan {__version__}, Python {python}, SQLite {sqlite3.sqlite_version}"
    yield Finding("ok", "versions", told)
    extras = {"pg": "psycopg", "otlp": "opentelemetry.exporter"}
    missing = [extra for extra, module in extras.items() if not _is_there(module)]
    yield Finding("ok", "extras", f"not installed: {', '.join(missing)}" if missing else "all")


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def check_folder(home: Path) -> Iterator[Finding]:
    """The data folder: its room on disk, and who may read its secrets."""
    if not home.is_dir():
        yield Finding("look", "folder", f"there is no {home}", "'banyan run' makes it.")
        return
    free = shutil.disk_usage(home).free
    level: Level = "ill" if free < DISK_OUT else "look" if free < DISK_LOW else "ok"
    advice = "" if level == "ok" else "Make room: a full disk stops every write."
    yield Finding(level, "disk", f"{free >> 20:,} MiB are free at {home}", advice)
    for name in SECRETS:
        file = home / name
        if not file.exists():
            continue
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode & 0o077:
            advice = f"chmod 600 {file}; who could read it may know it: consider a new one."
            yield Finding("ill", "rights", f"{name} may be read by others ({mode:o})", advice)
        else:
            yield Finding("ok", "rights", f"{name} is its owner's only")


def check_house(home: Path) -> Iterator[Finding]:
    """Whether a house answers where the last one said it would."""
    import httpx

    try:
        url = (home / "url").read_text("utf-8").strip()
    except OSError:
        yield Finding("look", "house", "none was ever started here", "banyan run")
        return
    try:
        answer = httpx.get(f"{url}/healthz", timeout=5, trust_env=False)
    except httpx.HTTPError as error:
        told = f"nothing answers at {url} ({type(error).__name__})"
        yield Finding("look", "house", told, "If it should run: banyan run; see its last words.")
        return
    level: Level = "ok" if answer.is_success else "ill"
    yield Finding(level, "house", f"{url} answers {answer.status_code}")


def check_schema(settings: Settings, name: str, room: Database) -> Iterator[Finding]:
    """Whether a room's tables are those of this release."""
    from banyan.kernel.engine.migrate import NewerDatabase, find_pending
    from banyan.wiring import room_migrations

    known = room_migrations(name, settings)
    try:
        pending = find_pending(room, known)
    except NewerDatabase as error:
        yield Finding("ill", name, str(error), "Start that release, or a newer one.")
        return
    if pending:
        told = f"{len(pending)} of {len(known)} migrations are still to run"
        yield Finding("look", name, told, "They run when the house starts; back up before.")
    else:
        last = {m.owner: m.number for m in known}
        told = ", ".join(f"{owner} {number}" for owner, number in last.items())
        yield Finding("ok", name, f"the schema is this release's ({told})")


def check_wal(settings: Settings, name: str, room: Database) -> Iterator[Finding]:
    """Whether an SQLite room keeps its log, and the log stays small."""
    if not room.is_sqlite:
        return
    with room.read() as tx:
        mode = tx.exec_driver_sql("PRAGMA journal_mode").scalar()
        file = Path(str(tx.exec_driver_sql("PRAGMA database_list").one()[2]))
    if mode != "wal":
        told = f"the journal is {mode}, not wal"
        yield Finding("ill", name, told, "The file system may not bear it: use a local disk.")
    log = file.with_name(f"{file.name}-wal")
    size = log.stat().st_size if log.exists() else 0
    if size > WAL_LARGE:
        told = f"the write-ahead log has {size >> 20:,} MiB"
        yield Finding("look", name, told, "Somebody reads for very long: find and end it.")


def check_master_key(settings: Settings, name: str, room: Database) -> Iterator[Finding]:
    """Whether the keys of persons open with the master key of these settings."""
    import sqlalchemy as sa

    from banyan.kernel.engine.tables import VAULT_KEY
    from banyan.kernel.engine.vault import Vault, WrongMasterKey

    with room.read() as tx:
        if not sa.inspect(tx).has_table("vault_key", schema=None if room.is_sqlite else name):
            return
        count = tx.execute(sa.select(sa.func.count()).select_from(VAULT_KEY)).scalar()
        if not count:
            return
        if not settings.vault.master_key and not _master_file(settings).exists():
            advice = f"Put it back to {_master_file(settings)}: without it nobody can be read."
            yield Finding("ill", name, f"{count} persons' keys, and no master key", advice)
            return
        try:
            Vault(settings.master_key()).check_master(tx)
            yield Finding("ok", name, f"{count} persons' keys under the master key given")
        except WrongMasterKey as error:
            advice = "Give the master key they were made under (vault.master_key)."
            yield Finding("ill", name, str(error), advice)


def _master_file(settings: Settings) -> Path:
    return Path(settings.folder).resolve() / MASTER_FILE


def check_deliveries(settings: Settings, name: str, room: Database) -> Iterator[Finding]:
    """Whether facts reach those who are to hear them."""
    import sqlalchemy as sa

    from banyan.kernel.engine.tables import DELIVERY

    with room.read() as tx:
        query = sa.select(DELIVERY.c.state, sa.func.count(), sa.func.max(DELIVERY.c.reason))
        rows = {row[0]: row[1:] for row in tx.execute(query.group_by(DELIVERY.c.state))}
    if "parked" in rows:
        count, reason = rows["parked"]
        told = f"{count} deliveries are parked, for instance: {reason[:200]}"
        yield Finding("look", name, told, "Mend what is said there, then deliver them again.")
    if "due" in rows:
        yield Finding("ok", name, f"{rows['due'][0]} facts are still to be told")


def check_held(settings: Settings, name: str, room: Database) -> Iterator[Finding]:
    """Whether plans wait for somebody."""
    if name != "plans":
        return
    import sqlalchemy as sa

    from banyan.kernel.engine.plans.tables import PLAN

    with room.read() as tx:
        query = sa.select(sa.func.count(), sa.func.min(PLAN.c.subject))
        count, subject = tx.execute(query.where(PLAN.c.state == "held")).one()
    if count:
        advice = f"For instance: banyan order watch {subject}, then retry, skip or cancel."
        yield Finding("look", name, f"{count} orders are held for a decision", advice)
    else:
        yield Finding("ok", name, "no order is held")


def check_audit(settings: Settings, name: str, room: Database) -> Iterator[Finding]:
    """Whether the last rows of the audit are as they were written."""
    import sqlalchemy as sa

    from banyan.kernel.engine.verify import verify

    with room.read() as tx:
        if not sa.inspect(tx).has_table("audit", schema=None if room.is_sqlite else name):
            return
    checked = verify(room, last=QUICK_ROWS)
    if checked.broken:
        advice = "Somebody wrote to the database past the house: see docs/operating.md, Audit."
        yield Finding("ill", name, f"the audit is broken at {checked.broken}", advice)
    else:
        yield Finding("ok", name, f"the last {checked.rows} changes in the audit fit")


def check_clock(name: str, room: Database) -> Iterator[Finding]:
    """Whether this machine's clock can be right: not behind what was written, nor its server's."""
    import sqlalchemy as sa

    from banyan.kernel.engine.clock import RealClock, to_us
    from banyan.kernel.engine.tables import OUTBOX

    now_us = to_us(RealClock().now())
    with room.read() as tx:
        last: Any = tx.execute(sa.select(sa.func.max(OUTBOX.c.at_us))).scalar() or 0
        if not room.is_sqlite:
            told = tx.exec_driver_sql("SELECT clock_timestamp()").scalar()
            off_s = abs(to_us(told) - now_us) / 1e6 if told is not None else 0.0
            if off_s > CLOCK_S:
                advice = "Set both clocks by NTP: due times and tokens go by them."
                yield Finding("ill", "clock", f"{off_s:.0f} s from the database's", advice)
    if last > now_us + CLOCK_S * 1e6:
        advice = "Set the clock by NTP before the house starts: time must not go back."
        yield Finding(
            "ill", "clock", f"{(last - now_us) / 1e6:.0f} s behind what is written", advice
        )
    else:
        yield Finding("ok", "clock", "not behind what was written")
