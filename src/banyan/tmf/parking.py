"""``BANYAN-Delivery``: events that reached nobody, and the word to try them again.

A subscriber (``hub:…``) or a room that failed too often keeps its facts: they are parked, later
ones of the same subject wait behind them, nothing is dropped. Here they are seen, across all rooms,
and made due again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import parse_qsl

from banyan.kernel.engine.clock import from_us, to_wire
from banyan.kernel.engine.dispatch import parked, redeliver
from banyan.kernel.engine.room import Room
from banyan.kernel.words.codec import Document, to_json
from banyan.kernel.words.errors import refused
from banyan.tmf.bodies import read_json
from banyan.tmf.errors import JSON, Answer
from banyan.tmf.surface import JSON_TYPES, Action, Endpoint, Request, RestSettings, Surface

DELIVERY_API: Final = "BANYAN-Delivery"
DELIVERY_BASE: Final = "/banyan-api/deliveryManagement/v1"
DELIVERY_NOUNS: Final = ("parkedDelivery", "redelivery")
SHOWN_MAX: Final = 1_000
_HUB: Final = "hub:"


def delivery_routes(rooms: Iterable[Room], settings: RestSettings) -> list[Surface]:
    """The routes over the deliveries of ``rooms``."""
    desk = DeliveryDesk(rooms)
    exact = {
        f"{DELIVERY_BASE}/parkedDelivery": Endpoint({"GET": Action(desk.find)}),
        f"{DELIVERY_BASE}/redelivery": Endpoint({"POST": Action(desk.again, JSON_TYPES)}),
    }
    return [Surface(exact, {}, (DELIVERY_BASE,), settings)]


class DeliveryDesk:
    """Answers for what is parked."""

    def __init__(self, rooms: Iterable[Room]) -> None:
        self._rooms = list(rooms)

    def find(self, request: Request) -> Answer:
        """200 with what is parked, oldest first; ``hub=`` or ``room=`` for one subscriber's."""
        wanted = _target(dict(parse_qsl(request.query, keep_blank_values=True)))
        found: list[Document] = []
        for room in self._rooms:
            rows = parked(room, request.call.tenant, SHOWN_MAX)
            found += [_shown(room, row) for row in rows if wanted in (None, row["target"])]
        found.sort(key=lambda each: str(each["eventTime"]))
        count = b"%d" % len(found)
        headers = (JSON, (b"x-total-count", count), (b"x-result-count", count))
        return Answer(200, headers, to_json(found))

    def again(self, request: Request) -> Answer:
        """201 with how many were made due again: all, or those of one ``hub`` or ``room``.

        A repeat finds nothing parked and makes nothing due.
        """
        body = read_json(request.body) if request.body else {}
        if not isinstance(body, dict):
            raise refused("malformed", "wrong_type", "the body must be a JSON object")
        wanted = _target({name: body[name] for name in body if name != "@type"})
        count = sum(redeliver(room, wanted, request.call.tenant) for room in self._rooms)
        done = {"@type": "Redelivery", "state": "done", "count": count}
        return Answer(201, (JSON,), to_json(done))


def _target(asked: dict[str, Any]) -> str | None:
    """What facts are on their way to: a hub by id, a room by name; None for all."""
    for name, value in asked.items():
        if name not in ("hub", "room"):
            raise refused("malformed", "filter", "can be asked: hub, room", name)
        if not isinstance(value, str) or not value:
            raise refused("malformed", "wrong_type", "must be an id or a name", name)
    if len(asked) > 1:
        raise refused("malformed", "filter", "either a hub or a room", "room")
    return f"{_HUB}{asked['hub']}" if "hub" in asked else asked.get("room")


def _shown(room: Room, row: dict[str, Any]) -> Document:
    target: str = row["target"]
    to = {"hub": target.removeprefix(_HUB)} if target.startswith(_HUB) else {"room": target}
    return {
        "@type": "ParkedDelivery",
        "id": f"{room.name}.{row['seq']}.{target}",
        **to,
        "eventId": row["id"],
        "eventTime": to_wire(from_us(row["at_us"])),
        "eventType": row["kind"],
        "subject": row["subject"],
        "attempts": row["attempts"],
        "reason": row["reason"],
        "waitingBehind": row["waiting"],
    }
