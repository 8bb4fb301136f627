"""Ordering's documents, and its own table of what was sold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from banyan.components.ordering.contract import (
    AmendOrder,
    CaptureOrder,
    RequestCancellation,
    ResolveFallout,
    SoldItem,
)
from banyan.components.ordering.model import (
    CANCEL_LIFE,
    DECISION_LIFE,
    FALLOUT_LIFE,
    PRODUCT_ORDER_LIFE,
    SoldOffering,
    find_terms,
)
from banyan.kernel.engine.clock import to_wire
from banyan.kernel.engine.db import Quick
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document, from_json, from_plain, to_json
from banyan.kernel.words.errors import refused
from banyan.kernel.words.ids import (
    CancelProductOrderId,
    FalloutId,
    ProductOrderId,
    ResolveFalloutId,
)
from banyan.tmf import documents
from banyan.tmf.resource import Resource
from banyan.tmf.schema import fill_types

METADATA = sa.MetaData()

SOLD = sa.Table(
    "sold",
    METADATA,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("order_id", sa.String(128), primary_key=True),
    sa.Column("offering_id", sa.String(128), primary_key=True),
    sa.Column("terms", sa.Text, nullable=False),
)
"""The offerings' terms at the moment of sale."""

_KEEP_SOLD = Quick(SOLD.insert())
_SOLD = Quick(
    sa.select(SOLD.c.offering_id, SOLD.c.terms).where(
        SOLD.c.tenant == sa.bindparam("t"), SOLD.c.order_id == sa.bindparam("o")
    )
)
_DROP_SOLD = Quick(
    SOLD.delete().where(SOLD.c.tenant == sa.bindparam("t"), SOLD.c.order_id == sa.bindparam("o"))
)

REMOVABLE = ("rejected", "cancelled", "failed")
"""Ends after which nothing of an order is left but its document."""


def _fill_order(document: Document, now: datetime) -> Document:
    items = [{**item, "state": "acknowledged"} for item in document["productOrderItem"]]
    return {
        **document,
        "state": "acknowledged",
        "creationDate": to_wire(now),
        "productOrderItem": items,
    }


def _fill_task(document: Document, now: datetime) -> Document:
    return {**document, "state": "acknowledged", "creationDate": to_wire(now)}


def _let_go(work: Any, document: Document) -> None:
    """An order that brought nothing about may be deleted, with what it was sold on; no other."""
    state = document["state"]
    if state not in REMOVABLE:
        advice = "cancel it first" if state not in PRODUCT_ORDER_LIFE.terminal else "it is a record"
        reason = f"the order is {state}: {advice}; deleted are only {', '.join(REMOVABLE)} ones"
        raise refused("conflict", "orderKept", reason)
    _DROP_SOLD.run(work.tx, {"t": work.tenant, "o": document["id"]})


PRODUCT_ORDER = Resource(
    api="TMF622",
    name="productOrder",
    shape="ProductOrder",
    room="ordering",
    id_type=ProductOrderId,
    create=CaptureOrder,
    patch=AmendOrder,
    state="state",
    lifecycle=PRODUCT_ORDER_LIFE,
    indexed=(
        "billingAccount.id",
        "category",
        "creationDate",
        "externalId.id",
        "relatedParty.partyOrPartyRole.id",
        "productOrderItem.productOffering.id",
        "productOrderItem.state",
    ),
    owners=("relatedParty.partyOrPartyRole.id",),
    server_owned=(
        "cancellationDate",
        "cancellationReason",
        "completionDate",
        "expectedCompletionDate",
        "orderTotalPrice",
        "productOrderErrorMessage",
        "productOrderJeopardyAlert",
        "productOrderMilestone",
    ),
    fill=_fill_order,
    guard_removal=_let_go,
)

CANCEL_PRODUCT_ORDER = Resource(
    api="TMF622",
    name="cancelProductOrder",
    shape="CancelProductOrder",
    room="ordering",
    id_type=CancelProductOrderId,
    operations="GC",
    create=RequestCancellation,
    state="state",
    lifecycle=CANCEL_LIFE,
    indexed=("productOrder.id",),
    fill=_fill_task,
)

