"""What inventory shows: TMF637 products, TMF638 services, TMF639 resources; the graph they make
and the history they have (APIs of our own in TM Forum style).
"""

from __future__ import annotations

from banyan.components.inventory.store import (
    CARRIER,
    DEPENDANT,
    INVENTORY_CORRECTION,
    INVENTORY_VERSION,
    PRODUCT,
    RESOURCE,
    SERVICE,
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
)
