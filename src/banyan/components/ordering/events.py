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

    ``changes`` are arguments of the step's command to replace before it is tried again.
    """

    order_id: ProductOrderId
    step: str
    action: Literal["retry", "skip", "cancel"]
    reason: str
    changes: Document
