"""What makes a document of party acceptable. Pure: the facts are handed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from banyan.components.party.model import (
    KEPT_HERE,
    OWN_ROLES,
    RELATED,
    Reference,
    find_at,
    find_engaged_party,
)
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding
from banyan.kernel.words.lifecycle import Lifecycle
from banyan.kernel.words.money import CURRENCIES

Found = Mapping[Reference, tuple[str, Document]]
"""Each reference that leads somewhere: the kind (``Customer``, …) and document it leads to."""

DIGITS_MAX = 18
PREFIX_MAX = 20


def check_references(references: Iterable[Reference], found: Found) -> list[Finding]:
    """What a document names as kept here exists here."""
    return [
        Finding("unknownReference", f"there is no {_kind_of(each)} {each.id!r}", each.path)
        for each in references
        if each not in found and (each.is_strict or each.referred_type in KEPT_HERE)
    ]


def _kind_of(reference: Reference) -> str:
    kind = reference.referred_type or reference.kinds[0]
    return kind if kind in OWN_ROLES else kind[0].lower() + kind[1:]


def check_customer(document: Document, found: Found) -> list[Finding]:
    """A customer engages a party that exists (TMF629 ``engagedParty`` 1..1)."""
    engaged = find_engaged_party(document)
    if engaged is None:
        return [Finding("missing", "a customer engages a party", "engagedParty.id")]
    return check_engaged(document, found)


def check_engaged(document: Document, found: Found) -> list[Finding]:
    """Whoever plays a role is an individual or an organization that exists."""
    engaged = find_engaged_party(document)
    if engaged is None or engaged in found or engaged.referred_type in KEPT_HERE:
        return []  # what names a kind kept here is among the references that must lead somewhere
    reason = f"there is no individual or organization {engaged.id!r}"
    return [Finding("unknownReference", reason, engaged.path)]


def check_role(document: Document, found: Found) -> list[Finding]:
    """A role is played by a party that exists; ours have what bills need."""
    findings = check_engaged(document, found)
    named = document.get("@type")
    if named == "Customer":
        reason = "a customer is filed under TMF629, where it is a role too"
        findings.append(Finding("customerApi", reason, "@type"))
    if named == "LegalEntity":
        findings += _check_legal_entity(document, found)
    if named == "Brand":
        findings += _check_brand(document, found)
    return findings


def _check_legal_entity(document: Document, found: Found) -> list[Finding]:
    findings = _check_currency(document)
    engaged = find_engaged_party(document)
    if engaged is None or found.get(engaged, ("Organization", {}))[0] != "Organization":
        reason = "a legal entity is an organization in that role"
        findings.append(Finding("notAnOrganization", reason, "engagedParty.id"))
    numbering = document.get("invoiceNumbering")
    if isinstance(numbering, dict):
        if not 1 <= int(numbering.get("digits") or 0) <= DIGITS_MAX:
            reason = f"an invoice number has 1 to {DIGITS_MAX} digits"
            findings.append(Finding("numbering", reason, "invoiceNumbering.digits"))
        if len(str(numbering.get("prefix") or "")) > PREFIX_MAX:
            reason = f"a prefix has at most {PREFIX_MAX} characters"
            findings.append(Finding("numbering", reason, "invoiceNumbering.prefix"))
    return findings


def _check_brand(document: Document, found: Found) -> list[Finding]:
    findings = _check_currency(document) if document.get("currency") else []
    for reference, (kind, role) in found.items():
        if not reference.path.startswith("legalEntity."):
            continue
        if kind != "LegalEntity":
            reason = f"{reference.id} is a {kind}, not a LegalEntity"
            findings.append(Finding("notALegalEntity", reason, reference.path))
        elif role.get("status") == "closed" and document.get("status") != "closed":
            reason = f"the legal entity {reference.id} is closed"
            findings.append(Finding("closedLegalEntity", reason, reference.path))
    return findings


def _check_currency(document: Document) -> list[Finding]:
    currency = document.get("currency")
    if currency in CURRENCIES:
        return []
    reason = f"{currency!r} is no active ISO 4217 currency code"
    return [Finding("currency", reason, "currency")]


def check_account(document: Document, found: Found) -> list[Finding]:
    """An account has a currency of ISO 4217, and a credit limit in no other."""
    findings = _check_currency(document)
    limit = document.get("creditLimit")
    unit = limit.get("unit") if isinstance(limit, dict) else None
    if unit is not None and unit != document.get("currency"):
        reason = f"the account is kept in {document.get('currency')}"
        findings.append(Finding("currency", reason, "creditLimit.unit"))
    return findings


def check_owned(document: Document, found: Found) -> list[Finding]:
    """A party or settlement account belongs to a party, or a role of one, that exists here."""
    related = set(find_at(document, RELATED))
    if related & found.keys() or _is_lost(document, found):
        return check_account(document, found)
    reason = "an account names the party or role it belongs to"
    lost = Finding("unknownReference", reason, "relatedParty")
    return [*check_account(document, found), lost]


def check_billed(document: Document, found: Found) -> list[Finding]:
    """A billing account belongs to a customer that exists."""
    findings = check_account(document, found)
    has_customer = any(kind == "Customer" for kind, _ in found.values())
    if not has_customer and not _is_lost(document, found):
        reason = "a billing account names the customer it belongs to"
        findings.append(Finding("unknownReference", reason, "relatedParty"))
    return findings


def _is_lost(document: Document, found: Found) -> bool:
    """Whether a finding of its own says that a related party does not exist."""
    return bool(check_references(find_at(document, RELATED), found))


def check_open(document: Document, found: Found) -> list[Finding]:
    """Nobody opens an account for a customer or another role that is closed."""
    return [
        Finding(f"closed{kind}", f"{kind.lower()} {each.id} is closed", each.path)
        for each, (kind, role) in found.items()
        if each.path.startswith("relatedParty.")
        and role.get("status") == "closed"
        and kind not in ("Individual", "Organization")
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


def check_fixed(before: Document, after: Document, names: Iterable[str]) -> list[Finding]:
    """What was agreed, charged or numbered by an attribute can't be read by another value of it."""
    return [
        Finding("immutable", f"keeps its {name} {before.get(name)}", name)
        for name in names
        if before.get(name) != after.get(name)
    ]


