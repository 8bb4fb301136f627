"""What inventory shows: TMF637 products, TMF638 services, TMF639 resources; the graph they make,
the history they have, and the values of pools (APIs of our own in TM Forum style).
"""

from __future__ import annotations

from banyan.components.inventory.store import (
    CARRIER,
    DEPENDANT,
    INVENTORY_CORRECTION,
    INVENTORY_VERSION,
    POOL,
    POOL_VALUE,
    PRODUCT,
    RESOURCE,
    SERVICE,
    VALUE_HOLDER,
)
from banyan.tmf.resource import Resource

RESOURCES: tuple[Resource, ...] = (
    PRODUCT,
    SERVICE,
    RESOURCE,
    CARRIER,
    DEPENDANT,
    INVENTORY_VERSION,
    INVENTORY_CORRECTION,
    POOL,
    POOL_VALUE,
    VALUE_HOLDER,
)
