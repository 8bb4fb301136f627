"""What billing does when asked: one function per command."""

from __future__ import annotations

from datetime import datetime

from banyan.components.billing import policy, store, wire
from banyan.components.billing.contract import (
    BillOnDemand,
    ChargedItem,
    ChargingStarted,
    ForgetNames,
    ListCharged,
    StartCharging,
    StopCharging,
)
from banyan.components.billing.model import Line
from banyan.kernel.engine.clock import from_us, to_us, to_wire
from banyan.kernel.engine.handlers import Handler, answers, decides
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refuse_findings, refused
from banyan.kernel.words.ids import AppliedRateId
from banyan.kernel.words.price import PriceTerms
from banyan.tmf import references


def start_charging(work: Work, command: StartCharging) -> ChargingStarted:
    """Apply each price once per order item: a line to be summed, and the rate that shows it."""
    known = store.find_item_lines(work, command.order_id, command.item_id)
    if known:
        return ChargingStarted(rates=tuple(line.id for line in known))
    start = policy.find_start(command.start)
    open_currency = store.find_open_currency(work, command.account_id)
    refuse_findings("rule", policy.check_prices(command, open_currency))
    lines = [_apply(work, command, price, start) for price in command.prices]
    store.put_lines(work, command, lines)
    return ChargingStarted(rates=tuple(line.id for line in lines))


def _apply(work: Work, command: StartCharging, price: PriceTerms, start: datetime) -> Line:
    begin, end = policy.compute_period(start, price)
    net_minor, residue_micros = policy.compute_net(price)
    line = Line(
        id=work.mint(AppliedRateId),
        currency=price.currency,
        net_minor=net_minor,
        residue_micros=residue_micros,
        tax_rate_ppm=price.tax_rate_ppm,
        tax_category=price.tax_category,
        start_us=to_us(begin),
        end_us=to_us(end),
    )
    tax_minor = policy.compute_tax(net_minor, price.tax_rate_ppm)
    dates: tuple[str, ...] = (to_wire(work.now),)
    if price.kind == "recurring":
        dates = (*dates, to_wire(begin), to_wire(end))
    store.add_rate(work, wire.rate_document(line, price, command, tax_minor, dates))
    return line


def list_charged(look: Look, query: ListCharged) -> tuple[ChargedItem, ...]:
    """Every order item that was ever charged."""
    return tuple(store.find_charged(look))


def stop_charging(work: Work, command: StopCharging) -> None:
    """Take the item's rates away; what stands on a bill stays."""
    lines = store.find_item_lines(work, command.order_id, command.item_id)
    billed = sorted({line.bill_id for line in lines if line.bill_id})
    if billed:
        reason = (
            f"item {command.item_id} of order {command.order_id} stands on the bill"
            f" {', '.join(billed)} already"
        )
        raise refused("conflict", "billedAlready", reason)
    if lines:
        store.drop_item(work, command.order_id, command.item_id, lines)


def bill_on_demand(work: Work, command: BillOnDemand) -> Document:
    """Put all open rates of the account on one new bill, to the cent, and number it."""
    account = command.document.get("billingAccount") or {}
    account_id = str(account.get("id") or "")
    if not account_id:
        raise refused("malformed", "missing", "mandatory attribute is missing", "billingAccount.id")
    lines = store.find_open_lines(work, account_id)
    if not lines:
        reason = f"the billing account {account_id} has no charge that is not billed yet"
        raise refused("rule", "nothingToBill", reason, "billingAccount")
    total = policy.compute_bill(lines)
    at = to_wire(work.now)
    period = {
        "startDateTime": to_wire(from_us(total.start_us)),
        "endDateTime": to_wire(from_us(total.end_us)),
    }
    number = f"{store.next_number(work):08d}"
    bill = store.add_bill(
        work, wire.bill_document(total, number, wire.account_ref(account_id), period, at)
    )
    closed = store.close_lines(work, account_id, bill["id"])
    assert closed == len(lines), "another line than those summed went on the bill"
    for line in lines:
        store.change_rate(work, wire.billed_document(store.need_rate(work, line.id), bill))
    return store.add_task(work, wire.task_document(command.document, bill, at))


def forget_names(work: Work, command: ForgetNames) -> None:
    """Answer :class:`ForgetNames`."""
    references.change_naming(
        work, (store.BILL, store.RATE, store.TASK), command.ids, references.nameless(command.ids)
    )


HANDLERS: tuple[Handler, ...] = (
    decides(StartCharging, start_charging),
    decides(StopCharging, stop_charging),
    decides(BillOnDemand, bill_on_demand),
    answers(ListCharged, list_charged),
    decides(ForgetNames, forget_names),
)
