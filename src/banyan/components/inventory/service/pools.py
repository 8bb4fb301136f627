"""What inventory does with values of pools when asked."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from banyan.components.inventory import policy
from banyan.components.inventory.contract import (
    AssignValue,
    CountPool,
    ExtendValue,
    FindValue,
    PortValueBack,
    PortValueIn,
    PortValueOut,
    ReleaseValue,
    ReserveValue,
    RetireValue,
    SweepPools,
    ValueReserved,
)
from banyan.components.inventory.model import KEY_MAX, VALUE_LIFE, Span, find_left, place_back
from banyan.components.inventory.store import history, pools
from banyan.components.inventory.store.pools import PoolRow, ValueRow
from banyan.kernel.engine.clock import from_us, to_us, to_wire
from banyan.kernel.engine.handlers import Handler, answers, decides
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, refuse_findings, refused

DUE_MAX = 100
"""Values that are freed on the way by who asks a pool for one."""
SECONDS_MAX = 10 * 366 * 86_400


# -- taking ----------------------------------------------------------------------------------------


def reserve_value(work: Work, command: ReserveValue) -> ValueReserved:
    """Answer :class:`ReserveValue`."""
    _check(("holder", command.holder), seconds=command.seconds)
    found = _pools(work, command)
    for pool in found:
        _settle(work, pool)
        held = _held(work, pool, command.holder)
        if held is not None:
            return _same(pool, held, command.value)
    if command.value:
        return _take_named(work, found, command)
    for pool in found:
        free = pools.find_lowest(work, pool.name)
        if free is not None:
            return _take(work, pool, free, free.low, command)
    names = ", ".join(pool.name for pool in found)
    raise refused("conflict", "poolExhausted", f"the pool {names} has no free value left")


def _pools(work: Work, command: ReserveValue) -> list[PoolRow]:
    if command.pool:
        return [need_pool(work, command.pool)]
    found = [
        pool
        for pool in pools.find_pools(work, command.kind)
        if command.kind and policy.fits(pool.traits, command.traits)
    ]
    if not found:
        wanted = ", ".join(f"{name} {value}" for name, value in command.traits.items())
        reason = f"there is no pool of {command.kind or 'no kind'}{wanted and ' with '}{wanted}"
        raise refused("rule", "unknownPool", reason, "pool")
    return found


def need_pool(work: Look | Work, name: str) -> PoolRow:
    """The pool of this name; refused when there is none."""
    pool = pools.find_pool(work, name)
    if pool is None:
        raise refused("rule", "unknownPool", f"there is no pool {name!r}", "pool")
    return pool


def _same(pool: PoolRow, held: ValueRow, wanted: str) -> ValueReserved:
    """What a holder has already; refused when it is another value than the wanted one."""
    if wanted and _read(pool, wanted) != held.value:
        reason = f"{held.holder} has {pool.numbering.show(held.value)} of {pool.name} already"
        raise refused("conflict", "holderHasOther", reason, "holder")
    return told(pool, held)


def _take_named(work: Work, found: list[PoolRow], command: ReserveValue) -> ValueReserved:
    reasons: list[Finding] = []
    for pool in found:
        value = _read_quietly(pool, command.value, reasons)
        if value is None:
            continue
        _by_now(work, pool, pools.find_value(work, pool.name, value))
        free = pools.find_range(work, pool.name, value)
        if free is not None:
            return _take(work, pool, free, value, command)
        row = pools.find_value(work, pool.name, value)
        if row is not None:
            reason = f"{command.value} of {pool.name} is {row.state}"
            raise refused("conflict", "valueTaken", reason, "value")
        reasons.append(Finding("notInPool", f"{command.value} is not of {pool.name}", "value"))
    refuse_findings("rule", reasons)
    raise AssertionError("a pool that was not asked")


def _take(
    work: Work, pool: PoolRow, free: Span, value: int, command: ReserveValue
) -> ValueReserved:
    pools.replace_free(work, pool.name, [free], find_left(free, value))
    verb, until_us = "assign", 0
    if command.seconds:
        verb, until_us = "reserve", to_us(work.now + timedelta(seconds=command.seconds))
    row = ValueRow(value, command.holder, VALUE_LIFE.step("free", verb), until_us, "")
    return _put(work, pool, row)


# -- keeping ---------------------------------------------------------------------------------------


def assign_value(work: Work, command: AssignValue) -> ValueReserved:
    """Answer :class:`AssignValue`."""
    pool, row = _need_held(work, command.pool, command.holder)
    if row.state == "assigned":
        return told(pool, row)
    return move_value(work, pool, row, "assign", (row.holder, row.party))


def extend_value(work: Work, command: ExtendValue) -> ValueReserved:
    """Answer :class:`ExtendValue`."""
    pool, row = _need_held(work, command.pool, command.holder)
    return hold_until(work, pool, row, command.seconds)


def hold_until(work: Work, pool: PoolRow, row: ValueRow, seconds: int) -> ValueReserved:
    """Let a reservation end so many seconds from now."""
    _check(seconds=seconds)
    if row.state != "reserved":
        reason = f"{pool.numbering.show(row.value)} is {row.state}: only a reservation has an end"
        raise refused("conflict", "lifecycle", reason, "holder")
    until_us = to_us(work.now + timedelta(seconds=seconds))
    return _put(work, pool, msgspec.structs.replace(row, until_us=until_us))


def _need_held(work: Work, name: str, holder: str) -> tuple[PoolRow, ValueRow]:
    pool = need_pool(work, name)
    row = _held(work, pool, holder)
    if row is None:
        raise refused("conflict", "nothingHeld", f"{holder} has nothing of {name}", "holder")
    return pool, row


def _held(work: Work, pool: PoolRow, holder: str) -> ValueRow | None:
    """What a holder has of a pool by now."""
    return _by_now(work, pool, pools.find_held(work, pool.name, holder))


def _by_now(work: Work, pool: PoolRow, row: ValueRow | None) -> ValueRow | None:
    """A value that is still out; one whose time has come is freed."""
    if row is None or not row.is_over(to_us(work.now)):
        return row
    free_value(work, pool, row, row.until_us)
    return None


# -- giving back -----------------------------------------------------------------------------------


def release_value(work: Work, command: ReleaseValue) -> None:
    """Answer :class:`ReleaseValue`: the free ranges are then what they were before."""
    pool = pools.find_pool(work, command.pool)
    row = None if pool is None else _held(work, pool, command.holder)
    if pool is not None and row is not None:
        VALUE_LIFE.step(row.state, "send_home" if row.state == "portedIn" else "release")
        free_value(work, pool, row)


def retire_value(work: Work, command: RetireValue) -> None:
    """Answer :class:`RetireValue`."""
    pool = pools.find_pool(work, command.pool)
    row = None if pool is None else _held(work, pool, command.holder)
    if pool is None or row is None:
        return
    if row.state != "assigned":
        release_value(work, ReleaseValue(pool=command.pool, holder=command.holder))
    else:
        rest_value(work, pool, row, "retire")


def rest_value(work: Work, pool: PoolRow, row: ValueRow, verb: str) -> ValueReserved:
    """Let a value rest for the pool's quarantine, or free it where there is none."""
    state = VALUE_LIFE.step(row.state, verb)
    rested = ValueRow(row.value, "", state, to_us(work.now) + pool.quarantine_us, "")
    if not pool.quarantine_us:
        free_value(work, pool, row)
        return told(pool, rested)
    return _put(work, pool, rested)


