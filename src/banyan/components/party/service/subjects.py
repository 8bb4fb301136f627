"""Whose data a document is: found from what it refers to, kept in it as ``dataSubject``."""

from __future__ import annotations

from collections.abc import Iterable

from banyan.components.party import store
from banyan.components.party.model import ENGAGED, PARTIES, ROLES, SLOTS, Slot, find_at, subjects_of
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.tmf import references
from banyan.tmf.resource import Resource

_PARTIES_AND_ROLES = frozenset((*PARTIES, *ROLES))


def _telling(resource: str) -> tuple[Slot, ...]:
    """The slots that say whose data a document is: who plays a role; who owns all else."""
    if resource in ("individual", "organization"):
        return ()
    if resource in ("customer", "partyRole"):
        return (ENGAGED,)
    return tuple(
        slot
        for slot in SLOTS.get(resource, ())
        if set(slot.kinds) <= _PARTIES_AND_ROLES and not slot.path.startswith("granter")
    )


def with_subject(look: Look | Work, resource: Resource, document: Document) -> Document:
    """The document with the one person whose data it is; without, if it is nobody's or several's.

    What belongs to two persons can't lie under the key of one: it is not sealed.
    """
    rest = {key: value for key, value in document.items() if key != "dataSubject"}
    if not _telling(resource.name) or resource.name not in _SEALED:
        return rest
    named = [each for slot in _telling(resource.name) for each in find_at(document, slot)]
    persons: set[str] = set()
    for kind, found in store.find_referred(look, named).values():
        person = found["id"] if kind == "Individual" else found.get("dataSubject")
        if isinstance(person, str) and person:
            persons.add(person)
    return {**rest, "dataSubject": persons.pop()} if len(persons) == 1 else rest


_SEALED = frozenset(
    {
        "customer",
        "partyRole",
        "partyAccount",
        "billingAccount",
        "settlementAccount",
        "financialAccount",
        "agreement",
        "permission",
    }
)


def follow_persons(work: Work, persons: Iterable[str]) -> None:
    """Look again whose the documents are that lie under these persons' keys: roles, then the rest.

    For when what they refer to has become another's.
    """
    subjects = [subject for person in persons if person for subject in subjects_of(person)]
    sealed = [each for subject in subjects for each in store.find_sealed(work, subject)]
    sealed.sort(key=lambda each: each[0].name not in ("customer", "partyRole"))
    for resource, document in sealed:
        if resource.name in _SEALED:
            store.replace(work, resource, with_subject(work, resource, document))


def follow_role(work: Work, role_id: str) -> None:
    """Look again whose the documents are that name a role, for when another plays it."""
    for resource, document in references.find_naming(work, store.OWN_RESOURCES, [role_id]):
        if resource.name in _SEALED and document["id"] != role_id:
            store.replace(work, resource, with_subject(work, resource, document))
