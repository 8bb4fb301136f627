"""What other rooms may ask of catalog."""

from __future__ import annotations

from typing import Literal

import msgspec

from banyan.kernel.words.codec import Document
from banyan.kernel.words.ids import ProductOfferingId
from banyan.kernel.words.messages import Command, Query
from banyan.kernel.words.price import PriceTerms

Layer = Literal["product", "customerFacing", "resourceFacing", "resource"]


class SpecNode(msgspec.Struct, frozen=True, kw_only=True):
    """One specification with what it is made of, one layer below the other.

    ``characteristics`` are CharacteristicSpecification documents (TMF v5 form). ``takes`` maps a
    characteristic of this node to the characteristic of the node above that supplies it; one of the
    same name is supplied without being listed. ``schema_type`` is the ``@type`` of the inventory
    item it becomes.
    """

    id: str
    name: str
    version: str
    layer: Layer
    schema_type: str
    characteristics: tuple[Document, ...] = ()
    takes: dict[str, str] = {}
    parts: tuple[SpecNode, ...] = ()


class OfferingTerms(msgspec.Struct, frozen=True, kw_only=True):
    """An offering as it can be sold now: what an order keeps a snapshot of."""

    id: ProductOfferingId
    name: str
    version: str
    lifecycle_status: str
    is_sellable: bool
    why_not_sellable: str
    specification: SpecNode
    prices: tuple[PriceTerms, ...]


class FindOfferings(Query[tuple[OfferingTerms, ...]], frozen=True, kw_only=True):
    """The terms of those of ``ids`` that exist, with their whole specification trees."""

    ids: tuple[str, ...]


class CatalogItem(msgspec.Struct, frozen=True, kw_only=True):
    """One document of a catalogue to load: which resource it is and its inner form with its id."""

    resource: str
    document: Document


class CatalogLoaded(msgspec.Struct, frozen=True, kw_only=True):
    """How many documents were new, changed, and already the same."""

    created: int
    changed: int
    unchanged: int


class LoadCatalog(Command[CatalogLoaded], frozen=True, kw_only=True):
    """Load a whole catalogue in one transaction: all of it, or a refusal with every finding.

    Loading the same again changes nothing.
    """

    items: tuple[CatalogItem, ...]
