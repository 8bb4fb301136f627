"""The documents of a catalogue: their kinds, what they refer to, their money. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from banyan.components.catalog.model.versions import join_address, split_address
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, Refused
from banyan.kernel.words.ids import (
    Id,
    ProductOfferingId,
    ProductOfferingPriceId,
    ProductSpecificationId,
    ResourceSpecificationId,
    ServiceSpecificationId,
)
from banyan.kernel.words.money import Money

PRODUCT_OFFERING = "productOffering"
PRODUCT_OFFERING_PRICE = "productOfferingPrice"
PRODUCT_SPECIFICATION = "productSpecification"
SERVICE_SPECIFICATION = "serviceSpecification"
RESOURCE_SPECIFICATION = "resourceSpecification"

ID_TYPES: dict[str, type[Id]] = {
    PRODUCT_SPECIFICATION: ProductSpecificationId,
    PRODUCT_OFFERING: ProductOfferingId,
    PRODUCT_OFFERING_PRICE: ProductOfferingPriceId,
    SERVICE_SPECIFICATION: ServiceSpecificationId,
    RESOURCE_SPECIFICATION: ResourceSpecificationId,
}
"""The kinds of document a catalogue is made of."""

CHARACTERISTICS = {
    PRODUCT_SPECIFICATION: "productSpecCharacteristic",
    SERVICE_SPECIFICATION: "specCharacteristic",
    RESOURCE_SPECIFICATION: "resourceSpecCharacteristic",
}
"""Where each kind of specification keeps its characteristics."""

FIRST_VERSION = "1.0"
"""The version of what names none."""

DEPTH_MAX = 16
NODES_MAX = 500
"""How deep and how large a specification's tree is walked."""

Key = tuple[str, str]
"""A resource and an address: an id, for the version in force, or an id with a version."""


class Flaw(msgspec.Struct, frozen=True):
    """One thing that is wrong with one document of a catalogue; ``path`` is within it."""

    key: Key
    path: str
    code: str
    reason: str


def find_key(resource: str, document: Document) -> Key:
    """The key of one version, also of one that is not filed yet."""
    base, version = split_address(str(document.get("id")))
    return resource, join_address(base, version or str(document.get("version") or FIRST_VERSION))


class Link(msgspec.Struct, frozen=True):
    """One reference from a document to another of the catalogue.

    ``is_part`` says that the one is made of the other. ``takes`` maps a characteristic of the
    other to the one of this document that supplies it: the attribute ``takes`` of the reference,
    which is ours, not the standard's.
    """

    path: str
    target: Key
    is_part: bool = True
    takes: dict[str, str] = {}


_LINKS = {
    PRODUCT_OFFERING: {
        "productSpecification": PRODUCT_SPECIFICATION,
        "productOfferingPrice": PRODUCT_OFFERING_PRICE,
        "bundledProductOffering": PRODUCT_OFFERING,
    },
    PRODUCT_OFFERING_PRICE: {
        "bundledPopRelationship": PRODUCT_OFFERING_PRICE,
        "popRelationship": PRODUCT_OFFERING_PRICE,
    },
    PRODUCT_SPECIFICATION: {
        "bundledProductSpecification": PRODUCT_SPECIFICATION,
        "serviceSpecification": SERVICE_SPECIFICATION,
        "resourceSpecification": RESOURCE_SPECIFICATION,
    },
    SERVICE_SPECIFICATION: {
        "serviceSpecRelationship": SERVICE_SPECIFICATION,
        "resourceSpecification": RESOURCE_SPECIFICATION,
    },
    RESOURCE_SPECIFICATION: {"resourceSpecRelationship": RESOURCE_SPECIFICATION},
}
"""Per kind: the attributes that refer to other documents, and to which kind, in walking order."""

NO_PARTS = frozenset({"migration", "substitution", "exclusivity"})
"""Values of ``relationshipType`` (TMF633 names them) by which nothing is made of the other."""


def find_links(resource: str, document: Document) -> Iterator[Link]:
    """Every reference of a document to others of the catalogue; embedded prices are none."""
    for attribute, kind in _LINKS.get(resource, {}).items():
        value = document.get(attribute)
        if isinstance(value, list):
            for at, entry in enumerate(value):
                yield from _link(entry, kind, f"{attribute}.{at}")
        else:
            yield from _link(value, kind, attribute)


def _link(entry: Any, kind: str, path: str) -> Iterator[Link]:
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str) or not entry["id"]:
        return
    if kind == PRODUCT_OFFERING_PRICE and is_embedded_price(entry):
        return
    takes = entry.get("takes")
    yield Link(
        path=path,
        target=(kind, _address(entry)),
        is_part=entry.get("relationshipType") not in NO_PARTS
        and not path.startswith("popRelationship"),
        takes={str(k): str(v) for k, v in takes.items()} if isinstance(takes, dict) else {},
    )


def _address(entry: Document) -> str:
    """What a reference leads to: one version if it names one, else the version in force."""
    base, version = split_address(entry["id"])
    named = entry.get("version")
    return join_address(base, version or (named if isinstance(named, str) else ""))


def is_embedded_price(entry: Document) -> bool:
    """Whether an offering's price stands in it whole (TMF620 ProductOfferingPriceRefOrValue)."""
    return entry.get("@type") == "ProductOfferingPrice" or "priceType" in entry


def find_characteristics(resource: str, document: Document) -> list[Document]:
    """The characteristic specifications of a document, those that are objects with a name."""
    entries = document.get(CHARACTERISTICS.get(resource, "")) or []
    return [e for e in entries if isinstance(e, dict) and isinstance(e.get("name"), str)]


def find_unit(characteristic: Document) -> str:
    """The unit a characteristic's values are in: its own, or its first value's that has one."""
    entries = characteristic.get("characteristicValueSpecification") or []
    for each in (characteristic, *entries):
        if isinstance(each, dict) and each.get("unitOfMeasure"):
            return str(each["unitOfMeasure"])
    return ""


def read_amount(price: Any) -> Money | list[Finding]:
    """The amount of a TMF620 price (``Money {unit, value}``), exact; or what is wrong with it."""
    if not isinstance(price, dict):
        return [Finding("missing", "a price has an amount", "price")]
    unit, value = price.get("unit"), price.get("value")
    if not isinstance(unit, str):
        return [Finding("currency", "a price has a currency", "price.unit")]
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return [Finding("amountFormat", f"{value!r} is no amount", "price.value")]
    try:
        return Money.from_decimal(value, unit)
    except Refused as no:
        found = no.refusal.findings[0]
        at = "price.unit" if found.code == "currency" else "price.value"
        return [Finding(found.code, found.reason, at)]


def check_price_amount(document: Document) -> list[Finding]:
    """A price that names an amount names one that money can hold, in a currency of ISO 4217."""
    if document.get("price") is None:
        return []
    amount = read_amount(document["price"])
    return amount if isinstance(amount, list) else []
