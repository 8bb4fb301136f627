"""Whether an order can be taken: every reason why not, at once. Pure: the facts are handed in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from banyan.components.ordering.model import (
    Buyer,
    Payer,
    SoldOffering,
    find_terms,
    offering_address,
)
from banyan.components.ordering.policy.work import characteristics_of, specs_of
from banyan.kernel.words.characteristics import check_characteristics
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding

ITEMS_MAX: Final = 100
ADDRESS_MAX: Final = 128
"""Characters of an offering's address; a longer one names nothing."""
ITEM_ID: Final = re.compile(r"[A-Za-z0-9_.:-]{1,40}")
"""An item's id names its steps, its reservations and its charges, so it has to be short."""


def check_draft(order: Document) -> list[Finding]:
    """An order begins at once: TMF622's ``draft`` is refused rather than silently begun."""
    if order.get("requestedInitialState") != "draft":
        return []
    reason = "drafts are not kept so far: leave it out, or ask for 'acknowledged'"
    return [Finding("unsupportedInitialState", reason, "requestedInitialState")]


def check_items(order: Document, offerings: Mapping[str, SoldOffering]) -> list[Finding]:
    """Everything that is wrong with the items of an order, against the offerings' terms."""
    items = order["productOrderItem"]
    if len(items) > ITEMS_MAX:
        reason = f"an order has {ITEMS_MAX} items at most, not {len(items)}"
        return [Finding("tooManyItems", reason, "productOrderItem")]
    findings: list[Finding] = []
    seen: set[str] = set()
    for position, item in enumerate(items):
        path = f"productOrderItem.{position}"
        if not ITEM_ID.fullmatch(item["id"]):
            reason = "an item's id has 1 to 40 letters, digits, '_', '.', ':' or '-'"
            findings.append(Finding("itemId", reason, f"{path}.id"))
        elif item["id"] in seen:
            reason = f"the id {item['id']} stands twice in this order"
            findings.append(Finding("duplicateItem", reason, f"{path}.id"))
        seen.add(item["id"])
        findings += [finding.below(path) for finding in _check_item(item, offerings)]
    return findings


def _check_item(item: Document, offerings: Mapping[str, SoldOffering]) -> Iterator[Finding]:
    if item["action"] != "add":
        reason = "only 'add' can be ordered so far: changes and ends come with a later release"
        yield Finding("unsupportedAction", reason, "action")
        return
    if item.get("quantity", 1) != 1:
        reason = "one product per item: order as many items as products"
        yield Finding("quantity", reason, "quantity")
    if item.get("productOrderItem"):
        yield Finding("nestedItem", "bundles can't be ordered so far", "productOrderItem")
    if (item.get("product") or {}).get("id"):
        reason = "a product that is added has no id yet: it is made when the item is completed"
        yield Finding("productId", reason, "product.id")
    reference = item.get("productOffering") or {}
    if not reference.get("id"):
        yield Finding("missingOffering", "what is ordered needs an offering", "productOffering")
        return
    terms = find_terms(offerings, reference)
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
    given = characteristics_of(item)
    yield from check_characteristics(
        specs_of(terms.specification), given, "product.productCharacteristic"
    )


def check_parties(
    order: Document, customer: Buyer | None, accounts: Mapping[str, Payer]
) -> list[Finding]:
    """Whether the customer and every billing account of an order may buy, and belong together.

    ``customer`` and ``accounts`` (by id) are what party found for the order's references.
    """
    findings = list(_check_customer(order, customer))
    for account_id, path in _accounts(order):
        account = accounts.get(account_id)
        if account is None:
            reason = f"there is no billing account {account_id!r}"
            findings.append(Finding("unknownAccount", reason, path))
            continue
        if account.state != "active":
            reason = f"the billing account {account.name} is {account.state}"
            findings.append(Finding("accountState", reason, path))
        if customer is not None and customer.id not in account.customer_ids:
            reason = f"the billing account {account_id} is not one of this customer's"
            findings.append(Finding("foreignAccount", reason, path))
    return findings


def _check_customer(order: Document, customer: Buyer | None) -> Iterator[Finding]:
    named = _customer(order)
    if named is None:
        reason = "an order needs one related party with the role 'customer'"
        yield Finding("missingCustomer", reason, "relatedParty")
    elif customer is None:
        yield Finding("unknownCustomer", f"there is no customer {named[0]!r}", named[1])
    elif customer.status not in ("created", "active"):
        reason = f"the customer {customer.name} is {customer.status}"
        yield Finding("customerStatus", reason, named[1])


