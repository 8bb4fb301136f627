"""Decisions on versions: submitted, published, retired, rolled back, each as one command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from banyan.components.catalog import policy, store
from banyan.components.catalog.contract import ChangeCatalog
from banyan.components.catalog.model import (
    Abilities,
    Key,
    find_base,
    find_key,
    find_links,
    find_version,
    is_published,
    note_step,
)
from banyan.components.catalog.service.publishing import check_publication
from banyan.kernel.engine.clock import to_wire
from banyan.kernel.engine.work import Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refuse_findings, refused
from banyan.tmf import documents

STATUS_AFTER: Final = {"submit": "In Test", "publish": "Active", "retire": "Retired"}
DRAFTS: Final = {"submit": ("In Study", "In Design"), "publish": ("In Test",)}
"""Which parts of a version follow it: drafts into the review, what was reviewed to the public."""


def change_catalog(abilities: Abilities) -> Callable[[Work, ChangeCatalog], Document]:
    """The handler of :class:`ChangeCatalog` in a house with these drivers."""

    def change(work: Work, command: ChangeCatalog) -> Document:
        document = command.document
        mover = _Mover(work, abilities, str(document.get("reason") or ""))
        resource, base = store.read_entity(document["entity"])
        version = str(document["entity"].get("version") or "")
        versions = store.find_versions(work, resource, [base]).get(base, [])
        action = document["action"]
        chosen = _choose(work, versions, version, action)
        if chosen is None:
            there = ", ".join(find_version(each) for each in versions) or "none"
            reason = f"{resource} {base} has no such version; there are: {there}"
            raise refused("rule", "unknownReference", reason, "entity")
        if action == "rollback":
            mover.roll_back(resource, versions, chosen)
        else:
            mover.move(resource, chosen, action)
        store.note_change(work)
        return store.add_change(work, document, mover.changed)

    return change


def _choose(work: Work, versions: list[Document], version: str, action: str) -> Document | None:
    """The version that is meant: the named one, the newest draft, or the one in force."""
    if version or action in ("retire", "rollback"):
        if action == "rollback" and not version:
            raise refused("rule", "missing", "a rollback names the version", "entity.version")
        return store.pick_version(versions, version, work)
    wanted = DRAFTS[action]
    drafts = [each for each in versions if each.get(policy.STATUS) in wanted]
    return drafts[-1] if drafts else store.pick_version(versions, "", work)


class _Mover:
    """Moves versions, and remembers what it moved."""

    def __init__(self, work: Work, abilities: Abilities, reason: str) -> None:
        self._work = work
        self._abilities = abilities
        self._reason = reason
        self.changed: list[Document] = []

    def move(self, resource: str, document: Document, action: str) -> None:
        """Move a version and, below it first, the drafts it is made of."""
        for kind, part in self._drafts(resource, document, action):
            self._set(kind, part, STATUS_AFTER[action])

    def roll_back(self, resource: str, versions: list[Document], target: Document) -> None:
        """The version in force is retired; the target's turn begins anew."""
        current = store.pick_version(versions, "", self._work)
        if current is None or current["id"] == target["id"]:
            version = find_version(target)
            raise refused("conflict", "inForce", f"version {version} is in force already", "entity")
        policy_words = ("Active", "Launched", "Retired", "Obsolete")
        if target.get(policy.STATUS) not in policy_words:
            reason = f"version {find_version(target)} was never published"
            raise refused("conflict", "lifecycle", reason, "entity.version")
        if is_published(current):
            self._set(resource, current, "Retired")
        self._set(resource, target, "Active", is_again=True)

    def _drafts(self, resource: str, document: Document, action: str) -> list[tuple[str, Document]]:
        """The version with what follows it, parts first, each once."""
        start = find_key(resource, document)
        around = store.find_around(self._work, {start: document}).found
        ordered: dict[Key, tuple[str, Document]] = {}
        ahead: list[tuple[str, Document, bool]] = [(resource, document, False)]
        seen: set[Key] = set()
        while ahead:
            kind, each, is_walked = ahead.pop()
            key = find_key(kind, {**each, "id": find_base(each)})
            if is_walked:
                ordered.setdefault(key, (kind, each))
                continue
            if key in seen:
                continue
            seen.add(key)
            ahead.append((kind, each, True))
            for link in reversed(list(find_links(kind, each))):
                part = around.get(link.target)
                follows = part is not None and part.get(policy.STATUS) in DRAFTS.get(action, ())
                if part is not None and link.is_part and follows:
                    ahead.append((link.target[0], part, False))
        return list(ordered.values())

    def _set(
        self, resource: str, document: Document, status: str, *, is_again: bool = False
    ) -> None:
        work, row = self._work, store.ROWS[resource]
        after = {**document, policy.STATUS: status, "lastUpdate": to_wire(work.now)}
        if not is_again:
            refuse_findings("conflict", policy.check_step(document, after))
        after = note_step(after, work.call.actor, to_wire(work.now), self._reason)
        if is_published(after) and not is_again:
            check_publication(work, resource, after, self._abilities, is_new=False)
        documents.change(work, row, after)
        entity = {
            "@type": "CatalogEntryRef",
            "id": find_base(document),
            "version": find_version(document),
            "@referredType": resource[0].upper() + resource[1:],
        }
        self.changed.append(
            {
                "@type": "CatalogEntryChange",
                "entity": entity,
                "fromStatus": document.get(policy.STATUS),
                "toStatus": status,
            }
        )
