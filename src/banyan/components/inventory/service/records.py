"""What inventory does with products, services, resources and devices when asked."""

from __future__ import annotations

from banyan.components.inventory import policy, wire
from banyan.components.inventory.contract import (
    AddResource,
    AmendResource,
    DeviceFound,
    FindDevice,
    ListDevices,
    ListRecorded,
    ProductRecorded,
    RecordedItem,
    RecordProduct,
    UnrecordProduct,
)
from banyan.components.inventory.store import filed
from banyan.kernel.engine.clock import to_wire
from banyan.kernel.engine.handlers import Handler, answers, decides
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refuse_findings
from banyan.kernel.words.ids import ProductId, ResourceId, ServiceId


def record_product(work: Work, command: RecordProduct) -> ProductRecorded:
    """File the product with its services and resources, once per order item."""
    recorded = filed.find_recorded(work, command)
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
        filed.file_document(work, filed.RESOURCE, document)
    for service in command.services:
        document = wire.service_document(service, command, ids, at)
        filed.file_document(work, filed.SERVICE, document)
    filed.file_document(work, filed.PRODUCT, wire.product_document(command, ids, at))
    filed.keep_recorded(work, command, ids)
    return ids


def unrecord_product(work: Work, command: UnrecordProduct) -> None:
    """Take away what is still there of what was recorded for the item."""
    filed.drop_recorded(work, command.order_id, command.item_id)


def add_resource(work: Work, command: AddResource) -> Document:
    """File a resource; open its pool if it is one."""
    document = filed.fill_resource(command.document, work.now)
    refuse_findings("rule", wire.check_resource(document))
    return filed.add_resource(work, document)


def amend_resource(work: Work, command: AmendResource) -> Document:
    """Replace a resource by its new form, unless a pool or a device would lose its name."""
    before = filed.need_resource(work, command.id)
    after = {**command.document, "id": str(command.id)}
    refuse_findings("rule", wire.check_resource(after))
    refuse_findings("conflict", policy.check_same_pool(before, after))
    return filed.change_resource(work, after, command.rev)


def find_device(look: Look, query: FindDevice) -> DeviceFound | None:
    """The device of this name, by index."""
    found = filed.find_device(look, query.name)
    return None if found is None else _device(found)


def list_devices(look: Look, query: ListDevices) -> tuple[DeviceFound, ...]:
    """Every device, by index."""
    return tuple(_device(found) for found in filed.find_devices(look))


def list_recorded(look: Look, query: ListRecorded) -> tuple[RecordedItem, ...]:
    """Every order item whose product is there."""
    return tuple(filed.find_recorded_items(look))


def _device(found: Document) -> DeviceFound:
    return DeviceFound(
        id=ResourceId(found["id"]),
        name=found["name"],
        driver=str(wire.find_characteristic(found, "driver")),
        address=str(wire.find_characteristic(found, "address") or ""),
        administrative_state=str(found.get("administrativeState", "unlocked")),
    )


HANDLERS: tuple[Handler, ...] = (
    decides(RecordProduct, record_product),
    decides(UnrecordProduct, unrecord_product),
    decides(AddResource, add_resource),
    decides(AmendResource, amend_resource),
    answers(FindDevice, find_device),
    answers(ListDevices, list_devices),
    answers(ListRecorded, list_recorded),
)
