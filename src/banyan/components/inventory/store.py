"""The inventories' documents, and the pools' own tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from banyan.components.inventory.contract import (
    AddResource,
    AmendResource,
    ProductRecorded,
    RecordProduct,
)
from banyan.components.inventory.model import (
    PRODUCT_LIFE,
    RESOURCE_LIFE,
    SERVICE_LIFE,
    Span,
)
from banyan.components.inventory.wire import check_resource, find_span, is_device, is_pool
from banyan.kernel.engine.clock import to_wire
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refused
from banyan.kernel.words.ids import ProductId, ResourceId, ServiceId
from banyan.tmf import documents
from banyan.tmf.resource import Resource
from banyan.tmf.schema import fill_types

METADATA = sa.MetaData()

POOL = sa.Table(
    "pool",
    METADATA,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(200), primary_key=True),
    sa.Column("low", sa.BigInteger, nullable=False),
    sa.Column("high", sa.BigInteger, nullable=False),
)
"""What a pool holds in all; its document is the resource of the same name."""

POOL_FREE = sa.Table(
    "pool_free",
    METADATA,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("pool", sa.String(200), primary_key=True),
    sa.Column("low", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("high", sa.BigInteger, nullable=False),
)
"""Ranges of free values: they never overlap and never touch."""

POOL_VALUE = sa.Table(
    "pool_value",
    METADATA,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("pool", sa.String(200), primary_key=True),
    sa.Column("value", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("holder", sa.String(255), nullable=False),
    sa.UniqueConstraint("tenant", "pool", "holder", name="pool_value_holder"),
)
"""Values that are out, and who has them."""

RECORDED = sa.Table(
    "recorded",
    METADATA,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("order_id", sa.String(128), primary_key=True),
    sa.Column("item_id", sa.String(128), primary_key=True),
    sa.Column("resource", sa.String(16), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("id", sa.String(128), nullable=False),
)
"""Which documents an order item became; ``key`` is the record's, empty for the product."""

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
_OF_ITEM = (
    (RECORDED.c.tenant == sa.bindparam("t"))
    & (RECORDED.c.order_id == sa.bindparam("o"))
    & (RECORDED.c.item_id == sa.bindparam("i"))
)
_RECORDED = sa.select(RECORDED.c.resource, RECORDED.c.key, RECORDED.c.id).where(_OF_ITEM)
_DROP_RECORDED = RECORDED.delete().where(_OF_ITEM)


def _fill_product(document: Document, now: datetime) -> Document:
    return {"status": "created", **document, "creationDate": to_wire(now)}


def _fill_service(document: Document, now: datetime) -> Document:
    return {**document, "serviceDate": to_wire(now)}


def fill_resource(document: Document, now: datetime) -> Document:
    """What the server says of a resource nobody said otherwise of: it is there and may be used."""
    filled = {"lifecycleState": "installed", "administrativeState": "unlocked", **document}
    filled.setdefault("creationDate", to_wire(now))
    if is_pool(filled):
        filled = {"@baseType": "LogicalResource", "category": "pool", **filled}
    return filled


def _close_pool(work: Any, document: Document) -> None:
    """A pool with values out may not go; one without takes its own rows with it."""
    if not is_pool(document):
        return
    where = {"t": work.tenant, "p": document["name"]}
    out = work.tx.execute(_ANY_OUT, where).first()
    if out is not None:
        reason = f"the pool {document['name']} has values out: {out.value} is {out.holder}'s"
        raise refused("conflict", "poolInUse", reason)
    work.tx.execute(POOL_FREE.delete().where(_POOLED), where)
    closing = POOL.delete().where(POOL.c.tenant == work.tenant, POOL.c.name == document["name"])
    work.tx.execute(closing)


PRODUCT = Resource(
    api="TMF637",
    name="product",
    shape="Product",
    room="inventory",
    id_type=ProductId,
    state="status",
    lifecycle=PRODUCT_LIFE,
    indexed=(
        "name",
        "billingAccount.id",
        "productOffering.id",
        "productOrderItem.orderId",
        "productSpecification.id",
        "realizingResource.id",
        "realizingService.id",
        "relatedParty.partyOrPartyRole.id",
    ),
    fill=_fill_product,
)

