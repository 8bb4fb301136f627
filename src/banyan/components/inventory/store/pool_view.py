"""Values of pools over HTTP, and the question who held one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from banyan.components.inventory.contract import AddPoolValue, AmendPoolValue, AskValueHolder
from banyan.components.inventory.model import CORRECTION_LIFE, VALUE_LIFE
from banyan.components.inventory.store import pools
from banyan.components.inventory.store.pools import PoolRow, ValueRow
from banyan.components.inventory.wire.questions import Question
from banyan.kernel.engine.clock import from_us, to_us, to_wire
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refused
from banyan.kernel.words.ids import PoolId, PoolValueId, ValueHolderQueryId
from banyan.tmf.filters import Condition
from banyan.tmf.resource import Resource

_STATES: Final = ("free", "reserved", "assigned", "quarantined", "portedOut", "portedIn")


class ValueView:
    """The values of ``pool`` that are out, in order; by ``state``, ``holder`` or ``value``.

    Who names no pool finds nothing. A ``value`` that is free is shown as such.
    """

    def page(
        self, look: Look, conditions: Sequence[Condition], offset: int, limit: int | None
    ) -> tuple[list[Document], int]:
        """A page of what is found."""
        question = Question(conditions, ("pool", "value", "state", "holder"))
        pool = pools.find_pool(look, question.one("pool"))
        if pool is None:
            return [], 0
        if question.one("value"):
            found = self.find(look, f"{pool.name}~{question.one('value')}")
            return ([found], 1) if found is not None else ([], 0)
        wanted = {name: question.one(name) for name in ("state", "holder") if question.one(name)}
        rows, total = pools.find_page(look, pool.name, wanted, offset, limit)
        return [value_document(pool, row) for row in rows], total

    def find(self, look: Look | Work, document_id: str) -> Document | None:
        """A value by ``<pool>~<value>``, also one that is free."""
        name, _, text = document_id.rpartition("~")
        pool = pools.find_pool(look, name)
        value = None if pool is None else read_value(pool, text)
        if pool is None or value is None:
            return None
        row = pools.find_value(look, name, value)
        if row is not None and not row.is_over(to_us(look.now)):
            return value_document(pool, row)
        is_own = pool.span.low <= value <= pool.span.high
        return value_document(pool, ValueRow(value, "", "free", 0, "")) if is_own else None

    def remove(self, work: Work, document_id: str) -> None:
        """Refused: a value changes its state, it does not go."""
        raise refused("method", "method", "DELETE is not offered here: set its state")


class PoolView:
    """All pools, or those of a ``kind``, with how many of their values are in which state."""

    def page(
        self, look: Look, conditions: Sequence[Condition], offset: int, limit: int | None
    ) -> tuple[list[Document], int]:
        """A page of what is found."""
        question = Question(conditions, ("kind",))
        found = pools.find_pools(look, question.one("kind"))
        end = None if limit is None else offset + limit
        return [_pool_document(look, pool) for pool in found[offset:end]], len(found)

    def find(self, look: Look, document_id: str) -> Document | None:
        """A pool by its name."""
        pool = pools.find_pool(look, document_id)
        return None if pool is None else _pool_document(look, pool)

    def remove(self, work: Work, document_id: str) -> None:
        """Refused: a pool goes with its resource."""
        raise refused("method", "method", "DELETE is not offered here: delete the resource")


def read_value(pool: PoolRow, text: str) -> int | None:
    """The number of a value as it is written; None if it is none of this form."""
    try:
        return pool.numbering.read(text)
    except ValueError:
        return None


def value_document(pool: PoolRow, row: ValueRow) -> Document:
    """A value as a PoolValue."""
    text = pool.numbering.show(row.value)
    shown: Document = {
        "id": f"{pool.name}~{text}",
        "@type": "PoolValue",
        "pool": pool.name,
        "kind": pool.numbering.kind,
        "value": text,
        "state": row.state,
    }
    if row.until_us:
        shown["validUntil"] = to_wire(from_us(row.until_us))
    told = {"holder": row.holder, "party": row.party}
    return shown | {name: text for name, text in told.items() if text}


def _pool_document(look: Look, pool: PoolRow) -> Document:
    counted = {"free": pools.count_free(look, pool.name), **pools.count_out(look, pool.name)}
    traits = [{"@type": "StringCharacteristic", "name": name, "value": value}
              for name, value in sorted(pool.traits.items())]  # fmt: skip
    return {
        "id": pool.name,
        "@type": "Pool",
        "name": pool.name,
        "kind": pool.numbering.kind,
        "low": pool.numbering.show(pool.span.low),
        "high": pool.numbering.show(pool.span.high),
        "size": pool.span.high - pool.span.low + 1,
        "quarantineDays": pool.quarantine_us // pools.DAY_US,
        **{state: counted[state] for state in _STATES if state in counted},
        **({"characteristic": traits} if traits else {}),
    }


POOL = Resource(
    api="BANYAN-ResourcePool",
    name="pool",
    shape="Pool",
    room="inventory",
    id_type=PoolId,
    operations="G",
    view=PoolView(),
)

POOL_VALUE = Resource(
    api="BANYAN-ResourcePool",
    name="poolValue",
    shape="PoolValue",
    room="inventory",
    id_type=PoolValueId,
    operations="GCU",
    create=AddPoolValue,
    patch=AmendPoolValue,
    state="state",
    lifecycle=VALUE_LIFE,
    view=ValueView(),
)


def _fill_query(document: Document, now: datetime) -> Document:
    return {**document, "state": "done", "creationDate": to_wire(now)}


VALUE_HOLDER = Resource(
    api="BANYAN-ValueHolder",
    name="queryValueHolder",
    shape="QueryValueHolder",
    room="inventory",
    id_type=ValueHolderQueryId,
    operations="GC",
    create=AskValueHolder,
    state="state",
    lifecycle=CORRECTION_LIFE,
    indexed=("value",),
    fill=_fill_query,
)
