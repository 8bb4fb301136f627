"""Merging two parties or roles, and taking it back: everything of this room in one transaction."""

from __future__ import annotations

from banyan.components.party import store
from banyan.components.party.contract import FileDocument
from banyan.components.party.events import MergeUndone, PartiesMerged
from banyan.components.party.model import (
    CHILD,
    PARENT,
    find_at,
    find_references,
    find_subject,
    with_child,
    with_parent,
    without_child,
)
from banyan.components.party.policy import merging, rules
from banyan.components.party.service.subjects import follow_persons
from banyan.kernel.engine.clock import to_wire
from banyan.kernel.engine.work import Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, refuse_findings, refused
from banyan.kernel.words.ids import MergePartyId
from banyan.tmf import references
from banyan.tmf.resource import Resource

_BOTH_ENDS = ("organizationParentRelationship", "organizationChildRelationship")


def merge_parties(work: Work, command: FileDocument) -> Document:
    """Answer :class:`MergeParties`."""
    task = command.document
    source_id, survivor_id = str(task["source"]["id"]), str(task["survivor"]["id"])
    for earlier in store.find_merges(work, "source.id", source_id):
        if earlier["survivor"]["id"] == survivor_id:
            return earlier
    resource, source = store.find_party(work, source_id)
    other, survivor = store.find_party(work, survivor_id)
    refuse_findings("rule", merging.check_merge(source, survivor, (_name(resource), _name(other))))
    assert resource is not None
    assert source is not None
    assert survivor is not None
    store.refuse_erased(work, find_subject(resource.name, source))
    store.refuse_erased(work, find_subject(resource.name, survivor))
    if resource is store.ORGANIZATION:
        _refuse_chain(work, source, survivor)
    _merge(work, resource, source, survivor)
    lead = references.led(source_id, survivor_id)
    store.remove(work, resource, source_id)
    followed = references.change_naming(work, store.OWN_RESOURCES, [source_id], lead)
    for hold in store.find_all_holds(work, source_id):
        store.replace(work, store.LEGAL_HOLD, lead(hold))
    old = find_subject(resource.name, source)
    follow_persons(work, [old])
    merged = store.need(work, resource, survivor_id).document
    filed = {
        **task,
        "state": "done",
        "completionDate": to_wire(work.now),
        "followed": followed,
        "sourceBefore": source,
        "survivorBefore": survivor,
        "survivorAfter": merged,
    }
    merge_id = work.mint(MergePartyId)
    if old or find_subject(resource.name, merged):
        filed["dataSubject"] = merge_id  # a key of its own: it goes with whoever is erased first
    filed = store.add(work, store.MERGE, filed, merge_id)
    event = PartiesMerged(
        subject=survivor_id, merge_id=filed["id"], source_id=source_id, survivor_id=survivor_id
    )
    work.say(event)
    return filed


def _name(resource: Resource | None) -> str:
    return resource.name if resource is not None else ""


def _refuse_chain(work: Work, source: Document, survivor: Document) -> None:
    chain = {each["id"] for one in (source, survivor) for each in store.every_above(work, one)}
    findings = merging.check_chain(source["id"], survivor["id"], chain)
    refuse_findings("rule", findings)


def _merge(work: Work, resource: Resource, source: Document, survivor: Document) -> None:
    """Store the survivor with what it takes over; of two parents it keeps its own."""
    merged = merging.combine(survivor, source)
    if resource is store.ORGANIZATION:
        children = [*(survivor.get(_BOTH_ENDS[1]) or ()), *(source.get(_BOTH_ENDS[1]) or ())]
        merged = {**merged, **({_BOTH_ENDS[1]: children} if children else {})}
        parents = find_at(source, PARENT)
        if parents and not find_at(survivor, PARENT):
            merged[_BOTH_ENDS[0]] = source[_BOTH_ENDS[0]]
        elif parents:
            parent = store.need(work, store.ORGANIZATION, parents[0].id).document
            store.replace(work, store.ORGANIZATION, without_child(parent, source["id"]))
    store.replace(work, resource, merged)


