"""What a room holds as copies of what another server keeps: it decides by them, off the socket.

A copy changes in step with the original only. What is not there may be on its way: whoever looked
for it in vain notes that, the room fetches it once the transaction is over, and looks again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from banyan.kernel.words.messages import Call

Missed = tuple[str, str]
"""A kind of thing and an id that was looked for and not found."""

FETCHES_MAX: Final = 12
"""How often one question is asked again: what was fetched may lead to more that is missing."""


def _nothing(call: Call, missed: Sequence[Missed]) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Copies:
    """``kept`` names the collections that are copies; ``fetch`` brings what was missed.

    It says whether anything came. It is called outside any transaction and raises nothing that is
    expected: with the other server away, nothing comes.
    """

    kept: frozenset[str] = frozenset()
    fetch: Callable[[Call, Sequence[Missed]], bool] = _nothing


NO_COPIES: Final = Copies()
