"""How much is let in at once and per second; what is too much is turned away at once, and told so.

A house that takes more than it can do answers everybody late. So a bounded number is worked on, a
bounded number waits for a bounded time, and the rest is told when to come back: 503 when the house
is busy, 429 when a caller asks more than his share (RFC 6585).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Final

from banyan.tmf.errors import Header

KNOWN_MAX: Final = 10_000
"""Callers whose share is remembered; whoever was away longest is forgotten, with a full share."""


class Busy(Exception):
    """There is no room for this request: come back after ``seconds``."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"come back after {seconds} s")
        self.seconds = seconds


class Gate:
    """Lets ``most`` in at once; ``waiting_most`` more may wait for ``wait_s``. For one event loop.

    Whoever waits is let in in turn. Nobody who comes later overtakes.
    """

    def __init__(self, most: int, waiting_most: int, wait_s: float) -> None:
        self._most = most
        self._waiting_most = waiting_most
        self._wait_s = wait_s
        self._waiting: deque[asyncio.Future[None]] = deque()
        self.inside = 0

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return len(self._waiting)

    async def enter(self) -> None:
        """Come in, or raise :class:`Busy`; whoever is in leaves by :meth:`leave`."""
        if self.inside < self._most and not self._waiting:
            self.inside += 1
            return
        if len(self._waiting) >= self._waiting_most:
            raise Busy(max(1, round(self._wait_s)))
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append(turn)
        timer = loop.call_later(self._wait_s, self._give_up, turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.leave()  # the place came and nobody is there to take it
            elif turn in self._waiting:
                self._waiting.remove(turn)
            raise
        finally:
            timer.cancel()

    def _give_up(self, turn: asyncio.Future[None]) -> None:
        if not turn.done():
            self._waiting.remove(turn)
            turn.set_exception(Busy(max(1, round(self._wait_s))))

    def leave(self) -> None:
        """Go; the place is the next one's who waits."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.inside -= 1


@dataclass(slots=True)
class _Share:
    left: float
    at_us: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a request's claim: how much is left, and when the next may be made."""

    is_allowed: bool
    most: int
    left: int
    wait_s: int

    def headers(self) -> list[Header]:
        """What the caller is told of his share (IETF draft ratelimit-headers)."""
        return [
            (b"ratelimit-limit", b"%d" % self.most),
            (b"ratelimit-remaining", b"%d" % self.left),
            (b"ratelimit-reset", b"%d" % self.wait_s),
        ]


class Shares:
    """A token bucket for everybody: ``per_s`` requests a second, ``burst`` at once."""

    def __init__(self, per_s: float, burst: int) -> None:
        self._per_s = per_s
        self._burst = burst
        self._shares: OrderedDict[tuple[str, ...], _Share] = OrderedDict()

    def take(self, who: tuple[str, ...], now_us: int) -> Taken:
        """Claim one request of ``who``'s share."""
        share = self._shares.get(who)
        if share is None:
            share = self._shares[who] = _Share(self._burst, now_us)
            if len(self._shares) > KNOWN_MAX:
                self._shares.popitem(last=False)
        else:
            self._shares.move_to_end(who)
            gained = max(0, now_us - share.at_us) * self._per_s / 1_000_000
            share.left, share.at_us = min(self._burst, share.left + gained), now_us
        if share.left >= 1:
            share.left -= 1
            return Taken(True, self._burst, int(share.left), self._seconds_to(1 - share.left))
        return Taken(False, self._burst, 0, max(1, self._seconds_to(1 - share.left)))

    def _seconds_to(self, missing: float) -> int:
        """Whole seconds until so much more has come; 0 if nothing is missing."""
        return -int(-max(0.0, missing) // self._per_s)


def shares(per_s: float, burst: int) -> Shares | None:
    """Shares of this size; none where ``per_s`` is 0. A burst of 0 is two seconds' worth."""
    return Shares(per_s, burst or max(1, round(2 * per_s))) if per_s else None
