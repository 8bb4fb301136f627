"""Builds the billing room from settings."""

from __future__ import annotations

import banyan.components.billing
import banyan.components.billing.migrations
from banyan.components.billing.api import RESOURCES
from banyan.components.billing.reactions import REACTIONS
from banyan.components.billing.service import HANDLERS
from banyan.kernel.engine.component import RoomParts, read_manifest
from banyan.kernel.engine.settings import Settings


def build(settings: Settings) -> RoomParts:
    """The parts of the room."""
    return RoomParts(
        manifest=read_manifest(banyan.components.billing),
        handlers=HANDLERS,
        resources=RESOURCES,
        reactions=REACTIONS,
        migrations=banyan.components.billing.migrations,
    )
