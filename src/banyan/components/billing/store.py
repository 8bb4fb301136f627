"""Billing's own tables: lines to be summed, bill numbers; and the documents of TMF678."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from banyan.components.billing.contract import BillOnDemand, ChargedItem, StartCharging
from banyan.components.billing.model import BILL_LIFE, Line
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.ids import (
    AppliedRateId,
    CustomerBillId,
    CustomerBillOnDemandId,
    ProductOrderId,
)
from banyan.tmf import documents
from banyan.tmf.resource import Resource

METADATA = sa.MetaData()

LINE = sa.Table(
    "line",
    METADATA,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("order_id", sa.String(128), primary_key=True),
    sa.Column("item_id", sa.String(128), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("account_id", sa.String(128), nullable=False),
    sa.Column("id", sa.String(128), nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("net_minor", sa.BigInteger, nullable=False),
    sa.Column("residue_micros", sa.BigInteger, nullable=False),
    sa.Column("tax_rate_ppm", sa.Integer, nullable=False),
    sa.Column("tax_category", sa.String(64), nullable=False),
    sa.Column("start_us", sa.BigInteger, nullable=False),
    sa.Column("end_us", sa.BigInteger, nullable=False),
    sa.Column("bill_id", sa.String(128), nullable=False),
    sa.Index("line_account", "tenant", "account_id", "bill_id"),
)
"""What is summed: one row per applied rate, its document has the same id."""

BILL_NUMBER = sa.Table(
    "bill_number",
    METADATA,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
)
"""The last bill number of a tenant: it rises with the bill, in one transaction, so without gaps."""

_LINE = [LINE.c[name] for name in Line.__struct_fields__]
_OF_ITEM = (
    (LINE.c.tenant == sa.bindparam("t"))
    & (LINE.c.order_id == sa.bindparam("o"))
    & (LINE.c.item_id == sa.bindparam("i"))
)
_ITEM_LINES = sa.select(*_LINE).where(_OF_ITEM).order_by(LINE.c.place)
_DROP_ITEM = LINE.delete().where(_OF_ITEM)
_OPEN = (
    (LINE.c.tenant == sa.bindparam("t"))
    & (LINE.c.account_id == sa.bindparam("a"))
    & (LINE.c.bill_id == "")
)
_OPEN_LINES = sa.select(*_LINE).where(_OPEN).order_by(LINE.c.id)
_OPEN_CURRENCY = sa.select(LINE.c.currency).where(_OPEN).limit(1)
_CLOSE = LINE.update().where(_OPEN).values(bill_id=sa.bindparam("b_bill"))
_LAST = sa.select(BILL_NUMBER.c.last).where(BILL_NUMBER.c.tenant == sa.bindparam("t"))
_RISE = (
    BILL_NUMBER.update()
    .where(BILL_NUMBER.c.tenant == sa.bindparam("t"))
    .values(last=sa.bindparam("b_last"))
)

RATE = Resource(
    api="TMF678",
    name="appliedCustomerBillingRate",
    shape="AppliedCustomerBillingRate",
    room="billing",
    id_type=AppliedRateId,
    operations="G",
    indexed=("appliedBillingRateType", "bill.id", "billingAccount.id", "isBilled", "product.id"),
    owners=("billingAccount.id",),
)

BILL = Resource(
    api="TMF678",
    name="customerBill",
    shape="CustomerBill",
    room="billing",
    id_type=CustomerBillId,
    operations="GU",
    state="state",
    lifecycle=BILL_LIFE,
    indexed=("billNo", "billingAccount.id"),
    owners=("billingAccount.id",),
)

TASK = Resource(
    api="TMF678",
    name="customerBillOnDemand",
    shape="CustomerBillOnDemand",
    room="billing",
    id_type=CustomerBillOnDemandId,
    operations="GC",
    create=BillOnDemand,
    state="state",
    indexed=("billingAccount.id", "customerBill.id"),
    server_owned=("customerBill", "lastUpdate", "state"),
)


def find_item_lines(work: Work, order_id: str, item_id: str) -> list[Line]:
    """The lines of an order item, in the order of its prices."""
    where = {"t": work.tenant, "o": order_id, "i": item_id}
    return [_line(row) for row in work.tx.execute(_ITEM_LINES, where).mappings()]


def put_lines(work: Work, command: StartCharging, lines: list[Line]) -> None:
    """Keep the lines of an order item."""
    item = {
        "tenant": work.tenant,
        "order_id": command.order_id,
        "item_id": command.item_id,
        "account_id": command.account_id,
    }
    rows = [
        {**item, "place": place, **msgspec.structs.asdict(line)} for place, line in enumerate(lines)
    ]
    if rows:
        work.tx.execute(LINE.insert(), rows)


def drop_item(work: Work, order_id: str, item_id: str, lines: list[Line]) -> None:
    """Forget an order item's lines and take their documents away."""
    work.tx.execute(_DROP_ITEM, {"t": work.tenant, "o": order_id, "i": item_id})
    for line in lines:
        documents.remove(work, RATE, line.id)


