"""The kit's own commands and queries: what a room answers for resources without own commands.

Every room gets its own classes of them, so that their wire names are ``<room>.CreateDocument`` and
so on, as if its contract had written them down.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from banyan.kernel.engine.clock import to_us
from banyan.kernel.engine.handlers import Handler, answers, decides
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document, to_json
from banyan.kernel.words.errors import refused
from banyan.kernel.words.ids import HubId
from banyan.kernel.words.messages import Call, Command, Query
from banyan.tmf import documents, hubs
from banyan.tmf.bulk import jobs
from banyan.tmf.changes import compute_change
from banyan.tmf.copies import Copied
from banyan.tmf.documents import Page, Search, Stored
from banyan.tmf.faces import Face, faces_of
from banyan.tmf.filters import Condition, Sort
from banyan.tmf.owning import check_change, check_new, is_own
from banyan.tmf.patching import Patch
from banyan.tmf.resource import Resource
from banyan.tmf.sorting import read_cursor

ERRAND: Final = "errand"
"""The kind of the fact that an errand is to be run, and what its targets begin with."""

M = TypeVar("M", bound=type[Any])


class Kept(Struct, frozen=True):
    """A document as it is stored now, with its revision."""

    document: Document
    rev: int


class CreateDocument(Command[Kept], frozen=True, kw_only=True):
    """File a new inner document, checked and filled; its ``id``, if it has one, was chosen.

    Refused (``duplicate``) when a chosen id is taken. ``told`` goes along with the errand of a
    resource that has one.
    """

    resource: str
    document: Document
    told: Document = msgspec.field(default_factory=dict)


class NoteErrand(Command[None], frozen=True, kw_only=True):
    """Say on a document how far its errand has come; one that is over, or gone, stays as it is."""

    resource: str
    id: str
    state: str
    attributes: Document = msgspec.field(default_factory=dict)


class ChangeDocument(Command[Kept], frozen=True, kw_only=True):
    """Take ``patch``, in the form of ``generation``, on a document.

    ``revs`` are the revisions the caller expects, any if empty; refused (``stale``) for another.
    What else is refused: :func:`banyan.tmf.changes.compute_change`. A repeat changes nothing.
    """

    resource: str
    id: str
    generation: int
    patch: Patch
    revs: tuple[int, ...] = ()


class RemoveDocument(Command[None], frozen=True, kw_only=True):
    """Take a document away, if the resource lets it go."""

    resource: str
    id: str
    revs: tuple[int, ...] = ()


class FindDocument(Query[Stored | None], frozen=True, kw_only=True):
    """The document of this id with its revision, or nothing."""

    resource: str
    id: str


class ListDocuments(Query[Page], frozen=True, kw_only=True):
    """Part of a list; conditions, ``sort`` and ``jsonpath`` are in the form of ``generation``.

    ``after`` and ``before`` are cursors; refused (``cursor``) when they are of another order.
    """

    resource: str
    generation: int
    conditions: tuple[Condition, ...] = ()
    offset: int = 0
    limit: int | None = None
    sort: tuple[Sort, ...] = ()
    jsonpath: str = ""
    after: str = ""
    before: str = ""


class WalkDocuments(Query[tuple[Stored, ...]], frozen=True, kw_only=True):
    """The next ``limit`` documents in list order behind the one of id ``after``, or the first ones.

    Refused as unknown when ``after`` names none.
    """

    resource: str
    limit: int
    after: str = ""


class CreateHub(Command[None], frozen=True, kw_only=True):
    """Subscribe ``callback`` to the events of an API that ``query`` lets through.

    Refused (``duplicate``) when the same callback has the same query already.
    """

    id: HubId
    api: str
    generation: int
    callback: str
    query: str


class RemoveHub(Command[None], frozen=True, kw_only=True):
    """End a subscription; refused when there is none of this id."""

    id: HubId
    api: str
    generation: int


class ListHubs(Query[tuple[hubs.Hub, ...]], frozen=True, kw_only=True):
    """The subscriptions of an API in one generation, oldest first; ``id`` asks for one of them."""

    api: str
    generation: int
    id: str = ""


class KeepCopies(Command[tuple[int | None, ...]], frozen=True, kw_only=True):
    """Let copies follow their originals (only of an API whose documents another server keeps).

    Answers the revision of each, or nothing for one that has moved on since it was compared. A
    repeat changes nothing.
    """

    items: tuple[Copied, ...]


class NoteChange(Command[None], frozen=True, kw_only=True):
    """Remember that the other server has told of a change, to be looked at after this."""

    api: str
    resource: str
    id: str


@dataclass(frozen=True)
class KitMessages:
    """The kit's message classes of one room."""

    room: str

    @cached_property
    def create(self) -> type[CreateDocument]:
        """Its ``CreateDocument``."""
        return self._own(CreateDocument)

    @cached_property
    def note_errand(self) -> type[NoteErrand]:
        """Its ``NoteErrand``."""
        return self._own(NoteErrand)

    @cached_property
    def change(self) -> type[ChangeDocument]:
        """Its ``ChangeDocument``."""
        return self._own(ChangeDocument)

    @cached_property
    def remove(self) -> type[RemoveDocument]:
        """Its ``RemoveDocument``."""
        return self._own(RemoveDocument)

    @cached_property
    def find(self) -> type[FindDocument]:
        """Its ``FindDocument``."""
        return self._own(FindDocument)

    @cached_property
    def listed(self) -> type[ListDocuments]:
        """Its ``ListDocuments``."""
        return self._own(ListDocuments)

    @cached_property
    def walk(self) -> type[WalkDocuments]:
        """Its ``WalkDocuments``."""
        return self._own(WalkDocuments)

    @cached_property
    def load_lines(self) -> type[jobs.LoadLines]:
        """Its ``LoadLines``."""
        return self._own(jobs.LoadLines)

    @cached_property
    def find_job(self) -> type[jobs.FindJob]:
        """Its ``FindJob``."""
        return self._own(jobs.FindJob)

    @cached_property
    def forget_job(self) -> type[jobs.ForgetJob]:
        """Its ``ForgetJob``."""
        return self._own(jobs.ForgetJob)

    @cached_property
    def create_hub(self) -> type[CreateHub]:
        """Its ``CreateHub``."""
        return self._own(CreateHub)

    @cached_property
    def remove_hub(self) -> type[RemoveHub]:
        """Its ``RemoveHub``."""
        return self._own(RemoveHub)

    @cached_property
    def list_hubs(self) -> type[ListHubs]:
        """Its ``ListHubs``."""
        return self._own(ListHubs)

    @cached_property
    def keep(self) -> type[KeepCopies]:
        """Its ``KeepCopies``."""
        return self._own(KeepCopies)

    @cached_property
    def note(self) -> type[NoteChange]:
        """Its ``NoteChange``."""
        return self._own(NoteChange)

    def _own(self, base: M) -> M:
        """A subclass named as if the room's contract held it."""
        made: Any = msgspec.defstruct(
            base.__name__, [], bases=(base,), module=f"{self.room}.contract",
            frozen=True, kw_only=True,
        )  # fmt: skip
        own: M = made
        return own


