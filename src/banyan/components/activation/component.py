"""Builds the activation room from settings."""

from __future__ import annotations

from importlib.metadata import entry_points

import banyan.components.activation
import banyan.components.activation.migrations
from banyan.components.activation.adapters.device import (
    GROUP,
    Abilities,
    DriverSettings,
    find_drivers,
)
from banyan.components.activation.api import RESOURCES
from banyan.components.activation.service import handlers
from banyan.kernel.engine.component import RoomParts, read_manifest
from banyan.kernel.engine.settings import Settings


def find_abilities() -> dict[str, Abilities]:
    """What every installed device driver can do, by its entry point's name; none is opened."""
    return {entry.name: entry.load().abilities for entry in entry_points(group=GROUP)}


def build(settings: Settings) -> RoomParts:
    """The parts of the room, with every device driver that is installed."""
    drivers = find_drivers(DriverSettings(settings.devices_folder))
    return RoomParts(
        manifest=read_manifest(banyan.components.activation),
        handlers=handlers(drivers),
        resources=RESOURCES,
        migrations=banyan.components.activation.migrations,
    )