def find_charged(look: Look) -> list[ChargedItem]:
    """Every order item with its charges and the bills they stand on."""
    rows = look.tx.execute(
        sa.select(LINE.c.order_id, LINE.c.item_id, LINE.c.bill_id, sa.func.count().label("lines"))
        .where(LINE.c.tenant == look.tenant)
        .group_by(LINE.c.order_id, LINE.c.item_id, LINE.c.bill_id)
        .order_by(LINE.c.order_id, LINE.c.item_id, LINE.c.bill_id)
    )
    found: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for row in rows:
        found.setdefault((row.order_id, row.item_id), []).append((row.lines, row.bill_id))
    return [
        ChargedItem(
            order_id=ProductOrderId(order_id),
            item_id=item_id,
            lines=sum(lines for lines, _ in several),
            bills=tuple(bill for _, bill in several if bill),
        )
        for (order_id, item_id), several in found.items()
    ]


def find_open_lines(work: Work, account_id: str) -> list[Line]:
    """The lines of an account that stand on no bill yet, the oldest first."""
    where = {"t": work.tenant, "a": account_id}
    return [_line(row) for row in work.tx.execute(_OPEN_LINES, where).mappings()]


def find_open_currency(work: Work, account_id: str) -> str:
    """The currency of an account's open lines; empty when it has none."""
    where = {"t": work.tenant, "a": account_id}
    return str(work.tx.execute(_OPEN_CURRENCY, where).scalar() or "")


def close_lines(work: Work, account_id: str, bill_id: str) -> int:
    """Put every open line of an account on a bill; answers how many."""
    return work.tx.execute(_CLOSE, {"t": work.tenant, "a": account_id, "b_bill": bill_id}).rowcount


def next_number(work: Work) -> int:
    """The tenant's next bill number, 1 first; taken back with the transaction if that fails."""
    where = {"t": work.tenant}
    last = work.tx.execute(_LAST, where).scalar()
    if last is None:
        work.tx.execute(BILL_NUMBER.insert(), {"tenant": work.tenant, "last": 1})
        return 1
    work.tx.execute(_RISE, {**where, "b_last": last + 1})
    return int(last) + 1


def add_rate(work: Work, document: Document) -> None:
    """File a rate that has its id."""
    documents.create(work, RATE, document, new_id=document["id"])


def need_rate(work: Work, rate_id: str) -> Document:
    """A rate's document."""
    return documents.need(work, RATE, rate_id).document


def change_rate(work: Work, document: Document) -> None:
    """Replace a rate's document."""
    documents.change(work, RATE, document)


def add_bill(work: Work, document: Document) -> Document:
    """File a bill; answers it with its id."""
    return documents.create(work, BILL, document)


def add_task(work: Work, document: Document) -> Document:
    """File a finished task; answers it with its id."""
    return documents.create(work, TASK, document)


def _line(row: sa.RowMapping) -> Line:
    return Line(**{**row, "id": AppliedRateId(row["id"])})
