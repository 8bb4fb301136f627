"""What other rooms ask party: answered from a consistent view, changing nothing."""

from __future__ import annotations

from banyan.components.party import store
from banyan.components.party.contract import (
    ACCOUNTS_MAX,
    AccountFound,
    ContactAnswer,
    CustomerFound,
    FindBillingAccount,
    FindBillingAccountsOf,
    FindCustomer,
    FindLegalEntity,
    LegalEntityFound,
    MayContact,
)
from banyan.components.party.model import (
    find_customer_ids,
    find_engaged_party,
    find_legal_entity_id,
)
from banyan.components.party.policy.consents import find_permission
from banyan.kernel.engine.handlers import Handler, answers
from banyan.kernel.engine.work import Look
from banyan.kernel.words.codec import Document
from banyan.kernel.words.ids import BillingAccountId, CustomerId, PartyRoleId


def find_customer(look: Look, query: FindCustomer) -> CustomerFound | None:
    """Answer :class:`FindCustomer` with one read by key."""
    document = store.find(look, store.CUSTOMER, query.id)
    if document is None and (moved := store.moved_to(look, query.id)):
        document = store.find(look, store.CUSTOMER, moved)
    if document is None:
        return None
    return CustomerFound(
        id=CustomerId(document["id"]), name=document.get("name", ""), status=document["status"]
    )


def find_account(look: Look, query: FindBillingAccount) -> AccountFound | None:
    """Answer :class:`FindBillingAccount` with one read by key."""
    document = store.find(look, store.BILLING_ACCOUNT, query.id)
    return None if document is None or "currency" not in document else _found(document)


def find_accounts_of(look: Look, query: FindBillingAccountsOf) -> tuple[AccountFound, ...]:
    """Answer :class:`FindBillingAccountsOf`: those whose customer it is, not just any party."""
    named = store.find_accounts_of(look, query.customer_id, ACCOUNTS_MAX)
    found = (_found(document) for document in named if "currency" in document)
    return tuple(each for each in found if query.customer_id in each.customer_ids)


def _found(document: Document) -> AccountFound:
    return AccountFound(
        id=BillingAccountId(document["id"]),
        name=document["name"],
        state=document["state"],
        currency=document["currency"],
        customer_ids=find_customer_ids(document),
        legal_entity_id=find_legal_entity_id(document),
    )


def find_legal_entity(look: Look, query: FindLegalEntity) -> LegalEntityFound | None:
    """Answer :class:`FindLegalEntity` with one read by key."""
    document = store.find(look, store.PARTY_ROLE, query.id)
    if document is None or document.get("@type") != "LegalEntity":
        return None
    engaged = find_engaged_party(document)
    numbering = document["invoiceNumbering"]
    return LegalEntityFound(
        id=PartyRoleId(document["id"]),
        name=document["name"],
        status=document["status"],
        organization_id=engaged.id if engaged else "",
        tax_id=document["taxId"],
        currency=document["currency"],
        language=document["language"],
        prefix=numbering["prefix"],
        digits=int(numbering["digits"]),
        restart=numbering["restart"],
    )


def may_contact(look: Look, query: MayContact) -> ContactAnswer:
    """Answer :class:`MayContact`: a role is asked for together with the party that plays it."""
    party = _find_party(look, query.party_id)
    if party is None:
        return ContactAnswer(is_allowed=False, reason="unknown party")
    engaged = find_engaged_party(party)
    played = _find_party(look, engaged.id) if engaged else party
    if played is not None and played.get("status") == "deceased":
        return ContactAnswer(is_allowed=False, reason="deceased")
    ids = [party["id"], *([engaged.id] if engaged else [])]
    consents = store.find_consents(look, ids)
    return find_permission(consents, query.purpose, query.channel, look.now)


def _find_party(look: Look, party_id: str) -> Document | None:
    _, found = store.find_party(look, store.moved_to(look, party_id) or party_id)
    return found


HANDLERS: tuple[Handler, ...] = (
    answers(FindCustomer, find_customer),
    answers(FindBillingAccount, find_account),
    answers(FindBillingAccountsOf, find_accounts_of),
    answers(FindLegalEntity, find_legal_entity),
    answers(MayContact, may_contact),
)
