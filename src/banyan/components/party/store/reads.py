"""Every read and write of party's documents that isn't the kit's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from banyan.components.party.model import CONSENT, PARENT, RELATED, SLOTS, Reference, find_at
from banyan.components.party.store.rows import (
    AGREEMENT,
    BILLING_ACCOUNT,
    KINDS,
    MERGEABLE,
    ORGANIZATION,
    REMOVABLE,
    RESOURCES,
    guard_removal,
)
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refused
from banyan.tmf import documents
from banyan.tmf.documents import Stored
from banyan.tmf.resource import Resource

_ANY_PARTY = ("", "Party", "PartyRef")
"""Referred types that say no more than that a party, or a role of one, is meant."""


def find_referred(
    look: Look | Work, references: Iterable[Reference]
) -> dict[Reference, tuple[str, Document]]:
    """Where each reference leads: by its type, or the first kind that has the id if it has none.

    The word is the kind of what was found: its ``@type`` where that is one of ours, else the
    resource's. References to kinds of other rooms, and to nothing, are absent.
    """
    found: dict[Reference, tuple[str, Document]] = {}
    for each in references:
        for resource in _candidates(each):
            stored = documents.get(look, resource, each.id)
            if stored is not None:
                named = stored.document.get("@type")
                kind = named if KINDS.get(str(named)) is resource else resource.shape
                found[each] = (str(kind), stored.document)
                break
    return found


def _candidates(reference: Reference) -> Iterator[Resource]:
    known = KINDS.get(reference.referred_type)
    if known is not None and known.shape in reference.kinds:
        yield known
    elif reference.is_strict or reference.referred_type in _ANY_PARTY:
        yield from (KINDS[kind] for kind in reference.kinds)


def find(look: Look | Work, resource: Resource, document_id: str) -> Document | None:
    """A document by its id, or nothing."""
    stored = documents.get(look, resource, document_id)
    return None if stored is None else stored.document


def find_accounts_of(look: Look, customer_id: str, limit: int) -> list[Document]:
    """The billing accounts that name this customer, oldest first, by index."""
    wanted = {RELATED.id_path: [customer_id]}
    page = documents.find(look, BILLING_ACCOUNT, wanted, limit=limit)
    return [stored.document for stored in page.found]


def find_consents(look: Look, party_ids: Iterable[str]) -> list[Document]:
    """The consents that engage one of these parties or roles, oldest first, by index."""
    engaged = SLOTS[AGREEMENT.name][0].id_path
    wanted = {engaged: list(party_ids), "agreementType": [CONSENT]}
    return documents.every(look, AGREEMENT, wanted)


def every_above(look: Look | Work, organization: Document) -> Iterator[Document]:
    """The organizations above this one, nearest first; ends where a circle would close."""
    seen = {organization.get("id")}
    above = find_at(organization, PARENT)
    while above and above[0].id not in seen:
        seen.add(above[0].id)
        parent = find(look, ORGANIZATION, above[0].id)
        if parent is None:
            return
        yield parent
        above = find_at(parent, PARENT)


def find_party(look: Look | Work, party_id: str) -> tuple[Resource | None, Document | None]:
    """An individual, organization, customer or party role by its id, with its row; or nothing."""
    for resource in MERGEABLE:
        found = find(look, resource, party_id)
        if found is not None:
            return resource, found
    return None, None


def find_children(look: Look | Work, organization_id: str) -> list[Document]:
    """The organizations that name this one as their parent, oldest first."""
    return documents.every(look, ORGANIZATION, {PARENT.id_path: [organization_id]})


def find_sealed(look: Look | Work, subject: str) -> list[tuple[Resource, Document]]:
    """Every document that lies under a subject's key, oldest first, with its row."""
    rows = {resource.name: resource for resource in RESOURCES}
    found = []
    for name, document_id in documents.find_ids_of(look, subject):
        document = find(look, rows[name], document_id)
        if document is not None:
            found.append((rows[name], document))
    return found


def is_erased(look: Look | Work, subject: str) -> bool:
    """Whether the key of a subject was destroyed."""
    vault = look.vault
    return vault is not None and bool(subject) and vault.is_erased(look.tx, look.tenant, subject)


def refuse_erased(look: Look | Work, subject: str) -> None:
    """Refuses (``erased``) what there is no way back from."""
    if is_erased(look, subject):
        raise refused("conflict", "erased", f"the data of {subject} was erased")


def need_removable(look: Look | Work, document_id: str) -> tuple[Resource, Stored]:
    """What products may hang on, by its id, with its row; refused as unknown."""
    for resource in REMOVABLE:
        stored = documents.get(look, resource, document_id)
        if stored is not None:
            return resource, stored
    raise refused("unknown", "notFound", f"there is no party, role or account {document_id!r}")


def check_removal(look: Look | Work, stored: Stored, revs: tuple[int, ...]) -> None:
    """Refuses what is named here, held, or at another revision than its caller expects."""
    if revs and stored.rev not in revs:
        reason = f"{stored.document['id']} is at revision {stored.rev} by now"
        raise refused("stale", "stale", reason)
    guard_removal(look, stored.document)


def remove(work: Work, resource: Resource, document_id: str) -> None:
    """Take a document away, whoever names it."""
    documents.remove(work, resource, document_id)


def erase(work: Work, subject: str) -> bool:
    """Destroy a subject's key; False if it had none."""
    return documents.erase(work, subject)


def add(work: Work, resource: Resource, document: Document, new_id: str = "") -> Document:
    """File a new document."""
    return documents.create(work, resource, document, new_id)


def need(work: Work, resource: Resource, document_id: str) -> Stored:
    """A document with its revision; refused when it isn't there."""
    return documents.need(work, resource, document_id)


def replace(work: Work, resource: Resource, document: Document, rev: int | None = None) -> Document:
    """Store the new form of a document that is still at ``rev``; refused (``stale``) otherwise."""
    return documents.change(work, resource, document, rev)