def mark_kinds(document: Document, found: Found) -> Document:
    """The document with ``@referredType`` filled where an untyped reference names a party or role.

    So that who reads it later knows what it names, and under which API.
    """
    kinds = {
        each.id: kind
        for each, (kind, _) in found.items()
        if not each.referred_type and each.path.startswith("relatedParty.")
    }
    if not kinds:
        return document
    return {
        **document,
        "relatedParty": [_marked(each, kinds) for each in document["relatedParty"]],
    }


def _marked(related: Document, kinds: Mapping[str, str]) -> Document:
    named = related.get("partyOrPartyRole")
    if not isinstance(named, dict) or named.get("@referredType"):
        return related
    kind = kinds.get(str(named.get("id")))
    if kind is None:
        return related
    return {**related, "partyOrPartyRole": {**named, "@referredType": kind}}


def check_children(own_id: str, children: Mapping[Reference, Document | None]) -> list[Finding]:
    """An organization has each child once, and none that is another's or itself."""
    findings = []
    seen: set[str] = set()
    for reference, child in children.items():
        if reference.id == own_id:
            reason = "an organization is not its own child"
            findings.append(Finding("circle", reason, reference.path))
        elif reference.id in seen:
            findings.append(Finding("duplicate", "this child stands here twice", reference.path))
        elif child is not None:
            findings += _check_other_parent(own_id, reference, child)
        seen.add(reference.id)
    return findings


def _check_other_parent(own_id: str, reference: Reference, child: Document) -> list[Finding]:
    link = child.get("organizationParentRelationship")
    held = link.get("organization") if isinstance(link, dict) else None
    parent_id = held.get("id") if isinstance(held, dict) else None
    if parent_id in (None, own_id):
        return []
    reason = f"{reference.id} has the parent {parent_id}: take it from there first"
    return [Finding("otherParent", reason, reference.path)]


def check_circle(
    own_id: str, parent: Reference | None, above: Iterable[str], children: Set[str]
) -> list[Finding]:
    """Nobody is above himself: ``above`` are the parent and everybody above it."""
    if parent is None:
        return []
    closing = ({own_id} | children) & {parent.id, *above}
    if not closing:
        return []
    reason = f"{sorted(closing)[0]} would stand above itself"
    return [Finding("circle", reason, parent.path)]
