"""Pools: their free ranges and the values that are out. No row for a value that is free."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from banyan.components.inventory.model import Span
from banyan.components.inventory.model.numbering import Numbering
from banyan.components.inventory.store.tables import POOL, POOL_FREE, POOL_VALUE
from banyan.components.inventory.wire import PoolTerms
from banyan.kernel.engine.db import Quick
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import from_json, from_plain, to_json
from banyan.kernel.words.errors import refused

DAY_US = 86_400_000_000
NAMED_MAX = 5
"""How many a refusal names."""
_T: Any = sa.bindparam("t")
_P: Any = sa.bindparam("p")
_V: Any = sa.bindparam("v")
_ONE: Any = sa.bindparam("one", type_=sa.Integer)
_NONE: Any = sa.bindparam("none", type_=sa.Integer)
_PAGE = {"one": 1, "none": 0}


class PoolRow(msgspec.Struct, frozen=True):
    """A pool as it stands."""

    name: str
    span: Span
    numbering: Numbering
    quarantine_us: int
    traits: dict[str, str]

    def subject(self, value: int) -> str:
        """What a value is called in history: the same in every pool, where there is one of it."""
        scope = self.numbering.kind if self.numbering.is_global else self.name
        return f"value:{scope}/{self.numbering.show(value)}"


class ValueRow(msgspec.Struct, frozen=True):
    """A value that is out.

    ``holder`` is empty where nobody here has it; ``until_us`` 0 is no end.
    """

    value: int
    holder: str
    state: str
    until_us: int
    party: str

    def is_over(self, now_us: int) -> bool:
        """Whether its time has come."""
        return 0 < self.until_us <= now_us


# -- pools -----------------------------------------------------------------------------------------

_POOL_COLUMNS = (POOL.c.name, POOL.c.low, POOL.c.high, POOL.c.form, POOL.c.quarantine_us,
                 POOL.c.traits, POOL.c.kind)  # fmt: skip
_POOL = Quick(sa.select(*_POOL_COLUMNS).where(POOL.c.tenant == _T, POOL.c.name == _P))
_POOLS = Quick(sa.select(*_POOL_COLUMNS).where(POOL.c.tenant == _T).order_by(POOL.c.name))
_OF_KIND = Quick(
    sa.select(*_POOL_COLUMNS)
    .where(POOL.c.tenant == _T, POOL.c.kind == sa.bindparam("k"))
    .order_by(POOL.c.name)
)
_PUT_POOL = Quick(POOL.insert())
_DROP_POOL = Quick(POOL.delete().where(POOL.c.tenant == _T, POOL.c.name == _P))
_TENANTS = Quick(sa.select(POOL.c.tenant).distinct())


def find_pool(look: Look | Work, name: str) -> PoolRow | None:
    """The pool of this name."""
    row = _POOL.run(look.tx, {"t": look.tenant, "p": name}).fetchone()
    return None if row is None else _pool(row)


def find_pools(look: Look | Work, kind: str = "") -> list[PoolRow]:
    """All pools, or those of a kind, by name."""
    query, where = (_OF_KIND, {"k": kind}) if kind else (_POOLS, {})
    rows = query.run(look.tx, {"t": look.tenant, **where}).fetchall()
    return [_pool(row) for row in rows]


def _pool(row: Any) -> PoolRow:
    name, low, high, form, quarantine_us, traits, kind = row
    numbering = msgspec.structs.replace(from_plain(from_json(form), Numbering), kind=kind)
    return PoolRow(name, Span(low, high), numbering, quarantine_us, from_json(traits))


def put_pool(work: Work, terms: PoolTerms) -> None:
    """Write down a pool; its free ranges are another matter."""
    row = {
        "tenant": work.tenant,
        "name": terms.name,
        "low": terms.span.low,
        "high": terms.span.high,
        "kind": terms.numbering.kind,
        "form": to_json(terms.numbering).decode(),
        "quarantine_us": terms.quarantine_days * DAY_US,
        "traits": to_json(terms.traits).decode(),
    }
    _DROP_POOL.run(work.tx, {"t": work.tenant, "p": terms.name})
    _PUT_POOL.run(work.tx, row)


def close_pool(work: Work, name: str) -> None:
    """A pool with values out may not go; one without takes its own rows with it."""
    refuse_out(work, name, Span(-(2**63) + 1, 2**63 - 1))
    where = {"t": work.tenant, "p": name}
    _DROP_ALL_FREE.run(work.tx, where)
    _DROP_POOL.run(work.tx, where)


def refuse_out(work: Work, name: str, part: Span) -> None:
    """Refuse (``poolInUse``) a part of a pool that has values out; names the first of them."""
    pool, out = find_pool(work, name), find_between(work, name, part)
    if pool is not None and out:
        whose = [f"{row.holder}'s" if row.holder else row.state for row in out]
        shown = [pool.numbering.show(row.value) for row in out]
        named = ", ".join(f"{value} is {who}" for value, who in zip(shown, whose, strict=True))
        reason = f"the pool {name} has values out: {named}"
        raise refused("conflict", "poolInUse", reason, "resourceCharacteristic")


def find_tenants(look: Look) -> list[str]:
    """Who has pools."""
    return [row[0] for row in _TENANTS.run(look.tx, {}).fetchall()]


# -- free ranges -----------------------------------------------------------------------------------

_POOLED = (POOL_FREE.c.tenant == _T) & (POOL_FREE.c.pool == _P)
_RANGE = sa.select(POOL_FREE.c.low, POOL_FREE.c.high).where(_POOLED)
_LOWEST = Quick(_RANGE.order_by(POOL_FREE.c.low).limit(_ONE).offset(_NONE))
_AT_OR_BELOW = Quick(
    _RANGE.where(POOL_FREE.c.low <= _V).order_by(POOL_FREE.c.low.desc()).limit(_ONE).offset(_NONE)
)
_FROM = Quick(_RANGE.where(POOL_FREE.c.low == _V))
_WITHIN = Quick(
    _RANGE.where(POOL_FREE.c.low <= sa.bindparam("h"), POOL_FREE.c.high >= sa.bindparam("l"))
)
_PUT_FREE = Quick(POOL_FREE.insert())
_DROP_FREE = Quick(POOL_FREE.delete().where(_POOLED, POOL_FREE.c.low == _V))
_DROP_ALL_FREE = Quick(POOL_FREE.delete().where(_POOLED))
_SIZE_FREE = Quick(
    sa.select(sa.func.sum(POOL_FREE.c.high - POOL_FREE.c.low + sa.literal_column("1"))).where(
        _POOLED
    )
)


def find_lowest(look: Look | Work, pool: str) -> Span | None:
    """The free range with the lowest values, by index; None when all are out."""
    row = _LOWEST.run(look.tx, {"t": look.tenant, "p": pool, **_PAGE}).fetchone()
    return None if row is None else Span(*row)


def find_range(look: Look | Work, pool: str, value: int) -> Span | None:
    """The free range that holds ``value``, by index; None when it is not free."""
    where = {"t": look.tenant, "p": pool, "v": value, **_PAGE}
    row = _AT_OR_BELOW.run(look.tx, where).fetchone()
    return None if row is None or row[1] < value else Span(*row)


def find_beside(work: Work, pool: str, part: Span) -> list[Span]:
    """The free ranges next below and right above ``part``, by index: two rows at most."""
    where = {"t": work.tenant, "p": pool}
    below = _AT_OR_BELOW.run(work.tx, {**where, "v": part.low - 1, **_PAGE}).fetchall()
    above = _FROM.run(work.tx, {**where, "v": part.high + 1}).fetchall()
    return [Span(*row) for row in (*below, *above)]


def find_within(work: Work, pool: str, part: Span) -> list[Span]:
    """The free ranges that have any value of ``part``."""
    where = {"t": work.tenant, "p": pool, "l": part.low, "h": part.high}
    return [Span(*row) for row in _WITHIN.run(work.tx, where).fetchall()]


def replace_free(work: Work, pool: str, old: list[Span], new: list[Span]) -> None:
    """Put free ranges in the place of others."""
    where = {"t": work.tenant, "p": pool}
    for span in old:
        _DROP_FREE.run(work.tx, {**where, "v": span.low})
    rows = [{"tenant": work.tenant, "pool": pool, "low": n.low, "high": n.high} for n in new]
    _PUT_FREE.run_many(work.tx, rows)


def count_free(look: Look | Work, pool: str) -> int:
    """How many values are free."""
    return int(_SIZE_FREE.run(look.tx, {"t": look.tenant, "p": pool}).fetchone()[0] or 0)


# -- values that are out ---------------------------------------------------------------------------

_OUT = (POOL_VALUE.c.tenant == _T) & (POOL_VALUE.c.pool == _P)
_VALUE = sa.select(POOL_VALUE.c.value, POOL_VALUE.c.holder, POOL_VALUE.c.state,
                   POOL_VALUE.c.until_us, POOL_VALUE.c.party).where(_OUT)  # fmt: skip
_HELD = Quick(_VALUE.where(POOL_VALUE.c.holder == sa.bindparam("h")))
_OF_VALUE = Quick(_VALUE.where(POOL_VALUE.c.value == _V))
_DUE = Quick(
    _VALUE.where(POOL_VALUE.c.until_us > _NONE, POOL_VALUE.c.until_us <= sa.bindparam("now"))
    .order_by(POOL_VALUE.c.until_us)
    .limit(sa.bindparam("most", type_=sa.Integer))
    .offset(_NONE)
)
_BETWEEN = Quick(
    _VALUE.where(POOL_VALUE.c.value >= sa.bindparam("l"), POOL_VALUE.c.value <= sa.bindparam("h"))
    .order_by(POOL_VALUE.c.value)
    .limit(sa.bindparam("most", type_=sa.Integer))
    .offset(_NONE)
)
_PUT_VALUE = Quick(POOL_VALUE.insert())
_DROP_VALUE = Quick(POOL_VALUE.delete().where(_OUT, POOL_VALUE.c.value == _V))
_COUNTS = Quick(
    sa.select(POOL_VALUE.c.state, sa.func.count()).where(_OUT).group_by(POOL_VALUE.c.state)
)


def find_held(look: Look | Work, pool: str, holder: str) -> ValueRow | None:
    """What ``holder`` has of ``pool``, if anything."""
    return _row(_HELD.run(look.tx, {"t": look.tenant, "p": pool, "h": holder}).fetchone())


def find_value(look: Look | Work, pool: str, value: int) -> ValueRow | None:
    """A value that is out; None if it is free or none of the pool's."""
    return _row(_OF_VALUE.run(look.tx, {"t": look.tenant, "p": pool, "v": value}).fetchone())