_MESSAGES: dict[str, KitMessages] = {}


def kit_messages(room: str) -> KitMessages:
    """The kit's message classes of ``room``: always the same ones."""
    return _MESSAGES.setdefault(room, KitMessages(room))


def kit_handlers(room: str, resources: Iterable[Resource]) -> tuple[Handler, ...]:
    """Handlers for everything the kit does with the documents and hubs of ``room``."""
    own = _Kit([resource for resource in resources if resource.room == room])
    messages = kit_messages(room)
    return (
        replace(decides(messages.create, own.create), tells_itself=True),
        replace(decides(messages.note_errand, own.note_errand), tells_itself=True),
        replace(decides(messages.change, own.change), tells_itself=True),
        replace(decides(messages.remove, own.remove), tells_itself=True),
        answers(messages.find, own.find),
        answers(messages.listed, own.list),
        answers(messages.walk, own.walk),
        replace(decides(messages.load_lines, own.load_lines), tells_itself=True),
        answers(messages.find_job, jobs.find),
        decides(messages.forget_job, jobs.forget),
        decides(messages.create_hub, _create_hub),
        decides(messages.remove_hub, _remove_hub),
        answers(messages.list_hubs, _list_hubs),
    )


class _Kit:
    def __init__(self, resources: list[Resource]) -> None:
        self._resources = {resource.label: resource for resource in resources}
        self._faces: dict[tuple[str, int], Face] = {
            (resource.label, face.generation): face
            for resource in resources
            for face in faces_of(resource)
        }

    def create(self, work: Work, command: CreateDocument) -> Kept:
        resource = self._resources[command.resource]
        chosen = str(command.document.get("id", ""))
        check_new(work.call, resource, command.document)
        errand = resource.errand
        document = command.document
        if errand is not None:
            document = {**document, resource.state: errand.first}
        filed = documents.create(work, resource, document, chosen)
        if errand is not None:
            told = {"resource": resource.label, "id": filed["id"], **command.told}
            work.post(ERRAND, filed["id"], to_json(told).decode(), (f"{ERRAND}:{resource.room}",))
        return Kept(filed, 1)

    def note_errand(self, work: Work, command: NoteErrand) -> None:
        resource = self._resources[command.resource]
        assert resource.errand is not None
        stored = documents.get(work, resource, command.id)
        over = (resource.errand.done, resource.errand.failed)
        if stored is not None and stored.document.get(resource.state) not in over:
            told = {**command.attributes, resource.state: command.state}
            documents.change(work, resource, {**stored.document, **told})

    def change(self, work: Work, command: ChangeDocument) -> Kept:
        face = self._faces[command.resource, command.generation]
        stored = _need_own(work, face.resource, face.resource.locate(work, command.id))
        check_rev(stored, command.revs)
        whole = compute_change(face, stored.document, command.patch, work.now)
        check_change(work.call, face, stored.document, whole)
        if whole is stored.document:
            return Kept(whole, stored.rev)
        return Kept(documents.change(work, face.resource, whole, stored.rev), stored.rev + 1)

    def remove(self, work: Work, command: RemoveDocument) -> None:
        resource = self._resources[command.resource]
        if resource.view is not None:
            resource.view.remove(work, command.id)
            return
        stored = _need_own(work, resource, resource.locate(work, command.id))
        check_rev(stored, command.revs)
        resource.guard_removal(work, stored.document)
        documents.remove(work, resource, stored.document["id"])

    def find(self, look: Look, query: FindDocument) -> Stored | None:
        resource = self._resources[query.resource]
        if resource.view is None:
            stored = documents.get(look, resource, resource.locate(look, query.id))
            if stored is None and (moved := resource.moved_to(look, query.id)):
                stored = documents.get(look, resource, moved)
            return stored if stored and is_own(look.call, resource, stored.document) else None
        found = resource.view.find(look, query.id)
        return None if found is None else Stored(found, 1)

    def list(self, look: Look, query: ListDocuments) -> Page:
        face = self._faces[query.resource, query.generation]
        view = face.resource.view
        if view is not None:
            if query.sort or query.jsonpath or query.after or query.before:
                raise refused("unsupported", "queryUnsupported", "what is worked out has no order")
            shown, total = view.page(look, query.conditions, query.offset, query.limit)
            return Page([Stored(each, 1) for each in shown], total)
        wanted = face.search(query.conditions, query.sort, query.jsonpath)
        wanted = replace(
            _narrowed_to_own(look.call, face.resource, wanted),
            offset=query.offset,
            limit=query.limit,
            after=read_cursor("after", query.after, wanted.order),
            before=read_cursor("before", query.before, wanted.order),
        )
        return documents.search(look, face.resource, wanted)

    def walk(self, look: Look, query: WalkDocuments) -> tuple[Stored, ...]:
        return documents.walk(look, self._resources[query.resource], query.after, query.limit)

    def load_lines(self, work: Work, command: jobs.LoadLines) -> jobs.Loaded:
        def create(document: Document) -> Kept:
            return self.create(work, CreateDocument(resource=command.resource, document=document))

        return jobs.load(work, command, create)


