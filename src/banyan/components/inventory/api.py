"""What inventory shows: TMF637 products, TMF638 services, TMF639 resources."""

from __future__ import annotations

from banyan.components.inventory.store import PRODUCT, RESOURCE, SERVICE
from banyan.tmf.resource import Resource

RESOURCES: tuple[Resource, ...] = (PRODUCT, SERVICE, RESOURCE)