def free_value(work: Work, pool: PoolRow, row: ValueRow, since_us: int | None = None) -> None:
    """Put a value back among the free ones, if it is the pool's own; since another instant."""
    if row.state != "portedIn":
        beside = pools.find_beside(work, pool.name, Span(row.value, row.value))
        merged, replaced = place_back(row.value, beside)
        pools.replace_free(work, pool.name, replaced, [merged])
    pools.drop_value(work, pool.name, row.value)
    history.keep(work, pool.subject(row.value), None, since_us)


def _settle(work: Work, pool: PoolRow, most: int = DUE_MAX) -> int:
    """Free what is due in a pool, the earliest first."""
    due = pools.find_due(work, pool.name, to_us(work.now), most)
    for row in due:
        VALUE_LIFE.step(row.state, "expire")
        free_value(work, pool, row, row.until_us)
    return len(due)


def sweep_pools(work: Work, command: SweepPools) -> int:
    """Answer :class:`SweepPools`."""
    freed = 0
    for pool in pools.find_pools(work):
        freed += _settle(work, pool, command.most - freed)
    return freed


# -- porting ---------------------------------------------------------------------------------------


def port_value_in(work: Work, command: PortValueIn) -> ValueReserved:
    """Answer :class:`PortValueIn`."""
    _check(("holder", command.holder), ("party", command.party))
    pool = need_pool(work, command.pool)
    value = _read(pool, command.value)
    held = _held(work, pool, command.holder)
    if held is not None:
        return _same(pool, held, command.value)
    alike = pools.find_pools(work, pool.numbering.kind) if pool.numbering.is_global else [pool]
    for other in alike:
        if other.span.low <= value <= other.span.high:
            reason = f"{command.value} is a number of our own pool {other.name}"
            raise refused("rule", "ownNumber", reason, "value")
        if pools.find_value(work, other.name, value) is not None:
            reason = f"{command.value} was ported into {other.name} already"
            raise refused("conflict", "valueTaken", reason, "value")
    return _put(work, pool, ValueRow(value, command.holder, "portedIn", 0, command.party))


