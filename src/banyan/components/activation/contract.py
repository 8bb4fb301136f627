"""What other rooms and journeys may ask of activation."""

from __future__ import annotations

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

    Fails with ``NeedsPerson`` when the device is unknown or locked, ``Later`` when it can't be
    reached. A repeat sets the same again.
    """

    device: str
    service: str
    configuration: Document


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What was read back from the device, equal to what it was told."""

    device: str
    service: str
    configuration: Document


class VerifyConfiguration(Command[Verified], frozen=True, kw_only=True):
    """Read ``service`` back from ``device`` and compare it with what was configured.

    ``NeedsPerson`` when they differ, naming every difference.
    """

    device: str
    service: str


class RestoreConfiguration(Command[None], frozen=True, kw_only=True):
    """Undo :class:`Configure`: bring ``service`` back to what was before it, or take it away.

    Nothing happens if the device was never told anything for ``service``.
    """

    device: str
    service: str
