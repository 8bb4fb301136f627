"""The lab room's own commands."""

from __future__ import annotations

from banyan.kernel.words.codec import Document
from banyan.kernel.words.ids import ProductOrderId
from banyan.kernel.words.messages import Command


class TakeOrder(Command[Document], frozen=True, kw_only=True):
    """File an order; refuses (``rule``) one whose first item is of offering ``gone``."""

    document: Document


class AmendOrder(Command[Document], frozen=True, kw_only=True):
    """Replace an order by its whole new form."""

    id: ProductOrderId
    document: Document
    rev: int