def _need_own(work: Work, resource: Resource, document_id: str) -> Stored:
    stored = documents.get(work, resource, document_id)
    if stored is None:
        moved = resource.moved_to(work, document_id)
        if moved:
            raise refused("conflict", "moved", f"{document_id} is {moved} by now", "id")
        raise documents.unknown(resource, document_id)
    if not is_own(work.call, resource, stored.document):
        raise documents.unknown(resource, document_id)
    return stored


def _narrowed_to_own(call: Call, resource: Resource, wanted: Search) -> Search:
    """What is looked for, of the caller's own only: by index where one path says whose it is."""
    if call.owns is None:
        return wanted
    if len(resource.owners) == 1:
        own = Condition(resource.owners[0], tuple(call.owns))
        return replace(wanted, conditions=(*wanted.conditions, own))
    accept = wanted.accept

    def accept_own(document: Document) -> bool:
        return is_own(call, resource, document) and (accept is None or accept(document))

    return replace(wanted, accept=accept_own)


def check_rev(stored: Stored, revs: tuple[int, ...]) -> None:
    """Refuses (``stale``) a document at a revision its caller did not expect."""
    if revs and stored.rev not in revs:
        document_id = stored.document["id"]
        reason = f"{document_id} is at revision {stored.rev} by now"
        raise refused("stale", "stale", reason)


def _create_hub(work: Work, command: CreateHub) -> None:
    hub = hubs.Hub(
        command.id, command.api, command.generation, command.callback, command.query,
        to_us(work.now),
    )  # fmt: skip
    hubs.create(work, hub)


def _remove_hub(work: Work, command: RemoveHub) -> None:
    hubs.remove(work, command.api, command.generation, command.id)


def _list_hubs(look: Look, query: ListHubs) -> tuple[hubs.Hub, ...]:
    return hubs.find(look, query.api, query.generation, query.id)
