"""What may become of a version: its edits, its steps through the lifecycle, its publication."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from banyan.components.catalog.model import (
    CATALOG_LIFE,
    EDITION_OF,
    OVER,
    PUBLISHED,
    STEPS_OF_PUBLISHED,
    Key,
    find_base,
    find_links,
    find_version,
    was_published,
)
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, Refused

STATUS = "lifecycleStatus"


def check_edit(before: Document, after: Document) -> list[Finding]:
    """A version that is or was published keeps what it says; it may get an end, and move on."""
    if not was_published(before):
        return _check_draft(before, after)
    changed = [
        name
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
        and name not in STEPS_OF_PUBLISHED
        and not (name == "validFor" and _only_ends(before, after))
    ]
    named, version = find_base(before), find_version(before)
    reason = (
        f"{named} is published in version {version} and stays as it is: say it in a new version"
        f" of {named} (a price that stands in an offering has the offering's version)"
    )
    return [Finding("published", reason, name) for name in changed]


def _only_ends(before: Document, after: Document) -> bool:
    was, now = before.get("validFor") or {}, after.get("validFor") or {}
    return bool(was.get("startDateTime") == now.get("startDateTime"))


def _check_draft(before: Document, after: Document) -> list[Finding]:
    """A version's name is part of its address; that of a first version is not."""
    if before.get("version") == after.get("version") or EDITION_OF not in before:
        return []
    return [Finding("immutable", "the version is part of the address", "version")]


def check_step(before: Document, after: Document) -> list[Finding]:
    """The step of the lifecycle that the change of ``lifecycleStatus`` is, if both words are known.

    A word of an author's own is a draft: what was published can't become one.
    """
    was, now = before.get(STATUS), after.get(STATUS)
    if was == now or (was not in CATALOG_LIFE.states and now not in (*PUBLISHED, *OVER)):
        return []
    if was not in CATALOG_LIFE.states:
        was = "In Design"
    if now not in CATALOG_LIFE.states:
        if not was_published(before):
            return []
        reason = f"{now!r} is none of the words {', '.join(CATALOG_LIFE.states)}"
        return [Finding("lifecycle", reason, STATUS)]
    try:
        CATALOG_LIFE.verb_for(str(was), str(now))
    except Refused as no:
        return [Finding(each.code, each.reason, STATUS) for each in no.refusal.findings]
    return []


def check_parts(
    key: Key, document: Document, documents: Mapping[Key, Document]
) -> Iterator[Finding]:
    """What a published document names is published too, so that it can't change underneath it."""
    for link in find_links(key[0], document):
        part = documents.get(link.target)
        if part is not None and link.is_part and part.get(STATUS) not in PUBLISHED:
            reason = f"{link.target[1]} is {part.get(STATUS)}: publish it first"
            yield Finding("partNotPublished", reason, link.path)
