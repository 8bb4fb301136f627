"""The toy room's facts."""

from __future__ import annotations

from banyan.kernel.words.messages import Event


class ThingPut(Event, frozen=True, kw_only=True):
    """A thing was put on the shelf."""

    name: str
    times: int
