"""Pools: their free ranges and the values that are out."""

from __future__ import annotations

import sqlalchemy as sa

from banyan.components.inventory.model import Span
from banyan.components.inventory.store.tables import POOL, POOL_FREE, POOL_VALUE
from banyan.components.inventory.wire import find_span
from banyan.kernel.engine.work import Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refused

_POOLED = (POOL_FREE.c.tenant == sa.bindparam("t")) & (POOL_FREE.c.pool == sa.bindparam("p"))
_LOWEST = sa.select(POOL_FREE.c.low, POOL_FREE.c.high).where(_POOLED).order_by(POOL_FREE.c.low)
_LOWEST_FREE = _LOWEST.limit(1)
_BELOW = (
    sa.select(POOL_FREE.c.low, POOL_FREE.c.high)
    .where(_POOLED, POOL_FREE.c.low < sa.bindparam("v"))
    .order_by(POOL_FREE.c.low.desc())
    .limit(1)
)
_ABOVE = sa.select(POOL_FREE.c.low, POOL_FREE.c.high).where(
    _POOLED, POOL_FREE.c.low == sa.bindparam("v") + 1
)
_DROP_FREE = POOL_FREE.delete().where(_POOLED, POOL_FREE.c.low == sa.bindparam("b_low"))
_OUT = (POOL_VALUE.c.tenant == sa.bindparam("t")) & (POOL_VALUE.c.pool == sa.bindparam("p"))
_HELD = sa.select(POOL_VALUE.c.value).where(_OUT, POOL_VALUE.c.holder == sa.bindparam("h"))
_ANY_OUT = sa.select(POOL_VALUE.c.value, POOL_VALUE.c.holder).where(_OUT).limit(1)
_DROP_HELD = POOL_VALUE.delete().where(_OUT, POOL_VALUE.c.holder == sa.bindparam("h"))
_IS_POOL = sa.select(POOL.c.name).where(
    POOL.c.tenant == sa.bindparam("t"), POOL.c.name == sa.bindparam("p")
)


def close_pool(work: Work, document: Document) -> None:
    """A pool with values out may not go; one without takes its own rows with it."""
    where = {"t": work.tenant, "p": document["name"]}
    out = work.tx.execute(_ANY_OUT, where).first()
    if out is not None:
        reason = f"the pool {document['name']} has values out: {out.value} is {out.holder}'s"
        raise refused("conflict", "poolInUse", reason)
    work.tx.execute(POOL_FREE.delete().where(_POOLED), where)
    closing = POOL.delete().where(POOL.c.tenant == work.tenant, POOL.c.name == document["name"])
    work.tx.execute(closing)


def is_open(work: Work, pool: str) -> bool:
    """Whether there is a pool of this name."""
    return work.tx.execute(_IS_POOL, {"t": work.tenant, "p": pool}).first() is not None


def open_pool(work: Work, document: Document) -> None:
    """Open a pool with all its values free."""
    span = find_span(document)
    own = {"tenant": work.tenant, "low": span.low, "high": span.high}
    work.tx.execute(POOL.insert(), {**own, "name": document["name"]})
    work.tx.execute(POOL_FREE.insert(), {**own, "pool": document["name"]})


def find_value(work: Work, pool: str, holder: str) -> int | None:
    """What ``holder`` has of ``pool``, if anything."""
    held = work.tx.execute(_HELD, {"t": work.tenant, "p": pool, "h": holder}).scalar()
    return None if held is None else int(held)


def find_lowest(work: Work, pool: str) -> Span | None:
    """The free range with the lowest values of ``pool``, by index; None when all are out."""
    row = work.tx.execute(_LOWEST_FREE, {"t": work.tenant, "p": pool}).first()
    return None if row is None else Span(row.low, row.high)


def find_beside(work: Work, pool: str, value: int) -> list[Span]:
    """The free ranges next below and right above ``value``, by index: two rows at most."""
    where = {"t": work.tenant, "p": pool, "v": value}
    found = [*work.tx.execute(_BELOW, where), *work.tx.execute(_ABOVE, where)]
    return [Span(row.low, row.high) for row in found]


def replace_free(work: Work, pool: str, old: list[Span], new: Span | None) -> None:
    """Put one free range (or none) in the place of others."""
    where = {"t": work.tenant, "p": pool}
    for span in old:
        work.tx.execute(_DROP_FREE, {**where, "b_low": span.low})
    if new is not None:
        row = {"tenant": work.tenant, "pool": pool, "low": new.low, "high": new.high}
        work.tx.execute(POOL_FREE.insert(), row)


def keep_value(work: Work, pool: str, holder: str, value: int) -> None:
    """Note that ``holder`` has ``value``; the keys see to it that nobody else has it too."""
    row = {"tenant": work.tenant, "pool": pool, "value": value, "holder": holder}
    work.tx.execute(POOL_VALUE.insert(), row)


def drop_value(work: Work, pool: str, holder: str) -> None:
    """Forget what ``holder`` has of ``pool``."""
    work.tx.execute(_DROP_HELD, {"t": work.tenant, "p": pool, "h": holder})
