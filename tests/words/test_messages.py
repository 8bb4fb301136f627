"""Commands, queries and events: named after where they live, answered as they say."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from banyan.kernel.words.codec import from_json, from_plain, to_json
from banyan.kernel.words.ids import ResourceId
from banyan.kernel.words.messages import Call, Command, Event, Query, answer_type, message_name


class PortReserved(msgspec.Struct, frozen=True):
    """What the command answers."""

    port: ResourceId


class ReservePort(Command[PortReserved], frozen=True, kw_only=True):
    """A wish."""

    speed_mbps: int
    note: str = ""


class CountPorts(Query[int], frozen=True, kw_only=True):
    """A question."""


class PortTaken(Event, frozen=True, kw_only=True):
    """A fact."""

    port: ResourceId


def placed(kind: type[Any], module: str) -> type[Any]:
    """The same class as if it were written in ``module``."""
    return type(kind.__name__, (), {"__module__": module})


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("banyan.components.inventory.contract", "inventory.ReservePort"),
        ("banyan.components.inventory.contract.ports", "inventory.ReservePort"),
        ("banyan.components.inventory.events", "inventory.ReservePort"),
        ("probes", "probes.ReservePort"),
        ("somewhere.else_again", "else_again.ReservePort"),
    ],
)
def test_the_wire_name_is_the_room_and_the_class(module: str, name: str) -> None:
    assert message_name(placed(ReservePort, module)) == name


def test_the_answers_type_is_named_once() -> None:
    assert answer_type(ReservePort) is PortReserved
    assert answer_type(CountPorts) is int


def test_a_message_without_an_answer_has_none_to_name() -> None:
    with pytest.raises(TypeError, match="PortTaken does not name its answer"):
        answer_type(PortTaken)


def test_messages_do_not_change() -> None:
    frozen: list[Any] = [
        ReservePort(speed_mbps=100),
        PortTaken(subject="r-1", port=ResourceId("r-1")),
        Call("acme", "ada"),
    ]
    for message in frozen:
        with pytest.raises(AttributeError):
            message.note = "changed"


def test_a_command_is_made_by_names_only() -> None:
    positional: Any = ReservePort
    with pytest.raises(TypeError):
        positional(100)


def test_messages_travel_as_json() -> None:
    wish = ReservePort(speed_mbps=100)
    fact = PortTaken(subject="r-1", port=ResourceId("r-1"))
    call = Call("acme", "ada", ("sales",), "c-1")
    for message in (wish, fact, call):
        assert from_plain(from_json(to_json(message)), type(message)) == message


def test_a_stored_command_gets_the_defaults_of_a_later_release() -> None:
    assert from_plain({"speed_mbps": 5}, ReservePort) == ReservePort(speed_mbps=5, note="")
