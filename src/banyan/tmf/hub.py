"""Event hubs (TMF630; digest 3): who subscribes, and how they are told.

A subscription is stored in every room that serves the API, beside the documents whose changes it
wants: whoever changes one tells it in the same transaction. Delivery is at least once, in order
per resource; a subscriber that fails is told again by the dispatcher, later and later, then parked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from functools import lru_cache
from typing import Final
from urllib.parse import quote

import httpx

from banyan.kernel.engine.clock import Clock, RealClock, from_us, to_wire
from banyan.kernel.engine.dispatch import Fact, Untold
from banyan.kernel.engine.room import Room
from banyan.kernel.words.codec import Document, from_json, to_json
from banyan.kernel.words.errors import Later, Refused, refused
from banyan.kernel.words.ids import HubId, WrongKind
from banyan.tmf import hubs
from banyan.tmf.apis import API, Generation
from banyan.tmf.bodies import read_json
from banyan.tmf.callbacks import CALLBACK_MAX, Messenger, check_callback
from banyan.tmf.errors import JSON, Answer
from banyan.tmf.faces import Face, faces_of
from banyan.tmf.filters import Wish, read_query
from banyan.tmf.hubs import Hub
from banyan.tmf.projection import project
from banyan.tmf.resource import Resource
from banyan.tmf.service import kit_messages
from banyan.tmf.surface import JSON_TYPES, Action, Endpoint, Request, RestSettings

TURN_S: Final = 5.0
"""How long facts of one hub are told in one go; what is left over waits for the next round."""
PATIENCE_S: Final = 0.25
"""How long one round waits for the slowest hub; others are not held up longer."""
HUBS_AT_ONCE: Final = 8


class HubDesk:
    """Answers at ``{base}/hub`` for one API in one generation."""

    def __init__(
        self, api: str, generation: Generation, rooms: Sequence[Room], settings: RestSettings
    ) -> None:
        self._api = api
        self._generation = generation
        self._rooms = rooms
        self._settings = settings
        self._path = f"{API[api].version(generation).base_path}/hub"

    def collection(self) -> Endpoint:
        """What answers at ``hub``."""
        actions = {"GET": Action(self.list), "POST": Action(self.create, JSON_TYPES)}
        return Endpoint(actions)

    def item(self) -> Endpoint:
        """What answers at ``hub/{id}``."""
        return Endpoint({"GET": Action(self.get), "DELETE": Action(self.delete)})

    def create(self, request: Request) -> Answer:
        """201 with the subscription; 409 if the same callback has the same query already."""
        body = read_json(request.body)
        if not isinstance(body, dict):
            raise refused("malformed", "wrong_type", "the body must be a JSON object")
        allow = self._settings.allow_private_callbacks
        callback = check_callback(body.get("callback"), allow_private=allow)
        query = body.get("query") or ""
        if not isinstance(query, str) or len(query) > CALLBACK_MAX:
            reason = f"query is text of at most {CALLBACK_MAX} characters"
            raise refused("malformed", "query", reason, "query")
        wish = read_query(query)
        if wish.is_of_lists:
            raise refused("malformed", "query", "a hub has no order and no pages", "query")
        hub_id = self._rooms[0].mints.mint(HubId)
        for room in self._rooms:
            command = kit_messages(room.name).create_hub(
                id=hub_id, api=self._api, generation=self._generation,
                callback=callback, query=query,
            )  # fmt: skip
            room.put(request.call, command, "")
        shown = self._shown(request, Hub(hub_id, self._api, self._generation, callback, query, 0))
        location = self._href(request, hub_id).encode()
        return Answer(201, (JSON, (b"location", location)), to_json(shown))

    def list(self, request: Request) -> Answer:
        """200 with every subscription of this API in this generation."""
        shown = [self._shown(request, hub) for hub in self._found(request, "")]
        total = b"%d" % len(shown)
        headers = (JSON, (b"x-total-count", total), (b"x-result-count", total))
        return Answer(200, headers, to_json(shown))

    def get(self, request: Request) -> Answer:
        """200 with one subscription."""
        for hub in self._found(request, request.id):
            return Answer(200, (JSON,), to_json(self._shown(request, hub)))
        raise refused("unknown", "notFound", f"there is no hub {request.id!r}")

    def delete(self, request: Request) -> Answer:
        """204; what is on its way to the callback is dropped."""
        try:
            hub_id = HubId(request.id)
        except WrongKind:
            raise refused("unknown", "notFound", f"there is no hub {request.id!r}") from None
        for room in self._rooms:
            command = kit_messages(room.name).remove_hub(
                id=hub_id, api=self._api, generation=self._generation
            )
            room.put(request.call, command, "")
        return Answer(204)

    def _found(self, request: Request, hub_id: str) -> tuple[Hub, ...]:
        room = self._rooms[0]
        query = kit_messages(room.name).list_hubs(
            api=self._api, generation=self._generation, id=hub_id
        )
        found: tuple[Hub, ...] = room.ask(request.call, query)
        return found

    def _href(self, request: Request, hub_id: str) -> str:
        return f"{request.origin(self._settings.public_url)}{self._path}/{hub_id}"

    def _shown(self, request: Request, hub: Hub) -> Document:
        shown: Document = {"id": hub.id, "callback": hub.callback, "query": hub.query}
        if self._generation >= 5:
            shown = {"@type": "Hub", "href": self._href(request, hub.id), **shown}
        return shown


_Who = tuple[str, str]
"""A subscription: tenant and id."""

_Outcomes = dict[str, Exception | None]
"""What became of facts, by event id."""

_NOT_YET: Final = Untold()


def _who(fact: Fact) -> _Who:
    return fact.tenant, fact.target.removeprefix("hub:")


class HubTeller:
    """Tells facts to subscribers: the teller of a dispatcher for targets ``hub:<id>``.

    Facts of one subscriber go out one after the other, subscribers side by side. Any 2xx is told;
    anything else is to be told again. A subscription that is gone takes its facts with it.
    """

    def __init__(
        self,
        rooms: Iterable[Room],
        resources: Iterable[Resource],
        public_url: str,
        allow_private_callbacks: bool = True,
        clock: Clock | None = None,
    ) -> None:
        self._public_url = public_url
        self._clock = clock or RealClock()
        self._faces: dict[tuple[str, str, int], Face] = {}
        homes: dict[str, list[Room]] = {}
        by_name = {room.name: room for room in rooms}
        for resource in resources:
            for face in faces_of(resource):
                self._faces[resource.api, resource.key, face.generation] = face
            known = homes.setdefault(resource.api, [])
            if resource.room in by_name and by_name[resource.room] not in known:
                known.append(by_name[resource.room])
        self._homes: Mapping[str, list[Room]] = homes
        self._messenger = Messenger(allow_private=allow_private_callbacks)
        self._pool = ThreadPoolExecutor(HUBS_AT_ONCE, thread_name_prefix="hub")
        self._under_way: dict[_Who, Future[_Outcomes]] = {}
        self._outcomes: dict[_Who, _Outcomes] = {}

    def close(self) -> None:
        """Let go of connections and threads."""
        self._pool.shutdown(wait=True)
        self._messenger.close()

    def __call__(self, facts: Sequence[Fact]) -> Sequence[Exception | None]:
        """Tell each; for each, nothing, why not, or that its subscriber is still at it.

        A slow subscriber is not waited for: what became of its facts is said when they are asked
        for again.
        """
        known = self._hubs(facts)
        turns: dict[_Who, list[Fact]] = {}
        for fact in facts:
            if fact.id not in self._outcomes.get(_who(fact), ()):
                turns.setdefault(_who(fact), []).append(fact)
        for who, own in turns.items():
            if who in known and who not in self._under_way:
                self._under_way[who] = self._pool.submit(self._turn, known[who], own)
        wait([self._under_way[who] for who in turns if who in self._under_way], PATIENCE_S)
        for who in [who for who, turn in self._under_way.items() if turn.done()]:
            self._outcomes.setdefault(who, {}).update(self._under_way.pop(who).result())
        return [self._outcome(fact, _who(fact) in known) for fact in facts]

    def _outcome(self, fact: Fact, is_wanted: bool) -> Exception | None:
        """What became of a fact, said once; facts nobody subscribes to any more are done with."""
        outcomes = self._outcomes.get(_who(fact), {})
        if not is_wanted:
            self._outcomes.pop(_who(fact), None)
            return None
        return outcomes.pop(fact.id, _NOT_YET)

    def _hubs(self, facts: Sequence[Fact]) -> dict[tuple[str, str], Hub]:
        wanted: dict[str, set[_Who]] = {}
        for fact in facts:
            wanted.setdefault(fact.kind.partition(".")[0], set()).add(_who(fact))
        found: dict[tuple[str, str], Hub] = {}
        for api, ids in wanted.items():
            for room in self._homes.get(api, ()):
                with room.database.read() as tx:
                    found.update(hubs.find_ids(tx, ids))
        return found

    def _turn(self, hub: Hub, facts: Sequence[Fact]) -> _Outcomes:
        """One hub's share of a round, in order; once it can't be reached, nothing more is tried.

        Facts missing in the answer were not tried.
        """
        outcomes: _Outcomes = {}
        lost: Later | None = None
        end = self._clock.now() + timedelta(seconds=TURN_S)
        for fact in facts:
            if outcomes and self._clock.now() > end:
                break
            outcomes[fact.id] = lost
            if lost is None:
                try:
                    self._deliver(hub, fact)
                except httpx.TransportError as error:
                    lost = Later(0, f"{hub.callback}: {type(error).__name__} {error}")
                    outcomes[fact.id] = lost
                except (Later, Refused) as error:
                    outcomes[fact.id] = error
        return outcomes

    def _deliver(self, hub: Hub, fact: Fact) -> None:
        event = self.event(hub, fact)
        if event is None:
            return
        headers = {"content-type": JSON[1].decode(), "idempotency-key": fact.id}
        status = self._messenger.post(hub.callback, to_json(event), headers)
        if not 200 <= status < 300:
            raise Later(0, f"{hub.callback}: answered {status}")

    def event(self, hub: Hub, fact: Fact) -> Document | None:
        """The event as the hub's generation shows it, or nothing if the hub does not want it.

        Nothing either, once the data of the person it is about has been erased.
        """
        if not fact.body:
            return None
        told = from_json(fact.body)
        face = self._faces.get((hub.api, told["resource"], hub.generation))
        event_type = None if face is None else find_event_type(face, told["word"])
        if face is None or event_type is None:
            return None
        document = face.outward(told["document"])
        href = f"{self._public_url}{face.path}/{quote(document['id'], safe='-._~:()=,@')}"
        at = to_wire(from_us(fact.at_us))
        event: Document = {
            "eventId": fact.id,
            "eventTime": at,
            "eventType": event_type,
            "correlationId": fact.correlation,
            "domain": API[hub.api].title,
            "title": event_type.removesuffix("Event"),
            "description": f"{face.noun} {document['id']}: {told['word']}",
            "priority": "Normal",
            "timeOcurred" if hub.generation == 4 else "timeOccurred": at,
            "event": {face.noun: {"id": document["id"], "href": href, **document}},
        }
        if hub.generation >= 5:
            event["@type"] = event_type
        wish = _wish(hub.query)
        if not all(each.matches(event) for each in wish.conditions):
            return None
        return _projected(event, wish, hub.generation)


_ALWAYS: Final = ("eventId", "eventTime", "eventType", "@type")


def _projected(event: Document, wish: Wish, generation: int) -> Document:
    if not wish.fields:
        return event
    shown = project(event, wish.fields, generation)
    return {name: event[name] for name in _ALWAYS if name in event} | shown


_wish = lru_cache(maxsize=1_024)(read_query)

_NEAREST: Final[Mapping[str, tuple[str, ...]]] = {
    "Create": ("Create",),
    "Delete": ("Delete",),
    "StateChange": ("StateChange", "StatusChange", "AttributeValueChange", "Change"),
    "AttributeValueChange": ("AttributeValueChange", "Change"),
}
"""A kit's word and what an API may call it, best first."""


def find_event_type(face: Face, word: str) -> str | None:
    """The standard's name of an event; None where the API declares no such event."""
    facts = API[face.resource.api].resource(face.resource.name)
    declared = facts.event_words(face.generation)
    for name in _NEAREST.get(word, (word,)):
        if name in declared:
            return f"{facts.type_in(face.generation)}{name}Event"
    return None


def find_event_types(face: Face) -> tuple[str, ...]:
    """Every event the kit can tell about a resource in this generation."""
    words = [word for word in _NEAREST if word != "StateChange" or face.resource.state]
    told = (find_event_type(face, word) for word in words)
    return tuple(dict.fromkeys(name for name in told if name is not None))
