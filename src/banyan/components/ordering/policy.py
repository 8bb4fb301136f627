"""Decisions of ordering: whether an order can be taken, and what it breaks down into. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from banyan.components.ordering.contract import ItemWork, ResourceItem, ServiceItem
from banyan.components.ordering.model import Buyer, Payer, SoldNode, SoldOffering
from banyan.kernel.words.characteristics import (
    CharacteristicSpec,
    check_characteristics,
    fill_characteristics,
)
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding
from banyan.kernel.words.ids import BillingAccountId

ITEMS_MAX = 100
QUANTITY_MAX = 1
"""An item is one product: a customer who wants three lines orders three items."""


def check_items(order: Document, offerings: Mapping[str, SoldOffering]) -> list[Finding]:
    """Everything that is wrong with the items of an order, against the offerings' terms."""
    findings = []
    seen: set[str] = set()
    items = order["productOrderItem"]
    if len(items) > ITEMS_MAX:
        findings.append(Finding("tooManyItems", f"{ITEMS_MAX} items at most", "productOrderItem"))
    for position, item in enumerate(items):
        path = f"productOrderItem.{position}"
        if item["id"] in seen:
            reason = f"the id {item['id']} stands twice in this order"
            findings.append(Finding("duplicateItem", reason, f"{path}.id"))
        seen.add(item["id"])
        findings += [finding.below(path) for finding in _check_item(item, offerings)]
    return findings


def _check_item(item: Document, offerings: Mapping[str, SoldOffering]) -> Iterable[Finding]:
    if item["action"] != "add":
        reason = "only 'add' can be ordered so far: changes and ends come with a later release"
        yield Finding("unsupportedAction", reason, "action")
        return
    if item.get("quantity", 1) != QUANTITY_MAX:
        reason = "one product per item: order as many items as products"
        yield Finding("quantity", reason, "quantity")
    if item.get("productOrderItem"):
        yield Finding("nestedItem", "bundles can't be ordered so far", "productOrderItem")
    reference = item.get("productOffering")
    if not isinstance(reference, dict) or not reference.get("id"):
        yield Finding("missingOffering", "what is ordered needs an offering", "productOffering")
        return
    terms = offerings.get(reference["id"])
    if terms is None:
        reason = f"there is no product offering {reference['id']!r}"
        yield Finding("unknownOffering", reason, "productOffering.id")
        return
    if not terms.is_sellable:
        yield Finding("notSellable", terms.why_not_sellable, "productOffering.id")
    wanted = reference.get("version")
    if wanted is not None and wanted != terms.version:
        reason = f"{terms.name} is sold in version {terms.version}, not {wanted}"
        yield Finding("otherVersion", reason, "productOffering.version")
    specs = _specs(terms.specification)
    yield from check_characteristics(specs, _given(item), "product.productCharacteristic")


def check_parties(order: Document, customer: Buyer | None, account: Payer | None) -> list[Finding]:
    """Whether the customer and the billing account of an order may buy, and belong together.

    ``customer`` and ``account`` are what party found for the order's references, or nothing.
    """
    findings = []
    customer_id = find_customer_id(order)
    if customer_id is None:
        reason = "an order needs a related party with the role 'customer'"
        findings.append(Finding("missingCustomer", reason, "relatedParty"))
    elif customer is None:
        reason = f"there is no customer {customer_id!r}"
        findings.append(Finding("unknownCustomer", reason, "relatedParty"))
    elif customer.status in ("closed", "suspended"):
        reason = f"the customer {customer.name} is {customer.status}"
        findings.append(Finding("customerStatus", reason, "relatedParty"))
    account_id = find_account_id(order)
    if account_id is None:
        reason = "an order needs the billing account that pays for it"
        findings.append(Finding("missingAccount", reason, "billingAccount"))
    elif account is None:
        reason = f"there is no billing account {account_id!r}"
        findings.append(Finding("unknownAccount", reason, "billingAccount.id"))
    else:
        if account.state not in ("active", ""):
            reason = f"the billing account {account.name} is {account.state}"
            findings.append(Finding("accountState", reason, "billingAccount.id"))
        if customer is not None and customer_id not in account.customer_ids:
            reason = f"the billing account {account_id} is not one of this customer's"
            findings.append(Finding("foreignAccount", reason, "billingAccount.id"))
    return findings


