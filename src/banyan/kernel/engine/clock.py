"""Time, injected: the real clock for production, a driven one that runs a month in a second.

Instants are aware ``datetime`` in UTC; columns hold whole microseconds since 1970.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_us(instant: datetime) -> int:
    """``instant`` as microseconds since 1970, exact."""
    return (instant - _EPOCH) // _MICROSECOND


def from_us(instant_us: int) -> datetime:
    """Microseconds since 1970 as an aware instant."""
    return _EPOCH + timedelta(microseconds=instant_us)


def to_wire(instant: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, as TMF documents carry it."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + (
        f"{instant.microsecond // 1000:03d}Z"
    )


class Clock(Protocol):
    """Tells the time and waits for it."""

    def now(self) -> datetime:
        """The current instant, UTC, never going back within one process."""
        ...

    def wait(self, bell: threading.Event, until: datetime | None, longest_s: float) -> None:
        """Return when ``bell`` rings, ``until`` has come, or after ``longest_s`` real seconds.

        The bell is left silent. A driven clock rings it when it is advanced.
        """
        ...


class RealClock:
    """The machine's clock, kept from going back by the monotonic one."""

    def __init__(self) -> None:
        self._base = datetime.now(UTC)
        self._base_ns = time.monotonic_ns()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The machine's time at start plus the monotonic time since; follows forward steps."""
        wall = datetime.now(UTC)  # read first: a pause in between must not look like a step
        since = timedelta(microseconds=(time.monotonic_ns() - self._base_ns) // 1000)
        if wall > self._base + since:
            with self._lock:
                self._base = max(self._base, wall - since)
        return self._base + since

    def wait(self, bell: threading.Event, until: datetime | None, longest_s: float) -> None:
        """See :class:`Clock`."""
        seconds = longest_s
        if until is not None:
            seconds = min(seconds, max(0.0, (until - self.now()).total_seconds()))
        bell.wait(seconds)
        bell.clear()


class DrivenClock:
    """A clock that moves only when told; everyone waiting on it is woken when it does."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._lock = threading.Lock()
        self._bells: set[threading.Event] = set()

    def now(self) -> datetime:
        """The instant it was last set to."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move forward by ``by`` (never back) and wake the waiting."""
        assert by >= timedelta(0), "a clock never goes back"
        with self._lock:
            self._now += by
            for bell in self._bells:
                bell.set()

    def wait(self, bell: threading.Event, until: datetime | None, longest_s: float) -> None:
        """See :class:`Clock`; ``until`` is reached by :meth:`advance` only."""
        with self._lock:
            self._bells.add(bell)
            reached = until is not None and until <= self._now
        if not reached:
            bell.wait(longest_s)
        bell.clear()
        with self._lock:
            self._bells.discard(bell)
