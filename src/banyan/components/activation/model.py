"""What activation keeps of a service on a device: one layer per change, the latest on top."""

from __future__ import annotations

from typing import Literal

import msgspec

from banyan.kernel.words.codec import Document

LayerState = Literal["applying", "applied", "restoring"]


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one service on one device.

    ``before`` is what :class:`RestoreConfiguration` brings back (None: nothing was there); as long
    as ``is_before_known`` is false the device may still hold something nobody told us of. Tickets
    rise per device: ``first_ticket`` is older than anything this layer wrote, ``ticket`` is the
    latest one. ``applied_us`` is 0 until the device first took it.
    """

    device: str
    service: str
    change: str
    state: LayerState
    before: Document | None
    is_before_known: bool
    wanted: Document
    first_ticket: int
    ticket: int
    document_id: str = ""
    applied_us: int = 0


class Undoing(msgspec.Struct, frozen=True, kw_only=True):
    """A layer to be taken off its device, with the ticket to do it under."""

    layer: Layer
    ticket: int
