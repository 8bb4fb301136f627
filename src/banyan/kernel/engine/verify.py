"""Whether a room's audit is as it was written: every strand walked, every hash made again.

What was changed, moved, put in or taken out between rows shows, with the first place that does not
fit. What was cut off at the end of a strand or of the chain of beginnings shows where a later
beginning notes how far the strand had come, and against *heads* that were kept elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from banyan.kernel.engine.audit import (
    HASHED,
    STRANDS,
    Head,
    compute_hash,
    compute_strand_hash,
    open_heads,
)
from banyan.kernel.engine.db import Database
from banyan.kernel.engine.tables import AUDIT, STRAND
from banyan.kernel.words.codec import from_json

PAGE: Final = 2_000
"""Rows that are read in one short transaction: writers are never held up."""

_COLUMNS = [AUDIT.c[name] for name in HASHED]
_AFTER = (
    sa.select(*_COLUMNS, AUDIT.c.hash)
    .where(AUDIT.c.strand == sa.bindparam("s"), AUDIT.c.number > sa.bindparam("n"))
    .order_by(AUDIT.c.number)
    .limit(PAGE)
)
_BEFORE_LAST = (
    sa.select(AUDIT.c.number, AUDIT.c.hash)
    .where(AUDIT.c.strand == sa.bindparam("s"))
    .order_by(AUDIT.c.number.desc())
    .limit(1)
)


class Heads(msgspec.Struct, frozen=True):
    """How far a room's audit has come: its last beginning, and each strand that still goes on."""

    strands: Head
    open: dict[str, Head]


class Checked(msgspec.Struct, frozen=True):
    """What a walk through a room's audit found. ``broken`` is the first place that does not fit."""

    strands: int
    rows: int
    broken: str = ""


class _Broken(Exception):
    """The first place that does not fit."""


def read_heads(database: Database) -> Heads:
    """The heads of a room's audit, to be kept where nobody who can write the room can write."""
    with database.read() as tx:
        last = Head(0, "")
        for number, _, _, _, own in STRANDS.run(tx, {}).fetchall():
            last = Head(number, own)
        return Heads(last, open_heads(tx))


def verify(database: Database, kept: Heads | None = None, last: int = 0) -> Checked:
    """Walk a room's audit, also while others write; with ``last`` only so many rows of each strand.

    ``kept`` are heads from :func:`read_heads` of an earlier time: what they tell must be there.
    """
    walk = _Walk(database, last)
    try:
        walk.run(kept)
    except _Broken as broken:
        return Checked(len(walk.begins), walk.rows, str(broken))
    return Checked(len(walk.begins), walk.rows)


class _Walk:
    def __init__(self, database: Database, last: int) -> None:
        self._database = database
        self._last = last
        self.rows = 0
        self.begins: dict[str, str] = {}
        self._wanted: dict[str, dict[int, str]] = {}

    def run(self, kept: Heads | None) -> None:
        with self._database.read() as tx:  # before the beginnings: these are never fewer
            written = set(tx.execute(sa.select(AUDIT.c.strand).distinct()).scalars())
        numbers = self._walk_beginnings()
        if kept is not None:
            number, own = kept.strands
            if number and numbers.get(number) != own:
                raise _Broken(f"beginning {number}: is not what was kept elsewhere")
            self._want(kept.open)
        for strand in sorted(written - self.begins.keys()):
            raise _Broken(f"strand {strand}: has rows and no beginning")
        for strand in self._wanted.keys() - self.begins.keys():
            raise _Broken(f"strand {strand}: is gone")
        for strand, begin in self.begins.items():
            self._walk_strand(strand, begin)

    def _want(self, heads: Mapping[str, Any]) -> None:
        for strand, (number, own) in heads.items():
            self._wanted.setdefault(strand, {})[number] = own

    def _walk_beginnings(self) -> dict[int, str]:
        with self._database.read() as tx:
            found = tx.execute(sa.select(STRAND).order_by(STRAND.c.number)).mappings()
            rows = [dict(row) for row in found]
        numbers: dict[int, str] = {}
        previous = ""
        for place, row in enumerate(rows, start=1):
            if row["number"] != place:
                raise _Broken(f"beginning {place}: is missing")
            if row["hash"] != compute_strand_hash(previous, row):
                raise _Broken(f"beginning {place}: was changed")
            previous = numbers[place] = row["hash"]
            self.begins[row["strand"]] = previous
            self._want(from_json(row["heads"]))
        return numbers

    def _walk_strand(self, strand: str, begin: str) -> None:
        number, previous = self._start(strand, begin)
        wanted = {n: own for n, own in self._wanted.get(strand, {}).items() if n > number}
        came_to = number
        while True:
            with self._database.read() as tx:
                rows = tx.execute(_AFTER, {"s": strand, "n": came_to}).all()
            for row in rows:
                came_to += 1
                if row[1] != came_to:
                    raise _Broken(f"strand {strand}, row {came_to}: is missing")
                previous = compute_hash(previous, row[:-1])
                if row[-1] != previous:
                    raise _Broken(f"strand {strand}, row {came_to}: was changed")
                if wanted.pop(came_to, previous) != previous:
                    raise _Broken(f"strand {strand}, row {came_to}: is not what was noted of it")
            self.rows += len(rows)
            if len(rows) < PAGE:
                break
        for missing in sorted(wanted):
            raise _Broken(f"strand {strand}, row {missing}: is missing, the end was cut off")
        if not came_to:
            raise _Broken(f"strand {strand}, row 1: is missing")

    def _start(self, strand: str, begin: str) -> tuple[int, str]:
        """Where the walk through a strand begins: at its start, or a few rows before its end."""
        if not self._last:
            return 0, begin
        with self._database.read() as tx:
            end = tx.execute(_BEFORE_LAST, {"s": strand}).scalar() or 0
            start = end - self._last
            if start <= 0:
                return 0, begin
            at = sa.select(AUDIT.c.number, AUDIT.c.hash)
            row = tx.execute(at.where(AUDIT.c.strand == strand, AUDIT.c.number == start)).first()
        if row is None:
            raise _Broken(f"strand {strand}, row {start}: is missing")
        return start, str(row[1])