def port_value_out(work: Work, command: PortValueOut) -> ValueReserved:
    """Answer :class:`PortValueOut`."""
    _check(("holder", command.holder), ("party", command.party))
    pool = need_pool(work, command.pool)
    row = _by_now(work, pool, pools.find_value(work, pool.name, _read(pool, command.value)))
    if row is not None and row.state == "portedOut" and row.party == command.party:
        return told(pool, row)
    if row is None or row.holder != command.holder:
        reason = f"{command.holder} does not have {command.value} of {pool.name}"
        raise refused("conflict", "nothingHeld", reason, "holder")
    return move_value(work, pool, row, "port_out", ("", command.party))


def port_value_back(work: Work, command: PortValueBack) -> ValueReserved:
    """Answer :class:`PortValueBack`."""
    pool = need_pool(work, command.pool)
    row = _by_now(work, pool, pools.find_value(work, pool.name, _read(pool, command.value)))
    if row is None:
        reason = f"{command.value} of {pool.name} is not out"
        raise refused("conflict", "notInPool", reason, "value")
    return (
        told(pool, row) if row.state == "quarantined" else rest_value(work, pool, row, "port_back")
    )


# -- telling ---------------------------------------------------------------------------------------


def find_value(look: Look, query: FindValue) -> ValueReserved | None:
    """Answer :class:`FindValue`; what is due counts as free."""
    pool = need_pool(look, query.pool)
    row = pools.find_value(look, pool.name, _read(pool, query.value))
    return None if row is None or row.is_over(to_us(look.now)) else told(pool, row)


def count_pool(look: Look, query: CountPool) -> dict[str, int]:
    """Answer :class:`CountPool`."""
    need_pool(look, query.pool)
    return {"free": pools.count_free(look, query.pool), **pools.count_out(look, query.pool)}


def told(pool: PoolRow, row: ValueRow) -> ValueReserved:
    """A value that is out, as the contract tells it."""
    return ValueReserved(
        pool=pool.name,
        holder=row.holder,
        value=row.value,
        text=pool.numbering.show(row.value),
        state=row.state,
        until=from_us(row.until_us) if row.until_us else None,
        party=row.party,
    )


def move_value(
    work: Work, pool: PoolRow, row: ValueRow, verb: str, who: tuple[str, str]
) -> ValueReserved:
    """A step of a value's life into a state without an end; ``who`` is its holder and party then.

    Refused (``holderHasOther``): the holder has another value of the pool.
    """
    state = VALUE_LIFE.step(row.state, verb)
    holder, party = who
    held = _held(work, pool, holder) if holder else None
    if held is not None and held.value != row.value:
        _same(pool, held, pool.numbering.show(row.value))
    _check(("party", party), *([("holder", holder)] if state == "assigned" else []))
    return _put(work, pool, ValueRow(row.value, holder, state, 0, party))


def _put(work: Work, pool: PoolRow, row: ValueRow) -> ValueReserved:
    """Write a value down as it is now, and remember it."""
    pools.put_value(work, pool.name, row)
    kept: Document = {"pool": pool.name, "state": row.state, "holder": row.holder}
    if row.party:
        kept["party"] = row.party
    if row.until_us:
        kept["until"] = to_wire(from_us(row.until_us))
    history.keep(work, pool.subject(row.value), kept)
    return told(pool, row)


def _read(pool: PoolRow, text: str) -> int:
    found: list[Finding] = []
    value = _read_quietly(pool, text, found)
    refuse_findings("rule", found)
    assert value is not None
    return value


def _read_quietly(pool: PoolRow, text: str, found: list[Finding]) -> int | None:
    try:
        return pool.numbering.read(text)
    except ValueError as error:
        found.append(Finding("notInPool", f"{pool.name}: {error}", "value"))
        return None


def _check(*texts: tuple[str, str], seconds: int = 0) -> None:
    findings = [f for path, text in texts for f in policy.check_length(path, text, KEY_MAX)]
    if dict(texts).get("holder") == "":
        findings.append(Finding("missing", "somebody must hold it", "holder"))
    if not 0 <= seconds <= SECONDS_MAX:
        findings.append(Finding("period", f"0 to {SECONDS_MAX} seconds", "seconds"))
    refuse_findings("rule", findings)


HANDLERS: tuple[Handler, ...] = (
    decides(ReserveValue, reserve_value),
    decides(AssignValue, assign_value),
    decides(ExtendValue, extend_value),
    decides(ReleaseValue, release_value),
    decides(RetireValue, retire_value),
    decides(PortValueIn, port_value_in),
    decides(PortValueOut, port_value_out),
    decides(PortValueBack, port_value_back),
    decides(SweepPools, sweep_pools),
    answers(FindValue, find_value),
    answers(CountPool, count_pool),
)
