"""The lifecycles of everything party keeps, and what its documents refer to. Pure.

TMF632 lists its status words; those of TMF629, 669, 666 and 651 are free strings in the standard,
so those tables are ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from banyan.kernel.words.codec import Document
from banyan.kernel.words.lifecycle import Lifecycle

INDIVIDUAL_LIFE = Lifecycle(
    name="individual",
    initial=("initialized", "validated"),
    table={
        ("initialized", "validate"): "validated",
        ("initialized", "record_death"): "deceased",
        ("validated", "record_death"): "deceased",
    },
)

ORGANIZATION_LIFE = Lifecycle(
    name="organization",
    initial=("initialized", "validated"),
    table={
        ("initialized", "validate"): "validated",
        ("initialized", "close"): "closed",
        ("validated", "close"): "closed",
    },
)

_ROLE_TABLE: Final = {
    ("created", "activate"): "active",
    ("created", "close"): "closed",
    ("active", "suspend"): "suspended",
    ("active", "close"): "closed",
    ("suspended", "resume"): "active",
    ("suspended", "close"): "closed",
}

CUSTOMER_LIFE = Lifecycle(name="customer", initial=("created", "active"), table=_ROLE_TABLE)
"""A customer taken over from elsewhere may begin as ``active``."""

PARTY_ROLE_LIFE = Lifecycle(name="party role", initial=("created", "active"), table=_ROLE_TABLE)

_ACCOUNT_TABLE: Final = {
    ("active", "suspend"): "suspended",
    ("active", "close"): "closed",
    ("suspended", "resume"): "active",
    ("suspended", "close"): "closed",
}

ACCOUNT_LIFE = Lifecycle(name="billing account", initial=("active",), table=_ACCOUNT_TABLE)
PARTY_ACCOUNT_LIFE = Lifecycle(name="party account", initial=("active",), table=_ACCOUNT_TABLE)
SETTLEMENT_ACCOUNT_LIFE = Lifecycle(
    name="settlement account", initial=("active",), table=_ACCOUNT_TABLE
)
FINANCIAL_ACCOUNT_LIFE = Lifecycle(
    name="financial account", initial=("active",), table=_ACCOUNT_TABLE
)

AGREEMENT_LIFE = Lifecycle(
    name="agreement",
    initial=("in process", "approved", "given"),
    table={
        ("in process", "approve"): "approved",
        ("in process", "reject"): "rejected",
        ("approved", "terminate"): "terminated",
        ("given", "withdraw"): "withdrawn",
    },
)
"""TMF651's typical words; a consent is an agreement that is ``given`` and may be ``withdrawn``."""

_SPECIFICATION_TABLE: Final = {
    ("In Study", "design"): "In Design",
    ("In Study", "reject"): "Rejected",
    ("In Design", "activate"): "Active",
    ("In Design", "reject"): "Rejected",
    ("Active", "launch"): "Launched",
    ("Active", "retire"): "Retired",
    ("Launched", "retire"): "Retired",
    ("Retired", "launch_again"): "Launched",
    ("Retired", "make_obsolete"): "Obsolete",
}

AGREEMENT_SPECIFICATION_LIFE = Lifecycle(
    name="agreement specification",
    initial=("In Study", "In Design", "Active", "Launched"),
    table=_SPECIFICATION_TABLE,
)

PARTY_ROLE_SPECIFICATION_LIFE = Lifecycle(
    name="party role specification",
    initial=("In Study", "In Design", "Active", "Launched"),
    table=_SPECIFICATION_TABLE,
)

IDENTITY_CHECK_LIFE = Lifecycle(
    name="identity check",
    initial=("notChecked", "pending", "passed", "failed"),
    table={
        ("notChecked", "begin"): "pending",
        ("notChecked", "pass_at_once"): "passed",
        ("notChecked", "fail_at_once"): "failed",
        ("pending", "pass"): "passed",
        ("pending", "fail"): "failed",
        ("failed", "begin_again"): "pending",
        ("passed", "expire"): "expired",
        ("passed", "check_again"): "pending",
        ("passed", "revoke"): "failed",
        ("expired", "check_again"): "pending",
        ("expired", "pass_at_once"): "passed",
    },
)
"""What a party's ``identityCheck`` may become; ``expired`` comes by the clock."""

LEGAL_HOLD_LIFE = Lifecycle(
    name="legal hold", initial=("active",), table={("active", "release"): "released"}
)

MERGE_LIFE = Lifecycle(name="merge", initial=("done",), table={("done", "undo"): "cancelled"})