SERVICE = Resource(
    api="TMF638",
    name="service",
    shape="Service",
    room="inventory",
    id_type=ServiceId,
    state="state",
    lifecycle=SERVICE_LIFE,
    indexed=(
        "name",
        "relatedEntity.entity.id",
        "relatedParty.partyOrPartyRole.id",
        "serviceSpecification.id",
        "supportingResource.id",
        "supportingService.id",
    ),
    fill=_fill_service,
)

RESOURCE = Resource(
    api="TMF639",
    name="resource",
    shape="Resource",
    room="inventory",
    id_type=ResourceId,
    create=AddResource,
    patch=AmendResource,
    state="lifecycleState",
    lifecycle=RESOURCE_LIFE,
    indexed=(
        "name",
        "administrativeState",
        "category",
        "relatedParty.partyOrPartyRole.id",
        "resourceCharacteristic.name",
        "resourceSpecification.id",
        "value",
    ),
    fill=fill_resource,
    check=check_resource,
    guard_removal=_close_pool,
    may_choose_id=True,
)

_FILED = {resource.name: resource for resource in (PRODUCT, SERVICE, RESOURCE)}


def file_document(work: Work, resource: Resource, document: Document) -> None:
    """File a document that already has its id, every missing ``@type`` filled."""
    whole = fill_types(resource.shape, document)
    documents.create(work, resource, whole, new_id=whole["id"])


def find_recorded(work: Work, command: RecordProduct) -> ProductRecorded | None:
    """What the order item became, if it was recorded."""
    where = {"t": work.tenant, "o": command.order_id, "i": command.item_id}
    ids: dict[str, dict[str, str]] = {name: {} for name in _FILED}
    for row in work.tx.execute(_RECORDED, where):
        ids[row.resource][row.key] = row.id
    if not ids["product"]:
        return None
    product = documents.get(work, PRODUCT, ids["product"][""])
    return ProductRecorded(
        product_id=ProductId(ids["product"][""]),
        start=str(product.document["startDate"]) if product else to_wire(work.now),
        services={key: ServiceId(text) for key, text in ids["service"].items()},
        resources={key: ResourceId(text) for key, text in ids["resource"].items()},
    )


def keep_recorded(work: Work, command: RecordProduct, ids: ProductRecorded) -> None:
    """Note what the order item became."""
    item = {"tenant": work.tenant, "order_id": command.order_id, "item_id": command.item_id}
    rows = [{**item, "resource": "product", "key": "", "id": ids.product_id}]
    rows += [{**item, "resource": "service", "key": k, "id": i} for k, i in ids.services.items()]
    rows += [{**item, "resource": "resource", "key": k, "id": i} for k, i in ids.resources.items()]
    work.tx.execute(RECORDED.insert(), rows)


def drop_recorded(work: Work, order_id: str, item_id: str) -> None:
    """Take away every document of the order item that is still there, and the notes of them."""
    where = {"t": work.tenant, "o": order_id, "i": item_id}
    for row in work.tx.execute(_RECORDED, where).all():
        resource = _FILED[row.resource]
        if documents.get(work, resource, row.id) is not None:
            documents.remove(work, resource, row.id)
    work.tx.execute(_DROP_RECORDED, where)


def add_resource(work: Work, document: Document) -> Document:
    """File a resource; a chosen id is kept."""
    whole = fill_types(RESOURCE.shape, document)
    return documents.create(work, RESOURCE, whole, new_id=str(document.get("id", "")))


def need_resource(work: Work, resource_id: str) -> Document:
    """A resource's document; refused as unknown when it isn't there."""
    return documents.need(work, RESOURCE, resource_id).document


def change_resource(work: Work, document: Document, rev: int) -> Document:
    """Replace a resource's document; refused (``stale``) when ``rev`` is not the current one."""
    return documents.change(work, RESOURCE, document, rev)


def find_device(look: Look | Work, name: str) -> Document | None:
    """The device of this name, by index; other resources may carry the same name."""
    wanted = {"name": [name], "resourceCharacteristic.name": ["driver"]}
    for document in documents.every(look, RESOURCE, wanted):
        if is_device(document):
            return document
    return None


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
