"""The terms of an offering at one instant, from its document and those it leads to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from banyan.components.catalog.contract import Layer, OfferingTerms, SpecNode
from banyan.components.catalog.model import (
    DEPTH_MAX,
    NODES_MAX,
    PRODUCT_OFFERING,
    PRODUCT_OFFERING_PRICE,
    PRODUCT_SPECIFICATION,
    PUBLISHED,
    RESOURCE_SPECIFICATION,
    SERVICE_SPECIFICATION,
    Abilities,
    Key,
    Link,
    find_characteristics,
    find_links,
    find_unit,
    read_period,
    split_address,
)
from banyan.components.catalog.policy.fulfilment import find_obstacle
from banyan.components.catalog.policy.prices import compute_price
from banyan.kernel.words.codec import Document
from banyan.kernel.words.ids import ProductOfferingId
from banyan.kernel.words.price import PriceTerms

Documents = Mapping[Key, Document]


def compute_terms(
    address: str, offering: Document, documents: Documents, now: datetime, abilities: Abilities
) -> OfferingTerms:
    """What ``offering`` is made of and costs at ``now``, and all that forbids selling it.

    ``address`` is what it was asked by: the terms carry it as their id.
    """
    obstacles = _find_obstacles(offering, now)
    links = list(find_links(PRODUCT_OFFERING, offering))
    bare = SpecNode(id="", name="", version="", layer="product", schema_type="Product")
    tree = bare
    specification = next((k for k in links if k.target[0] == PRODUCT_SPECIFICATION), None)
    if specification is not None:
        growing = _Growing(documents, abilities)
        tree = growing.node(specification, "product", ()) or bare
        tree = _narrowed(tree, offering)
        obstacles += growing.obstacles
    prices, unpriced = _compute_prices(offering, documents, now)
    obstacles += unpriced
    return OfferingTerms(
        id=ProductOfferingId(address),
        name=str(offering.get("name") or ""),
        version=str(offering.get("version") or ""),
        lifecycle_status=str(offering.get("lifecycleStatus") or ""),
        is_sellable=not obstacles,
        why_not_sellable="; ".join(dict.fromkeys(obstacles)),
        specification=tree,
        prices=prices,
    )


def _find_obstacles(offering: Document, now: datetime) -> list[str]:
    found: list[str] = []
    status = offering.get("lifecycleStatus")
    if status not in PUBLISHED:
        found.append(f"its lifecycle status is {status}, not {' or '.join(PUBLISHED)}")
    if offering.get("isSellable") is False:
        found.append("it is not sold by itself")
    when = _why_not_valid(offering, now)
    if when:
        found.append(f"it is {when}")
    if offering.get("isBundle") or offering.get("bundledProductOffering"):
        found.append("it is a bundle of offerings, which can't be sold yet")
    elif not isinstance(offering.get("productSpecification"), dict):
        found.append("it has no product specification")
    return found


def _why_not_valid(document: Document, now: datetime) -> str:
    start, end = read_period(document)
    if start is not None and now < start:
        return f"not valid before {document['validFor']['startDateTime']}"
    if end is not None and now >= end:
        return f"not valid since {document['validFor']['endDateTime']}"
    return ""


class _Growing:
    """A specification tree while it grows, and what was found missing on the way."""

    def __init__(self, documents: Documents, abilities: Abilities) -> None:
        self._documents = documents
        self._abilities = abilities
        self._count = 0
        self.obstacles: list[str] = []

    def node(self, link: Link, layer: Layer, above: tuple[Key, ...]) -> SpecNode | None:
        """The tree below ``link``; None where it can't be walked, with the obstacle noted."""
        key = link.target
        document = self._documents.get(key)
        self._count += 1
        if key in above:
            self.obstacles.append(f"{key[0]} {key[1]} is made of itself")
            return None
        if document is None:
            self.obstacles.append(f"there is no {key[0]} {key[1]}")
            return None
        if len(above) >= DEPTH_MAX or self._count > NODES_MAX:
            self.obstacles.append(f"it has more than {DEPTH_MAX} levels or {NODES_MAX} parts")
            return None
        if key[0] == RESOURCE_SPECIFICATION:
            obstacle = find_obstacle(document, self._abilities)
            self.obstacles += [f"{key[0]} {key[1]}: {obstacle}"] if obstacle else []
        layer = _read_layer(document, layer)
        trail = (*above, key)
        grown = [
            self.node(each, _layer_below(each.target[0], key[0]), trail)
            for each in find_links(key[0], document)
            if each.is_part
        ]
        return SpecNode(
            id=split_address(key[1])[0],
            name=str(document.get("name") or key[1]),
            version=str(document.get("version") or ""),
            layer=layer,
            schema_type=_find_schema_type(key[0], document),
            characteristics=tuple(find_characteristics(key[0], document)),
            takes=link.takes,
            parts=tuple(part for part in grown if part is not None),
        )


