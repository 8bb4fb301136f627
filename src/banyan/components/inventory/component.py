"""Builds the inventory room from settings."""

from __future__ import annotations

import banyan.components.inventory
import banyan.components.inventory.migrations
from banyan.components.inventory.api import RESOURCES
from banyan.components.inventory.reactions import REACTIONS
from banyan.components.inventory.service import HANDLERS
from banyan.kernel.engine.component import RoomParts, read_manifest
from banyan.kernel.engine.settings import Settings


def build(settings: Settings) -> RoomParts:
    """The parts of the room."""
    return RoomParts(
        manifest=read_manifest(banyan.components.inventory),
        handlers=HANDLERS,
        resources=RESOURCES,
        reactions=REACTIONS,
        migrations=banyan.components.inventory.migrations,
    )
