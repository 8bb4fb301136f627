"""Decisions about pools: what stays fixed, which one is picked. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from banyan.components.inventory.wire import is_pool, need_terms
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding


def check_same_pool(before: Document, after: Document) -> list[Finding]:
    """A pool keeps its name and the form of its values: values are out under them."""
    if not is_pool(before):
        return []
    reason = "a pool's name and the form of its values are fixed; open another pool instead"
    changed: list[str] = []
    if before.get("name") != after.get("name"):
        changed.append("name")
    if need_terms(before).numbering != need_terms(after).numbering:
        changed.append("resourceCharacteristic")
    return [Finding("poolFixed", reason, path) for path in changed]


def fits(terms_traits: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Whether a pool has every trait that is asked for."""
    return all(terms_traits.get(name) == value for name, value in wanted.items())
