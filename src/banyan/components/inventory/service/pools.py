"""What inventory does with values of pools when asked."""

from __future__ import annotations

from banyan.components.inventory import policy
from banyan.components.inventory.contract import ReleaseValue, ReserveValue, ValueReserved
from banyan.components.inventory.model import KEY_MAX, Span
from banyan.components.inventory.store import pools
from banyan.kernel.engine.handlers import Handler, decides
from banyan.kernel.engine.work import Work
from banyan.kernel.words.errors import refuse_findings, refused


def reserve_value(work: Work, command: ReserveValue) -> ValueReserved:
    """Take the lowest free value; a holder that has one already gets it again."""
    pool, holder = command.pool, command.holder
    refuse_findings("rule", policy.check_length("holder", holder, KEY_MAX))
    value = pools.find_value(work, pool, holder)
    if value is None:
        free = pools.find_lowest(work, pool)
        if free is None:
            raise _no_value(work, pool)
        value = free.low
        rest = Span(value + 1, free.high) if value < free.high else None
        pools.replace_free(work, pool, [free], rest)
        pools.keep_value(work, pool, holder, value)
    return ValueReserved(pool=pool, holder=holder, value=value)


def _no_value(work: Work, pool: str) -> Exception:
    if pools.is_open(work, pool):
        return refused("conflict", "poolExhausted", f"the pool {pool} has no free value left")
    return refused("rule", "unknownPool", f"there is no pool {pool!r}")


def release_value(work: Work, command: ReleaseValue) -> None:
    """Give the value back; the free ranges are then what they were before it was taken."""
    value = pools.find_value(work, command.pool, command.holder)
    if value is None:
        return
    beside = pools.find_beside(work, command.pool, value)
    merged, replaced = policy.place_back(value, beside)
    pools.replace_free(work, command.pool, replaced, merged)
    pools.drop_value(work, command.pool, command.holder)


HANDLERS: tuple[Handler, ...] = (
    decides(ReserveValue, reserve_value),
    decides(ReleaseValue, release_value),
)
