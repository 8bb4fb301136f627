"""What a list of records, read in their order, says was so and when. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from banyan.kernel.words.codec import Document

FOREVER_US = 2**63 - 1
"""The end of what has no end yet."""

ACTOR_MAX = 200
"""Characters of an actor's name that history keeps."""


class Version(msgspec.Struct, frozen=True):
    """A record of history: what a subject was from one instant to another (microseconds).

    ``doc`` is None where it was not there. ``number`` counts the records of one subject.
    """

    number: int
    valid_from_us: int
    valid_to_us: int
    recorded_us: int
    actor: str
    doc: Document | None


class Period(msgspec.Struct, frozen=True):
    """From one instant to another (microseconds, the end not included) a record is believed."""

    start_us: int
    end_us: int
    version: Version


def compute_belief(versions: Iterable[Version]) -> list[Period]:
    """What is believed after all ``versions``, in the order of time; the later covers the earlier.

    Periods don't overlap; a time of which nothing is recorded has none.
    """
    believed: list[Period] = []
    for version in sorted(versions, key=lambda each: each.number):
        start, end = version.valid_from_us, version.valid_to_us
        if start >= end:
            continue
        kept: list[Period] = []
        for period in believed:
            if period.start_us < start:
                kept.append(Period(period.start_us, min(period.end_us, start), period.version))
            if period.end_us > end:
                kept.append(Period(max(period.start_us, end), period.end_us, period.version))
        believed = sorted([*kept, Period(start, end, version)], key=lambda each: each.start_us)
    return believed


def find_parts(
    versions: Iterable[Version], start_us: int, end_us: int
) -> list[tuple[int, int, Document | None]]:
    """The time from ``start_us`` to ``end_us`` in parts of one belief each, without a gap."""
    parts: list[tuple[int, int, Document | None]] = []
    at = start_us
    for period in compute_belief(versions):
        begin, end = max(period.start_us, start_us), min(period.end_us, end_us)
        if begin >= end:
            continue
        if at < begin:
            parts.append((at, begin, None))
        parts.append((begin, end, period.version.doc))
        at = end
    return [*parts, (at, end_us, None)] if at < end_us else parts
