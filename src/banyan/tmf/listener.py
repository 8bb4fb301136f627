"""Where the events of other servers come in: one address per subscription, known to nobody else.

The sender needs no token of this house: the last part of the path is a secret that only the server
subscribed to was told. An event is not believed, it is a reason to look (:mod:`banyan.tmf.sync`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hmac import compare_digest
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from banyan.kernel.engine.room import Room
from banyan.kernel.words.errors import Outage, Refused, refused
from banyan.tmf import copies
from banyan.tmf.apis import API
from banyan.tmf.bodies import read_json
from banyan.tmf.errors import Answer, answer_error
from banyan.tmf.service import kit_messages
from banyan.tmf.sync import LISTENER, Sync

EVENTS_MAX: Final = 1_000
"""Events one request may hold; more are found by comparing all."""


class Listener:
    """Takes events in for the copies of one process."""

    def __init__(self, syncs: Sequence[tuple[Sync, Room]], body_bytes_max: int) -> None:
        self._syncs = {sync.remote.api: (sync, room) for sync, room in syncs}
        self._most = body_bytes_max

    def routes(self) -> list[BaseRoute]:
        """The address, and all below it: some senders add the event's name to a callback."""
        path = f"{LISTENER}/{{api}}/{{secret}}"
        return [
            Route(path, self.answer, methods=["POST"]),
            Route(f"{path}/{{rest:path}}", self.answer, methods=["POST"]),
        ]

    async def answer(self, request: Request) -> Response:
        """204 once it is on disk that there is something to look at."""
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > self._most:
                error = refused("too_large", "bodySize", f"at most {self._most} bytes")
                return answer_error(error).response()
        path = request.path_params
        return await run_in_threadpool(self._answered, path["api"], path["secret"], body)

    def _answered(self, api: str, secret: str, body: bytes) -> Response:
        try:
            self._take(api, secret, body)
        except (Refused, Outage) as error:
            return answer_error(error).response()
        return Answer(204).response()

    def _take(self, api: str, secret: str, body: bytes) -> None:
        sync, room = self._syncs.get(api, (None, None))
        if sync is None or room is None or not _is_known(room, sync, secret):
            raise refused("unknown", "notFound", "there is nothing at this address")
        told = read_json(body)
        events = told if isinstance(told, list) else [told]
        messages = kit_messages(room.name)
        for event in events[:EVENTS_MAX]:
            found = list(find_subjects(api, event))
            for resource, document_id in found:
                command = messages.note(api=api, resource=resource, id=document_id)
                room.put(sync.remote.call(), command, "")
            if not found:
                sync.ask_sweep()
        if len(events) > EVENTS_MAX:
            sync.ask_sweep()


def _is_known(room: Room, sync: Sync, secret: str) -> bool:
    with room.database.read() as tx:
        known = copies.find_subscribed(tx, sync.remote.tenant, sync.remote.api)
    return known is not None and compare_digest(known.secret.encode(), secret.encode())


def find_subjects(api: str, event: Any) -> Iterator[tuple[str, str]]:
    """Which documents an event is about, however carefully it was written."""
    if not isinstance(event, Mapping):
        return
    held = event.get("event")
    held = held if isinstance(held, Mapping) else event
    kind = str(event.get("eventType") or event.get("@type") or "").lower()
    for resource in API[api].resources:
        for noun in {resource.name, resource.name_v4 or resource.name}:
            several = held.get(noun)
            if several is None and kind.startswith(noun.lower()) and "id" in held:
                several = held
            for each in several if isinstance(several, list) else [several]:
                if isinstance(each, Mapping) and each.get("id") not in (None, ""):
                    yield resource.name, str(each["id"])
