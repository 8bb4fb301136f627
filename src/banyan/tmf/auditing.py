"""``BANYAN-Audit``: who changed what, in TMF style, to be read only.

The changes of all rooms are one list, by time. What was sealed for a person is shown as it was, and
as erased once the person's key is destroyed. Filters are equality of the names in ``_EQUAL``, and
``eventTime`` with ``.gt``, ``.gte``, ``.lt``, ``.lte``; anything else is refused, never ignored.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, quote

import sqlalchemy as sa

from banyan.kernel.engine.clock import from_us, to_us, to_wire
from banyan.kernel.engine.room import Room
from banyan.kernel.engine.tables import AUDIT
from banyan.kernel.words.codec import Document, from_json, to_json
from banyan.kernel.words.errors import refused
from banyan.tmf.errors import JSON, Answer
from banyan.tmf.surface import Action, Endpoint, Request, RestSettings, Surface

AUDIT_API: Final = "BANYAN-Audit"
AUDIT_BASE: Final = "/banyan-api/auditManagement/v1"
_PATH: Final = f"{AUDIT_BASE}/auditEvent"
_EQUAL: Final = {
    "action": AUDIT.c.verb,
    "actor": AUDIT.c.actor,
    "command": AUDIT.c.command,
    "correlationId": AUDIT.c.correlation,
    "entity.id": AUDIT.c.id,
    "resource": AUDIT.c.resource,
}
_COMPARED: Final = {"gt": "__gt__", "gte": "__ge__", "lt": "__lt__", "lte": "__le__"}
PAGE_MAX: Final = 1_000
OFFSET_MAX: Final = 100_000


@dataclass
class _Wish:
    conditions: list[Any] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)
    offset: int = 0
    limit: int = 100
    is_newest_first: bool = False


def audit_routes(rooms: Iterable[Room], settings: RestSettings) -> list[Surface]:
    """The routes of the audit of ``rooms``."""
    desk = AuditDesk(rooms, settings)
    exact = {_PATH: Endpoint({"GET": Action(desk.find)})}
    items = {_PATH: Endpoint({"GET": Action(desk.get)})}
    return [Surface(exact, items, (AUDIT_BASE,), settings)]


class AuditDesk:
    """Answers for the audit."""

    def __init__(self, rooms: Iterable[Room], settings: RestSettings) -> None:
        self._rooms = {room.name: room for room in rooms}
        self._settings = settings

    def find(self, request: Request) -> Answer:
        """200 with the changes that match, by time; 206 with a page of them (100 if not said)."""
        wish = _read(request.query)
        reach = wish.offset + wish.limit
        found: list[Sequence[tuple[Any, Document]]] = []
        total = 0
        for name in wish.rooms or self._rooms:
            if name in self._rooms:
                some, count = self._look(self._rooms[name], request, wish, reach)
                found.append(some)
                total += count
        merged = heapq.merge(*found, key=lambda each: each[0], reverse=wish.is_newest_first)
        shown = [document for _, document in merged][wish.offset : reach]
        headers = (
            JSON,
            (b"x-total-count", b"%d" % total),
            (b"x-result-count", b"%d" % len(shown)),
        )
        return Answer(200 if len(shown) == total else 206, headers, to_json(shown))

    def get(self, request: Request) -> Answer:
        """200 with one change."""
        name, _, rest = request.id.partition(".")
        strand, _, number = rest.partition(".")
        room = self._rooms.get(name)
        if room is not None and number.isdigit() and len(number) < 19:
            own = [AUDIT.c.strand == strand, AUDIT.c.number == int(number)]
            some, _ = self._look(room, request, _Wish(own), 1)
            for _, document in some:
                return Answer(200, (JSON,), to_json(document))
        raise refused("unknown", "notFound", f"there is no auditEvent {request.id!r}")

    def _look(
        self, room: Room, request: Request, wish: _Wish, reach: int
    ) -> tuple[list[tuple[Any, Document]], int]:
        tenant = request.call.tenant
        own = [AUDIT.c.tenant == tenant, *wish.conditions]
        order: list[Any] = [AUDIT.c.at_us, AUDIT.c.strand, AUDIT.c.number]
        if wish.is_newest_first:
            order = [column.desc() for column in order]
        with room.database.read() as tx:
            query = sa.select(AUDIT).where(*own).order_by(*order).limit(reach)
            rows = tx.execute(query).mappings().all()
            counted = sa.select(sa.func.count()).select_from(AUDIT).where(*own)
            total = int(tx.execute(counted).scalar() or 0)
            texts = [text for row in rows for text in (row["before"], row["after"])]
            opened = room.vault.open_all(tx, tenant, texts) if room.vault else list(texts)
        origin = request.origin(self._settings.public_url)
        found = []
        for place, row in enumerate(rows):
            key = (row["at_us"], row["strand"], row["number"])
            sides = opened[2 * place : 2 * place + 2]
            found.append((key, _shown(room.name, row, sides, f"{origin}{_PATH}/")))
        return found, total


def _shown(room: str, row: Any, sides: Sequence[str | None], base: str) -> Document:
    own_id = f"{room}.{row['strand']}.{row['number']}"
    document: Document = {
        "@type": "AuditEvent",
        "id": own_id,
        "href": base + quote(own_id),
        "eventTime": to_wire(from_us(row["at_us"])),
        "actor": row["actor"],
        "role": [role for role in row["roles"].split(",") if role],
        "correlationId": row["correlation"],
        "room": room,
        "command": row["command"],
        "action": row["verb"],
        "hash": row["hash"],
    }
    if row["resource"]:
        entity = {"@type": "EntityRef", "id": row["id"], "@referredType": row["resource"]}
        document |= {"resource": row["resource"], "entity": entity, "revision": row["rev"]}
    else:
        document["key"] = row["id"]
    for name, text in zip(("before", "after"), sides, strict=True):
        if text is None:
            document["isErased"] = True
        elif text:
            document[name] = from_json(text)
    return document


def _read(query: str) -> _Wish:
    wish = _Wish()
    for name, value in parse_qsl(query, keep_blank_values=True):
        head, _, operator = name.rpartition(".")
        if name in ("offset", "limit"):
            most = OFFSET_MAX if name == "offset" else PAGE_MAX
            if not value.isascii() or not value.isdigit() or int(value) > most:
                raise refused("malformed", "paging", f"must be 0 to {most}", name)
            setattr(wish, name, int(value))
        elif name in _EQUAL:
            wish.conditions.append(_EQUAL[name].in_(value.split(",")))
        elif name == "room":
            wish.rooms += value.split(",")
        elif head == "eventTime" and operator in _COMPARED:
            compare = getattr(AUDIT.c.at_us, _COMPARED[operator])
            wish.conditions.append(compare(_instant(name, value)))
        elif name == "sort" and value in ("eventTime", "-eventTime"):
            wish.is_newest_first = value.startswith("-")
        else:
            known = ", ".join([*_EQUAL, "room", "eventTime.gte", "sort", "offset", "limit"])
            reason = f"can't be asked here; what can: {known}"
            raise refused("unsupported", "filterUnsupported", reason, name)
    return wish


def _instant(name: str, value: str) -> int:
    try:
        at = datetime.fromisoformat(value.replace(" ", "+"))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise refused("malformed", "bad_format", "must be a date-time with an offset", name)
    return to_us(at)
