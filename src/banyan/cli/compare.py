"""``banyan compare``: what the rooms believe against each other, and against the devices."""

from __future__ import annotations

import sys

import typer

from banyan.cli.client import HERE, Client, FolderOption, TokenOption, UrlOption

COMPARISON = "/banyan-api/comparisonManagement/v1/comparison"


def compare(url: UrlOption = "", token: TokenOption = "", folder: FolderOption = HERE) -> None:
    """List every difference between what is believed and what is; 1 if there is any.

    The house must run. Orders that are under way are left out and named.
    """
    client = Client(url, token, folder)
    found = client.get(COMPARISON)
    for each in found["differences"]:
        first, second = each["between"]
        typer.echo(f"{each['kind']:10}  {second}  {each['subject']}")
        typer.echo(f"            order {each['order_id']}, item {each['item_id']}")
        typer.echo(f"            {first}: {each['believed']}")
        typer.echo(f"            {second}: {each['found']}")
        typer.echo(f"            to do: {each['advice']}")
    typer.echo(
        f"{len(found['differences'])} differences in {found['items']} order items,"
        f" {found['configurations']} configurations and {found['devices']} devices"
    )
    if found["under_way"]:
        typer.echo(f"left out, because under way: {', '.join(found['under_way'])}")
    client.close()
    if found["differences"]:
        sys.exit(1)
