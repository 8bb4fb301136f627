"""Builds the catalog room from settings."""

from __future__ import annotations

import banyan.components.catalog
import banyan.components.catalog.migrations
from banyan.components.catalog.model import Abilities, Ability
from banyan.components.catalog.service import handlers, make_resources
from banyan.kernel.engine.component import RoomParts, read_manifest
from banyan.kernel.engine.settings import Settings

__all__ = ["Ability", "build"]


def build(settings: Settings, abilities: Abilities = ()) -> RoomParts:
    """The parts of the room; ``abilities`` are what the installed drivers can do."""
    return RoomParts(
        manifest=read_manifest(banyan.components.catalog),
        handlers=handlers(abilities),
        resources=make_resources(abilities),
        migrations=banyan.components.catalog.migrations,
    )
