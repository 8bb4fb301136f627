"""How documents look in a catalogue file: the words of our own for what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from banyan.components.catalog.model import (
    CHARACTERISTICS,
    PRODUCT_OFFERING,
    PRODUCT_OFFERING_PRICE,
    PRODUCT_SPECIFICATION,
    RESOURCE_SPECIFICATION,
    SERVICE_SPECIFICATION,
    Key,
    join_address,
)
from banyan.components.catalog.wire.characteristics import read_written
from banyan.components.catalog.wire.emitting import Text
from banyan.components.catalog.wire.prices import PERIODS, TAX_CATEGORY
from banyan.kernel.words.codec import Document

Entry = dict[str, Any]
"""What stands below a key: words of ours with their values."""

_FIXED = ("pool", "technology", "operations")


def outline(resource: str, document: Document, inline: Mapping[str, Document]) -> Entry:
    """The entry of one document; ``inline`` are the prices that stand in it, by their word."""
    entry = _basics(document)
    if resource == PRODUCT_OFFERING:
        entry |= _offering(document, inline)
    elif resource == PRODUCT_OFFERING_PRICE:
        entry |= _price(document)
    else:
        entry |= _specification(resource, document)
    return {name: value for name, value in entry.items() if value is not None and value != []}


def _basics(document: Document) -> Entry:
    period = document.get("validFor")
    bounds = period if isinstance(period, dict) else {}
    return {
        "name": _text(document.get("name")) if document.get("name") != document["id"] else None,
        "description": _text(document.get("description")),
        "version": Text(document["version"]) if document.get("version") != "1.0" else None,
        "status": _unless(document.get("lifecycleStatus"), "Active"),
        "validFrom": _instant(bounds.get("startDateTime")),
        "validUntil": _instant(bounds.get("endDateTime")),
    }


def _text(value: Any) -> Any:
    """A text that says something: what is empty, or no text, has no word."""
    return value if isinstance(value, str) and value else None


def _unless(value: Any, usual: Any) -> Any:
    return None if value == usual else value


def _instant(value: Any) -> Any:
    if not isinstance(value, str):
        return None
    return Text(value.removesuffix("Z") if value.endswith("Z") else value)


def _specification(resource: str, document: Document) -> Entry:
    entries = document.get(CHARACTERISTICS[resource]) or []
    named = [each for each in entries if isinstance(each, dict)]
    entry: Entry = {}
    if resource == PRODUCT_SPECIFICATION:
        entry["brand"] = _text(document.get("brand"))
        entry["services"] = _relations(document.get("serviceSpecification"))
        entry["resources"] = _relations(document.get("resourceSpecification"))
    if resource == SERVICE_SPECIFICATION:
        entry["services"] = _relations(document.get("serviceSpecRelationship"))
        entry["resources"] = _relations(document.get("resourceSpecification"))
    if resource == RESOURCE_SPECIFICATION:
        is_physical = document.get("@type") == "PhysicalResourceSpecification"
        entry["kind"] = "physical" if is_physical else None
        entry["category"] = _text(document.get("category"))
        fixed = {each.get("name"): _values(each) for each in named}
        for name in _FIXED:
            values = fixed.get(name)
            if values:
                entry[name] = values if name == "operations" else values[0]
        named = [each for each in named if each.get("name") not in _FIXED]
        entry["resources"] = _relations(document.get("resourceSpecRelationship"))
    entry["characteristics"] = {
        str(each["name"]): _characteristic(each) for each in named if each.get("name")
    } or None
    return entry


def _values(characteristic: Document) -> list[str]:
    entries = characteristic.get("characteristicValueSpecification") or []
    return [each["value"] for each in entries if isinstance(each.get("value"), str)]


def _relations(references: Any) -> Any:
    if not isinstance(references, list) or not all(
        isinstance(each, dict) and isinstance(each.get("id"), str) for each in references
    ):
        return None
    if not any(each.get("takes") for each in references):
        return [each["id"] for each in references] or None
    return {
        each["id"]: {"takes": each["takes"]} if each.get("takes") else None for each in references
    }


def _characteristic(document: Document) -> Entry | None:
    """The words of one characteristic, and under ``also`` what they leave unsaid."""
    value_type = document.get("valueType")
    entries = document.get("characteristicValueSpecification") or []
    entries = [each for each in entries if isinstance(each, dict)]
    units = {each.get("unitOfMeasure") for each in (entries or [document])}
    listed = [each["value"] for each in entries if "value" in each]
    defaults = [each["value"] for each in entries if each.get("isDefault") and "value" in each]
    spans = [each for each in entries if "valueFrom" in each or "valueTo" in each]
    lone = len(listed) == 1 and listed == defaults
    entry: Entry = {
        "type": _unless(value_type, "string"),
        "unit": next(iter(units)) if len(units) == 1 else None,
        "description": _text(document.get("description")),
        "allowed": None if lone or not listed else listed,
        "range": _span(spans),
        "default": defaults[0] if len(defaults) == 1 else None,
        "pattern": document.get("regex"),
        "required": True if document.get("minCardinality") == 1 else None,
        "configurable": False if document.get("configurable") is False else None,
    }
    if spans and lone:
        entry["allowed"] = None
    entry = {name: value for name, value in entry.items() if value is not None}
    said = read_written(document["name"], entry)
    also = {name: value for name, value in document.items() if said.get(name) != value}
    also |= {name: None for name in said if name not in document}
    if "valueType" in also or "characteristicValueSpecification" in also:
        for word in ("type", "unit", "allowed", "range", "default"):
            entry.pop(word, None)
        said = read_written(document["name"], entry)
        also = {name: value for name, value in document.items() if said.get(name) != value}
        also |= {name: None for name in said if name not in document}
    return {**entry, "also": also} if also else entry or None


def _span(spans: Sequence[Document]) -> Any:
    if len(spans) != 1 or "valueFrom" not in spans[0] or "valueTo" not in spans[0]:
        return None
    return Text(f"{spans[0]['valueFrom']}..{spans[0]['valueTo']}")


def _offering(document: Document, inline: Mapping[str, Document]) -> Entry:
    product = document.get("productSpecification")
    uses = document.get("prodSpecCharValueUse") or []
    values: Entry = {}
    for use in uses:
        found = use.get("productSpecCharacteristicValue") or [] if isinstance(use, dict) else []
        if len(found) == 1 and found[0].get("value") is not None:
            values[str(use.get("name"))] = found[0]["value"]
    standing = {price["id"] for price in inline.values()}
    shared = [
        each.get("id")
        for each in document.get("productOfferingPrice") or []
        if isinstance(each, dict) and each.get("id") not in standing
    ]
    entry: Entry = {
        "product": product.get("id") if isinstance(product, dict) else None,
        "sellable": document.get("isSellable"),
        "values": values or None,
    }
    for word, price in inline.items():
        entry |= _pricing(word, price)
    return {**entry, "prices": shared}


def _price(document: Document) -> Entry:
    periods = {"oneTime": "once", "month": "monthly", "year": "yearly"}
    kind = document.get("priceType")
    said = document.get("recurringChargePeriodType") if kind == "recurring" else kind
    word = periods.get(str(said))
    return _pricing(word, document) if word else {}


def _pricing(word: str, price: Document) -> Entry:
    amount = price.get("price")
    if not isinstance(amount, dict) or not isinstance(amount.get("value"), int | Decimal):
        return {}
    entry: Entry = {word: Text(f"{Decimal(amount['value']):f} {amount.get('unit')}")}
    taxes = price.get("tax") or []
    if len(taxes) == 1 and taxes[0].get("taxRate") is not None:
        entry["tax"] = Text(f"{Decimal(taxes[0]['taxRate']):f} %")
        if taxes[0].get("taxCategory") != TAX_CATEGORY:
            entry["taxCategory"] = taxes[0].get("taxCategory")
    return entry


def inline_prices(offering: Document, wanted: Mapping[Key, Document]) -> dict[str, Document]:
    """The prices that may stand in an offering: named after it, and of its version."""
    version = str(offering.get("version"))
    found: dict[str, Document] = {}
    named = [e.get("id") for e in offering.get("productOfferingPrice") or [] if isinstance(e, dict)]
    for word in PERIODS:
        price_id = f"{offering['id']}-{word}"
        price = wanted.get((PRODUCT_OFFERING_PRICE, join_address(price_id, version)))
        if price is not None and price_id in named:
            found[word] = price
    return found
