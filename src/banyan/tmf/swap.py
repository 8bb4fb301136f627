"""The Documents port: five messages, and the swap of what answers them.

Whoever wants a document made, changed, taken away, found or listed puts one of the kit's five
messages to a room (:mod:`banyan.tmf.service`). Usually the room's own tables answer. With the swap,
the messages about an API that another server keeps are answered by that server
(:mod:`banyan.tmf.remote`): it is asked before the transaction opens, and what it said is written
through to the room's copy. Nobody who asks sees the difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from banyan.kernel.engine.copies import Copies, Missed
from banyan.kernel.engine.handlers import Handler, asks, decides, seeks
from banyan.kernel.engine.room import Room
from banyan.kernel.engine.work import Desk, Work
from banyan.kernel.words.codec import Document, to_json
from banyan.kernel.words.messages import Call, Command
from banyan.tmf.copies import Copied, keep
from banyan.tmf.documents import Page, Stored
from banyan.tmf.remote import Remote
from banyan.tmf.resource import Resource
from banyan.tmf.service import (
    ChangeDocument,
    CreateDocument,
    FindDocument,
    KeepCopies,
    Kept,
    ListDocuments,
    NoteChange,
    RemoveDocument,
    kit_handlers,
    kit_messages,
)

SWAPPABLE: Final = frozenset({"TMF620", "TMF632", "TMF633", "TMF634"})
"""APIs whose rooms keep documents and decide by them; others keep rows of their own beside them."""
TARGET: Final = "remote:"
"""What deliveries to a server's copies are addressed to, with the API behind."""


class CreateThere(Command[Document], frozen=True, kw_only=True):
    """Have a document made by the server that keeps its kind; answers it as it was made.

    Whoever creates with a room's own command (the surface, bulk imports) does so there with this.
    """

    document: Document


def _create_command(room: str, remote: Remote, resource: str) -> type[CreateThere]:
    """The resource's own class of it, named as if the room's contract held it."""
    name = f"Create{remote.rows[resource].shape}There"
    made: Any = msgspec.defstruct(
        name, [], bases=(CreateThere,), module=f"{room}.contract", frozen=True, kw_only=True
    )
    own: type[CreateThere] = made
    return own


