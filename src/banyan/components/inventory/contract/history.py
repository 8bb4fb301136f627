"""What something was, when, and who said so when: history in two times."""

from __future__ import annotations

from datetime import datetime

import msgspec

from banyan.kernel.words.codec import Document
from banyan.kernel.words.messages import Command, Query


class VersionFound(msgspec.Struct, frozen=True, kw_only=True):
    """What a subject was from ``start`` to ``end`` (None: no end yet), as ``actor`` recorded it.

    ``document`` is None where it was not there. ``number`` counts the subject's records.
    """

    subject: str
    number: int
    start: datetime
    end: datetime | None
    recorded: datetime
    actor: str
    document: Document | None


class FindVersion(Query[VersionFound | None], frozen=True, kw_only=True):
    """What was ``<kind>:<id>`` at an instant, as it was known ``as_of`` another (now if None)?

    ``start`` and ``end`` of the answer are those of the record. None where nothing is recorded.
    """

    subject: str
    at: datetime
    as_of: datetime | None = None


class FindHistory(Query[tuple[VersionFound, ...]], frozen=True, kw_only=True):
    """All that ``<kind>:<id>`` has been, in the order of time, as known ``as_of`` (now if None).

    Periods don't overlap. Times of which nothing is recorded are left out.
    """

    subject: str
    as_of: datetime | None = None


class CorrectHistory(Command[tuple[VersionFound, ...]], frozen=True, kw_only=True):
    """Record what a thing really was in a time that is over, and answer what was recorded.

    ``change`` is a merge patch (RFC 7396) on whatever is believed of each part of the time from
    ``start`` to ``end`` (now if None); on nothing where the thing was not there. What was known
    before stays known as of then. The document of today is not touched: today is changed by PATCH.
    Refused: ``correctionPeriod`` (an empty time, or one that is not over), ``malformed`` documents,
    ``unknownNode``.
    """

    subject: str
    change: Document
    start: datetime
    end: datetime | None = None


class CorrectInventory(Command[Document], frozen=True, kw_only=True):
    """The same as an InventoryCorrection (``of``, ``change``, ``validFor``, ``reason``), which is
    filed with the versions that were recorded, and answered.
    """

    document: Document


class TrimHistory(Command[int], frozen=True, kw_only=True):
    """Forget what answers no question about the last ``keep_days`` days; answers how many records.

    From then on questions about earlier times are answered as far as there are records.
    """

    keep_days: int
