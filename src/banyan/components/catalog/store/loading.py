"""Whole catalogues on their way into the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from banyan.components.catalog.contract import CatalogItem, CatalogLoaded
from banyan.components.catalog.model import (
    EDITION_OF,
    ID_TYPES,
    OWNED,
    Key,
    find_key,
    find_version,
    is_further,
    join_address,
    note_step,
    split_address,
    without_owned,
)
from banyan.components.catalog.store.rows import CATALOG_CHANGE, IMPORT_JOB, ROWS
from banyan.components.catalog.store.shelf import add_edition, find_versions, note_change
from banyan.kernel.engine.clock import to_wire
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refused
from banyan.tmf import documents


def as_item(resource: str, document: Document) -> CatalogItem:
    """A document as one item of a catalogue."""
    return CatalogItem(resource=resource, document=document)


def find_stored(
    look: Look | Work, given: Mapping[Key, Document]
) -> Iterator[tuple[Key, Document, Document]]:
    """Each given document that is stored already in its version: key, stored, given."""
    by_kind: dict[str, list[Key]] = {}
    for key in given:
        by_kind.setdefault(key[0], []).append(key)
    for kind, keys in by_kind.items():
        versions = find_versions(look, kind, [split_address(key[1])[0] for key in keys])
        for key in keys:
            base, version = split_address(key[1])
            for each in versions.get(base, []):
                if find_version(each) == version:
                    yield key, each, given[key]


def fill_like(before: Document, resource: str, document: Document, now: datetime) -> Document:
    """A given document as it would be filed in the place of ``before``.

    The status that files give a version is where it begins: one that has got further stays there.
    """
    owned: Document = {name: before[name] for name in OWNED if name in before}
    filled = ROWS[resource].fill(document, now)
    if is_further(before, filled):
        filled["lifecycleStatus"] = before["lifecycleStatus"]
    return {**without_owned(filled), "id": before["id"], **owned}


def load(work: Work, items: Iterable[CatalogItem]) -> CatalogLoaded:
    """Store every item: a new thing, a new version, a version changed whole, or left as it is."""
    created = changed = unchanged = 0
    given = {find_key(item.resource, item.document): item.document for item in items}
    stored = {key: before for key, before, _ in find_stored(work, given)}
    taken = {(key[0], split_address(key[1])[0]) for key in stored}
    taken |= _find_taken(work, [key for key in given if key not in stored])
    for key, document in given.items():
        row, before = ROWS[key[0]], stored.get(key)
        if before is None:
            documents.create(work, row, *_place(work, key, document, taken))
            created += 1
            continue
        after = fill_like(before, key[0], document, work.now)
        if after == before:
            unchanged += 1
            continue
        if after.get("lifecycleStatus") != before.get("lifecycleStatus"):
            after = note_step(after, work.call.actor, to_wire(work.now))
        documents.change(work, row, {**after, "lastUpdate": to_wire(work.now)})
        changed += 1
    if created or changed:
        note_change(work)
    return CatalogLoaded(created=created, changed=changed, unchanged=unchanged)


def _find_taken(work: Work, keys: list[Key]) -> set[tuple[str, str]]:
    """Which of the things are there already, in other versions."""
    by_kind: dict[str, list[str]] = {}
    for kind, address in keys:
        by_kind.setdefault(kind, []).append(split_address(address)[0])
    return {
        (kind, base) for kind, bases in by_kind.items() for base in find_versions(work, kind, bases)
    }


def _place(
    work: Work, key: Key, document: Document, taken: set[tuple[str, str]]
) -> tuple[Document, str]:
    """A new document as it is filed, and under which id."""
    kind, address = key
    base, version = split_address(address)
    filled = {**ROWS[kind].fill(document, work.now), "id": base, "version": version}
    filed = base
    if (kind, base) in taken:
        filed = join_address(base, version)
        filled |= {"id": filed, EDITION_OF: base}
        add_edition(work, kind, base, filed)
    taken.add((kind, base))
    return note_step(filled, work.call.actor, to_wire(work.now)), filed


def add_job(work: Work, document: Document, loaded: CatalogLoaded) -> Document:
    """File a job that is done (TMF620 importJob)."""
    now = to_wire(work.now)
    counts = {
        "created": loaded.created,
        "changed": loaded.changed,
        "unchanged": loaded.unchanged,
    }
    done = {"status": "Succeeded", "creationDate": now, "completionDate": now, "loaded": counts}
    return documents.create(work, IMPORT_JOB, {"@type": "ImportJob", **document, **done})


def find_defaults(now: datetime) -> dict[str, Document]:
    """What filing a document of each kind supplies of itself."""
    return {kind: without_owned(ROWS[kind].fill({}, now)) for kind in ID_TYPES}


def read_entity(entity: object) -> tuple[str, str]:
    """The resource and id that a reference names; refused for what a catalogue has none of."""
    if not isinstance(entity, dict) or not entity.get("id"):
        raise refused("rule", "missing", "an entity has an id", "entity")
    named = str(entity.get("@referredType") or "ProductOffering")
    resource = named[:1].lower() + named[1:]
    if resource not in ID_TYPES:
        kinds = ", ".join(kind[0].upper() + kind[1:] for kind in ID_TYPES)
        reason = f"{named} is none of {kinds}"
        raise refused("rule", "unknownResource", reason, "entity.@referredType")
    return resource, split_address(str(entity["id"]))[0]


def add_change(work: Work, document: Document, changed: list[Document]) -> Document:
    """File a decision with what it changed; who took it stands in the histories and the audit."""
    done = {"creationDate": to_wire(work.now), "state": "done", "changed": changed}
    return documents.create(work, CATALOG_CHANGE, {"@type": "CatalogChange", **document, **done})
