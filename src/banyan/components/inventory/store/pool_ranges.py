"""Opening, growing and shrinking pools, as their resources come and change."""

from __future__ import annotations

from banyan.components.inventory.model import Span, find_lost, merge
from banyan.components.inventory.store import pools
from banyan.components.inventory.wire import PoolTerms, need_terms
from banyan.kernel.engine.work import Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refused


def open_pool(work: Work, document: Document) -> None:
    """Open a pool with all its values free; refused (``duplicate``) if its name is taken."""
    terms = need_terms(document)
    if pools.find_pool(work, terms.name) is not None:
        raise refused("conflict", "duplicate", f"there is a pool {terms.name!r} already", "name")
    _refuse_overlap(work, terms)
    pools.put_pool(work, terms)
    _add(work, terms.name, terms.span)


def change_pool(work: Work, document: Document) -> None:
    """Bring a pool to what its document says now.

    What it loses must be free (``poolInUse`` names what is not). What it gains is free, but for
    numbers that were ported in: those are refused (``valueTaken``).
    """
    terms = need_terms(document)
    pool = pools.find_pool(work, terms.name)
    if pool is None:
        reason = f"there is no pool {terms.name!r}"
        raise refused("conflict", "unknownPool", reason, "name")
    _refuse_overlap(work, terms)
    for part in find_lost(pool.span, terms.span):
        _take_out(work, terms.name, part)
    for part in find_lost(terms.span, pool.span):
        _add(work, terms.name, part)
    pools.put_pool(work, terms)


def _add(work: Work, name: str, part: Span) -> None:
    out = pools.find_between(work, name, part)
    if out:
        shown = ", ".join(str(row.value) for row in out)
        reason = f"{shown} was ported into {name}: it can't be the pool's own as well"
        raise refused("conflict", "valueTaken", reason, "resourceCharacteristic")
    merged, replaced = merge(part, pools.find_beside(work, name, part))
    pools.replace_free(work, name, replaced, [merged])


def _take_out(work: Work, name: str, part: Span) -> None:
    pools.refuse_out(work, name, part)
    for free in pools.find_within(work, name, part):
        pools.replace_free(work, name, [free], find_lost(free, part))


def _refuse_overlap(work: Work, terms: PoolTerms) -> None:
    """Of numbers there is one of in the world, no two pools hold the same."""
    if not terms.numbering.is_global:
        return
    for other in pools.find_pools(work, terms.numbering.kind):
        if other.name == terms.name:
            continue
        if other.span.low <= terms.span.high and terms.span.low <= other.span.high:
            reason = f"the pool {other.name} has values of this range already"
            raise refused("conflict", "poolOverlap", reason, "resourceCharacteristic")
        if pools.find_between(work, other.name, terms.span):
            reason = f"values of this range were ported into {other.name}"
            raise refused("conflict", "poolOverlap", reason, "resourceCharacteristic")