FALLOUT = Resource(
    api="BANYAN-OrderFallout",
    name="orderFallout",
    shape="OrderFallout",
    room="ordering",
    id_type=FalloutId,
    operations="G",
    state="state",
    lifecycle=FALLOUT_LIFE,
    indexed=("productOrder.id", "step", "obstacle"),
)

RESOLVE_FALLOUT = Resource(
    api="BANYAN-OrderFallout",
    name="resolveOrderFallout",
    shape="ResolveOrderFallout",
    room="ordering",
    id_type=ResolveFalloutId,
    operations="GC",
    create=ResolveFallout,
    state="state",
    lifecycle=DECISION_LIFE,
    indexed=("orderFallout.id",),
    fill=_fill_task,
)


def add(work: Work, resource: Resource, document: Document) -> Document:
    """File a new document, every missing ``@type`` filled."""
    return documents.create(work, resource, fill_types(resource.shape, document))


def need(look: Look | Work, resource: Resource, document_id: str) -> Document:
    """A document; refused as unknown when it isn't there."""
    return documents.need(look, resource, document_id).document


def find(look: Look | Work, resource: Resource, document_id: str) -> Document | None:
    """A document, or nothing."""
    stored = documents.get(look, resource, document_id)
    return None if stored is None else stored.document


def change(work: Work, resource: Resource, document: Document, rev: int | None = None) -> Document:
    """Replace a document by its new form; refused (``stale``) unless it is still at ``rev``."""
    return documents.change(work, resource, fill_types(resource.shape, document), rev)


def find_fallouts(look: Look | Work, order_id: str, step: str = "") -> list[Document]:
    """The fallouts of an order that are not resolved yet, of one step or of all."""
    wanted = {"productOrder.id": [order_id], "state": ["held", "resolving"]}
    if step:
        wanted["step"] = [step]
    return documents.every(look, FALLOUT, wanted)


def find_cancellations(look: Look | Work, order_id: str) -> list[Document]:
    """The cancellations of an order that are under way."""
    wanted = {"productOrder.id": [order_id], "state": ["acknowledged", "inProgress"]}
    return documents.every(look, CANCEL_PRODUCT_ORDER, wanted)


def keep_sold(work: Work, order_id: str, offerings: Mapping[str, SoldOffering]) -> None:
    """Keep the terms an order was sold on, by what it named: offerings, or versions of them."""
    rows = [
        {
            "tenant": work.tenant,
            "order_id": order_id,
            "offering_id": named,
            "terms": to_json(each).decode(),
        }
        for named, each in offerings.items()
    ]
    _KEEP_SOLD.run_many(work.tx, rows)


def find_sold(look: Look | Work, order_id: str) -> dict[str, SoldOffering]:
    """The terms an order was sold on, by offering id."""
    rows = _SOLD.run(look.tx, {"t": look.tenant, "o": order_id}).fetchall()
    return {row[0]: from_plain(from_json(row[1]), SoldOffering) for row in rows}


def find_sold_items(look: Look) -> list[SoldItem]:
    """Every item of every completed order that added a product, with how many prices it has."""
    rows = look.tx.execute(
        sa.select(SOLD.c.order_id, SOLD.c.offering_id, SOLD.c.terms).where(
            SOLD.c.tenant == look.tenant
        )
    )
    sold: dict[str, dict[str, SoldOffering]] = {}
    for row in rows:
        terms = from_plain(from_json(row.terms), SoldOffering)
        sold.setdefault(row.order_id, {})[row.offering_id] = terms
    return [
        SoldItem(
            order_id=ProductOrderId(order["id"]),
            item_id=item["id"],
            product_id=str((item.get("product") or {}).get("id", "")),
            prices=len(terms.prices) if terms is not None else 0,
        )
        for order in documents.every(look, PRODUCT_ORDER, {"state": ["completed"]})
        for item in order["productOrderItem"]
        if item.get("action") == "add"
        for terms in [find_terms(sold.get(order["id"], {}), item["productOffering"])]
    ]
