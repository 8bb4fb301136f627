"""What other rooms and journeys may ask of activation."""

from __future__ import annotations

from typing import Literal

import msgspec

from banyan.kernel.words.codec import Document
from banyan.kernel.words.messages import Command


class Configured(msgspec.Struct, frozen=True, kw_only=True):
    """What the device was told, under which ticket (higher = later)."""

    device: str
    service: str
    ticket: int
    configuration: Document


class Configure(Command[Configured], frozen=True, kw_only=True):
    """Bring ``service`` on ``device`` to ``configuration``, keeping on record what was before.

    ``change`` tells several changes of one service apart, so that each can be undone alone; without
    it there is one. Fails with ``NeedsPerson`` when the device is unknown or locked, ``Later`` when
    it can't be reached or another change of the service is under way. A repeat sets the same again.
    """

    device: str
    service: str
    configuration: Document
    change: str = ""


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What was read back from the device, equal to what it was told."""

    device: str
    service: str
    configuration: Document


class VerifyConfiguration(Command[Verified], frozen=True, kw_only=True):
    """Read ``service`` back from ``device`` and compare it with what was configured.

    ``NeedsPerson`` when they differ, naming every difference. Refused (``notConfigured``) when
    nothing was configured, or a change is not finished.
    """

    device: str
    service: str


class RestoreConfiguration(Command[None], frozen=True, kw_only=True):
    """Undo :class:`Configure`: bring ``service`` back to what was before it, or take it away.

    Nothing happens if the device was never told anything for ``service`` (and ``change``). A change
    with a later one on top is taken out from under it: the device keeps the later one.
    """

    device: str
    service: str
    change: str = ""


class DeviceDifference(msgspec.Struct, frozen=True, kw_only=True):
    """What a device holds otherwise than believed; ``service`` is empty if it can't be read."""

    kind: Literal["missing", "extra", "different", "unreadable"]
    device: str
    service: str
    believed: str
    found: str


class DeviceConfigured(msgspec.Struct, frozen=True, kw_only=True):
    """What activation believes to have told a device."""

    device: str
    service: str


class DevicesCompared(msgspec.Struct, frozen=True, kw_only=True):
    """Every difference between belief and devices, and what was held against each other."""

    differences: tuple[DeviceDifference, ...]
    configured: tuple[DeviceConfigured, ...]
    devices: int


class CompareDevices(Command[DevicesCompared], frozen=True, kw_only=True):
    """Read all devices of the inventory, and those something was configured on, and compare.

    A device that can't be read is told as such. Nothing is changed, here or there. Changes that are
    not finished are left out.
    """
