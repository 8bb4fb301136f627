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
