"""A resource is a row in a table: everything the kit needs to serve it in every generation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, Refusal
from banyan.kernel.words.ids import Id
from banyan.kernel.words.lifecycle import Lifecycle
from banyan.kernel.words.messages import Command
from banyan.tmf.filters import Condition

Fill = Callable[[Document, datetime], Document]
"""Adds what the server supplies on create; pure, given the time."""

Check = Callable[[Document], list[Finding]]
"""Business rules over one whole document; pure; all findings at once."""

Subject = Callable[[Document], str]
"""Whose personal data a whole document (with its id) is: the id that names the key; pure.

Empty if it is nobody's. Of an erased person's document only id, type and state are there to see.
"""

GuardRemoval = Callable[[Any, Document], None]
"""Raises a refusal when the document may not go; may read the room's own tables (a `Work`)."""


class View(Protocol):
    """Documents that are worked out when asked for, not stored: a room answers in the kit's place.

    Its resource has no filters but those the view reads itself; it refuses all others.
    """

    def find(self, look: Any, document_id: str) -> Document | None:
        """One document, or nothing (a `Look`)."""
        ...

    def page(
        self, look: Any, conditions: Sequence[Condition], offset: int, limit: int | None
    ) -> tuple[list[Document], int]:
        """A page of what matches, and how many match in all."""
        ...

    def remove(self, work: Any, document_id: str) -> None:
        """Take one away (a `Work`); refuses what may not go or is not there."""
        ...


Admit = Callable[[Any, Document | None, Document | None], Document | None]
"""The room's last word before a document is filed, replaced or removed: ``(work, before, after)``.

Runs in the transaction that writes, whichever way the document came. Answers what is filed in the
place of ``after`` (on create its ``id`` too may be another), raises a refusal, and may read and
write the room's own tables. ``before`` is None on create, ``after`` on removal.
"""

Locate = Callable[[Any, str], str]
"""The id under which the document that is addressed by an id is filed; may read the room's tables.

Another one where an address stands for one of several, such as the version in force.
"""


ErrandKind = Literal["import", "export", "create"]


def _always(document: Document) -> bool:
    return True


@dataclass(frozen=True)
class Errand:
    """Work that goes on after a create was answered, outside any request (``tmf/errands``).

    The document says how far it has come: its state goes from ``first`` by ``running`` to ``done``
    or ``failed``. With a create command beside it, only documents that it ``wants`` are errands.
    """

    kind: ErrandKind
    first: str
    running: str
    done: str
    failed: str
    wants: Callable[[Document], bool] = _always


def _no_fill(document: Document, now: datetime) -> Document:
    return document


def _no_findings(document: Document) -> list[Finding]:
    return []


def _nobody(document: Document) -> str:
    return ""


def _may_go(work: Any, document: Document) -> None:
    return None


def _as_it_is(work: Any, before: Document | None, after: Document | None) -> Document | None:
    return after


def _nowhere(look: Any, document_id: str) -> str:
    return ""


def _as_addressed(look: Any, document_id: str) -> str:
    return document_id


@dataclass(frozen=True)
class Resource:
    """One TM Forum resource of one room.

    ``operations`` are the letters of G(et and list) C(reate) U(pdate) D(elete). ``create`` and
    ``patch`` name the room's own commands; without them the kit stores the checked document itself.
    A create command has the field ``document``; a patch command has ``id``, ``document`` (the
    merged whole) and ``rev`` (the revision it was merged from); both answer the stored document.
    ``remove`` has ``id`` and ``revs`` (the revisions the caller expects, any if empty), and answers
    why not, if it does not.
    ``state`` names the attribute whose change is a StateChange event, ``lifecycle`` its table.
    ``indexed`` are dotted paths (they cross arrays) that filters find without a scan.
    ``owners`` are paths at which the ids of whoever it belongs to stand; ``own_changes`` are the
    attributes that its owner may change (:mod:`banyan.tmf.owning`). Without owners nobody reaches
    it who may have his own things only.
    ``server_owned`` attributes are ignored on create and refused on update.
    ``follow`` stands in for ``admit`` where another server decides on the documents: nothing is
    refused or changed, the room only keeps its own rows in step (:mod:`banyan.tmf.swap`).
    ``moved_to`` is asked where nothing is filed under an address: the id of what stands for it now,
    empty if nothing does. Who asks for the old id is answered with that document.
    ``view`` works the documents out where none are stored. ``errand`` is what goes on after it was
    created; with a ``monitor`` it is created later, and the answer meanwhile (202) is a document of
    that row. ``apart`` is what a room calls it that has several of its noun.
    ``subject`` says whose data a document is: it is then sealed under that person's key, wherever
    it is kept (:mod:`banyan.kernel.engine.vault`), all but its id, type and state. ``personal`` are
    the indexed paths that such a document is found by through a keyed hash only.
    ``filed_as`` names the resource of the same room whose documents it shows and changes, where two
    APIs have the same.
    """

    api: str
    name: str
    shape: str
    room: str
    id_type: type[Id]
    operations: str = "GCUD"
    create: type[Command[Document]] | None = None
    patch: type[Command[Document]] | None = None
    remove: type[Command[Refusal | None]] | None = None
    state: str = ""
    lifecycle: Lifecycle | None = None
    indexed: tuple[str, ...] = ()
    server_owned: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    own_changes: tuple[str, ...] = ()
    fill: Fill = _no_fill
    check: Check = _no_findings
    guard_removal: GuardRemoval = _may_go
    view: View | None = None
    errand: Errand | None = None
    monitor: Resource | None = None
    apart: str = ""
    admit: Admit = _as_it_is
    follow: Admit = _as_it_is
    locate: Locate = _as_addressed
    moved_to: Locate = _nowhere
    may_choose_id: bool = False
    subject: Subject = _nobody
    personal: tuple[str, ...] = ()
    filed_as: str = ""
    events: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert not (self.owners and self.view), f"{self.name}: a view can't tell whose it shows"

    @property
    def label(self) -> str:
        """What messages call it within its room: its inner (v5) noun, unless there are several."""
        return self.apart or self.name

    @property
    def key(self) -> str:
        """How documents of this resource are filed: by its label, unless it says another."""
        return self.filed_as or self.label
