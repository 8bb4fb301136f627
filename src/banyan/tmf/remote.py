"""Documents of an API at another server: create, change, remove, get, find. The remote driver.

The server decides; the room keeps a copy of what it says, and everything said or learned here is
written through to that copy. See :mod:`banyan.tmf.swap` for how the two drivers are exchanged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import structlog

from banyan.kernel.engine.copies import Copies, Missed
from banyan.kernel.engine.room import Room
from banyan.kernel.engine.work import Desk, Look
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, Later, Outage, Refused, refused
from banyan.kernel.words.messages import Call
from banyan.tmf import documents
from banyan.tmf.changes import compute_change
from banyan.tmf.client import Seen, TmfClient
from banyan.tmf.copies import Copied, find_unfit
from banyan.tmf.documents import KEPT_ELSEWHERE, Page, Stored, unknown
from banyan.tmf.faces import Face, faces_of
from banyan.tmf.filters import Condition
from banyan.tmf.owning import check_change, check_new, is_own
from banyan.tmf.resource import Resource
from banyan.tmf.service import (
    ChangeDocument,
    ListDocuments,
    RemoveDocument,
    check_rev,
    kit_messages,
)
from banyan.tmf.sorting import place_of, rank_of
from banyan.tmf.values import BOOLEAN, TEXT, wanted_keys

RACES_MAX: Final = 8
"""How often something is done again because a document changed meanwhile."""
MISSED_MAX: Final = 50
"""Documents one look may fetch; whoever misses more waits for the comparison of all."""

_log = structlog.get_logger()


class Remote:
    """One API at one server, for the room that keeps its copies.

    Rows that are told apart are the house's own work (jobs), whoever keeps the rest.
    """

    def __init__(
        self, client: TmfClient, resources: Iterable[Resource], tenant: str, filters: bool = True
    ) -> None:
        self.client = client
        self.api = client.server.api
        self.tenant = tenant
        self._filters = filters
        own = [row for row in resources if row.api == self.api and not row.apart]
        self._guards = {row.name: row.guard_removal for row in own}
        self.rows = {row.name: ruled_elsewhere(row) for row in own}
        self._faces: dict[tuple[str, int], Face] = {
            (row.name, face.generation): face
            for row in self.rows.values()
            for face in faces_of(row)
        }
        self.room: Room | None = None
        """Set once the room is open."""

    def check_tenant(self, call: Call) -> None:
        """Refuses (``remoteTenant``) everybody whose documents the server does not hold."""
        if call.tenant != self.tenant:
            reason = f"{self.api} is kept by another server, which holds nothing of this tenant"
            raise refused("unsupported", "remoteTenant", reason)

    def create(self, desk: Desk, resource: str, document: Document) -> Copied:
        """Have a document made there; what to keep of it here."""
        self.check_tenant(desk.call)
        check_new(desk.call, self.rows[resource], document)
        made = self.client.create(resource, document, desk.key).document
        return Copied(resource, made["id"], 0, made)

    def change(self, desk: Desk, command: ChangeDocument) -> Copied:
        """Have a patch taken there, in whatever form it came; again if somebody was faster."""
        self.check_tenant(desk.call)
        face = self._faces[command.resource, command.generation]
        for attempt in range(RACES_MAX):
            rev, seen = self._need(desk.call, face.resource, command.id, command.revs)
            whole = compute_change(face, seen.document, command.patch, desk.clock.now())
            check_change(desk.call, face, seen.document, whole)
            if whole is not seen.document:
                whole = _as_touched_there(seen.document, whole)
                try:
                    seen = self.client.change(command.resource, seen.document, whole, seen.etag)
                except Refused as error:
                    overtaken = error.refusal.kind == "stale" and not command.revs
                    if not overtaken or attempt == RACES_MAX - 1:
                        raise
                    continue
            return Copied(command.resource, seen.document["id"], rev, seen.document)
        raise AssertionError("the last attempt returns or raises")

    def remove(self, desk: Desk, command: RemoveDocument) -> Copied | None:
        """Have a document taken away there, unless this house still needs it.

        Nothing is to be kept of a removal that was only promised.
        """
        self.check_tenant(desk.call)
        row = self.rows[command.resource]
        rev, seen = self._need(desk.call, row, command.id, command.revs)
        self._check_unneeded(desk, row, seen.document)
        own_id = seen.document["id"]
        if self.client.remove(command.resource, own_id, seen.etag):
            return Copied(command.resource, own_id, rev)
        return None

    def _check_unneeded(self, desk: Desk, row: Resource, document: Document) -> None:
        """What this house holds of its own may still name the document; the rest is the server's.

        A guard that tidies up would part copies from their originals: that is left to the server.
        """
        with desk.look() as look:
            bound = replace(look, copies=Copies(frozenset({row.api})))
            try:
                self._guards[row.name](bound, document)
            except Refused as error:
                if any(found.code != KEPT_ELSEWHERE for found in error.refusal.findings):
                    raise

    def find(self, call: Call, resource: str, document_id: str) -> Stored | None:
        """The document as the server has it now, with the revision of its copy."""
        self.check_tenant(call)
        for _ in range(RACES_MAX):
            before = self.copy_of(resource, document_id)
            seen = self.client.get(resource, document_id)
            if seen is None:
                if self._follow(resource, document_id, before, None) is not None:
                    return None
                continue
            own_id = seen.document["id"]
            if own_id != document_id:  # the address stands for one of several
                before = self.copy_of(resource, own_id)
            rev = self._follow(resource, own_id, before, seen.document)
            if rev is not None:
                is_there = is_own(call, self.rows[resource], seen.document)
                return Stored(seen.document, rev) if is_there else None
        raise Later(1, f"{resource} {document_id} changes faster than it can be read")

    def page(self, call: Call, query: ListDocuments) -> Page:
        """Part of a list as the server has it now. What it does not filter or order is, here."""
        self.check_tenant(call)
        if query.jsonpath or query.after or query.before:
            reason = f"{self.api} is kept by another server: no JSONPath, no cursors"
            raise refused("unsupported", "queryUnsupported", reason)
        if not query.conditions and not query.sort and call.owns is None:
            return self._listed(query)
        end = None if query.limit is None else query.offset + query.limit
        matching = self._matching(call, query)
        if query.sort:
            order = self._faces[query.resource, query.generation].search((), query.sort).order
            ranked = sorted(
                (rank_of(order, place_of(order, document, f"{number:012}")), number, document)
                for number, document in enumerate(matching)
            )
            shown = [Stored(document, 0) for _, _, document in ranked[query.offset : end]]
            return Page(shown, len(ranked))
        found: list[Stored] = []
        total = 0
        for document in matching:
            if total >= query.offset and (end is None or total < end):
                found.append(Stored(document, 0))
            total += 1
        return Page(found, total)

    def _matching(self, call: Call, query: ListDocuments) -> Iterator[Document]:
        face = self._faces[query.resource, query.generation]
        for document in self._candidates(face, query.conditions):
            shown = face.outward(document)
            if is_own(call, face.resource, document) and all(
                each.matches(shown) for each in query.conditions
            ):
                yield document

    def refresh(self, resource: str, document_id: str) -> bool:
        """Let one copy follow; whether it had to.

        Where the address stands for another document (a version in force), that one follows too.
        """
        has_changed = False
        for _ in range(RACES_MAX):
            before = self.copy_of(resource, document_id)
            seen = self.client.get(resource, document_id)
            document = None if seen is None else seen.document
            if document is not None and document["id"] != document_id:
                here = self.copy_of(resource, document["id"])
                has_changed |= self._followed(resource, document["id"], here, document) or False
                document = self._exactly(resource, document_id)
            followed = self._followed(resource, document_id, before, document)
            if followed is not None:
                return has_changed or followed
        raise Later(1, f"{resource} {document_id} changes faster than it can be read")

    def _followed(
        self, resource: str, document_id: str, before: Stored | None, document: Document | None
    ) -> bool | None:
        """Whether a copy had to follow, or nothing if it was overtaken."""
        if (None if before is None else before.document) == document:
            return False
        if document is not None and not self.is_fit(resource, document):
            return False
        rev = self._follow(resource, document_id, before, document)
        return None if rev is None else rev != (0 if before is None else before.rev)

    def _exactly(self, resource: str, document_id: str) -> Document | None:
        """The document of this very id, whatever the address stands for."""
        asked = [("id", document_id)] if self._filters else []
        found = self._filtered(resource, asked)
        return next((each for each in found if each["id"] == document_id), None)

    def fetch(self, call: Call, missed: Sequence[Missed]) -> bool:
        """Bring what a look missed; whether anything of it is there now.

        It may have come by an event meanwhile. With the server away, nothing comes.
        """
        wanted = [each for each in dict.fromkeys(missed) if each[0] in self.rows]
        if call.tenant != self.tenant:
            return False
        try:
            came = [
                self.refresh(*each) or self.copy_of(*each) is not None
                for each in wanted[:MISSED_MAX]
            ]
        except (Outage, Refused) as error:
            _log.debug("remote.unfetched", api=self.api, reason=str(error))
            return False
        return any(came)

    def copy_of(self, resource: str, document_id: str) -> Stored | None:
        """The copy as it is."""
        with self.look() as look:
            return documents.get(look, self.rows[resource], document_id)

    def look(self) -> AbstractContextManager[Look]:
        """A view of the copies."""
        return self._room.desk(self.call(), "").look()

    def call(self) -> Call:
        """The call in which copies follow: nobody of this house changes them."""
        return Call(self.tenant, f"remote:{self.api}", ("platform",), "")

    def is_fit(self, resource: str, document: Document) -> bool:
        """Whether a document can be kept as a copy; what can't is told, and left where it is."""
        reason = find_unfit(self.rows[resource], document)
        if reason:
            self._tell_unfit(resource, document["id"], reason)
        return not reason

    def _tell_unfit(self, resource: str, document_id: str, reason: str) -> None:
        _log.warning("remote.unfit", api=self.api, resource=resource, id=document_id, reason=reason)

    @property
    def _room(self) -> Room:
        assert self.room is not None, "a remote without its room"
        return self.room

    def _need(
        self, call: Call, row: Resource, document_id: str, revs: tuple[int, ...]
    ) -> tuple[int, Seen]:
        """The document there and the revision of its copy, which must be one of ``revs``."""
        copy = self.copy_of(row.name, document_id)
        seen = self.client.get(row.name, document_id)
        if seen is None:
            self._follow(row.name, document_id, copy, None)
        if seen is None or not is_own(call, row, seen.document):
            raise unknown(row, document_id)
        if seen.document["id"] != document_id:
            copy = self.copy_of(row.name, seen.document["id"])
        rev = 0 if copy is None else copy.rev
        if revs:
            if copy is None or copy.document != seen.document:
                raise refused("stale", "stale", f"{document_id} has changed at the other server")
            check_rev(copy, revs)
        return rev, seen

    def _follow(
        self, resource: str, document_id: str, before: Stored | None, document: Document | None
    ) -> int | None:
        """Put what the server has in place of ``before``; the revision, or nothing if overtaken."""
        rev = 0 if before is None else before.rev
        if document is not None and not self.is_fit(resource, document):
            return rev
        if (None if before is None else before.document) == document:
            return rev
        return self.follow([Copied(resource, document_id, rev, document)])[0]

    def follow(self, items: Sequence[Copied]) -> Sequence[int | None]:
        """Let copies follow, all in one transaction; see :class:`KeepCopies`.

        One that may not be kept (its person was erased here) is told, and left as it is.
        """
        command = kit_messages(self._room.name).keep(items=tuple(items))
        try:
            revs: Sequence[int | None] = self._room.put(self.call(), command, "")
        except Refused as error:
            if len(items) > 1:
                return [rev for item in items for rev in self.follow([item])]
            self._tell_unfit(items[0].resource, items[0].id, str(error))
            return [items[0].rev]
        return revs

    def _listed(self, query: ListDocuments) -> Page:
        scan = self.client.each(query.resource, offset=query.offset)
        found: list[Stored] = []
        count = 0
        for document in scan:
            if query.limit is not None and len(found) >= query.limit and scan.total is not None:
                break
            if query.limit is None or len(found) < query.limit:
                found.append(Stored(document, 0))
            count += 1
        total = scan.total
        if total is None and (count or not query.offset):
            total = query.offset + count
        if total is None:
            total = sum(1 for _ in self.client.each(query.resource))
        return Page(found, total)

    def _candidates(self, face: Face, conditions: Sequence[Condition]) -> Iterable[Document]:
        for each in conditions:
            if each.path == "id" and each.operator == "eq" and not each.alternatives:
                seen = (
                    self.client.get(face.resource.name, value)
                    for value in dict.fromkeys(each.values)
                )
                return [found.document for found in seen if found is not None]
        asked = []
        if self._filters and face.generation == self.client.server.generation:
            asked = [(c.path, c.values[0]) for c in conditions if _is_plain(c)]
        return self._filtered(face.resource.name, asked)

    def _filtered(self, resource: str, asked: list[tuple[str, str]]) -> Iterator[Document]:
        """A list narrowed by the server; the whole of it if the server does not know the filter."""
        any_came = False
        if asked:
            try:
                for document in self.client.each(resource, asked):
                    any_came = True
                    yield document
            except Refused:
                if any_came:
                    raise
            else:
                return
        yield from self.client.each(resource)