def find_due(look: Look | Work, pool: str, now_us: int, most: int) -> list[ValueRow]:
    """Values whose time has come, the earliest first, by index."""
    where = {"t": look.tenant, "p": pool, "now": now_us, "most": most, "none": 0}
    return [_value(row) for row in _DUE.run(look.tx, where).fetchall()]


def find_between(look: Look | Work, pool: str, part: Span, most: int = NAMED_MAX) -> list[ValueRow]:
    """The first values of ``part`` that are out, in order."""
    where = {"t": look.tenant, "p": pool, "l": part.low, "h": part.high, "most": most, "none": 0}
    return [_value(row) for row in _BETWEEN.run(look.tx, where).fetchall()]


def put_value(work: Work, pool: str, value: ValueRow) -> None:
    """Write down a value that is out; the keys see to it that nobody else has it too."""
    drop_value(work, pool, value.value)
    row = {
        "tenant": work.tenant, "pool": pool, "value": value.value, "holder": value.holder or None,
        "state": value.state, "until_us": value.until_us, "party": value.party,
    }  # fmt: skip
    _PUT_VALUE.run(work.tx, row)


def drop_value(work: Work, pool: str, value: int) -> None:
    """Forget a value that was out."""
    _DROP_VALUE.run(work.tx, {"t": work.tenant, "p": pool, "v": value})


def count_out(look: Look | Work, pool: str) -> dict[str, int]:
    """How many values are out, by state."""
    rows = _COUNTS.run(look.tx, {"t": look.tenant, "p": pool}).fetchall()
    return {state: int(count) for state, count in rows}


def find_page(
    look: Look, pool: str, wanted: dict[str, str], offset: int, limit: int | None
) -> tuple[list[ValueRow], int]:
    """Values that are out, in order, by ``state`` and ``holder``; and how many there are."""
    query = sa.select(*_VALUE.selected_columns).where(
        POOL_VALUE.c.tenant == look.tenant, POOL_VALUE.c.pool == pool
    )
    for name, value in wanted.items():
        query = query.where(POOL_VALUE.c[name] == value)
    total = look.tx.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar() or 0
    rows = look.tx.execute(query.order_by(POOL_VALUE.c.value).offset(offset).limit(limit))
    return [_value(row) for row in rows], total


def _row(row: Any) -> ValueRow | None:
    return None if row is None else _value(row)


def _value(row: Any) -> ValueRow:
    value, holder, state, until_us, party = row
    return ValueRow(value, holder or "", state, until_us, party)