def check_currency(offerings: Iterable[SoldOffering], account: Payer | None) -> list[Finding]:
    """All prices of an order must be in the currency of the account that pays them."""
    if account is None:
        return []
    currencies = {price.currency for terms in offerings for price in terms.prices}
    foreign = currencies - {account.currency}
    return [
        Finding("currency", f"the account pays in {account.currency}, not {code}", "billingAccount")
        for code in sorted(foreign)
    ]


def find_customer_id(order: Document) -> str | None:
    """The id of the order's related party with the role ``customer``."""
    for party in order.get("relatedParty", ()):
        reference = party.get("partyOrPartyRole") or {}
        if str(party.get("role", "")).lower() == "customer" and reference.get("id"):
            return str(reference["id"])
    return None


def find_account_id(order: Document) -> str | None:
    """The id of the billing account of the order as a whole."""
    account_id = (order.get("billingAccount") or {}).get("id")
    return str(account_id) if account_id else None


def find_offering_ids(order: Document) -> tuple[str, ...]:
    """The ids of all offerings that the items name, each once."""
    named = (item.get("productOffering") or {} for item in order["productOrderItem"])
    return tuple(dict.fromkeys(str(ref["id"]) for ref in named if ref.get("id")))


def compute_work(order: Document, item: Document, terms: SoldOffering) -> ItemWork:
    """Break one item down along the relations it was sold with, three layers deep.

    A node's characteristic gets the value of the node above: of the same name, or of the name the
    relation maps it to; else its own default.
    """
    top = terms.specification
    values = fill_characteristics(_specs(top), _given(item))
    services: list[ServiceItem] = []
    resources: list[ResourceItem] = []
    holder = f"{order['id']}/{item['id']}"
    for number, part in enumerate(top.parts, 1):
        _break_down(part, _by_name(values), "", str(number), holder, (services, resources))
    return ItemWork(
        item_id=item["id"],
        product_name=(item.get("product") or {}).get("name") or terms.name,
        account_id=BillingAccountId((item.get("billingAccount") or order["billingAccount"])["id"]),
        product=_product(order, item, terms, values),
        services=tuple(services),
        resources=tuple(resources),
        prices=terms.prices,
    )


Found = tuple[list[ServiceItem], list[ResourceItem]]


def _break_down(
    node: SoldNode, above: Mapping[str, Any], parent: str, number: str, holder: str, found: Found
) -> None:
    key = f"{node.id}.{number}"
    taken = _taken(node, above)
    characteristic = tuple(fill_characteristics(_specs(node), taken))
    values = _by_name(characteristic)
    if node.layer == "resource":
        found[1].append(_resource(node, key, parent, f"{holder}/{key}", characteristic))
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
    node: SoldNode, key: str, parent: str, holder: str, characteristic: tuple[Document, ...]
) -> ResourceItem:
    values = _by_name(characteristic)
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


def _taken(node: SoldNode, above: Mapping[str, Any]) -> list[Document]:
    taken = []
    for spec in node.characteristics:
        name = spec["name"]
        source = str(node.takes.get(name, name))
        if source in above:
            taken.append({"name": name, "value": above[source]})
    return taken


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


def _given(item: Document) -> list[Document]:
    return list((item.get("product") or {}).get("productCharacteristic") or ())


def _specs(node: SoldNode) -> list[CharacteristicSpec]:
    return [CharacteristicSpec.from_tmf(document) for document in node.characteristics]


def _by_name(characteristic: Iterable[Document]) -> dict[str, Any]:
    return {each["name"]: each["value"] for each in characteristic}