ERASURE_LIFE = Lifecycle(
    name="erasure",
    initial=("acknowledged", "inProgress", "done"),
    table={
        ("acknowledged", "erase_some"): "inProgress",
        ("acknowledged", "erase"): "done",
        ("inProgress", "erase_rest"): "done",
    },
)
"""``acknowledged``: a hold lets it wait; ``inProgress``: records that must be kept are left."""

CONSENT: Final = "consent"
"""The ``agreementType`` of a consent."""

PARTIES: Final = ("Individual", "Organization")
ROLES: Final = ("Customer", "PartyRole")
ACCOUNTS: Final = ("PartyAccount", "BillingAccount", "SettlementAccount", "FinancialAccount")
OWN_ROLES: Final = ("LegalEntity", "Brand")
"""Party roles of our own: stored as TMF669 ``partyRole`` with one of these as ``@type``."""

KEPT_HERE: Final = frozenset((*PARTIES, *ROLES, *OWN_ROLES))
"""Values of ``@referredType`` that name a party or role of this room."""


class Slot(msgspec.Struct, frozen=True):
    """An attribute that refers to something of this room.

    ``path`` is dotted and crosses arrays; ``kinds`` may stand there. What a strict slot names must
    exist; in a loose one only what says by ``@referredType`` that it is kept here.
    """

    path: str
    kinds: tuple[str, ...]
    is_strict: bool = True

    @property
    def id_path(self) -> str:
        """Where its id stands: the path that is indexed."""
        return f"{self.path}.id"


RELATED: Final = Slot("relatedParty.partyOrPartyRole", (*PARTIES, *ROLES), is_strict=False)
ENGAGED: Final = Slot("engagedParty", PARTIES, is_strict=False)
PARENT: Final = Slot("organizationParentRelationship.organization", ("Organization",))
CHILD: Final = Slot("organizationChildRelationship.organization", ("Organization",))

_BILLED: Final = (
    RELATED,
    Slot("financialAccount", ("FinancialAccount",)),
    Slot("billStructure.cycleSpecification", ("BillingCycleSpecification",)),
    Slot("billStructure.format", ("BillFormat",)),
    Slot("billStructure.presentationMedia", ("BillPresentationMedia",)),
    Slot("accountRelationship.account", ACCOUNTS),
)

SLOTS: Final[Mapping[str, tuple[Slot, ...]]] = {
    "individual": (RELATED,),
    "organization": (
        RELATED,
        PARENT,
        CHILD,
    ),
    "customer": (
        ENGAGED,
        RELATED,
        Slot("partyRoleSpecification", ("PartyRoleSpecification",)),
    ),
    "partyRole": (
        ENGAGED,
        RELATED,
        Slot("partyRoleSpecification", ("PartyRoleSpecification",)),
        Slot("legalEntity", ("PartyRole",)),
    ),
    "partyRoleSpecification": (
        RELATED,
        Slot("agreementSpecification", ("AgreementSpecification",)),
    ),
    "partyAccount": _BILLED,
    "billingAccount": _BILLED,
    "settlementAccount": _BILLED,
    "financialAccount": (RELATED, Slot("accountRelationship.account", ACCOUNTS)),
    "agreement": (
        Slot("engagedParty.partyOrPartyRole", (*PARTIES, *ROLES), is_strict=False),
        Slot("agreementSpecification", ("AgreementSpecification",)),
        Slot("associatedAgreement", ("Agreement",)),
    ),
    "agreementSpecification": (RELATED,),
    "permission": (
        Slot("user.partyOrPartyRole", (*PARTIES, *ROLES), is_strict=False),
        Slot("granter.partyOrPartyRole", (*PARTIES, *ROLES), is_strict=False),
        Slot("assetUserRole.userRole", ("UserRole",)),
    ),
}
"""Resource → what of it refers to documents of this room: checked, indexed, followed."""


class Reference(msgspec.Struct, frozen=True):
    """One reference inside a document: where it stands, what it names.

    ``referred_type`` is empty where the document doesn't say; ``kinds`` are what may stand there.
    """

    path: str
    id: str
    referred_type: str
    kinds: tuple[str, ...]
    is_strict: bool = False


def find_references(resource: str, document: Document) -> Iterator[Reference]:
    """Every reference of a document that may lead to one of this room; values name nothing."""
    for slot in SLOTS.get(resource, ()):
        yield from _found_at(document, slot)


def find_at(document: Document, slot: Slot) -> list[Reference]:
    """The references that stand in one slot, in order."""
    return list(_found_at(document, slot))


