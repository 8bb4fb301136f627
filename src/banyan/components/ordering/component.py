"""Builds the ordering room from settings."""

from __future__ import annotations

import banyan.components.ordering
import banyan.components.ordering.migrations
from banyan.components.ordering.api import RESOURCES
from banyan.components.ordering.reactions import REACTIONS
from banyan.components.ordering.service import HANDLERS
from banyan.kernel.engine.component import RoomParts, read_manifest
from banyan.kernel.engine.settings import Settings


def build(settings: Settings) -> RoomParts:
    """The parts of the room."""
    return RoomParts(
        manifest=read_manifest(banyan.components.ordering),
        handlers=HANDLERS,
        resources=RESOURCES,
        reactions=REACTIONS,
        migrations=banyan.components.ordering.migrations,
    )
