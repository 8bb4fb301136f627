"""What ordering shows: TMF622 product orders and cancellations, and its own held steps."""

from __future__ import annotations

from banyan.components.ordering.store import (
    CANCEL_PRODUCT_ORDER,
    FALLOUT,
    PRODUCT_ORDER,
    RESOLVE_FALLOUT,
)
from banyan.tmf.resource import Resource

RESOURCES: tuple[Resource, ...] = (
    PRODUCT_ORDER,
    CANCEL_PRODUCT_ORDER,
    FALLOUT,
    RESOLVE_FALLOUT,
)
