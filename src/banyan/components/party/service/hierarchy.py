"""The hierarchy of organizations: both ends of every link say the same, and no circle closes."""

from __future__ import annotations

from typing import Any

from banyan.components.party import store
from banyan.components.party.model import (
    CHILD,
    PARENT,
    Reference,
    find_at,
    with_child,
    with_parent,
    without_child,
)
from banyan.components.party.policy import rules
from banyan.kernel.engine.work import Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refuse_findings


def settle_organization(work: Work, before: Document | None, after: Document) -> Document:
    """Check the links of an organization's new form, and make their other ends follow.

    Refuses (``rule``) circles and children that have another parent.
    """
    own_id = after["id"]
    parent = next(iter(find_at(after, PARENT)), None)
    children = find_at(after, CHILD)
    found = {each: store.find(work, store.ORGANIZATION, each.id) for each in children}
    above = [each["id"] for each in store.every_above(work, after)]
    findings = rules.check_children(own_id, found)
    findings += rules.check_circle(own_id, parent, above, {each.id for each in children})
    refuse_findings("rule", findings)
    _follow_parent(work, before, after, parent)
    _follow_children(work, before, after, children)
    return after


def _follow_parent(
    work: Work, before: Document | None, after: Document, parent: Reference | None
) -> None:
    old = next(iter(find_at(before, PARENT)), None) if before is not None else None
    old_word = _word(before, "organizationParentRelationship")
    word = _word(after, "organizationParentRelationship")
    if (old.id if old else "", old_word) == (parent.id if parent else "", word):
        return
    if old is not None:
        held = store.find(work, store.ORGANIZATION, old.id)
        if held is not None:
            store.replace(work, store.ORGANIZATION, without_child(held, after["id"]))
    if parent is not None:
        held = store.need(work, store.ORGANIZATION, parent.id).document
        store.replace(work, store.ORGANIZATION, with_child(held, after, word))


def _follow_children(
    work: Work, before: Document | None, after: Document, children: list[Reference]
) -> None:
    old = _words(before)
    new = _words(after)
    for child_id in old.keys() - new.keys():
        child = store.find(work, store.ORGANIZATION, child_id)
        if child is not None:
            store.replace(work, store.ORGANIZATION, with_parent(child, None))
    for child_id in (each.id for each in children):
        if old.get(child_id) != new[child_id]:
            child = store.need(work, store.ORGANIZATION, child_id).document
            store.replace(work, store.ORGANIZATION, with_parent(child, after, new[child_id]))


def _words(organization: Document | None) -> dict[str, str]:
    """Child id → how it is related."""
    if organization is None:
        return {}
    links = organization.get("organizationChildRelationship") or []
    ids = [each.id for each in find_at(organization, CHILD)]
    return {own_id: _text(link) for own_id, link in zip(ids, links, strict=False)}


def _word(organization: Document | None, name: str) -> str:
    return _text(organization.get(name)) if organization is not None else ""


def _text(link: Any) -> str:
    return str(link.get("relationshipType") or "") if isinstance(link, dict) else ""
