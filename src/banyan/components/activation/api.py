"""What activation shows: TMF702, read-only."""

from __future__ import annotations

from banyan.components.activation.store import CONFIGURED
from banyan.tmf.resource import Resource

RESOURCES: tuple[Resource, ...] = (CONFIGURED,)
