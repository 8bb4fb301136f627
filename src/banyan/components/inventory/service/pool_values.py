"""Values of pools as documents, and the audited question who held one."""

from __future__ import annotations

from datetime import datetime

from banyan.components.inventory.contract import (
    AddPoolValue,
    AmendPoolValue,
    AskValueHolder,
    PortValueIn,
    ReserveValue,
    ValueReserved,
)
from banyan.components.inventory.model import FOREVER_US, VALUE_LIFE
from banyan.components.inventory.service import pools as values
from banyan.components.inventory.store import history, pool_view, pools
from banyan.components.inventory.store.pools import PoolRow, ValueRow
from banyan.components.inventory.wire.questions import read_instant
from banyan.kernel.engine.clock import from_us, to_us, to_wire
from banyan.kernel.engine.handlers import Handler, decides
from banyan.kernel.engine.work import Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refused
from banyan.tmf import documents
from banyan.tmf.schema import fill_types


def add_pool_value(work: Work, command: AddPoolValue) -> Document:
    """Answer :class:`AddPoolValue`."""
    wanted = command.document
    state, holder = str(wanted.get("state", "reserved")), str(wanted.get("holder", ""))
    pool, value = str(wanted.get("pool", "")), str(wanted.get("value", ""))
    if state == "portedIn":
        party = str(wanted.get("party", ""))
        made = values.port_value_in(
            work, PortValueIn(pool=pool, value=value, holder=holder, party=party)
        )
    elif state in ("reserved", "assigned"):
        reserve = ReserveValue(
            holder=holder,
            pool=pool,
            kind=str(wanted.get("kind", "")),
            traits={
                str(each.get("name")): str(each.get("value"))
                for each in wanted.get("characteristic", ())
            },
            value=value,
            seconds=_seconds(work, wanted) if state == "reserved" else 0,
        )
        made = values.reserve_value(work, reserve)
    else:
        reason = "a value is taken as reserved, assigned or portedIn"
        raise refused("rule", "wrongState", reason, "state")
    return _shown(work, made)


def _seconds(work: Work, wanted: Document) -> int:
    """How long from now a reservation lasts: every one has an end."""
    text = wanted.get("validUntil")
    if text is None:
        raise refused("rule", "missing", "a reservation ends: say when", "validUntil")
    until: datetime = read_instant(str(text), "validUntil")
    seconds = -(-(to_us(until) - to_us(work.now)) // 1_000_000)
    if seconds <= 0:
        reason = f"lies before now ({to_wire(work.now)})"
        raise refused("rule", "period", reason, "validUntil")
    return seconds


def _shown(work: Work, made: ValueReserved) -> Document:
    pool = values.need_pool(work, made.pool)
    row = pools.find_value(work, pool.name, made.value)
    return pool_view.value_document(pool, row or ValueRow(made.value, "", "free", 0, ""))


def amend_pool_value(work: Work, command: AmendPoolValue) -> Document:
    """Answer :class:`AmendPoolValue`: one step of the value's life, or another end."""
    wanted = command.document
    name, _, text = str(command.id).rpartition("~")
    pool = pools.find_pool(work, name)
    value = None if pool is None else pool_view.read_value(pool, text)
    row = None if pool is None or value is None else pools.find_value(work, name, value)
    if pool is None or row is None or row.is_over(to_us(work.now)):
        reason = f"{text} is free: reserve it by POST"
        raise refused("conflict", "lifecycle", reason, "state")
    state = str(wanted.get("state", row.state))
    if wanted.get("holder", row.holder) != row.holder and state not in ("assigned", "portedOut"):
        raise refused("rule", "holderFixed", "a value keeps its holder", "holder")
    if state == row.state:
        seconds = _seconds(work, wanted) if row.state == "reserved" else 0
        return _shown(work, values.hold_until(work, pool, row, seconds))
    return _moved(work, pool, row, wanted)


def _moved(work: Work, pool: PoolRow, row: ValueRow, wanted: Document) -> Document:
    verb = VALUE_LIFE.verb_for(row.state, str(wanted["state"]))
    if verb in ("release", "expire", "send_home"):
        values.free_value(work, pool, row)
        state = VALUE_LIFE.step(row.state, verb)
        return pool_view.value_document(pool, ValueRow(row.value, "", state, 0, ""))
    if verb in ("retire", "port_back"):
        return _shown(work, values.rest_value(work, pool, row, verb))
    party = str(wanted.get("party", ""))
    if verb == "port_out" and not party:
        raise refused("rule", "missing", "say which operator takes it over", "party")
    holder = str(wanted.get("holder", row.holder)) if verb != "port_out" else ""
    return _shown(work, values.move_value(work, pool, row, verb, (holder, party)))


def ask_value_holder(work: Work, command: AskValueHolder) -> Document:
    """Answer :class:`AskValueHolder`: filed by the kit, which tells the audit trail."""
    wanted = command.document
    if not str(wanted["purpose"]).strip():
        raise refused("rule", "missing", "say what the answer is needed for", "purpose")
    at_us = to_us(read_instant(str(wanted["atTime"]), "atTime"))
    as_of = wanted.get("asOf")
    known_us = to_us(read_instant(str(as_of), "asOf")) if as_of else to_us(work.now)
    holding = [
        found
        for pool in _asked_pools(work, wanted)
        if (found := _holding(work, pool, str(wanted["value"]), (at_us, known_us))) is not None
    ]
    unique = {str(each): each for each in holding}
    filled = {**wanted, **({"holding": list(unique.values())} if unique else {})}
    row = pool_view.VALUE_HOLDER
    return documents.create(work, row, fill_types(row.shape, filled))


def _asked_pools(work: Work, wanted: Document) -> list[PoolRow]:
    if wanted.get("pool"):
        return [values.need_pool(work, str(wanted["pool"]))]
    if not wanted.get("kind"):
        raise refused("rule", "missing", "name a pool or a kind of values", "pool")
    return pools.find_pools(work, str(wanted["kind"]))


def _holding(work: Work, pool: PoolRow, text: str, instants: tuple[int, int]) -> Document | None:
    value = pool_view.read_value(pool, text)
    if value is None:
        return None
    version = history.find_at(work, pool.subject(value), *instants)
    if version is None or version.doc is None:
        return None
    start, end = version.valid_from_us, version.valid_to_us
    until = version.doc.get("until")
    period = {"startDateTime": to_wire(from_us(start))}
    if end != FOREVER_US:
        period["endDateTime"] = to_wire(from_us(end))
    if until and to_us(read_instant(until, "until")) <= instants[0]:
        return None  # its time was over, though nobody had swept it yet
    shown = {name: version.doc[name] for name in ("pool", "state", "holder", "party")
             if version.doc.get(name)}  # fmt: skip
    recorded = to_wire(from_us(version.recorded_us))
    return {**shown, "value": text, "validFor": period, "recordedAt": recorded}


HANDLERS: tuple[Handler, ...] = (
    decides(AddPoolValue, add_pool_value),
    decides(AmendPoolValue, amend_pool_value),
    decides(AskValueHolder, ask_value_holder),
)
