"""The only SQL of the room: its documents, pools, graph and history."""

from banyan.components.inventory.store.filed import PRODUCT, RESOURCE, SERVICE
from banyan.components.inventory.store.graph_view import CARRIER, DEPENDANT
from banyan.components.inventory.store.history_view import INVENTORY_CORRECTION, INVENTORY_VERSION
from banyan.components.inventory.store.pool_view import POOL, POOL_VALUE, VALUE_HOLDER
from banyan.components.inventory.store.tables import METADATA

__all__ = [
    "CARRIER",
    "DEPENDANT",
    "INVENTORY_CORRECTION",
    "INVENTORY_VERSION",
    "METADATA",
    "POOL",
    "POOL_VALUE",
    "PRODUCT",
    "RESOURCE",
    "SERVICE",
    "VALUE_HOLDER",
]
