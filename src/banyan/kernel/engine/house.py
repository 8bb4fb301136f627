"""The rooms of one process, and how they ask each other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from banyan.kernel.engine.room import Room
from banyan.kernel.engine.work import Ask
from banyan.kernel.words.messages import Call, Command, Query, message_name

A = TypeVar("A")


class House:
    """Finds the room of a message by its name's first part."""

    def __init__(self) -> None:
        self.rooms: dict[str, Room] = {}
        self.messages: dict[str, type[Any]] = {}

    def add(self, room: Room) -> None:
        """Take a room in; its messages become askable."""
        assert room.name not in self.rooms, f"two rooms named {room.name}"
        self.rooms[room.name] = room
        for message, handler in room.handlers.items():
            assert handler.name.partition(".")[0] == room.name, f"{handler.name} in {room.name}"
            self.messages[handler.name] = message

    def room_of(self, message: Command[Any] | Query[Any]) -> Room:
        """The room that answers ``message``."""
        return self.rooms[message_name(type(message)).partition(".")[0]]

    def command(self, call: Call, command: Command[A], key: str, voids: str = "") -> A:
        """Ask the room that owns ``command``; see :meth:`Room.put`."""
        return self.room_of(command).put(call, command, key, voids)

    def query(self, call: Call, query: Query[A]) -> A:
        """Question the room that owns ``query``."""
        return self.room_of(query).ask(call, query)

    def limited(self, who: str, names: Iterable[str]) -> Ask:
        """An `Ask` that knows only ``names``; anything else is a bug of ``who``."""
        return _LimitedAsk(self, who, frozenset(names))


class _LimitedAsk:
    def __init__(self, house: House, who: str, names: frozenset[str]) -> None:
        self._house = house
        self._who = who
        self._names = names

    def command(self, call: Call, command: Command[A], key: str) -> A:
        self._check(command)
        return self._house.command(call, command, key)

    def query(self, call: Call, query: Query[A]) -> A:
        self._check(query)
        return self._house.query(call, query)

    def _check(self, message: Any) -> None:
        name = message_name(type(message))
        assert name in self._names, f"{self._who} does not ask {name}: see its component.yaml"
