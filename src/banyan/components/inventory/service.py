"""What inventory does when asked: one function per command."""

from __future__ import annotations

from banyan.components.inventory import policy, store, wire
from banyan.components.inventory.contract import (
    AddResource,
    AmendResource,
    DeviceFound,
    FindDevice,
    ProductRecorded,
    RecordProduct,
    ReleaseValue,
    ReserveValue,
    UnrecordProduct,
    ValueReserved,
)
from banyan.components.inventory.model import KEY_MAX, Span
from banyan.kernel.engine.clock import to_wire
from banyan.kernel.engine.handlers import Handler, answers, decides
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refuse_findings, refused
from banyan.kernel.words.ids import ProductId, ResourceId, ServiceId


def reserve_value(work: Work, command: ReserveValue) -> ValueReserved:
    """Take the lowest free value; a holder that has one already gets it again."""
    pool, holder = command.pool, command.holder
    refuse_findings("rule", policy.check_length("holder", holder, KEY_MAX))
    value = store.find_value(work, pool, holder)
    if value is None:
        free = store.find_lowest(work, pool)
        if free is None:
            raise _no_value(work, pool)
        value = free.low
        rest = Span(value + 1, free.high) if value < free.high else None
        store.replace_free(work, pool, [free], rest)
        store.keep_value(work, pool, holder, value)
    return ValueReserved(pool=pool, holder=holder, value=value)


def _no_value(work: Work, pool: str) -> Exception:
    if store.is_open(work, pool):
        return refused("conflict", "poolExhausted", f"the pool {pool} has no free value left")
    return refused("rule", "unknownPool", f"there is no pool {pool!r}")


def release_value(work: Work, command: ReleaseValue) -> None:
    """Give the value back; the free ranges are then what they were before it was taken."""
    value = store.find_value(work, command.pool, command.holder)
    if value is None:
        return
    beside = store.find_beside(work, command.pool, value)
    merged, replaced = policy.place_back(value, beside)
    store.replace_free(work, command.pool, replaced, merged)
    store.drop_value(work, command.pool, command.holder)


def record_product(work: Work, command: RecordProduct) -> ProductRecorded:
    """File the product with its services and resources, once per order item."""
    recorded = store.find_recorded(work, command)
    if recorded is not None:
        return recorded
    refuse_findings("rule", policy.check_records(command))
    at = to_wire(work.now)
    ids = ProductRecorded(
        product_id=work.mint(ProductId),
        start=at,
        services={service.key: work.mint(ServiceId) for service in command.services},
        resources={resource.key: work.mint(ResourceId) for resource in command.resources},
    )
    for resource in command.resources:
        document = wire.resource_document(resource, ids, at)
        store.file_document(work, store.RESOURCE, document)
    for service in command.services:
        document = wire.service_document(service, command, ids, at)
        store.file_document(work, store.SERVICE, document)
    store.file_document(work, store.PRODUCT, wire.product_document(command, ids, at))
    store.keep_recorded(work, command, ids)
    return ids


def unrecord_product(work: Work, command: UnrecordProduct) -> None:
    """Take away what is still there of what was recorded for the item."""
    store.drop_recorded(work, command.order_id, command.item_id)


def add_resource(work: Work, command: AddResource) -> Document:
    """File a resource; open its pool if it is one."""
    document = store.fill_resource(command.document, work.now)
    refuse_findings("rule", wire.check_resource(document))
    _refuse_second_device(work, document)
    if wire.is_pool(document) and store.is_open(work, document["name"]):
        raise _duplicate("pool", document["name"])
    filed = store.add_resource(work, document)
    if wire.is_pool(filed):
        store.open_pool(work, filed)
    return filed


def amend_resource(work: Work, command: AmendResource) -> Document:
    """Replace a resource by its new form, unless a pool or a device would lose its name."""
    before = store.need_resource(work, command.id)
    after = {**command.document, "id": str(command.id)}
    refuse_findings("rule", wire.check_resource(after))
    refuse_findings("conflict", policy.check_same_pool(before, after))
    _refuse_second_device(work, after)
    return store.change_resource(work, after, command.rev)


def _refuse_second_device(work: Work, document: Document) -> None:
    """Devices are found by name: no two of a name."""
    if not wire.is_device(document):
        return
    device = store.find_device(work, document["name"])
    if device is not None and device["id"] != document.get("id"):
        raise _duplicate("device", document["name"])


def _duplicate(what: str, name: str) -> Exception:
    return refused("conflict", "duplicate", f"there is a {what} {name!r} already", "name")


def find_device(look: Look, query: FindDevice) -> DeviceFound | None:
    """The device of this name, by index."""
    found = store.find_device(look, query.name)
    if found is None:
        return None
    return DeviceFound(
        id=ResourceId(found["id"]),
        name=found["name"],
        driver=str(wire.find_characteristic(found, "driver")),
        address=str(wire.find_characteristic(found, "address") or ""),
        administrative_state=str(found.get("administrativeState", "unlocked")),
    )


HANDLERS: tuple[Handler, ...] = (
    decides(ReserveValue, reserve_value),
    decides(ReleaseValue, release_value),
    decides(RecordProduct, record_product),
    decides(UnrecordProduct, unrecord_product),
    decides(AddResource, add_resource),
    decides(AmendResource, amend_resource),
    answers(FindDevice, find_device),
)
