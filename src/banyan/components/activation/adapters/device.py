"""The port to devices: what every driver of kind ``device`` does, and how drivers are found.

A driver is a class of the entry point group ``banyan.drivers.device``; a device names its driver
by the entry point's name. A new technology is a package with a driver, no change in this room.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Literal, Protocol

from banyan.kernel.words.codec import Document

GROUP = "banyan.drivers.device"

Operation = Literal["configure", "read", "list", "remove", "fence"]


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a driver can do: the technologies it speaks, and the operations of this port."""

    technologies: tuple[str, ...]
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Device:
    """One device of one tenant. ``address`` means what its driver says; it may be empty."""

    tenant: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Held:
    """What a device holds for a service, and the last ticket it saw for it (0: none)."""

    configuration: Document | None
    ticket: int


@dataclass(frozen=True, slots=True)
class DriverSettings:
    """What drivers are opened with: a folder they may keep files in, and how long one may take."""

    folder: Path
    timeout_s: float = 10.0


class StaleTicket(Exception):
    """The device saw a later ticket for the service: whoever asks was overtaken and must stop."""


class DeviceDriver(Protocol):
    """Tells devices what to be, and asks them what they are.

    Every operation ends within the settings' ``timeout_s`` and raises ``Later`` when the device
    can't be reached, ``NeedsPerson`` when a person has to look at it. A ticket lower than the last
    one seen for the service raises :class:`StaleTicket` and changes nothing; the same ticket again
    is a repeat. A killed driver leaves the old or the new, never half of it.
    """

    abilities: Abilities

    def __init__(self, settings: DriverSettings) -> None: ...

    def configure(self, device: Device, service: str, configuration: Document, ticket: int) -> None:
        """Bring the service to ``configuration``, whatever it was before."""
        ...

    def read(self, device: Device, service: str) -> Held:
        """What the device holds for the service now."""
        ...

    def list(self, device: Device) -> Mapping[str, Document]:
        """Everything the device holds: service to configuration, whoever told it.

        Optional: a driver that can't does not name ``list`` among its operations.
        """
        ...

    def remove(self, device: Device, service: str, ticket: int) -> None:
        """Take the service away; nothing happens but the ticket if it isn't there."""
        ...

    def fence(self, device: Device, service: str, ticket: int) -> None:
        """Refuse lower tickets from now on; the configuration stays as it is."""
        ...


Drivers = Mapping[str, DeviceDriver]


def find_drivers(settings: DriverSettings) -> Drivers:
    """Every installed driver, opened, by its entry point's name."""
    return {entry.name: entry.load()(settings) for entry in entry_points(group=GROUP)}
