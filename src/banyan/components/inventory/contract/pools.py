"""Values of pools: reserving them and giving them back."""

from __future__ import annotations

import msgspec

from banyan.kernel.words.messages import Command


class ValueReserved(msgspec.Struct, frozen=True, kw_only=True):
    """The value a pool handed out to one holder."""

    pool: str
    holder: str
    value: int


class ReserveValue(Command[ValueReserved], frozen=True, kw_only=True):
    """Take the lowest free value of ``pool`` for ``holder``.

    A holder has at most one value of a pool: asking again returns it. Refused: ``unknownPool``,
    ``poolExhausted``.
    """

    pool: str
    holder: str


class ReleaseValue(Command[None], frozen=True, kw_only=True):
    """Give back what ``holder`` has of ``pool``; nothing happens if it has nothing."""

    pool: str
    holder: str
