"""What an order item breaks down into: services and resources, layer by layer. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from banyan.components.ordering.contract import ItemWork, ResourceItem, ServiceItem
from banyan.components.ordering.model import SoldNode, SoldOffering
from banyan.kernel.words.characteristics import CharacteristicSpec, fill_characteristics
from banyan.kernel.words.characteristics.spec import convert_elements, find_factor, find_unit_text
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding
from banyan.kernel.words.ids import BillingAccountId


def compute_work(order: Document, item: Document, terms: SoldOffering) -> ItemWork:
    """Break one item down along the relations it was sold with, three layers deep.

    A node's characteristic gets the value of the node above: of the same name, or of the name the
    relation maps it to; else its own default. Keys are the same however often it is broken down.
    """
    top = terms.specification
    specs = specs_of(top)
    values = fill_characteristics(specs, characteristics_of(item))
    above = _measured(specs, values)
    services: list[ServiceItem] = []
    resources: list[ResourceItem] = []
    holder = f"{order['id']}/{item['id']}"
    for number, part in enumerate(top.parts, 1):
        _break_down(part, above, "", str(number), holder, (services, resources))
    return ItemWork(
        item_id=item["id"],
        product_name=(item.get("product") or {}).get("name") or terms.name,
        account_id=BillingAccountId((item.get("billingAccount") or order["billingAccount"])["id"]),
        product=_product(order, item, terms, values),
        services=tuple(services),
        resources=tuple(resources),
        prices=terms.prices,
    )


KEY_ID_MAX = 80
"""Characters of a specification's id in a key; the number behind it makes the key unique."""

Values = dict[str, tuple[Any, str | None]]
"""Name → value and the unit it is in."""

Found = tuple[list[ServiceItem], list[ResourceItem]]


def _break_down(
    node: SoldNode, above: Values, parent: str, number: str, holder: str, found: Found
) -> None:
    key = f"{node.id[:KEY_ID_MAX]}.{number}"
    specs = specs_of(node)
    characteristic = tuple(fill_characteristics(specs, _taken(node, specs, above)))
    values = _measured(specs, characteristic)
    if node.layer == "resource":
        found[1].append(_resource(node, key, parent, f"{holder}/{key}", characteristic, values))
    else:
        found[0].append(
            ServiceItem(
                key=key,
                name=node.name,
                layer="customerFacing" if node.layer == "customerFacing" else "resourceFacing",
                specification_id=node.id,
                specification_name=node.name,
                above=parent,
                characteristic=characteristic,
            )
        )
    for position, part in enumerate(node.parts, 1):
        _break_down(part, values, key, f"{number}.{position}", holder, found)


def _resource(
    node: SoldNode,
    key: str,
    parent: str,
    holder: str,
    characteristic: tuple[Document, ...],
    measured: Values,
) -> ResourceItem:
    values = {name: value for name, (value, _) in measured.items()}
    steering = ("pool", "device")
    return ResourceItem(
        key=key,
        name=node.name,
        schema_type=node.schema_type,
        specification_id=node.id,
        specification_name=node.name,
        above=parent,
        holder=holder,
        characteristic=tuple(c for c in characteristic if c["name"] not in steering),
        pool=str(values.get("pool", "")),
        device=str(values.get("device", "")),
        configuration={n: value for n, value in values.items() if n not in steering},
    )


def _taken(node: SoldNode, specs: Sequence[CharacteristicSpec], above: Values) -> list[Document]:
    """What the node gets from the one above, in its own units."""
    taken = []
    for spec in specs:
        source = str(node.takes.get(spec.name, spec.name))
        if source in above:
            value, unit = above[source]
            taken.append({"name": spec.name, "value": _in_unit(value, unit, spec.unit)})
    return taken


def _measured(specs: Iterable[CharacteristicSpec], entries: Iterable[Document]) -> Values:
    """Name → value in the specification's unit; several entries of one name make a list."""
    units = {spec.name: spec.unit for spec in specs}
    found: Values = {}
    for entry in entries:
        name, unit = entry["name"], units.get(entry["name"])
        value = _in_unit(entry["value"], find_unit_text(entry), unit)
        if name in found:
            before = found[name][0]
            value = [*(before if isinstance(before, list) else [before]), value]
        found[name] = (value, unit)
    return found


def _in_unit(value: Any, given: str | None, wanted: str | None) -> Any:
    factor = find_factor(given, wanted)
    if isinstance(factor, Finding) or factor == 1:
        return value
    elements = convert_elements(value, factor)
    return elements if isinstance(value, list) else elements[0] if elements else value


def _product(
    order: Document, item: Document, terms: SoldOffering, values: Sequence[Document]
) -> Document:
    product: Document = {
        **{k: v for k, v in (item.get("product") or {}).items() if k not in ("id", "href")},
        "@type": "Product",
        "name": (item.get("product") or {}).get("name") or terms.name,
        "productOffering": {
            "@type": "ProductOfferingRef",
            "id": terms.id,
            "name": terms.name,
            "version": terms.version,
        },
        "productSpecification": {
            "@type": "ProductSpecificationRef",
            "id": terms.specification.id,
            "name": terms.specification.name,
            "version": terms.specification.version,
        },
        "productCharacteristic": list(values),
        "relatedParty": order.get("relatedParty", []),
        "billingAccount": item.get("billingAccount") or order["billingAccount"],
    }
    return product


def characteristics_of(item: Document) -> list[Document]:
    """What an item says about the product it wants."""
    return list((item.get("product") or {}).get("productCharacteristic") or ())


def specs_of(node: SoldNode) -> list[CharacteristicSpec]:
    """The characteristic specifications a node was sold with."""
    return [CharacteristicSpec.from_tmf(document) for document in node.characteristics]
