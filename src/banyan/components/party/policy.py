"""What makes a customer or an account acceptable. Pure: the facts are handed in."""

from __future__ import annotations

from collections.abc import Mapping, Set

from banyan.components.party.model import (
    KEPT_HERE,
    Reference,
    find_engaged_party,
    find_related_parties,
)
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding
from banyan.kernel.words.lifecycle import Lifecycle
from banyan.kernel.words.money import CURRENCIES

Found = Mapping[Reference, tuple[str, Document]]
"""Each reference that leads somewhere: the kind (``Customer``, …) and document it leads to."""


def check_customer(document: Document, found: Found) -> list[Finding]:
    """A customer engages a party that exists (TMF629 ``engagedParty`` 1..1)."""
    findings = _check_references(document, found)
    engaged = find_engaged_party(document)
    if engaged is None:
        findings.append(Finding("missing", "a customer engages a party", "engagedParty.id"))
    elif found.get(engaged, ("Customer", {}))[0] == "Customer":
        reason = f"there is no individual or organization {engaged.id!r}"
        findings.append(Finding("unknownReference", reason, engaged.path))
    return findings


def check_account(document: Document, found: Found) -> list[Finding]:
    """An account has a currency of ISO 4217 and belongs to a customer that exists."""
    findings = _check_references(document, found)
    currency = document.get("currency")
    if currency not in CURRENCIES:
        reason = f"{currency!r} is no active ISO 4217 currency code"
        findings.append(Finding("currency", reason, "currency"))
    has_customer = any(kind == "Customer" for kind, _ in found.values())
    if not has_customer and not any(each.code == "unknownReference" for each in findings):
        reason = "a billing account names the customer it belongs to"
        findings.append(Finding("unknownReference", reason, "relatedParty"))
    return findings


def check_open(found: Found) -> list[Finding]:
    """Nobody opens an account for a customer that is closed."""
    return [
        Finding("closedCustomer", f"customer {each.id} is closed", each.path)
        for each, (kind, customer) in found.items()
        if kind == "Customer" and customer.get("status") == "closed"
    ]


def _check_references(document: Document, found: Found) -> list[Finding]:
    return [
        Finding(
            "unknownReference",
            f"there is no {each.referred_type.lower()} {each.id!r}",
            each.path,
        )
        for each in find_related_parties(document)
        if each.referred_type in KEPT_HERE and each not in found
    ]


def check_first_state(document: Document, attribute: str, life: Lifecycle) -> list[Finding]:
    """A new thing starts in one of its lifecycle's initial states."""
    state = document.get(attribute)
    if state in life.initial:
        return []
    words = " or ".join(life.initial)
    return [Finding("lifecycle", f"a new {life.name} is {words}, not {state}", attribute)]


def check_step(before: Document, after: Document, attribute: str, life: Lifecycle) -> None:
    """The state stays, or takes one legal step; refuses (``conflict``) any other."""
    if before.get(attribute) != after.get(attribute):
        life.verb_for(str(before.get(attribute)), str(after.get(attribute)))


def check_same_currency(before: Document, after: Document) -> list[Finding]:
    """What was charged in one currency can't be billed in another."""
    if before.get("currency") == after.get("currency"):
        return []
    reason = f"an account keeps its currency {before.get('currency')}"
    return [Finding("immutable", reason, "currency")]


def mark_customers(document: Document, found: Found) -> Document:
    """The account with ``@referredType`` filled where an untyped reference names a customer."""
    marked = {
        each.id
        for each in find_related_parties(document)
        if not each.referred_type and each in found and found[each][0] == "Customer"
    }
    if not marked:
        return document
    return {
        **document,
        "relatedParty": [_marked(each, marked) for each in document["relatedParty"]],
    }


def _marked(related: Document, customers: Set[str]) -> Document:
    named = related.get("partyOrPartyRole")
    if not isinstance(named, dict) or named.get("@referredType"):
        return related
    if named.get("id") not in customers:
        return related
    return {**related, "partyOrPartyRole": {**named, "@referredType": "Customer"}}
