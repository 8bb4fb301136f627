"""``banyan token``: let somebody in, and shut somebody out."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from banyan.kernel.engine.settings import Settings, read_settings
from banyan.kernel.words.errors import refused

if TYPE_CHECKING:
    from banyan.gateway.tokens import TokenBook


class _MakeUnlessTold(TyperGroup):
    """``banyan token --role …`` is ``banyan token make --role …``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Name the command that nobody named."""
        if args and args[0].startswith("--") and args[0] != "--help":
            args = ["make", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_MakeUnlessTold, no_args_is_help=True, help="Let in, and shut out.")

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_LIFE = re.compile(r"([0-9]{1,6})([mhd])")

FolderOption = Annotated[
    str, typer.Option("--data", envvar="BANYAN_DATA", help="Data folder of the house.")
]


@app.command()
def make(
    role: Annotated[
        list[str] | None, typer.Option(help="What the holder may do; several if repeated.")
    ] = None,
    actor: Annotated[str, typer.Option(help="Who the holder is; else the role's name.")] = "",
    tenant: Annotated[str, typer.Option(help="Whose house it is.")] = "default",
    party: Annotated[
        list[str] | None, typer.Option(help="The party (id) whose own things the holder's are.")
    ] = None,
    expires: Annotated[str, typer.Option(help="How long it counts: 30m, 12h, 30d.")] = "30d",
    folder: FolderOption = "",
) -> None:
    """Make a token and print it; nobody keeps it. ``make`` itself may be left out.

    What the house calls itself, and its own roles, are read from BANYAN_SETTINGS if that is set.
    """
    from banyan.gateway.access import Access
    from banyan.gateway.claims import Holder

    chosen = _settings(folder)
    known = Access(chosen.policies_folder).roles
    unknown = sorted(set(role or ()) - set(known))
    if not role or unknown:
        reason = f"no role is named {unknown[0]}" if unknown else "say which role"
        reason = f"{reason}; there are {', '.join(sorted(known))}"
        raise refused("malformed", "unknownRole", reason, "--role")
    holder = Holder(tenant, actor or role[0], tuple(sorted(set(role))), tuple(party or ()))
    typer.echo(_book(chosen).add(holder, _life(expires)))


@app.command()
def rotate(
    drop: Annotated[
        bool, typer.Option(help="End every token made so far, the administrator's too.")
    ] = False,
    folder: FolderOption = "",
) -> None:
    """Sign with a new key from now on; tokens of earlier keys count until they end."""
    book = _book(_settings(folder))
    typer.echo(f"signing with {book.rotate(drop)}")
    if drop:
        typer.echo(f"the administrator's new token is in {book.ensure_admin('default')}")


@app.command()
def revoke(
    text: Annotated[str, typer.Option("--token", help="A token to end.")] = "",
    actor: Annotated[str, typer.Option(help="An actor whose tokens so far end.")] = "",
    tenant: Annotated[str, typer.Option(help="The actor's tenant.")] = "default",
    folder: FolderOption = "",
) -> None:
    """End a token, or all of an actor's, from the next request on."""
    book = _book(_settings(folder))
    if bool(text) == bool(actor):
        raise refused("malformed", "revoke", "give either a token or an actor", "--token")
    if text:
        typer.echo(f"revoked {book.revoke_token(text)}")
    else:
        book.revoke_actor(tenant, actor)
        typer.echo(f"revoked all tokens of {actor} made up to now")


def _settings(folder: str) -> Settings:
    told = os.environ.get("BANYAN_SETTINGS")
    return read_settings(Path(told) if told else None, {"data": folder} if folder else None)


def _book(settings: Settings) -> TokenBook:
    from banyan.gateway.tokens import TokenBook

    own = settings.tokens
    return TokenBook(Path(settings.folder), issuer=own.issuer, audience=own.audience)


def _life(text: str) -> timedelta:
    read = _LIFE.fullmatch(text)
    if read is None:
        raise refused("malformed", "lifetime", "write 30m, 12h or 30d", "--expires")
    return timedelta(**{_UNITS[read[2]]: int(read[1])})
