"""Recording what an order item became; resources and devices."""

from __future__ import annotations

from typing import Literal

import msgspec

from banyan.kernel.words.codec import Document
from banyan.kernel.words.ids import ProductId, ProductOrderId, ResourceId, ServiceId
from banyan.kernel.words.messages import Command, Query


class ServiceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A service to record. ``key`` names it within the item; ``above`` is the key it supports."""

    key: str
    name: str
    layer: Literal["customerFacing", "resourceFacing"]
    specification_id: str
    specification_name: str
    above: str = ""
    characteristic: tuple[Document, ...] = ()


class ResourceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A resource to record. ``above`` is the key of the service it carries.

    ``value`` is what names it: a number out of a pool, a device.
    """

    key: str
    name: str
    schema_type: str
    specification_id: str
    specification_name: str
    above: str = ""
    value: str | int = ""
    characteristic: tuple[Document, ...] = ()


class ProductRecorded(msgspec.Struct, frozen=True, kw_only=True):
    """The ids of what was recorded, services and resources by their keys.

    ``start`` is the product's start date (RFC 3339).
    """

    product_id: ProductId
    start: str
    services: dict[str, ServiceId]
    resources: dict[str, ResourceId]


class RecordProduct(Command[ProductRecorded], frozen=True, kw_only=True):
    """Record an active product with its services and resources and what carries what.

    Once per order item: a repeat returns what was recorded. ``product`` is a TMF637 Product in v5
    form without id, status and relations to services and resources.
    """

    order_id: ProductOrderId
    item_id: str
    product: Document
    services: tuple[ServiceRecord, ...] = ()
    resources: tuple[ResourceRecord, ...] = ()


class UnrecordProduct(Command[None], frozen=True, kw_only=True):
    """Take away everything :class:`RecordProduct` recorded for the item, if anything."""

    order_id: ProductOrderId
    item_id: str


class DeviceFound(msgspec.Struct, frozen=True, kw_only=True):
    """A network element: how to reach it, and whether it may be touched.

    ``administrative_state`` in the words of X.731: ``unlocked``, ``locked``, ``shuttingDown``.
    """

    id: ResourceId
    name: str
    driver: str
    address: str
    administrative_state: str


class FindDevice(Query[DeviceFound | None], frozen=True, kw_only=True):
    """The device of this name, or nothing.

    A device is a resource with the characteristic ``driver`` (and ``address``).
    """

    name: str


class ListDevices(Query[tuple[DeviceFound, ...]], frozen=True, kw_only=True):
    """Every device there is."""


class RecordedItem(msgspec.Struct, frozen=True, kw_only=True):
    """An order item that became a product, and the state of that product."""

    order_id: ProductOrderId
    item_id: str
    product_id: ProductId
    status: str


class ListRecorded(Query[tuple[RecordedItem, ...]], frozen=True, kw_only=True):
    """Every order item whose product is there, whatever its state."""


class AddResource(Command[Document], frozen=True, kw_only=True):
    """Take a TMF639 resource in (v5 form) and answer it as stored.

    A resource of ``@type`` ``ResourcePool`` opens a pool of the whole numbers from its
    characteristic ``low`` to ``high``, named like the resource. Refused: a pool without both or
    with ``low`` above ``high`` (``poolRange``), a second pool or a second device of one name
    (``duplicate``).
    """

    document: Document


class AmendResource(Command[Document], frozen=True, kw_only=True):
    """Replace resource ``id`` by its whole new form; ``rev`` is the revision it was made from.

    Refused: another revision is current (``stale``), a pool's name or range would change
    (``poolFixed``), a device's new name belongs to another device (``duplicate``).
    """

    id: ResourceId
    document: Document
    rev: int
