"""``banyan audit``: whether the record of all changes is as it was written."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from banyan.cli.offline import DatabaseOption, HomeOption, SettingsOption, settings_of
from banyan.kernel.words.codec import from_json, from_plain, to_json
from banyan.kernel.words.errors import refused

if TYPE_CHECKING:
    from banyan.kernel.engine.verify import Heads

app = typer.Typer(help="The record of all changes.", no_args_is_help=True)


@app.command()
def head(
    settings: SettingsOption = None, home: HomeOption = "", database: DatabaseOption = ""
) -> None:
    """Print how far the audit has come, to be kept where nobody can write who can write it."""
    from banyan.kernel.engine.verify import read_heads
    from banyan.wiring import open_databases

    with open_databases(settings_of(settings, home, database)) as rooms:
        heads = {name: read_heads(room) for name, room in rooms.items()}
    typer.echo(to_json(heads).decode())


@app.command()
def verify(
    kept: Annotated[
        Path | None, typer.Option("--head", help="What 'audit head' printed at an earlier time.")
    ] = None,
    settings: SettingsOption = None,
    home: HomeOption = "",
    database: DatabaseOption = "",
) -> None:
    """Walk the whole audit, also of a running house; 1 if a place in it does not fit."""
    from banyan.kernel.engine import verify as engine
    from banyan.wiring import open_databases

    heads = {} if kept is None else _read_heads(kept)
    broken = 0
    with open_databases(settings_of(settings, home, database)) as rooms:
        for name in sorted(heads.keys() - rooms.keys()):
            broken += 1
            typer.echo(f"broken  {name}: the whole room is gone")
        for name, room in rooms.items():
            checked = engine.verify(room, heads.get(name))
            broken += bool(checked.broken)
            told = checked.broken or f"{checked.rows} changes in {checked.strands} strands"
            typer.echo(f"{'broken' if checked.broken else 'whole '}  {name}: {told}")
    if broken:
        sys.exit(1)


def _read_heads(file: Path) -> dict[str, Heads]:
    from banyan.kernel.engine.verify import Heads

    try:
        return dict(from_plain(from_json(file.read_bytes()), dict[str, Heads]))
    except (OSError, msgspec.MsgspecError) as error:
        reason = f"{file} does not hold what 'audit head' prints: {error}"
        raise refused("malformed", "heads", reason) from error
