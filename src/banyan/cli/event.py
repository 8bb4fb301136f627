"""``banyan event``: events that reached nobody, and another try."""

from __future__ import annotations

from typing import Annotated

import typer

from banyan.cli.client import HERE, Client, FolderOption, TokenOption, UrlOption

BASE = "/banyan-api/deliveryManagement/v1"

app = typer.Typer(help="Events on their way to subscribers and rooms.", no_args_is_help=True)
HubOption = Annotated[str, typer.Option("--hub", help="Id of one subscription; else all.")]


@app.command()
def parked(
    hub: HubOption = "",
    url: UrlOption = "",
    token: TokenOption = "",
    folder: FolderOption = HERE,
) -> None:
    """List events that were tried too often, with the reason, and what waits behind them."""
    wanted = {"hub": hub} if hub else {}
    found = Client(url, token, folder).get(f"{BASE}/parkedDelivery", **wanted)
    for each in found:
        to = f"hub {each['hub']}" if "hub" in each else f"room {each['room']}"
        typer.echo(
            f"{each['eventTime']}  {each['eventType']}  {each['subject']}  to {to}: "
            f"{each['reason']} ({each['attempts']} tries, {each['waitingBehind']} wait behind)"
        )
    typer.echo(f"{len(found)} parked")


@app.command()
def redeliver(
    hub: HubOption = "",
    url: UrlOption = "",
    token: TokenOption = "",
    folder: FolderOption = HERE,
) -> None:
    """Try parked events again, in their order."""
    body = {"hub": hub} if hub else {}
    done = Client(url, token, folder).post(f"{BASE}/redelivery", body)
    typer.echo(f"{done['count']} to be tried again")