def _layer_below(kind: str, above: str) -> Layer:
    if kind == RESOURCE_SPECIFICATION:
        return "resource"
    if kind == PRODUCT_SPECIFICATION:
        return "product"
    return "resourceFacing" if above == SERVICE_SPECIFICATION else "customerFacing"


def _read_layer(document: Document, otherwise: Layer) -> Layer:
    match document.get("@type"):
        case "CustomerFacingServiceSpecification":
            return "customerFacing"
        case "ResourceFacingServiceSpecification":
            return "resourceFacing"
    return otherwise


_SCHEMAS = {
    PRODUCT_SPECIFICATION: ("targetProductSchema", "TargetProductSchema", "Product"),
    SERVICE_SPECIFICATION: ("targetEntitySchema", "TargetEntitySchema", "Service"),
    RESOURCE_SPECIFICATION: ("targetResourceSchema", "TargetResourceSchema", "Resource"),
}


def _find_schema_type(resource: str, document: Document) -> str:
    """The ``@type`` of what is made from a specification: its target schema's, if it has one."""
    attribute, unsaid, plain = _SCHEMAS[resource]
    target = document.get(attribute)
    named = target.get("@type") if isinstance(target, dict) else None
    if isinstance(named, str) and named not in ("", unsaid):
        return named
    own = str(document.get("@type") or "")
    if resource == RESOURCE_SPECIFICATION and own.endswith("ResourceSpecification"):
        return own.removesuffix("Specification")
    return plain


def _narrowed(tree: SpecNode, offering: Document) -> SpecNode:
    """The tree with the values the offering allows (TMF620 ``prodSpecCharValueUse``)."""
    uses = {
        use["name"]: use
        for use in offering.get("prodSpecCharValueUse") or []
        if isinstance(use, dict) and isinstance(use.get("name"), str)
    }
    if not uses:
        return tree
    narrowed = [
        narrow_characteristic(each, uses[each["name"]]) if each["name"] in uses else each
        for each in tree.characteristics
    ]
    return msgspec.structs.replace(tree, characteristics=tuple(narrowed))


def narrow_characteristic(characteristic: Document, use: Document) -> Document:
    """A characteristic as an offering uses it; one fixed value can no longer be configured."""
    narrowed = dict(characteristic)
    for name in ("minCardinality", "maxCardinality"):
        if use.get(name) is not None:
            narrowed[name] = use[name]
    values = use.get("productSpecCharacteristicValue")
    if not isinstance(values, list) or not values:
        return narrowed
    unit = find_unit(characteristic)
    if unit:
        narrowed["unitOfMeasure"] = unit
    if len(values) == 1 and values[0].get("value") is not None:
        values = [{**values[0], "isDefault": True}]
        narrowed["configurable"] = False
    narrowed["characteristicValueSpecification"] = values
    return narrowed


def _compute_prices(
    offering: Document, documents: Documents, now: datetime
) -> tuple[tuple[PriceTerms, ...], list[str]]:
    """The prices valid at ``now``, and why others that should be can't be charged."""
    terms: list[PriceTerms] = []
    obstacles: list[str] = []
    links = {link.path: link for link in find_links(PRODUCT_OFFERING, offering)}
    for at, entry in enumerate(offering.get("productOfferingPrice") or []):
        price_id = str(entry.get("id") or f"{offering['id']}.{at}")
        link = links.get(f"productOfferingPrice.{at}")
        document = entry if link is None else documents.get(link.target)
        if document is None:
            obstacles.append(f"there is no {PRODUCT_OFFERING_PRICE} {price_id}")
        elif not _why_not_valid(document, now):
            priced = compute_price(document, price_id)
            if isinstance(priced, PriceTerms):
                terms.append(priced)
            else:
                obstacles += [f"price {price_id}: {each.path}: {each.reason}" for each in priced]
    return tuple(terms), obstacles
