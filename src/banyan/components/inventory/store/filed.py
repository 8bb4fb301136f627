"""The inventories' documents: the resource rows, what order items became, devices."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from banyan.components.inventory.contract import (
    AddResource,
    AmendResource,
    ProductRecorded,
    RecordedItem,
    RecordProduct,
)
from banyan.components.inventory.model import (
    PRODUCT_LIFE,
    RESOURCE_LIFE,
    SERVICE_LIFE,
)
from banyan.components.inventory.store import graph, history, parties, pool_ranges
from banyan.components.inventory.store.pools import close_pool
from banyan.components.inventory.store.tables import RECORDED
from banyan.components.inventory.wire import check_resource, is_device, is_pool, node_of
from banyan.kernel.engine.clock import to_wire
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refused
from banyan.kernel.words.ids import ProductId, ProductOrderId, ResourceId, ServiceId
from banyan.tmf import documents
from banyan.tmf.resource import Admit, GuardRemoval, Resource
from banyan.tmf.schema import fill_types

_OF_ITEM = (
    (RECORDED.c.tenant == sa.bindparam("t"))
    & (RECORDED.c.order_id == sa.bindparam("o"))
    & (RECORDED.c.item_id == sa.bindparam("i"))
)
_RECORDED = sa.select(RECORDED.c.resource, RECORDED.c.key, RECORDED.c.id).where(_OF_ITEM)
_DROP_RECORDED = RECORDED.delete().where(_OF_ITEM)


def _let_go(kind: str) -> GuardRemoval:
    """What others stand on may not go."""

    def guard(work: Any, document: Document) -> None:
        graph.refuse_carrier(work, kind, document["id"])

    return guard


def _note(kind: str) -> Admit:
    """The edges a document tells change with it, and history gets a record of it.

    A pool opens, changes and closes with its resource, and no two devices get one name.
    """

    def note(work: Any, before: Document | None, after: Document | None) -> Document | None:
        if kind == "product":
            parties.refuse_gone(work, before, after)
        if kind == "resource":
            _keep_pool(work, before, after)
            _refuse_second_device(work, after)
        graph.keep_edges(work, kind, before, after)
        history.keep(work, node_of(kind, str((after or before or {})["id"])), after)
        return after

    return note


def _keep_pool(work: Work, before: Document | None, after: Document | None) -> None:
    if after is None:
        if before is not None and is_pool(before):
            close_pool(work, before["name"])
    elif is_pool(after):
        (pool_ranges.open_pool if before is None else pool_ranges.change_pool)(work, after)


def _refuse_second_device(work: Work, document: Document | None) -> None:
    """Devices are found by name: no two of a name."""
    if document is None or not is_device(document):
        return
    device = find_device(work, document["name"])
    if device is not None and device["id"] != document["id"]:
        reason = f"there is a device {document['name']!r} already"
        raise refused("conflict", "duplicate", reason, "name")


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
    owners=("relatedParty.partyOrPartyRole.id",),
    fill=_fill_product,
    guard_removal=_let_go("product"),
    admit=_note("product"),
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
    guard_removal=_let_go("service"),
    admit=_note("service"),
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
    guard_removal=_let_go("resource"),
    admit=_note("resource"),
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


def find_devices(look: Look | Work) -> list[Document]:
    """Every device, by index."""
    wanted = {"resourceCharacteristic.name": ["driver"]}
    return [each for each in documents.every(look, RESOURCE, wanted) if is_device(each)]


def find_recorded_items(look: Look | Work) -> list[RecordedItem]:
    """Every order item whose product is there."""
    status = {each["id"]: each["status"] for each in documents.every(look, PRODUCT)}
    rows = look.tx.execute(
        sa.select(RECORDED.c.order_id, RECORDED.c.item_id, RECORDED.c.id)
        .where(RECORDED.c.tenant == look.tenant, RECORDED.c.resource == "product")
        .order_by(RECORDED.c.order_id, RECORDED.c.item_id)
    )
    return [
        RecordedItem(
            order_id=ProductOrderId(row.order_id),
            item_id=row.item_id,
            product_id=ProductId(row.id),
            status=status[row.id],
        )
        for row in rows
        if row.id in status
    ]


def find_device(look: Look | Work, name: str) -> Document | None:
    """The device of this name, by index; other resources may carry the same name."""
    wanted = {"name": [name], "resourceCharacteristic.name": ["driver"]}
    for document in documents.every(look, RESOURCE, wanted):
        if is_device(document):
            return document
    return None
