"""The audit: who changed what, when, from what to what; written with the change it tells of.

Each process writes a *strand* of its own into a room's database, so that writers never wait for
each other: rows numbered from 1, each with a hash over its content and the hash before it. The
beginnings of the strands are rows of a chain of their own, and a strand's first row continues from
its beginning; a beginning also holds how far the strands before it had come. So a row or a strand
that is changed, moved, put in or taken out shows. What was taken off the end shows only against
heads that were kept elsewhere: see :mod:`banyan.kernel.engine.verify`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from banyan.kernel.engine.clock import to_us
from banyan.kernel.engine.db import Database, Quick
from banyan.kernel.engine.mint import Mint
from banyan.kernel.engine.tables import AUDIT, STRAND
from banyan.kernel.words.codec import from_json, to_ordered_json
from banyan.kernel.words.messages import Call

HASHED: Final = tuple(column.name for column in AUDIT.columns if column.name != "hash")
"""What a row's hash is over, in this order, after the hash before it."""

_KEEP = Quick(AUDIT.insert())
_REGISTER = Quick(STRAND.insert())
_LAST_STRAND = Quick(
    sa.select(STRAND.c.number, STRAND.c.hash).where(
        STRAND.c.number == sa.select(sa.func.max(STRAND.c.number)).scalar_subquery()
    )
)
STRANDS = Quick(
    sa.select(STRAND.c.number, STRAND.c.strand, STRAND.c.at_us, STRAND.c.heads, STRAND.c.hash)
    .order_by(STRAND.c.number)
)  # fmt: skip
_OF_STRAND = AUDIT.alias("own")
TAIL = Quick(
    sa.select(AUDIT.c.number, AUDIT.c.hash).where(
        AUDIT.c.strand == sa.bindparam("s"),
        AUDIT.c.number
        == sa.select(sa.func.max(_OF_STRAND.c.number))
        .where(_OF_STRAND.c.strand == sa.bindparam("s"))
        .scalar_subquery(),
    )
)


class Change(NamedTuple):
    """One change, before it has its place in a strand. ``before`` and ``after`` are JSON or empty.

    ``verb`` is create, change or remove (of the document ``id`` of ``resource``, now at ``rev``),
    or run (of a command, which ``after`` holds) or intend (its first half). Where a change does not
    replace everything, ``before`` and ``after`` hold only the attributes that differ.
    """

    call: Call
    at: datetime
    command: str
    verb: str
    resource: str
    id: str
    rev: int
    before: str
    after: str


class Head(NamedTuple):
    """How far a chain has come: the number and the hash of its last row."""

    number: int
    hash: str


def compute_hash(previous: str, values: Sequence[Any]) -> str:
    """The SHA-256 of a row: every value with its length before it, after the previous hash."""
    told = [f"{len(text)}:{text}" for text in map(str, values)]
    return sha256(f"{previous}|{''.join(told)}".encode()).hexdigest()


def compute_strand_hash(previous: str, row: Mapping[str, Any]) -> str:
    """The hash of a strand's beginning in the chain of beginnings."""
    return compute_hash(previous, [row[n] for n in ("number", "strand", "at_us", "heads")])


class Trail:
    """A room's pen: changes wait here until their transaction ends, then are written at once.

    Only the thread that leads the room's commits uses it. ``begin`` opens each attempt of a
    transaction, ``flush`` ends it, ``settle`` says it was committed; ``doubt`` says that nobody
    knows, and the next change begins a new strand.
    """

    def __init__(self, database: Database, mints: Mint) -> None:
        self._database = database
        self._mints = mints
        self._strand = ""
        self._head = Head(0, "")
        self._waiting: list[Change] = []
        self._written: tuple[str, Head] | None = None

    def begin(self) -> None:
        """Forget what an attempt that was rolled back has left here."""
        self._waiting.clear()
        self._written = None

    def add(self, change: Change) -> None:
        """Note one change of the transaction under way."""
        self._waiting.append(change)

    def flush(self, tx: Connection) -> None:
        """Write what was noted, as the last thing of the transaction."""
        if not self._waiting:
            return
        strand, (number, last) = self._strand, self._head
        if not strand:
            strand, last = self._begin_strand(tx, to_us(self._waiting[0].at))
        rows = []
        for change in self._waiting:
            number += 1
            call = change.call
            values = (
                strand, number, call.tenant, to_us(change.at), call.actor, ",".join(call.roles),
                call.correlation, *change[2:],
            )  # fmt: skip
            last = compute_hash(last, values)
            rows.append(dict(zip(HASHED, values, strict=True), hash=last))
        _KEEP.run_many(tx, rows)
        self._written = strand, Head(number, last)

    def settle(self) -> None:
        """What was flushed is committed: the next row continues from there."""
        if self._written is not None:
            self._strand, self._head = self._written
        self.begin()

    def doubt(self) -> None:
        """Whether the last commit happened is not known: begin a new strand with the next row."""
        self._strand, self._head = "", Head(0, "")
        self.begin()

    def _begin_strand(self, tx: Connection, at_us: int) -> tuple[str, str]:
        """Register a strand in the transaction of its first row; its id, and where it continues."""
        number, last = _LAST_STRAND.run(tx, {}).fetchone() or (0, "")
        row = {
            "number": number + 1,
            "strand": self._mints.text(),
            "at_us": at_us,
            "heads": to_ordered_json(self._open_heads()).decode(),
        }
        row["hash"] = compute_strand_hash(last, row)
        _REGISTER.run(tx, row)
        return str(row["strand"]), str(row["hash"])

    def _open_heads(self) -> dict[str, Head]:
        """Heads of the strands that went on since a beginning last noted them.

        Read beside the transaction: in it, serializable, it would race all other writers.
        """
        with self._database.read() as view:
            return open_heads(view)


def open_heads(tx: Connection) -> dict[str, Head]:
    """Strand → its head, for strands that have come further than any beginning says."""
    noted: dict[str, list[Any]] = {}
    strands = STRANDS.run(tx, {}).fetchall()
    for _, _, _, heads, _ in strands:
        noted |= from_json(heads)
    found = {}
    for _, strand, *_ in strands:
        tail = TAIL.run(tx, {"s": strand}).fetchone()
        if tail is not None and list(tail) != noted.get(strand):
            found[strand] = Head(*tail)
    return found
