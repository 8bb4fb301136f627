"""Builds the party room from settings."""

from __future__ import annotations

import banyan.components.party
import banyan.components.party.migrations
from banyan.components.party.api import RESOURCES
from banyan.components.party.service import HANDLERS
from banyan.kernel.engine.component import RoomParts, read_manifest
from banyan.kernel.engine.settings import Settings


def build(settings: Settings) -> RoomParts:
    """The parts of the room."""
    return RoomParts(
        manifest=read_manifest(banyan.components.party),
        handlers=HANDLERS,
        resources=RESOURCES,
        migrations=banyan.components.party.migrations,
    )
