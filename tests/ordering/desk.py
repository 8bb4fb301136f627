"""Ordering driven by hand: what a plan would tell it, and short ways to speak HTTP with it."""

from __future__ import annotations

import itertools
from typing import Any, TypeVar

import httpx

from banyan.components.ordering.contract import (
    CompleteItem,
    CompleteOrder,
    DecomposeOrder,
    NoteHeld,
)
from banyan.kernel.words.codec import Document
from banyan.kernel.words.ids import ProductId, ProductOrderId
from banyan.kernel.words.messages import Command
from tests.journeys.lab import CALL, Lab
from tests.journeys.shop import ACCOUNTS, CANCELLATIONS, ORDERS, Shop

A = TypeVar("A")
ORDERS_V4 = ORDERS.replace("/v5/", "/v4/")


class Desk:
    """The room, its house and its shop."""

    def __init__(self, lab: Lab, shop: Shop) -> None:
        self.lab = lab
        self.shop = shop
        self.room = lab.house.rooms["ordering"]
        self._numbers = itertools.count()

    def put(self, command: Command[A]) -> A:
        """Run a command under a key of its own."""
        return self.room.put(CALL, command, f"desk-{next(self._numbers)}")

    def order(self, *items: tuple[str, str]) -> ProductOrderId:
        """A new order that nobody has begun."""
        return ProductOrderId(self.shop.order(*(items or [("fibre-100", "olt-1")])))

    def begun(self, *items: tuple[str, str]) -> ProductOrderId:
        """An order in progress."""
        order_id = self.order(*items)
        self.put(DecomposeOrder(order_id=order_id))
        return order_id

    def held(self, *items: tuple[str, str], step: str = "1/configure/port") -> ProductOrderId:
        """An order held at a step."""
        order_id = self.begun(*items)
        self.put(NoteHeld(order_id=order_id, step=step, reason="no light", obstacle="needsPerson"))
        return order_id

    def complete(self, order_id: ProductOrderId, *item_ids: str) -> None:
        """Complete items."""
        for item_id in item_ids:
            product_id = ProductId(f"product-of-{item_id}")
            self.put(CompleteItem(order_id=order_id, item_id=item_id, product_id=product_id))

    def completed(self) -> ProductOrderId:
        """A completed order."""
        order_id = self.begun()
        self.complete(order_id, "1")
        self.put(CompleteOrder(order_id=order_id))
        return order_id

    def states(self, order_id: str) -> tuple[str, list[str]]:
        """Where the order is, and each of its items."""
        shown = self.shop.shown(order_id)
        return shown["state"], [item["state"] for item in shown["productOrderItem"]]

    def post(self, path: str, body: Document) -> httpx.Response:
        """The answer to a POST, whatever it is."""
        return self.lab.send("POST", path, body)

    def patch(self, order_id: str, **changes: Any) -> httpx.Response:
        """The answer to a merge patch of an order."""
        headers = {"content-type": "application/merge-patch+json"}
        return self.lab.send("PATCH", f"{ORDERS}/{order_id}", changes, headers=headers)

    def delete(self, order_id: str) -> httpx.Response:
        """The answer to a DELETE of an order."""
        return self.lab.send("DELETE", f"{ORDERS}/{order_id}")

    def cancellations(self, order_id: str) -> list[Document]:
        """The order's cancellation tasks."""
        found: list[Document] = self.lab.get(CANCELLATIONS, **{"productOrder.id": order_id})
        return found

    def account(self, **more: Any) -> str:
        """One more billing account of the customer; its id."""
        (party,) = self.shop.body(("fibre-100", "olt-1"))["relatedParty"]
        body = {"@type": "BillingAccount", "name": "Other", "relatedParty": [party], **more}
        return str(self.lab.post(ACCOUNTS, body)["id"])


def findings(answer: httpx.Response) -> set[tuple[str, str]]:
    """The code and path of everything an Error says."""
    return {(each["code"], each["path"]) for each in answer.json()["findings"]}