def place_account(
    order: Document, customer: Buyer | None, own: Sequence[Payer]
) -> tuple[Document, list[Finding]]:
    """The order with the only account that can pay for it, where it names none.

    ``own`` are the customer's accounts. With none that is active, or more than one, the choice is
    the buyer's: a finding says so.
    """
    if customer is None:
        reason = "an order needs the billing account that pays, or a customer who has only one"
        return order, [Finding("missingAccount", reason, "billingAccount")]
    active = [account for account in own if account.state == "active"]
    if len(active) == 1:
        reference = {
            "@type": "BillingAccountRef",
            "id": active[0].id,
            "name": active[0].name,
            "@referredType": "BillingAccount",
        }
        return {**order, "billingAccount": reference}, []
    reason = "the customer has no active billing account that could pay: open one first"
    if active:
        ids = ", ".join(account.id for account in active[:5])
        reason = f"the customer has {len(active)} active billing accounts ({ids}): name one"
    return order, [Finding("missingAccount", reason, "billingAccount")]


def check_currencies(
    order: Document, offerings: Mapping[str, SoldOffering], accounts: Mapping[str, Payer]
) -> list[Finding]:
    """Every price of an item must be in the currency of the account that pays for the item."""
    findings = []
    for position, item in enumerate(order["productOrderItem"]):
        terms = offerings.get((item.get("productOffering") or {}).get("id", ""))
        reference = item.get("billingAccount") or order.get("billingAccount") or {}
        account = accounts.get(reference.get("id", ""))
        if terms is None or account is None:
            continue
        foreign = sorted({price.currency for price in terms.prices} - {account.currency})
        if foreign:
            reason = (
                f"{terms.name} is sold in {', '.join(foreign)},"
                f" the account {account.name} pays in {account.currency}"
            )
            path = f"productOrderItem.{position}.productOffering.id"
            findings.append(Finding("currency", reason, path))
    return findings


def find_customer_id(order: Document) -> str | None:
    """The id of the related party that buys: the one with the role ``customer``.

    Where nobody has that role it is the only one whose ``@referredType`` is Customer.
    """
    named = _customer(order)
    return None if named is None else named[0]


def _customer(order: Document) -> tuple[str, str] | None:
    by_role, by_type = [], []
    for position, related in enumerate(order.get("relatedParty") or ()):
        reference = related.get("partyOrPartyRole") or {}
        if not reference.get("id"):
            continue
        found = (str(reference["id"]), f"relatedParty.{position}.partyOrPartyRole.id")
        if str(related.get("role", "")).lower() == "customer":
            by_role.append(found)
        elif reference.get("@referredType") == "Customer":
            by_type.append(found)
    found_ones = by_role or by_type
    return found_ones[0] if len({each[0] for each in found_ones}) == 1 else None


def find_account_ids(order: Document) -> tuple[str, ...]:
    """The ids of all billing accounts that the order and its items name, each once."""
    return tuple(dict.fromkeys(account_id for account_id, _ in _accounts(order)))


def is_account_missing(order: Document) -> bool:
    """Whether some item is paid for by no account that the order names."""
    if (order.get("billingAccount") or {}).get("id"):
        return False
    items = order["productOrderItem"]
    return any(not (item.get("billingAccount") or {}).get("id") for item in items)


def _accounts(order: Document) -> Iterator[tuple[str, str]]:
    """Every billing account named, with the path of its id."""
    places: list[tuple[Document, str]] = [(order, "")]
    items: Iterable[Document] = order["productOrderItem"][:ITEMS_MAX]
    places += [(item, f"productOrderItem.{n}.") for n, item in enumerate(items)]
    for place, path in places:
        account_id = (place.get("billingAccount") or {}).get("id")
        if account_id:
            yield str(account_id), f"{path}billingAccount.id"


def find_offering_ids(order: Document) -> tuple[str, ...]:
    """What the items name: offerings, and the versions of them where they say one; each once."""
    items: Iterable[Document] = order["productOrderItem"][:ITEMS_MAX]
    named = [ref for item in items if (ref := item.get("productOffering") or {}).get("id")]
    whole = [str(ref["id"]) for ref in named]
    versions = [offering_address(ref) for ref in named if ref.get("version")]
    return tuple(dict.fromkeys([*whole, *(each for each in versions if len(each) <= ADDRESS_MAX)]))
