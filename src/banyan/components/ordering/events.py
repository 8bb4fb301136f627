"""Facts ordering says, for those who react to them."""

from __future__ import annotations

from typing import Literal

from banyan.kernel.words.codec import Document
from banyan.kernel.words.ids import ProductOrderId
from banyan.kernel.words.messages import Event


class ProductOrderCaptured(Event, frozen=True, kw_only=True):
    """An order was accepted and waits to be fulfilled; the subject is the order."""

    order_id: ProductOrderId


class CancellationRequested(Event, frozen=True, kw_only=True):
    """Somebody wants the order undone."""

    order_id: ProductOrderId
    reason: str


class FalloutResolved(Event, frozen=True, kw_only=True):
    """Somebody decided on a held step.

    ``work`` is the `ItemWork` of the item ``item_id`` in plain form if the decision changed it,
    and takes the place of the one the order was broken down into; empty otherwise.
    """

    order_id: ProductOrderId
    step: str
    action: Literal["retry", "skip"]
    reason: str
    item_id: str = ""
    work: Document