class Swap:
    """A room's resources and the kit's handlers for them, some of them kept elsewhere."""

    def __init__(
        self, room: str, resources: Iterable[Resource], remotes: Iterable[Remote] = ()
    ) -> None:
        self._name = room
        rows = tuple(resources)
        self.remotes = {each.api: each for each in remotes}
        self._remote = {name: each for each in self.remotes.values() for name in each.rows}
        self._creates = {
            name: _create_command(room, each, name) for name, each in self._remote.items()
        }
        self.resources = tuple(
            replace(self._remote[row.label].rows[row.label], create=self._creates[row.label])
            if row.label in self._remote
            else row
            for row in rows
        )
        local = kit_handlers(room, self.resources)
        self.handlers = self._swapped(local) if self.remotes else local

    def attach(self, room: Room) -> None:
        """Say which room the copies are in."""
        for remote in self.remotes.values():
            remote.room = room
        if self.remotes:
            room.copies = Copies(frozenset(self.remotes), self._fetch)

    def close(self) -> None:
        """Let the connections to other servers go."""
        for remote in self.remotes.values():
            remote.client.close()

    def _fetch(self, call: Call, missed: Sequence[Missed]) -> bool:
        return sum(remote.fetch(call, missed) for remote in self.remotes.values()) > 0

    def _swapped(self, local: Sequence[Handler]) -> tuple[Handler, ...]:
        messages = kit_messages(self._name)
        own = {handler.message: handler.handle for handler in local}
        changed = {
            messages.create: _told(
                asks(messages.create, self._make, self._made(own[messages.create]))
            ),
            messages.change: _told(
                asks(messages.change, self._ask, self._made(own[messages.change]))
            ),
            messages.remove: _told(
                asks(messages.remove, self._take, self._taken(own[messages.remove]))
            ),
            messages.find: seeks(messages.find, self._find(own[messages.find])),
            messages.listed: seeks(messages.listed, self._list(own[messages.listed])),
        }
        kept = tuple(handler for handler in local if handler.message not in changed)
        there = tuple(
            _told(asks(command, self._make_of(name), self._made_of(own[messages.create])))
            for name, command in self._creates.items()
        )
        new = (_told(decides(messages.keep, self._keep)), _told(decides(messages.note, _note)))
        return (*changed.values(), *kept, *there, *new)

    def _make(self, desk: Desk, command: CreateDocument) -> Copied | None:
        remote = self._remote.get(command.resource)
        return None if remote is None else remote.create(desk, command.resource, command.document)

    def _make_of(self, resource: str) -> Callable[[Desk, CreateThere], Copied]:
        remote = self._remote[resource]
        return lambda desk, command: remote.create(desk, resource, command.document)

    def _made_of(self, local: Callable[..., Kept]) -> Callable[..., Document]:
        made = self._made(local)
        return lambda work, command, copied: made(work, command, copied).document

    def _ask(self, desk: Desk, command: ChangeDocument) -> Copied | None:
        remote = self._remote.get(command.resource)
        return None if remote is None else remote.change(desk, command)

    def _take(self, desk: Desk, command: RemoveDocument) -> tuple[Copied | None] | None:
        remote = self._remote.get(command.resource)
        return None if remote is None else (remote.remove(desk, command),)

    def _made(self, local: Callable[..., Kept]) -> Callable[..., Kept]:
        """What was said there is kept here; a copy that has moved on meanwhile is looked at."""

        def made(work: Work, command: Any, copied: Copied | None) -> Kept:
            if copied is None:
                return local(work, command)
            assert copied.document is not None
            return Kept(copied.document, self._through(work, copied))

        return made

    def _taken(self, local: Callable[..., None]) -> Callable[..., None]:
        def taken(work: Work, command: Any, there: tuple[Copied | None] | None) -> None:
            if there is None:
                local(work, command)
            elif there[0] is not None:
                self._through(work, there[0])

        return taken

    def _through(self, work: Work, copied: Copied) -> int:
        remote = self._remote[copied.resource]
        row = remote.rows[copied.resource]
        if copied.document is not None:
            work.seal(row.subject(copied.document), "")  # the answer holds it, copy or not
            if not remote.is_fit(copied.resource, copied.document):
                return copied.rev
        rev = keep(work, row, copied)
        if rev is None:
            _note(work, NoteChange(api=remote.api, resource=copied.resource, id=copied.id))
            return copied.rev
        return rev

    def _find(self, local: Callable[..., Stored | None]) -> Callable[..., Stored | None]:
        def find(desk: Desk, query: FindDocument) -> Stored | None:
            remote = self._remote.get(query.resource)
            if remote is not None:
                return remote.find(desk.call, query.resource, query.id)
            with desk.look() as look:
                return local(look, query)

        return find

    def _list(self, local: Callable[..., Page]) -> Callable[..., Page]:
        def listed(desk: Desk, query: ListDocuments) -> Page:
            remote = self._remote.get(query.resource)
            if remote is not None:
                return remote.page(desk.call, query)
            with desk.look() as look:
                return local(look, query)

        return listed

    def _keep(self, work: Work, command: KeepCopies) -> tuple[int | None, ...]:
        rows: Mapping[str, Remote] = self._remote
        return tuple(
            keep(work, rows[each.resource].rows[each.resource], each) for each in command.items
        )


def _told(handler: Handler) -> Handler:
    """The documents it changes are told to the audit one by one, and are all it changes."""
    return replace(handler, tells_itself=True)


def _note(work: Work, command: NoteChange) -> None:
    """One row in the outbox: it is told again until it was looked at, changes of one in order."""
    body = to_json({"resource": command.resource, "id": command.id}).decode()
    kind = f"{command.api}.{command.resource}.Elsewhere"
    work.post(kind, command.id[:128], body, (f"{TARGET}{command.api}",))
