"""Parties, customers and accounts as documents: their resource rows and every read of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from banyan.components.party.contract import (
    ChangeBillingAccount,
    ChangeCustomer,
    CreateBillingAccount,
    CreateCustomer,
)
from banyan.components.party.model import (
    ACCOUNT_LIFE,
    CUSTOMER_LIFE,
    INDIVIDUAL_LIFE,
    ORGANIZATION_LIFE,
    Reference,
    with_word,
)
from banyan.kernel.engine.clock import to_wire
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refused
from banyan.kernel.words.ids import BillingAccountId, CustomerId, IndividualId, OrganizationId
from banyan.tmf import documents
from banyan.tmf.documents import Stored
from banyan.tmf.resource import Resource

TMF629 = "TMF629"
TMF632 = "TMF632"
TMF666 = "TMF666"

CURRENCY_UNLESS_GIVEN = "EUR"
"""The currency of an account whose creator names none; TMF666 has no such attribute."""

RELATED = "relatedParty.partyOrPartyRole.id"
ENGAGED = "engagedParty.id"


def _fill_party(document: Document, now: datetime) -> Document:
    return {"status": "initialized", **document}


def _fill_organization(document: Document, now: datetime) -> Document:
    """v5 asks for ``name``, v4 for ``tradingName``: whoever gives one gets both."""
    filled = _fill_party(document, now)
    given = {each: filled[each] for each in ("name", "tradingName") if filled.get(each)}
    for each in given.values():
        filled = {**filled, "name": each, "tradingName": each, **given}
    return filled


def _fill_customer(document: Document, now: datetime) -> Document:
    return with_word(
        {"@type": "Customer", "status": "created", **document}, "status", CUSTOMER_LIFE
    )


def _fill_account(document: Document, now: datetime) -> Document:
    ours = {"@type": "BillingAccount", "state": "active", "currency": CURRENCY_UNLESS_GIVEN}
    filled = {**ours, **document}
    return {**with_word(filled, "state", ACCOUNT_LIFE), "lastUpdate": to_wire(now)}


def _keep_engaged(work: Any, document: Document) -> None:
    _keep_used(work, CUSTOMER, ENGAGED, document)
    _keep_related(work, document)


def _keep_related(work: Any, document: Document) -> None:
    _keep_used(work, CUSTOMER, RELATED, document)
    _keep_used(work, BILLING_ACCOUNT, RELATED, document)


def _keep_used(work: Any, by: Resource, path: str, document: Document) -> None:
    count = documents.find(work, by, {path: [document["id"]]}, limit=0).total
    if count:
        reason = f"{document['id']} is still named by {count} {by.name} ({path})"
        raise refused("conflict", "inUse", reason, "id")


INDIVIDUAL = Resource(
    api=TMF632,
    name="individual",
    shape="Individual",
    room="party",
    id_type=IndividualId,
    state="status",
    lifecycle=INDIVIDUAL_LIFE,
    indexed=("givenName", "familyName", "name", RELATED),
    owners=("id",),
    own_changes=("contactMedium", "languageAbility", "preferredGivenName"),
    fill=_fill_party,
    guard_removal=_keep_engaged,
)

ORGANIZATION = Resource(
    api=TMF632,
    name="organization",
    shape="Organization",
    room="party",
    id_type=OrganizationId,
    state="status",
    lifecycle=ORGANIZATION_LIFE,
    indexed=("name", "tradingName", RELATED),
    owners=("id",),
    own_changes=("contactMedium",),
    fill=_fill_organization,
    guard_removal=_keep_engaged,
)

CUSTOMER = Resource(
    api=TMF629,
    name="customer",
    shape="Customer",
    room="party",
    id_type=CustomerId,
    create=CreateCustomer,
    patch=ChangeCustomer,
    state="status",
    lifecycle=CUSTOMER_LIFE,
    indexed=("name", ENGAGED, RELATED),
    owners=("id",),
    fill=_fill_customer,
    guard_removal=_keep_related,
)

BILLING_ACCOUNT = Resource(
    api=TMF666,
    name="billingAccount",
    shape="BillingAccount",
    room="party",
    id_type=BillingAccountId,
    create=CreateBillingAccount,
    patch=ChangeBillingAccount,
    state="state",
    lifecycle=ACCOUNT_LIFE,
    indexed=("name", "currency", "accountType", RELATED),
    owners=(RELATED,),
    server_owned=("lastUpdate",),
    fill=_fill_account,
)

RESOURCES = (INDIVIDUAL, ORGANIZATION, CUSTOMER, BILLING_ACCOUNT)

_KINDS = {"Individual": INDIVIDUAL, "Organization": ORGANIZATION, "Customer": CUSTOMER}


def find_referred(
    look: Look | Work, references: Iterable[Reference]
) -> dict[Reference, tuple[str, Document]]:
    """Where each reference leads: by its type, or the first kind that has the id if it has none.

    References to kinds of other rooms, and to nothing, are absent.
    """
    found: dict[Reference, tuple[str, Document]] = {}
    for each in references:
        kinds = _KINDS if each.referred_type not in _KINDS else {each.referred_type: None}
        if each.referred_type and each.referred_type not in (*_KINDS, "Party", "PartyRef"):
            continue
        for kind in kinds:
            stored = documents.get(look, _KINDS[kind], each.id)
            if stored is not None:
                found[each] = (kind, stored.document)
                break
    return found


def find_customer(look: Look, customer_id: str) -> Document | None:
    """A customer by its id."""
    stored = documents.get(look, CUSTOMER, customer_id)
    return None if stored is None else stored.document


def find_account(look: Look, account_id: str) -> Document | None:
    """A billing account by its id."""
    stored = documents.get(look, BILLING_ACCOUNT, account_id)
    return None if stored is None else stored.document


def find_accounts_of(look: Look, customer_id: str, limit: int) -> list[Document]:
    """The billing accounts that name this customer, oldest first, by index."""
    page = documents.find(look, BILLING_ACCOUNT, {RELATED: [customer_id]}, limit=limit)
    return [stored.document for stored in page.found]


def add(work: Work, resource: Resource, document: Document) -> Document:
    """File a new document."""
    return documents.create(work, resource, document)


def need(work: Work, resource: Resource, document_id: str) -> Stored:
    """A document with its revision; refused when it isn't there."""
    return documents.need(work, resource, document_id)


def replace(work: Work, resource: Resource, document: Document, rev: int) -> Document:
    """Store the new form of a document that is still at ``rev``; refused (``stale``) otherwise."""
    return documents.change(work, resource, document, rev)


def touched(document: Document, now: datetime) -> Document:
    """The account as changed now (TMF666 ``lastUpdate``)."""
    return {**document, "lastUpdate": to_wire(now)}
