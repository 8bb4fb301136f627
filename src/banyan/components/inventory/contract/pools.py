"""Values of pools: numbers, cards, addresses, slots; who has them, as what, and until when."""

from __future__ import annotations

from datetime import datetime

import msgspec

from banyan.kernel.words.codec import Document
from banyan.kernel.words.messages import Command, Query


class ValueReserved(msgspec.Struct, frozen=True, kw_only=True):
    """A value of a pool that is out. ``text`` is how it is written, ``value`` its number inside.

    ``holder`` is empty where nobody here has it; ``until`` is the end of its state, if it has one;
    ``party`` where it was ported from or to.
    """

    pool: str
    holder: str
    value: int
    text: str = ""
    state: str = "assigned"
    until: datetime | None = None
    party: str = ""


class ReserveValue(Command[ValueReserved], frozen=True, kw_only=True):
    """Take a value for ``holder``: the lowest that is free, or the one that ``value`` writes.

    It is reserved for so many ``seconds``, then free again; with 0 it is assigned at once. The pool
    is ``pool``, or the first by name of ``kind`` that has all ``traits`` and a value left. A holder
    has at most one value of a pool: asking again returns it as it is. Refused: ``unknownPool``,
    ``poolExhausted``, ``valueTaken``, ``notInPool``, ``holderHasOther``.
    """

    holder: str
    pool: str = ""
    kind: str = ""
    traits: dict[str, str] = msgspec.field(default_factory=dict)
    value: str = ""
    seconds: int = 0


class AssignValue(Command[ValueReserved], frozen=True, kw_only=True):
    """What ``holder`` has reserved of ``pool`` is its own, without an end.

    A repeat changes nothing. Refused: ``nothingHeld`` (also when the reservation is over).
    """

    pool: str
    holder: str


class ExtendValue(Command[ValueReserved], frozen=True, kw_only=True):
    """What ``holder`` has reserved of ``pool`` ends so many ``seconds`` from now.

    Refused: ``nothingHeld`` (also when the reservation is over), ``lifecycle`` (it has no end).
    """

    pool: str
    holder: str
    seconds: int


class ReleaseValue(Command[None], frozen=True, kw_only=True):
    """Give back what ``holder`` has of ``pool``, as if it had never been taken: undoes the taking.

    Nothing happens if it has nothing. A number that was ported in goes home.
    """

    pool: str
    holder: str


class RetireValue(Command[None], frozen=True, kw_only=True):
    """``holder`` is done with its value of ``pool``, which rests for the pool's quarantine, then is
    free.

    What was only reserved is free at once, what was ported in goes home. Nothing happens if it has
    nothing.
    """

    pool: str
    holder: str


class PortValueIn(Command[ValueReserved], frozen=True, kw_only=True):
    """``holder`` brings a number of another operator (``party``), which ``pool`` looks after.

    A repeat returns it. Refused: ``unknownPool``, ``ownNumber`` (one of a pool's own range),
    ``valueTaken``, ``holderHasOther``.
    """

    pool: str
    value: str
    holder: str
    party: str = ""


class PortValueOut(Command[ValueReserved], frozen=True, kw_only=True):
    """``holder`` takes its number along to another operator (``party``). A repeat returns it.

    The number stays the pool's and comes back one day. Refused: ``nothingHeld``, ``lifecycle``.
    """

    pool: str
    value: str
    holder: str
    party: str


class PortValueBack(Command[ValueReserved], frozen=True, kw_only=True):
    """A number that was ported out has come back: it rests for the pool's quarantine, then is free.

    A repeat changes nothing. Refused: ``notInPool``, ``lifecycle``.
    """

    pool: str
    value: str


class FindValue(Query[ValueReserved | None], frozen=True, kw_only=True):
    """A value of ``pool`` that is out, or None: it is free, or none of the pool's."""

    pool: str
    value: str


class CountPool(Query[dict[str, int]], frozen=True, kw_only=True):
    """How many values of ``pool`` are in each state; ``free`` is always there. Refused:
    ``unknownPool``.
    """

    pool: str


class SweepPools(Command[int], frozen=True, kw_only=True):
    """Free the values whose time has come, at most ``most`` of them; answers how many.

    Whoever asks a pool for a value does the same for what is due in it.
    """

    most: int = 1_000


class AddPoolValue(Command[Document], frozen=True, kw_only=True):
    """The same as a PoolValue, which is answered: reserve, assign or port in, by its ``state``."""

    document: Document


class AmendPoolValue(Command[Document], frozen=True, kw_only=True):
    """Move a PoolValue to the ``state`` its whole new form has, or its end (``validUntil``)."""

    id: str
    document: Document
    rev: int


class AskValueHolder(Command[Document], frozen=True, kw_only=True):
    """Who held this value at that time? A QueryValueHolder, filed with its answer.

    The question goes on the audit trail with who asked and for what ``purpose``.
    """

    document: Document
