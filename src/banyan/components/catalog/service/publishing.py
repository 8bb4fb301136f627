"""The last word on every document of the catalogue: its version, its edits, its publication."""

from __future__ import annotations

from dataclasses import replace

from banyan.components.catalog import policy, store
from banyan.components.catalog.model import (
    EDITION_OF,
    FIRST_VERSION,
    ID_TYPES,
    VERSION,
    Abilities,
    find_base,
    find_key,
    find_version,
    is_published,
    join_address,
    note_step,
    split_address,
)
from banyan.kernel.engine.clock import to_wire
from banyan.kernel.engine.work import Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, refuse_findings, refused
from banyan.tmf.resource import Admit, Locate, Resource


def make_resources(abilities: Abilities) -> tuple[Resource, ...]:
    """The room's rows; those of versioned things with the last word and their addresses."""
    return tuple(
        replace(
            row,
            admit=_make_admit(row, abilities),
            locate=_make_locate(row),
            follow=_make_follow(row),
        )
        if row.name in ID_TYPES
        else row
        for row in store.RESOURCES
    )


def _make_locate(row: Resource) -> Locate:
    return lambda look, address: store.locate(look, row.name, address)


def _make_follow(row: Resource) -> Admit:
    """What the room keeps of documents that another server decides on: that something has changed,
    and where versions are filed.
    """

    def follow(work: Work, before: Document | None, after: Document | None) -> Document | None:
        _keep_in_step(work, row, before, after)
        return after

    return follow


def _keep_in_step(
    work: Work, row: Resource, before: Document | None, after: Document | None
) -> None:
    store.note_change(work)
    document = after or before
    assert document is not None
    base, version = split_address(document["id"])
    if version and before is None:
        store.add_edition(work, row.name, base, document["id"])
    if version and after is None:
        store.drop_edition(work, row.name, base, document["id"])


def _make_admit(row: Resource, abilities: Abilities) -> Admit:
    def admit(work: Work, before: Document | None, after: Document | None) -> Document | None:
        if after is None:
            _keep_in_step(work, row, before, None)
            return None
        is_step = before is None or before.get(policy.STATUS) != after.get(policy.STATUS)
        if before is None:
            after = _placed(work, row, after)
        else:
            refuse_findings("conflict", policy.check_edit(before, after))
            refuse_findings("conflict", policy.check_step(before, after))
        if is_step:
            after = note_step(after, work.call.actor, to_wire(work.now))
        if is_step and is_published(after):
            check_publication(work, row.name, after, abilities, is_new=before is None)
        _keep_in_step(work, row, before, after)
        return after

    return admit


def _placed(work: Work, row: Resource, document: Document) -> Document:
    """A new document at its address: under its id, or beside the versions that are there."""
    base, named = split_address(document["id"])
    version = named or find_version(document) or FIRST_VERSION
    placed = {**document, "id": base, "version": version}
    versions = store.find_versions(work, row.name, [base]).get(base, [])
    if not versions:
        return placed
    if any(find_version(each) == version for each in versions):
        there = ", ".join(find_version(each) for each in versions)
        reason = f"{row.name} {base} is there already (versions: {there}); give another version"
        raise refused("conflict", "duplicate", reason, "version")
    if VERSION.fullmatch(version) is None:
        reason = f"{version[:80]!r} is no version: letters, digits, dot, dash, underscore"
        raise refused("rule", "badVersion", reason, "version")
    address = join_address(base, version)
    return {**placed, "id": address, EDITION_OF: base}


def check_publication(
    work: Work, resource: str, document: Document, abilities: Abilities, *, is_new: bool
) -> None:
    """Refuses (``rule``) to publish what can't be fulfilled, or is unsound or made of drafts.

    What is created as published may name what is not there yet, as drafts may: it can't be sold
    before. What is moved to be published must be whole.
    """
    key = find_key(resource, document)
    around = store.find_around(work, {key: document}).found
    findings: list[Finding] = policy.find_unfulfilled(key, document, around, abilities)
    if not is_new:
        base = {**document, "id": find_base(document)}
        flaws = policy.check_catalog([store.as_item(resource, base)], around)
        findings += [Finding(each.code, each.reason, each.path) for each in flaws]
        findings += policy.check_parts(key, document, around)
    refuse_findings("rule", dict.fromkeys(findings))
