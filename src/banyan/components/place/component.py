"""Builds the place room from settings."""

from __future__ import annotations

import banyan.components.place
import banyan.components.place.migrations
from banyan.components.place.api import RESOURCES
from banyan.components.place.service import HANDLERS
from banyan.kernel.engine.component import RoomParts, read_manifest
from banyan.kernel.engine.settings import Settings


def build(settings: Settings) -> RoomParts:
    """The parts of the room."""
    return RoomParts(
        manifest=read_manifest(banyan.components.place),
        handlers=HANDLERS,
        resources=RESOURCES,
        migrations=banyan.components.place.migrations,
    )
