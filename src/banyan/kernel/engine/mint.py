"""Mints ids: 48 bits of milliseconds, then 80 bits that differ, in Crockford's base 32.

Ids of one process sort in the order they were minted, within one millisecond too.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from typing import TypeVar

from banyan.kernel.engine.clock import Clock, to_us
from banyan.kernel.words.ids import Id

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]
_TAIL_BITS = 80

AnyId = TypeVar("AnyId", bound=Id)


def draw_secret(size: int) -> bytes:
    """``size`` bytes that nobody can guess: for keys and nonces, which no run repeats."""
    return secrets.token_bytes(size)


class Mint:
    """Hands out ids that no other mint hands out; safe to use from many threads."""

    def __init__(self, clock: Clock, bits: Callable[[int], int] = secrets.randbits) -> None:
        self.clock = clock
        self._bits = bits
        self._lock = threading.Lock()
        self._last_ms = -1
        self._tail = 0

    def text(self) -> str:
        """Twenty-six characters, greater than every one before."""
        with self._lock:
            now_ms = to_us(self.clock.now()) // 1000
            if now_ms > self._last_ms:
                self._last_ms = now_ms
                self._tail = self._bits(_TAIL_BITS - 1)
            else:
                self._tail += 1 + self._bits(32)
            number = (self._last_ms << _TAIL_BITS) | self._tail
        pairs = [_PAIRS[(number >> shift) & 1023] for shift in range(120, -1, -10)]
        return "".join(pairs)

    def mint(self, kind: type[AnyId]) -> AnyId:
        """A new id of ``kind``."""
        return kind(f"{kind.kind}-{self.text()}")
