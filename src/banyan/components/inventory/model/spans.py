"""Ranges of whole numbers: what is left of them, and how they merge. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Span(msgspec.Struct, frozen=True):
    """Whole numbers from ``low`` to ``high``, both included."""

    low: int
    high: int


def find_lost(old: Span, new: Span) -> list[Span]:
    """The parts of a range that its new form does not hold any more."""
    if new.high < old.low or old.high < new.low:
        return [old]
    parts = [Span(old.low, new.low - 1), Span(new.high + 1, old.high)]
    return [part for part in parts if part.low <= part.high]


def find_free(part: Span, out: Iterable[int]) -> list[Span]:
    """What is free of a range when ``out`` (in order) is not."""
    free: list[Span] = []
    at = part.low
    for value in out:
        if at < value:
            free.append(Span(at, value - 1))
        at = value + 1
    return [*free, Span(at, part.high)] if at <= part.high else free


def place_back(value: int, beside: Iterable[Span]) -> tuple[Span, list[Span]]:
    """Where a value that comes back goes: the merged free range, and those it replaces."""
    return merge(Span(value, value), beside)


def merge(part: Span, beside: Iterable[Span]) -> tuple[Span, list[Span]]:
    """Where values that become free go: the merged free range, and those it replaces.

    Free ranges never touch each other, so the same values free are always the same ranges.
    """
    low, high = part.low, part.high
    replaced: list[Span] = []
    for span in beside:
        if span.high == part.low - 1:
            low = span.low
            replaced.append(span)
        elif span.low == part.high + 1:
            high = span.high
            replaced.append(span)
    return Span(low, high), replaced


def find_left(free: Span, value: int) -> list[Span]:
    """What is left of a free range when ``value`` is taken out of it."""
    parts = [Span(free.low, value - 1), Span(value + 1, free.high)]
    return [part for part in parts if part.low <= part.high]
