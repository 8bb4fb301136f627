"""Faults to order: at which point of which step of a journey something goes wrong, and how.

The points of a step, by the form of its handler: ``intend.before``, ``look.before``,
``look.after`` (a device was touched, nothing is on record yet), ``handle.before``,
``handle.after`` (inside the transaction) and ``commit.after`` (it is on disk, nobody knows).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from banyan.kernel.engine.component import RoomParts
from banyan.kernel.engine.handlers import Handler
from banyan.kernel.engine.settings import Settings
from banyan.wiring import BUILDERS

LOST = "commit.after"


def points_of(handler: Handler) -> tuple[str, ...]:
    """Where a step with this handler can be hit."""
    intended = ("intend.before",) if handler.intend is not None else ()
    looked = ("look.before", "look.after") if handler.look is not None else ("handle.before",)
    return (*intended, *looked, "handle.after", LOST)


class Faults:
    """What happens at (step, point); wraps the handlers of every room."""

    def __init__(self) -> None:
        self.planned: dict[tuple[str, str], Callable[[], None]] = {}

    def hit(self, key: str, point: str) -> None:
        """Let happen what was planned for the step of this idempotency key."""
        happens = self.planned.get((step_of(key), point))
        if happens is not None:
            happens()

    def builders(self) -> Mapping[str, Callable[[Settings], RoomParts]]:
        """The rooms' builders, with handlers that can be hit."""
        return {name: self._builder(make) for name, make in BUILDERS.items()}

    def _builder(self, make: Callable[[Settings], RoomParts]) -> Callable[[Settings], RoomParts]:
        def build(settings: Settings) -> RoomParts:
            parts = make(settings)
            wrapped = tuple(self._wrap(handler) for handler in parts.handlers)
            return dataclasses.replace(parts, handlers=wrapped)

        return build

    def _wrap(self, handler: Handler) -> Handler:
        if handler.reads:
            return handler

        def intend(work: Any, command: Any) -> Any:
            self.hit(work.key, "intend.before")
            assert handler.intend is not None
            return handler.intend(work, command)

        def look(desk: Any, command: Any, *intended: Any) -> Any:
            self.hit(desk.key, "look.before")
            assert handler.look is not None
            seen = handler.look(desk, command, *intended)
            self.hit(desk.key, "look.after")
            return seen

        def handle(work: Any, command: Any, *seen: Any) -> Any:
            self.hit(work.key, "handle.before")
            answer = handler.handle(work, command, *seen)
            self.hit(work.key, "handle.after")
            key = work.key
            work.after_commit(lambda: self.hit(key, LOST))
            return answer

        return Handler(
            handler.message,
            handle,
            look if handler.look is not None else None,
            intend if handler.intend is not None else None,
        )


def step_of(key: str) -> str:
    """The step an idempotency key belongs to (an undo is ``<step>/undo``); empty if none."""
    return key.split("/", 2)[2] if key.startswith("plan/") else ""
