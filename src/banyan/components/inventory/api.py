"""What inventory shows: TMF637 products, TMF638 services, TMF639 resources, and its own graph."""

from __future__ import annotations

from banyan.components.inventory.store import CARRIER, DEPENDANT, PRODUCT, RESOURCE, SERVICE
from banyan.tmf.resource import Resource

RESOURCES: tuple[Resource, ...] = (PRODUCT, SERVICE, RESOURCE, CARRIER, DEPENDANT)