def _is_plain(condition: Condition) -> bool:
    """Whether every server that filters at all takes this condition as we do.

    Nested paths, operators, lists of values, instants and numbers are read in many ways.
    """
    if "." in condition.path or condition.operator != "eq" or condition.alternatives:
        return False
    if len(condition.values) != 1 or "," in condition.values[0]:
        return False
    return {TEXT, BOOLEAN} >= set(wanted_keys(condition.values[0]))


def ruled_elsewhere(row: Resource) -> Resource:
    """The row of a resource whose rules another server holds.

    What the room keeps beside its documents it keeps beside the copies too (``follow``).
    """
    return replace(
        row,
        create=None,
        patch=None,
        remove=None,
        errand=None,
        monitor=None,
        lifecycle=None,
        server_owned=(),
        fill=_as_it_is,
        check=_no_rules,
        guard_removal=_may_go,
        admit=row.follow,
        locate=_as_addressed,
        may_choose_id=True,
    )


def _as_it_is(document: Document, now: datetime) -> Document:
    return document


def _no_rules(document: Document) -> list[Finding]:
    return []


def _may_go(work: Any, document: Document) -> None:
    return None


def _as_addressed(look: Any, document_id: str) -> str:
    return document_id


def _as_touched_there(before: Document, after: Document) -> Document:
    """When something was changed, the server says itself."""
    kept = {name: value for name, value in after.items() if name != "lastUpdate"}
    return {**kept, "lastUpdate": before["lastUpdate"]} if "lastUpdate" in before else kept
