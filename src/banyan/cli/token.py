"""``banyan token``: let somebody in."""

from __future__ import annotations

from typing import Annotated

import typer

from banyan.cli.client import HERE, FolderOption
from banyan.kernel.words.errors import refused


def token(
    role: Annotated[str, typer.Option(help="What the holder may do (see gateway/access.py).")],
    actor: Annotated[str, typer.Option(help="Who the holder is, for the records.")],
    tenant: Annotated[str, typer.Option(help="Whose house it is.")] = "default",
    folder: FolderOption = HERE,
) -> None:
    """Make a token and print it; it can't be shown again."""
    from banyan.gateway.access import ROLES
    from banyan.gateway.tokens import Holder, TokenBook

    if role not in ROLES:
        reason = f"no role is named {role}; there are {', '.join(sorted(ROLES))}"
        raise refused("malformed", "unknownRole", reason, "--role")
    typer.echo(TokenBook(folder).add(Holder(tenant, actor, role)))
