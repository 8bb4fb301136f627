"""A program of its own that reserves values: ``reserver.py <database> <pool> <name> <count>``.

With a fifth word it asks for that value every time, and writes the code of each refusal.
"""

from __future__ import annotations

import sys

from banyan.components.inventory.contract import ReserveValue
from banyan.components.inventory.service import HANDLERS
from banyan.kernel.engine.clock import RealClock
from banyan.kernel.engine.db import Database
from banyan.kernel.engine.mint import Mint
from banyan.kernel.engine.room import Room
from banyan.kernel.words.errors import Refused
from banyan.kernel.words.messages import Call


def main(url: str, pool: str, name: str, count: str, value: str = "") -> None:
    """Reserve ``count`` values, each for another holder, and write them out."""
    clock = RealClock()
    room = Room("inventory", Database("inventory", url), clock, Mint(clock), HANDLERS)
    for number in range(int(count)):
        wish = ReserveValue(pool=pool, holder=f"{name}-{number}", value=value)
        try:
            answer = room.put(Call("north", name), wish, f"{name}-{number}")
            sys.stdout.write(f"{answer.value}\n")
        except Refused as error:
            sys.stdout.write(f"{error.refusal.findings[0].code}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
