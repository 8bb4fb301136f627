"""All mapping between the room's words and the standard's documents. Pure."""

from banyan.components.inventory.wire.edges import find_edges, node_of
from banyan.components.inventory.wire.records import (
    product_document,
    resource_document,
    service_document,
)
from banyan.components.inventory.wire.resources import (
    check_resource,
    find_characteristic,
    find_span,
    is_device,
    is_pool,
)

__all__ = [
    "check_resource",
    "find_characteristic",
    "find_edges",
    "find_span",
    "is_device",
    "is_pool",
    "node_of",
    "product_document",
    "resource_document",
    "service_document",
]
