"""The lifecycles of parties, customers and accounts, and what a document refers to. Pure.

TMF632 lists its status words; those of TMF629 and TMF666 are free strings in the standard, so the
two tables for customers and accounts are ours.
"""

from __future__ import annotations

from collections.abc import Iterator

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

CUSTOMER_LIFE = Lifecycle(
    name="customer",
    initial=("created", "active"),
    table={
        ("created", "activate"): "active",
        ("created", "close"): "closed",
        ("active", "suspend"): "suspended",
        ("active", "close"): "closed",
        ("suspended", "resume"): "active",
        ("suspended", "close"): "closed",
    },
)
"""A customer taken over from elsewhere may begin as ``active``."""

ACCOUNT_LIFE = Lifecycle(
    name="billing account",
    initial=("active",),
    table={
        ("active", "suspend"): "suspended",
        ("active", "close"): "closed",
        ("suspended", "resume"): "active",
        ("suspended", "close"): "closed",
    },
)

KEPT_HERE = ("Individual", "Organization", "Customer")
"""Values of ``@referredType`` whose documents this room owns."""


class Reference(msgspec.Struct, frozen=True):
    """One reference inside a document: where it stands, what it names.

    ``referred_type`` is empty where the document doesn't say.
    """

    path: str
    id: str
    referred_type: str


def find_engaged_party(document: Document) -> Reference | None:
    """The party that plays the customer (TMF629 ``engagedParty``)."""
    party = document.get("engagedParty")
    return _reference(party, "engagedParty")


def find_related_parties(document: Document) -> Iterator[Reference]:
    """Every ``relatedParty`` that is a reference, in order; embedded values name nothing."""
    for at, related in enumerate(document.get("relatedParty") or ()):
        if isinstance(related, dict):
            path = f"relatedParty.{at}.partyOrPartyRole"
            found = _reference(related.get("partyOrPartyRole"), path)
            if found is not None:
                yield found


def _reference(value: object, path: str) -> Reference | None:
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        return None
    referred_type = value.get("@referredType")
    return Reference(
        f"{path}.id", value["id"], referred_type if isinstance(referred_type, str) else ""
    )


def find_customer_ids(account: Document) -> tuple[str, ...]:
    """The customers a stored account belongs to, each once."""
    named = [each.id for each in find_related_parties(account) if each.referred_type == "Customer"]
    return tuple(dict.fromkeys(named))


def with_word(document: Document, attribute: str, life: Lifecycle) -> Document:
    """The document with its state in the lifecycle's spelling: ``Created`` becomes ``created``.

    The standard leaves these words free and its own examples write them with a capital.
    """
    said = document.get(attribute)
    if isinstance(said, str) and said not in life.states and said.lower() in life.states:
        return {**document, attribute: said.lower()}
    return document
