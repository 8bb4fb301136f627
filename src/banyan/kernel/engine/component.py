"""What a room is made of, as wiring gets it; and its component.yaml, read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import yaml

from banyan.kernel.engine.dispatch import Reaction
from banyan.kernel.engine.handlers import Handler
from banyan.kernel.words.messages import Event


class OdaPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """An ODA component that a room realises, wholly or in part; ``description`` says which.

    ``exposes`` are those of the room's APIs that belong to this component; all if left out.
    """

    id: str
    name: str
    functional_block: str
    description: str
    exposes: tuple[str, ...] = ()


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A room's component.yaml: what it exposes, asks, says and hears."""

    room: str
    exposes: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    hears: tuple[str, ...] = ()
    oda: tuple[OdaPart, ...] = ()


@dataclass(frozen=True)
class RoomParts:
    """A room before it has a database: everything wiring needs of it.

    ``resources`` are rows for the standards kit. ``migrations`` is the package of its own ones.
    """

    manifest: Manifest
    handlers: tuple[Handler, ...]
    resources: tuple[Any, ...] = ()
    reactions: tuple[tuple[type[Event], Reaction], ...] = ()
    migrations: ModuleType | None = None

    @property
    def name(self) -> str:
        """The room's name."""
        return self.manifest.room


def read_manifest(package: ModuleType) -> Manifest:
    """The component.yaml beside a room's code; a wrong or unknown key is a bug that shows here."""
    assert package.__file__ is not None
    text = Path(package.__file__).with_name("component.yaml").read_text("utf-8")
    document: Mapping[str, Any] = yaml.safe_load(text)
    return msgspec.convert(document, Manifest)