def unmerge_parties(work: Work, command: FileDocument) -> Document:
    """Answer :class:`UnmergeParties`."""
    task = command.document
    merge_id = str(task["mergeParty"]["id"])
    merge = store.find(work, store.MERGE, merge_id)
    if merge is None:
        reason = f"there is no merge {merge_id!r}"
        raise refused("rule", "unknownReference", reason, "mergeParty.id")
    for earlier in store.find_unmerges(work, merge_id):
        return earlier
    source_id, survivor_id = str(merge["source"]["id"]), str(merge["survivor"]["id"])
    resource, survivor = store.find_party(work, survivor_id)
    refuse_findings("conflict", _check_undo(work, merge, resource, survivor))
    assert resource is not None
    assert survivor is not None
    source = merge["sourceBefore"]
    parted = merging.part(survivor, merge["survivorBefore"], merge["survivorAfter"])
    if resource is store.ORGANIZATION:
        source = {key: value for key, value in source.items() if key not in _BOTH_ENDS}
        parted |= {key: survivor[key] for key in _BOTH_ENDS if key in survivor}
    store.replace(work, store.MERGE, {**merge, "state": "cancelled"})
    store.replace(work, resource, parted)
    store.add(work, resource, source, source_id)
    back = references.led_back(source_id, survivor_id)
    followed = references.change_naming(work, store.OWN_RESOURCES, [survivor_id], back)
    for hold in store.find_all_holds(work, survivor_id):
        store.replace(work, store.LEGAL_HOLD, back(hold))
    follow_persons(work, [find_subject(resource.name, survivor)])
    if resource is store.ORGANIZATION:
        _part_hierarchy(work, merge)
    filed = {
        **task, "state": "done", "completionDate": to_wire(work.now), "followed": followed
    }  # fmt: skip
    filed = store.add(work, store.UNMERGE, filed)
    event = MergeUndone(
        subject=survivor_id, merge_id=merge_id, source_id=source_id, survivor_id=survivor_id
    )
    work.say(event)
    return filed


def _check_undo(
    work: Work, merge: Document, resource: Resource | None, survivor: Document | None
) -> list[Finding]:
    if merge.get("sourceBefore") is None:
        return [Finding("erased", "what it was made of was erased", "mergeParty.id")]
    if resource is None or survivor is None:
        gone = f"{merge['survivor']['id']} is gone, or was merged itself: take that back first"
        return [Finding("survivorGone", gone, "mergeParty.id")]
    store.refuse_erased(work, find_subject(resource.name, survivor))
    store.refuse_erased(work, find_subject(resource.name, merge["sourceBefore"]))
    later = [
        each["id"]
        for each in store.find_merges(work, "survivor.id", survivor["id"])
        if each["id"] > merge["id"]
    ]
    if later:
        return [Finding("laterMerge", f"{later[-1]} stands upon it", "mergeParty.id")]
    named = list(find_references(resource.name, merge["sourceBefore"]))
    named = [each for each in named if not each.path.startswith("organizationChild")]
    lost = rules.check_references(named, store.find_referred(work, named))
    return [Finding("referenceGone", each.reason, f"source.{each.path}") for each in lost]


def _part_hierarchy(work: Work, merge: Document) -> None:
    """Give the source its place back: its children are who names it now, its parent lists it."""
    source_id, survivor_id = merge["source"]["id"], merge["survivor"]["id"]
    source = store.need(work, store.ORGANIZATION, source_id).document
    survivor = store.need(work, store.ORGANIZATION, survivor_id).document
    for child in store.find_children(work, source_id):
        word = str(child[_BOTH_ENDS[0]].get("relationshipType") or "")
        survivor = without_child(survivor, child["id"])
        source = with_child(source, child, word)
    link = merge["sourceBefore"].get(_BOTH_ENDS[0])
    for reference in find_at(survivor, PARENT):
        parent = store.need(work, store.ORGANIZATION, reference.id).document
        if survivor_id not in {each.id for each in find_at(parent, CHILD)}:
            survivor = with_parent(survivor, None)  # it had taken the source's place there
    store.replace(work, store.ORGANIZATION, survivor)
    store.replace(work, store.ORGANIZATION, source)
    if link is not None:
        _join(work, source, link)


def _join(work: Work, source: Document, link: Document) -> None:
    """Below its old parent again, which may list it already or not; a circle is refused."""
    parent = store.need(work, store.ORGANIZATION, link["organization"]["id"]).document
    joined = {**source, _BOTH_ENDS[0]: link}
    above = [each["id"] for each in store.every_above(work, joined)]
    own = next(iter(find_at(joined, PARENT)), None)
    children = {each.id for each in find_at(joined, CHILD)}
    refuse_findings("conflict", rules.check_circle(source["id"], own, above, children))
    listed = {each.id for each in find_at(parent, CHILD)}
    if source["id"] not in listed:
        word = str(link.get("relationshipType") or "")
        store.replace(work, store.ORGANIZATION, with_child(parent, joined, word))
    store.replace(work, store.ORGANIZATION, joined)
