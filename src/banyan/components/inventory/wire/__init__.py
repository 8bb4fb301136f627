"""All mapping between the room's words and the standard's documents. Pure."""

from banyan.components.inventory.wire.edges import find_edges, node_of
from banyan.components.inventory.wire.pools import PoolTerms, check_resource, need_terms
from banyan.components.inventory.wire.records import (
    product_document,
    resource_document,
    service_document,
)
from banyan.components.inventory.wire.resources import (
    find_characteristic,
    is_device,
    is_pool,
)

__all__ = [
    "PoolTerms",
    "check_resource",
    "find_characteristic",
    "find_edges",
    "is_device",
    "is_pool",
    "need_terms",
    "node_of",
    "product_document",
    "resource_document",
    "service_document",
]
