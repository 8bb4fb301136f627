"""``banyan backup`` and ``banyan restore``: a copy of all rooms, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from banyan import __version__
from banyan.cli.offline import DatabaseOption, HomeOption, SettingsOption, settings_of
from banyan.kernel.engine.settings import MASTER_FILE, POSTGRESQL

if TYPE_CHECKING:
    from banyan.kernel.engine.settings import Settings

KEPT = ("token-keys.json", "admin.token")
"""Files of the data folder that a copy holds; devices are the world outside and stay there."""


def backup(
    target: Annotated[Path, typer.Argument(help="The folder to make; it must not be there yet.")],
    with_master_key: Annotated[
        bool,
        typer.Option(help="Copy the master key too: who has the copy can then read everything."),
    ] = False,
    settings: SettingsOption = None,
    home: HomeOption = "",
    database: DatabaseOption = "",
) -> None:
    """Copy all rooms as they are at one instant, while the house runs or not."""
    from banyan.kernel.engine.backup import Origin, back_up
    from banyan.kernel.engine.clock import RealClock
    from banyan.kernel.engine.vault import Vault
    from banyan.wiring import open_databases

    own = settings_of(settings, home, database)
    folder = Path(own.folder).resolve()
    with open_databases(own) as there:
        rooms = tuple(there)
    if not rooms:
        raise _no_rooms(own)
    names = (*KEPT, MASTER_FILE) if with_master_key else KEPT
    files = tuple(name for name in names if (folder / name).is_file())
    master = Vault(own.master_key()).master_id
    origin = Origin(own.database_url, rooms, str(folder), files, master, __version__)
    made = back_up(origin, target.resolve(), RealClock().now())
    size = sum(file.size for file in made.files)
    typer.echo(f"{target}: {len(rooms)} rooms as they were at {made.at}, {size:,} bytes")
    if not with_master_key:
        typer.echo(f"Without the master key {master}: keep a copy of it apart from this one.")


def restore(
    source: Annotated[Path, typer.Argument(help="A folder that 'banyan backup' made.")],
    settings: SettingsOption = None,
    home: HomeOption = "",
    database: DatabaseOption = "",
) -> None:
    """Bring a copy back, onto a data folder or a database without rooms."""
    from banyan.kernel.engine import backup as engine
    from banyan.wiring import known_rooms, room_migrations

    own = settings_of(settings, home, database)
    folder = Path(own.folder).resolve()
    made = engine.restore(
        source.resolve(),
        own.database_url,
        folder,
        lambda room: room_migrations(room, own),
        known_rooms(),
    )
    typer.echo(f"{len(made.rooms)} rooms are as they were at {made.at} (release {made.version})")
    if not own.vault.master_key and not (folder / MASTER_FILE).exists():
        where = folder / MASTER_FILE
        typer.echo(f"Put the master key {made.master_id} to {where} before the house starts.")
    typer.echo("What has happened since is not in it: start the house, then 'banyan compare'.")


def _no_rooms(own: Settings) -> Exception:
    from banyan.kernel.words.errors import refused

    where = "the database" if own.database.startswith((POSTGRESQL, "env:", "file:")) else own.folder
    return refused("unknown", "noHouse", f"there are no rooms in {where}")
