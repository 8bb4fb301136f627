"""A copy of all rooms as they were at one instant, and the way back.

The copy is a folder: ``manifest.json`` (release, time, schema numbers, size and SHA-256 of every
file) and the rooms. It is a *cut*: an instant at which no room was in the middle of a transaction.
On SQLite all rooms' write locks are held together while a view of each is opened, which takes
milliseconds; the files are copied from the views afterwards, while the house works on. On
PostgreSQL one snapshot sees all schemas. What comes back is therefore what a house finds that was
killed at that instant: a step whose effect is there and whose plan does not know it yet is asked
again under its key, and answered from what the room remembers.

A copy appears under its name when it is whole, and a restored house when it is: what was
interrupted is begun again from the start.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from banyan.kernel.engine.clock import to_wire
from banyan.kernel.engine.migrate import Migration
from banyan.kernel.words.codec import from_json, from_plain, to_json
from banyan.kernel.words.errors import Later, refused

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
ROOMS: Final = "rooms"
LOCK_S: Final = 10.0
"""How long one room's writers may keep the copy waiting, in seconds."""
_CHUNK = 1 << 20


class CopiedFile(msgspec.Struct, frozen=True):
    """One file of a copy; ``columns`` are those of a table, in the order of its lines."""

    path: str
    size: int
    sha256: str
    columns: tuple[str, ...] = ()


class Manifest(msgspec.Struct, frozen=True):
    """What a copy is. ``rooms`` holds the last migration of each owner per room."""

    format: int
    version: str
    at: str
    backend: str
    master_id: str
    rooms: dict[str, dict[str, int]]
    files: tuple[CopiedFile, ...]


class Origin(msgspec.Struct, frozen=True):
    """What is copied: the databases of ``rooms`` at ``url``, and ``files`` of the data folder."""

    url: str
    rooms: tuple[str, ...]
    home: str
    files: tuple[str, ...]
    master_id: str
    version: str


MigrationsOf = Callable[[str], Sequence[Migration]]
"""All migrations of a room that this release knows, in order."""


def back_up(origin: Origin, target: Path, now: datetime) -> Manifest:
    """Copy all rooms to the new folder ``target``; works while houses run on them.

    Refused when ``target`` is there already. Raises :class:`Later` when a room was too busy.
    """
    if target.exists():
        raise refused("conflict", "targetThere", f"{target} is there already")
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    (partial / ROOMS).mkdir(parents=True, mode=0o700)
    is_sqlite = origin.url.startswith("sqlite:")
    if is_sqlite:
        rooms, files = _copy_sqlite(origin, partial)
    else:
        from banyan.kernel.engine.backup_pg import copy_out

        rooms, files = copy_out(origin.url, origin.rooms, partial)
    for name in origin.files:
        shutil.copyfile(Path(origin.home) / name, partial / name)
        (partial / name).chmod(0o600)
        files.append(told_file(partial, name))
    backend = "sqlite" if is_sqlite else "postgresql"
    manifest = Manifest(
        FORMAT, origin.version, to_wire(now), backend, origin.master_id, rooms, tuple(files)
    )
    _write_durably(partial / MANIFEST, msgspec.json.format(to_json(manifest)))
    partial.rename(target)
    _sync_folder(target.parent)
    return manifest


def read_manifest(source: Path) -> Manifest:
    """The manifest of a copy; refused when it is none, or every file is not as it was written."""
    try:
        manifest = from_plain(from_json((source / MANIFEST).read_bytes()), Manifest)
    except (OSError, msgspec.MsgspecError) as error:
        raise refused("malformed", "noBackup", f"{source} holds no backup: {error}") from error
    if manifest.format != FORMAT:
        reason = f"{source} has the format {manifest.format}, this release reads {FORMAT}"
        raise refused("malformed", "noBackup", reason)
    for file in manifest.files:
        path = source / file.path
        if not path.is_file() or told_file(source, file.path).sha256 != file.sha256:
            raise refused("malformed", "damagedBackup", f"{path} is not as it was written")
    return manifest


