"""Decisions about pools: what stays fixed, how free ranges merge. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from banyan.components.inventory.model import Span
from banyan.components.inventory.wire import find_span, is_pool
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding


def check_same_pool(before: Document, after: Document) -> list[Finding]:
    """A pool keeps its name and its ends: values are out under them."""
    if not is_pool(before):
        return []
    reason = "a pool's name and range are fixed; open another pool instead"
    changed: list[str] = []
    if before.get("name") != after.get("name"):
        changed.append("name")
    if find_span(before) != find_span(after):
        changed.append("resourceCharacteristic")
    return [Finding("poolFixed", reason, path) for path in changed]


def place_back(value: int, beside: Iterable[Span]) -> tuple[Span, list[Span]]:
    """Where a value that comes back goes: the merged free range, and those it replaces.

    Free ranges never touch each other, so the same values free are always the same ranges.
    """
    low = high = value
    replaced: list[Span] = []
    for span in beside:
        if span.high == value - 1:
            low = span.low
            replaced.append(span)
        elif span.low == value + 1:
            high = span.high
            replaced.append(span)
    return Span(low, high), replaced
