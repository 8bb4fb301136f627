"""A resource is a row in a table: everything the kit needs to serve it in every generation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding
from banyan.kernel.words.ids import Id
from banyan.kernel.words.lifecycle import Lifecycle
from banyan.kernel.words.messages import Command

Fill = Callable[[Document, datetime], Document]
"""Adds what the server supplies on create; pure, given the time."""

Check = Callable[[Document], list[Finding]]
"""Business rules over one whole document; pure; all findings at once."""

GuardRemoval = Callable[[Any, Document], None]
"""Raises a refusal when the document may not go; may read the room's own tables (a `Work`)."""


def _no_fill(document: Document, now: datetime) -> Document:
    return document


def _no_findings(document: Document) -> list[Finding]:
    return []


def _may_go(work: Any, document: Document) -> None:
    return None


@dataclass(frozen=True)
class Resource:
    """One TM Forum resource of one room.

    ``operations`` are the letters of G(et and list) C(reate) U(pdate) D(elete). ``create`` and
    ``patch`` name the room's own commands; without them the kit stores the checked document itself.
    A create command has the field ``document``; a patch command has ``id``, ``document`` (the
    merged whole) and ``rev`` (the revision it was merged from); both answer the stored document.
    ``state`` names the attribute whose change is a StateChange event, ``lifecycle`` its table.
    ``indexed`` are dotted paths (they cross arrays) that filters find without a scan.
    ``server_owned`` attributes are ignored on create and refused on update.
    """

    api: str
    name: str
    shape: str
    room: str
    id_type: type[Id]
    operations: str = "GCUD"
    create: type[Command[Document]] | None = None
    patch: type[Command[Document]] | None = None
    state: str = ""
    lifecycle: Lifecycle | None = None
    indexed: tuple[str, ...] = ()
    server_owned: tuple[str, ...] = ()
    fill: Fill = _no_fill
    check: Check = _no_findings
    guard_removal: GuardRemoval = _may_go
    may_choose_id: bool = False
    events: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """How documents of this resource are filed: its inner (v5) noun."""
        return self.name
