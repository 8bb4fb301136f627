"""What journeys may ask of ordering."""

from __future__ import annotations

from typing import Literal

import msgspec

from banyan.kernel.words.codec import Document
from banyan.kernel.words.ids import BillingAccountId, ProductId, ProductOrderId
from banyan.kernel.words.messages import Command, Query
from banyan.kernel.words.price import PriceTerms


class ServiceItem(msgspec.Struct, frozen=True, kw_only=True):
    """A service the item needs; ``above`` is the key of the service it supports."""

    key: str
    name: str
    layer: Literal["customerFacing", "resourceFacing"]
    specification_id: str
    specification_name: str
    above: str
    characteristic: tuple[Document, ...]


class ResourceItem(msgspec.Struct, frozen=True, kw_only=True):
    """A resource the item needs: ``pool`` if its value comes from one, ``device`` if it is
    configured on one; ``holder`` is the name it is reserved and configured under.
    """

    key: str
    name: str
    schema_type: str
    specification_id: str
    specification_name: str
    above: str
    holder: str
    characteristic: tuple[Document, ...]
    pool: str = ""
    device: str = ""
    configuration: Document = {}


class ItemWork(msgspec.Struct, frozen=True, kw_only=True):
    """All one order item needs, three layers deep."""

    item_id: str
    product_name: str
    account_id: BillingAccountId
    product: Document
    services: tuple[ServiceItem, ...]
    resources: tuple[ResourceItem, ...]
    prices: tuple[PriceTerms, ...]


class Breakdown(msgspec.Struct, frozen=True, kw_only=True):
    """What is still to be done for an order, item by item."""

    order_id: ProductOrderId
    items: tuple[ItemWork, ...]


class CaptureOrder(Command[Document], frozen=True, kw_only=True):
    """Take a TMF622 product order in; answers the stored order.

    An order without a billing account is paid from its customer's only active one. Refused
    (``rule``) with every finding at once: items, offerings, characteristics, customer, accounts,
    currencies, a ``requestedInitialState`` other than ``acknowledged``.
    """

    document: Document


class AmendOrder(Command[Document], frozen=True, kw_only=True):
    """Replace an order by its whole new form, made from revision ``rev``; answers the stored one.

    Only what says something about an open order may change (notes, priority, wishes for dates …).
    Refused (``conflict``): anything else (``notAmendable``), an order that is over (``orderOver``).
    """

    id: ProductOrderId
    document: Document
    rev: int


class DecomposeOrder(Command[Breakdown], frozen=True, kw_only=True):
    """Begin the order and break it down along the catalogue's relations as they were sold."""

    order_id: ProductOrderId


class CompleteItem(Command[None], frozen=True, kw_only=True):
    """The item is done and became this product; a repeat says the same again."""

    order_id: ProductOrderId
    item_id: str
    product_id: ProductId


class ReopenItem(Command[None], frozen=True, kw_only=True):
    """Undo :class:`CompleteItem`; nothing happens to an item that is not completed."""

    order_id: ProductOrderId
    item_id: str


class CompleteOrder(Command[None], frozen=True, kw_only=True):
    """All items are done: the order is ``completed``, ``failed`` or ``partial``, as they are.

    ``Later`` while a cancellation is assessed or a resumption is on its way. Refused
    (``openItems``) while an item is open. A repeat changes nothing.
    """

    order_id: ProductOrderId


class NoteHeld(Command[None], frozen=True, kw_only=True):
    """A step of the order is held: why, and what kind of obstacle it is. Opens a fallout."""

    order_id: ProductOrderId
    step: str
    reason: str
    obstacle: str


class NoteResumed(Command[None], frozen=True, kw_only=True):
    """The held step goes on: closes its fallout."""

    order_id: ProductOrderId
    step: str


class NoteUnwinding(Command[None], frozen=True, kw_only=True):
    """What was done is being undone: a cancellation that was assessed is accepted."""

    order_id: ProductOrderId


class NoteUnwound(Command[None], frozen=True, kw_only=True):
    """All that was done has been undone: the order is cancelled, or failed if nobody asked."""

    order_id: ProductOrderId
    reason: str


class RefuseCancellation(Command[None], frozen=True, kw_only=True):
    """The order is past its point of no return: the cancellation is refused, the order goes on."""

    order_id: ProductOrderId
    reason: str


class RequestCancellation(Command[Document], frozen=True, kw_only=True):
    """Take a TMF622 cancelProductOrder task in; answers the stored task.

    The task ends ``done`` once all is undone, or ``terminatedWithError`` when the order is past its
    point of no return. Refused: ``unknownOrder``; ``lifecycle`` (``conflict``) for an order that is
    over or is being cancelled already.
    """

    document: Document


class ResolveFallout(Command[Document], frozen=True, kw_only=True):
    """Somebody decides on a held step: ``retry``, ``skip`` or ``cancel``; answers the decision.

    ``characteristic`` (with ``retry``) are characteristics of the item's product to have instead;
    what the item still needs follows from them anew. Refused: ``unknownFallout``; ``lifecycle``
    (``conflict``) for a step somebody has decided on already; characteristics the product's
    specification does not allow, or that would change which steps there are (``rule``).
    """

    document: Document


class SoldItem(msgspec.Struct, frozen=True, kw_only=True):
    """An order item that was completed: what it became, and at how many prices it was sold."""

    order_id: ProductOrderId
    item_id: str
    product_id: str
    prices: int


class ListSold(Query[tuple[SoldItem, ...]], frozen=True, kw_only=True):
    """Every item of every completed order that added a product."""


class FollowMerge(Command[None], frozen=True, kw_only=True):
    """Lead every reference to a party or role on to the one it was merged into.

    A repeat changes nothing.
    """

    source_id: str
    survivor_id: str


class FollowUnmerge(Command[None], frozen=True, kw_only=True):
    """Lead back what :class:`FollowMerge` led on, and nothing else. A repeat changes nothing."""

    source_id: str
    survivor_id: str


class ForgetNames(Command[None], frozen=True, kw_only=True):
    """Take away the names kept beside references to ``ids``. A repeat changes nothing."""

    ids: tuple[str, ...]
