"""``banyan order``: watch an order walk, and decide on it when it is held."""

from __future__ import annotations

from threading import Event
from typing import Annotated

import typer

from banyan.cli.client import HERE, Client, FolderOption, TokenOption, UrlOption
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refused

ORDERS = "/tmf-api/productOrderingManagement/v5"
FALLOUTS = "/banyan-api/orderFalloutManagement/v1"
PLAN = "/banyan-api/planManagement/v1/plan/order_to_active"
OVER = {"completed", "cancelled", "failed", "rejected", "partial"}
PAUSE_S = 0.25

app = typer.Typer(help="Product orders.", no_args_is_help=True)
OrderArgument = Annotated[str, typer.Argument(metavar="ORDER", help="Id of the order.")]
ReasonOption = Annotated[str, typer.Option(help="Why, for the records.")]


@app.command()
def watch(
    order: OrderArgument,
    once: Annotated[bool, typer.Option(help="Show it as it is now, and end.")] = False,
    url: UrlOption = "",
    token: TokenOption = "",
    folder: FolderOption = HERE,
) -> None:
    """Print every step of an order as it is taken, until the order is over or held."""
    client, shown, bell = Client(url, token, folder), dict[str, str](), Event()
    while True:
        state = client.get(f"{ORDERS}/productOrder/{order}")["state"]
        plan = client.get(f"{PLAN}/{order}") if state != "acknowledged" else {"steps": []}
        for step in plan["steps"]:
            if shown.get(step["name"]) != step["state"]:
                shown[step["name"]] = step["state"]
                why = f": {step['reason']}" if step["reason"] else ""
                typer.echo(f"{step['state']:>8}  {step['name']}  ({step['command']}){why}")
        if once or state in OVER or (state == "held" and _held(client, order)):
            typer.echo(f"the order is {state}")
            return
        bell.wait(PAUSE_S)


@app.command()
def retry(
    order: OrderArgument,
    reason: ReasonOption = "tried again",
    url: UrlOption = "",
    token: TokenOption = "",
    folder: FolderOption = HERE,
) -> None:
    """Try every held step of an order again."""
    _resolve(Client(url, token, folder), order, "retry", reason)


@app.command()
def skip(
    order: OrderArgument,
    reason: ReasonOption,
    url: UrlOption = "",
    token: TokenOption = "",
    folder: FolderOption = HERE,
) -> None:
    """Go on without the held steps of an order."""
    _resolve(Client(url, token, folder), order, "skip", reason)


@app.command()
def cancel(
    order: OrderArgument,
    reason: ReasonOption = "cancelled by request",
    url: UrlOption = "",
    token: TokenOption = "",
    folder: FolderOption = HERE,
) -> None:
    """Ask for an order to be cancelled: everything done for it is undone."""
    body = {
        "@type": "CancelProductOrder",
        "cancellationReason": reason,
        "productOrder": {"@type": "ProductOrderRef", "id": order},
    }
    task = Client(url, token, folder).post(f"{ORDERS}/cancelProductOrder", body)
    typer.echo(f"{task['id']} is {task['state']}")


def _held(client: Client, order: str) -> list[Document]:
    """The steps of an order on which nobody has decided yet."""
    wanted = {"productOrder.id": order, "state": "held"}
    found: list[Document] = client.get(f"{FALLOUTS}/orderFallout", **wanted)
    return found


def _resolve(client: Client, order: str, action: str, reason: str) -> None:
    held = _held(client, order)
    if not held:
        raise refused("rule", "notHeld", f"no step of {order} is held")
    for fallout in held:
        body = {
            "@type": "ResolveOrderFallout",
            "action": action,
            "reason": reason,
            "orderFallout": {"@type": "OrderFalloutRef", "id": fallout["id"]},
        }
        client.post(f"{FALLOUTS}/resolveOrderFallout", body)
        typer.echo(f"{action}: {fallout['step']} ({fallout['reason']})")