def restore(
    source: Path, url: str, home: Path, migrations_of: MigrationsOf, names: Sequence[str]
) -> Manifest:
    """Bring a copy back as a house of its own: onto an empty folder, or an empty database.

    ``names`` are the rooms this release knows. Refused when the copy is damaged, of a later
    release or of the other kind of database, or when a room is there already: nothing is
    overwritten.
    """
    manifest = read_manifest(source)
    backend = "sqlite" if url.startswith("sqlite:") else "postgresql"
    if manifest.backend != backend:
        reason = f"the backup is one of {manifest.backend}, the settings say {backend}"
        raise refused("conflict", "otherDatabase", reason)
    _check_known(manifest, migrations_of, names)
    home.mkdir(parents=True, exist_ok=True)
    others = [file.path for file in manifest.files if not file.path.startswith(f"{ROOMS}/")]
    for name in others:
        if (home / name).exists():
            raise refused("conflict", "notEmpty", f"{home / name} is there already")
    if backend == "sqlite":
        _bring_back(source, Path(url.removeprefix("sqlite:///")), manifest)
    else:
        from banyan.kernel.engine.backup_pg import copy_in

        copy_in(url, source, manifest, migrations_of)
    for name in others:
        shutil.copyfile(source / name, home / name)
        (home / name).chmod(0o600)
    return manifest


def told_file(folder: Path, path: str, columns: Sequence[str] = ()) -> CopiedFile:
    """The entry of a file in a manifest; what it says is on disk."""
    digest = sha256()
    with (folder / path).open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
        os.fsync(file.fileno())
    return CopiedFile(path, (folder / path).stat().st_size, digest.hexdigest(), tuple(columns))


def _check_known(manifest: Manifest, migrations_of: MigrationsOf, names: Sequence[str]) -> None:
    for room, numbers in manifest.rooms.items():
        known = {(m.owner, m.number) for m in migrations_of(room)} if room in names else frozenset()
        for owner, number in numbers.items():
            if (owner, number) not in known:
                reason = (
                    f"the backup is of release {manifest.version} ({room}: {owner} m{number:04}): "
                    "restore it with that release, or a newer one"
                )
                raise refused("rule", "newerDatabase", reason)


def _copy_sqlite(
    origin: Origin, partial: Path
) -> tuple[dict[str, dict[str, int]], list[CopiedFile]]:
    folder = Path(origin.url.removeprefix("sqlite:///"))
    rooms: dict[str, dict[str, int]] = {}
    files: list[CopiedFile] = []
    with _views({name: folder / f"{name}.db" for name in origin.rooms}) as views:
        for name, view in views.items():
            path = f"{ROOMS}/{name}.db"
            copy = sqlite3.connect(partial / path)
            view.backup(copy)
            (checked,) = copy.execute("PRAGMA quick_check(1)").fetchone()
            copy.execute("PRAGMA journal_mode=DELETE")
            copy.close()
            if checked != "ok":
                raise refused("conflict", "damagedRoom", f"the copy of {name}: {checked}")
            (partial / path).chmod(0o600)
            numbers = view.execute("SELECT owner, max(number) FROM migration GROUP BY owner")
            rooms[name] = dict(numbers.fetchall())
            files.append(told_file(partial, path))
    return rooms, files


@contextmanager
def _views(rooms: Mapping[str, Path]) -> Iterator[dict[str, sqlite3.Connection]]:
    """A view of each room, all of one instant: opened while every room's write lock is held."""
    views: dict[str, sqlite3.Connection] = {}
    with ExitStack() as opened:
        with ExitStack() as locked:
            for name, file in rooms.items():
                lock = sqlite3.connect(file, isolation_level=None, timeout=LOCK_S)
                locked.callback(lock.close)
                try:
                    lock.execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError as error:
                    raise Later(1, f"{name} is too busy to be copied: {error}") from error
            for name, file in rooms.items():
                view = views[name] = sqlite3.connect(file, isolation_level=None)
                opened.callback(view.close)
                view.execute("BEGIN")
                view.execute("SELECT count(*) FROM migration").fetchone()  # the view begins here
        yield views


def _bring_back(source: Path, folder: Path, manifest: Manifest) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise refused("conflict", "notEmpty", f"there are rooms in {folder} already")
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for file in manifest.files:
        if file.path.startswith(f"{ROOMS}/"):
            copy = partial / Path(file.path).name
            shutil.copyfile(source / file.path, copy)
            with copy.open("rb") as written:
                os.fsync(written.fileno())
    if folder.exists():
        folder.rmdir()
    partial.rename(folder)
    _sync_folder(folder.parent)


def _write_durably(path: Path, told: bytes) -> None:
    with path.open("wb") as file:
        file.write(told)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Have the names in a folder on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
