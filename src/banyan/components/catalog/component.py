"""Builds the catalog room from settings."""

from __future__ import annotations

import banyan.components.catalog
import banyan.components.catalog.migrations
from banyan.components.catalog.api import RESOURCES
from banyan.components.catalog.service import HANDLERS
from banyan.kernel.engine.component import RoomParts, read_manifest
from banyan.kernel.engine.settings import Settings


def build(settings: Settings) -> RoomParts:
    """The parts of the room."""
    return RoomParts(
        manifest=read_manifest(banyan.components.catalog),
        handlers=HANDLERS,
        resources=RESOURCES,
        migrations=banyan.components.catalog.migrations,
    )