def _found_at(document: Document, slot: Slot) -> Iterator[Reference]:
    for path, value in _walk(document, slot.path.split("."), ""):
        named = value.get("@type")
        if isinstance(named, str) and not named.endswith("Ref") and "@referredType" not in value:
            continue  # the thing itself, not a reference to it
        if isinstance(value.get("id"), str):
            referred = value.get("@referredType")
            text = referred if isinstance(referred, str) else ""
            yield Reference(f"{path}.id", value["id"], text, slot.kinds, slot.is_strict)


def _walk(value: Any, parts: list[str], path: str) -> Iterator[tuple[str, Document]]:
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield from _walk(item, parts, f"{path}.{at}")
    elif isinstance(value, dict):
        if not parts:
            yield path.lstrip("."), value
        else:
            yield from _walk(value.get(parts[0]), parts[1:], f"{path}.{parts[0]}")


def find_engaged_party(document: Document) -> Reference | None:
    """The party that plays a role (TMF629, TMF669 ``engagedParty``)."""
    return next(iter(find_at(document, ENGAGED)), None)


def find_customer_ids(account: Document) -> tuple[str, ...]:
    """The customers a stored account belongs to, each once."""
    named = [each.id for each in find_at(account, RELATED) if each.referred_type == "Customer"]
    return tuple(dict.fromkeys(named))


def find_legal_entity_id(account: Document) -> str:
    """The legal entity in whose name an account is billed; empty where it names none."""
    for each in find_at(account, RELATED):
        if each.referred_type == "LegalEntity":
            return each.id
    return ""


def find_value(document: Document, name: str) -> Any:
    """The value of a characteristic by its name, or nothing."""
    for each in document.get("characteristic") or ():
        if isinstance(each, dict) and each.get("name") == name:
            return each.get("value")
    return None


RETAINED: Final[Mapping[str, str]] = {
    **dict.fromkeys((a[0].lower() + a[1:] for a in ACCOUNTS), "taxRelevant"),
    "agreement": "contract",
}
"""Resource → the class of records it is kept as, longer than its person wishes."""

YEARS_KEPT: Final[Mapping[str, int]] = {"taxRelevant": 10, "contract": 3}
"""How long a class is kept after its records were closed, where no rule says otherwise."""


def find_subject(resource: str, document: Document) -> str:
    """Under whose key a document is sealed: a person's, or the person's for a class of records."""
    person = document.get("id") if resource == "individual" else document.get("dataSubject")
    if not isinstance(person, str) or not person:
        return ""
    kept_as = RETAINED.get(resource)
    return f"{person}.{kept_as}" if kept_as else person


def subjects_of(person_id: str) -> tuple[str, ...]:
    """Every key a person's data may lie under: its own first, then one per class of records."""
    return (person_id, *(f"{person_id}.{kept_as}" for kept_as in YEARS_KEPT))


def with_parent(child: Document, parent: Document | None, relationship: str = "") -> Document:
    """An organization with another parent (TMF632 ``organizationParentRelationship``), or none."""
    rest = {key: v for key, v in child.items() if key != "organizationParentRelationship"}
    if parent is None:
        return rest
    link = {
        "@type": "OrganizationParentRelationship",
        "organization": _organization_ref(parent),
        **({"relationshipType": relationship} if relationship else {}),
    }
    return {**rest, "organizationParentRelationship": link}


def with_child(parent: Document, child: Document, relationship: str = "") -> Document:
    """An organization with one more child in its list."""
    link = {
        "@type": "OrganizationChildRelationship",
        "organization": _organization_ref(child),
        **({"relationshipType": relationship} if relationship else {}),
    }
    return {**parent, _CHILDREN: [*(parent.get(_CHILDREN) or ()), link]}


def without_child(parent: Document, child_id: str) -> Document:
    """An organization without this child in its list; without the list when it was the last."""
    rest = {key: value for key, value in parent.items() if key != _CHILDREN}
    kept = [each for each in parent.get(_CHILDREN) or () if _named(each) != child_id]
    return {**rest, _CHILDREN: kept} if kept else rest


_CHILDREN: Final = "organizationChildRelationship"


def _named(link: Any) -> str:
    held = link.get("organization") if isinstance(link, dict) else None
    return str(held.get("id", "")) if isinstance(held, dict) else ""


def _organization_ref(organization: Document) -> Document:
    return {
        "@type": "OrganizationRef",
        "id": organization["id"],
        "name": organization.get("name", ""),
        "@referredType": "Organization",
    }


def with_word(document: Document, attribute: str, life: Lifecycle) -> Document:
    """The document with its state in the lifecycle's spelling: ``Created`` becomes ``created``.

    The standard leaves these words free and its own examples write them with a capital.
    """
    said = document.get(attribute)
    if isinstance(said, str) and said not in life.states:
        for word in life.states:
            if word.lower() == said.lower():
                return {**document, attribute: word}
    return document
