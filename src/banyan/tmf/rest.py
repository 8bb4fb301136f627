"""The REST surface of every resource in every generation, made from the rooms' resource tables.

TMF630: list, get, create, patch, delete, hub, OpenAPI. See :mod:`banyan.tmf.surface` for how a
request gets here and :mod:`banyan.tmf.errors` for how a refusal looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import quote, unquote

from starlette.routing import BaseRoute

from banyan.kernel.engine.house import House
from banyan.kernel.engine.room import Room
from banyan.kernel.words.codec import Document, to_json
from banyan.kernel.words.errors import Refusal, Refused, refused
from banyan.kernel.words.ids import WrongKind
from banyan.tmf.apis import API, Generation
from banyan.tmf.bodies import etag, expected_revs, read_json
from banyan.tmf.bulk.desk import BulkDesk
from banyan.tmf.bulk.lines import BULK
from banyan.tmf.changes import compute_change, compute_new
from banyan.tmf.documents import Page, Stored, unknown
from banyan.tmf.errors import JSON, Answer, Header
from banyan.tmf.faces import Face, bases_of, faces_of
from banyan.tmf.filters import Condition, read_query
from banyan.tmf.hub import HubDesk
from banyan.tmf.openapi import describe, openapi_document
from banyan.tmf.owning import check_change, check_new
from banyan.tmf.paging import check_declared, describe_page
from banyan.tmf.patching import MERGE_FORMS, PATCH_FORMS, Patch
from banyan.tmf.projection import project
from banyan.tmf.resource import Resource
from banyan.tmf.service import check_rev, kit_messages
from banyan.tmf.surface import JSON_TYPES, Action, Endpoint, Request, RestSettings, Surface

KEY_MAX: Final = 255
"""Characters of an ``Idempotency-Key``."""
RACES_MAX: Final = 8
"""How often a patch that somebody else overtook is made again before its caller hears of it."""

_ID_SAFE: Final = "-._~:()=,@"
_PLAIN_ID: Final = re.compile(r"[0-9A-Za-z\-._~:()=,@]+")

ONCE: Final = ""
"""The key of a request that nobody can repeat."""


def mount(
    house: House, resources: Iterable[Resource], settings: RestSettings | None = None
) -> list[BaseRoute]:
    """The routes that serve ``resources``; the rooms they name must be in the house.

    Every request must carry its ``Call`` in ``request.state.call``. A resource whose room has a
    handler missing is a bug that shows here, not at the first request.
    """
    chosen = settings or RestSettings()
    exact: dict[str, Endpoint] = {}
    items: dict[str, Endpoint] = {}
    parts: dict[str, dict[str, Endpoint]] = {}
    served: dict[tuple[str, Generation], list[Face]] = {}
    for resource in resources:
        for face in faces_of(resource):
            served.setdefault((resource.api, face.generation), []).append(face)
            desk = ResourceDesk(face, house.rooms[resource.room], chosen)
            bulk = BulkDesk(face, house.rooms[resource.room])
            for base in bases_of(resource.api, face.generation):
                exact[f"{base}/{face.noun}"] = desk.collection()
                items[f"{base}/{face.noun}"] = desk.item()
                exact[f"{base}/{BULK}/{face.noun}"] = bulk.collection()
                items[f"{base}/{BULK}/{face.noun}"] = bulk.item()
                parts[f"{base}/{face.noun}"] = desk.parts()
    for (api, generation), faces in served.items():
        names = dict.fromkeys(face.resource.room for face in faces)
        hub = HubDesk(api, generation, [house.rooms[name] for name in names], chosen)
        document = DocumentDesk(api, generation, faces)
        for base in bases_of(api, generation):
            exact[f"{base}/hub"] = hub.collection()
            items[f"{base}/hub"] = hub.item()
            exact[f"{base}/openapi.json"] = document.endpoint()
    known = tuple({path.rpartition("/")[0] for path in exact})
    nested = {path: found for path, found in parts.items() if found}
    return [Surface(exact, items, known, chosen, nested)]


class DocumentDesk:
    """Answers with the OpenAPI document of one API in one generation."""

    def __init__(self, api: str, generation: Generation, faces: Iterable[Face]) -> None:
        self._api = api
        self._generation = generation
        self._faces = {face.noun: face for face in faces}
        self._body = b""

    def endpoint(self) -> Endpoint:
        """What answers at ``openapi.json``."""
        return Endpoint({"GET": Action(self.get)})

    def get(self, request: Request) -> Answer:
        """The document, made at the first request; it shows only what is served."""
        if not self._body:
            whole = describe(self._api, self._generation)
            shown = tuple(
                replace(each, operations=face.operations, is_sorted=face.resource.view is None)
                for each in whole.resources
                if (face := self._faces.get(each.name)) is not None
            )
            self._body = to_json(openapi_document(replace(whole, resources=shown)))
        return Answer(200, (JSON,), self._body)


class ResourceDesk:
    """Answers for one resource in one generation."""

    def __init__(self, face: Face, room: Room, settings: RestSettings) -> None:
        self.face = face
        self.resource = face.resource
        self.room = room
        self.settings = settings
        self.messages = kit_messages(room.name)
        self._queries = API[face.resource.api].version(face.generation).queries
        self._patch_forms = MERGE_FORMS if face.is_v4 else PATCH_FORMS
        for command in (face.resource.create, face.resource.patch, face.resource.remove):
            assert command is None or command in room.handlers, f"{room.name} lacks {command}"
        assert self.messages.find in room.handlers, f"{room.name} lacks kit_handlers"

    def collection(self) -> Endpoint:
        """What answers at the resource's own path."""
        actions = {}
        if "G" in self.face.operations:
            actions["GET"] = Action(self.list)
        if "C" in self.face.operations:
            actions["POST"] = Action(self.create, JSON_TYPES)
        return Endpoint(actions)

    def item(self) -> Endpoint:
        """What answers below it."""
        actions = {}
        if "G" in self.face.operations:
            actions["GET"] = Action(self.get)
        if "U" in self.face.operations:
            actions["PATCH"] = Action(self.patch, frozenset(self._patch_forms))
        if "D" in self.face.operations:
            actions["DELETE"] = Action(self.delete)
        return Endpoint(actions)

    def parts(self) -> dict[str, Endpoint]:
        """What answers below one of its documents, by noun."""
        names = API[self.resource.api].resource(self.resource.name).parts
        return {name: Endpoint({"GET": Action(partial(self.part, name))}) for name in names}

    def part(self, name: str, request: Request) -> Answer:
        """200 with the elements of a list attribute, or with the one of an id (TMF673)."""
        wish = read_query(request.query)
        held = self.face.outward(self._need(request).document).get(name)
        address = f"{self._href(request)}{quote(request.id, safe=_ID_SAFE)}/{name}/"
        found: list[Document] = []
        for element in held if isinstance(held, list) else ():
            own_id = str(element.get("id", ""))
            shown = {"href": address + quote(own_id, safe=_ID_SAFE), **element}
            if all(each.matches(shown) for each in wish.conditions):
                found.append(project(shown, list(wish.fields or ()), self.face.generation))
        if request.part_id:
            for element in found:
                if element.get("id") == request.part_id:
                    return Answer(200, (JSON,), to_json(element))
            raise refused("unknown", "notFound", f"there is no {name} {request.part_id!r}")
        end = None if wish.limit is None else wish.offset + wish.limit
        page = found[wish.offset : end]
        counts = (
            (b"x-total-count", b"%d" % len(found)),
            (b"x-result-count", b"%d" % len(page)),
        )
        status = 206 if len(page) < len(found) and wish.offset < len(found) else 200
        return Answer(status, (JSON, *counts), to_json(page))

    def list(self, request: Request) -> Answer:
        """200 with all that match, or 206 with a page of them (TMF630; digest 2.4)."""
        wish = read_query(request.query)
        check_declared(wish, self._queries)
        href = self._href(request)
        most = self.settings.page_max
        limit = most if wish.limit is None else min(wish.limit, most)
        query = self.messages.listed(
            resource=self.resource.label,
            generation=self.face.generation,
            conditions=tuple(_by_id(each, href) for each in wish.conditions),
            offset=wish.offset,
            limit=limit,
            sort=wish.sort,
            jsonpath=wish.jsonpath,
            after=wish.after,
            before=wish.before,
        )
        page: Page = self.room.ask(request.call, query)
        shown = [self._shown(stored.document, href, wish.fields) for stored in page.found]
        status, headers = describe_page(
            href.removesuffix("/"), wish, limit, page, has_cursors="after" in self._queries
        )
        return Answer(status, headers, to_json(shown))

    def get(self, request: Request) -> Answer:
        """200 with the document and its revision as ``ETag``."""
        wish = read_query(request.query)
        stored = self._need(request)
        shown = self._shown(stored.document, self._href(request), wish.fields)
        headers = [JSON, etag(stored.rev)]
        if stored.document["id"] != request.id:  # RFC 9110, 8.7: it is really found there
            headers.append((b"content-location", str(shown["href"]).encode()))
        return Answer(200, tuple(headers), to_json(shown))

    def _need(self, request: Request) -> Stored:
        query = self.messages.find(resource=self.resource.label, id=request.id)
        stored: Stored | None = self.room.ask(request.call, query)
        if stored is None:
            raise unknown(self.resource, request.id)
        return stored

    def create(self, request: Request) -> Answer:
        """201 with the stored document, ``Location`` and, for the kit's own, its revision."""
        fields = self._fields(request)
        inner = compute_new(self.face, read_json(request.body), self.room.clock.now())
        check_new(request.call, self.resource, inner, self.face.place)
        key, sameness = self._key(request)
        if self.resource.monitor is not None:
            return self._accepted(request, key, sameness)
        headers: list[Header] = [JSON]
        errand = self.resource.errand
        if self.resource.create is None or (errand is not None and errand.wants(inner)):
            own = self.messages.create(resource=self.resource.label, document=inner)
            kept = self.room.put(request.call, own, key, sameness=sameness)
            document = kept.document
            headers.append(etag(kept.rev))
        else:
            command = self.resource.create(document=inner)
            document = self._put(request, command, key, sameness)
        href = self._href(request)
        shown = self._shown(document, href, fields)
        headers.append((b"location", shown["href"].encode()))
        return Answer(201, tuple(headers), to_json(shown))

    def _accepted(self, request: Request, key: str, sameness: str) -> Answer:
        """202 with a monitor: the body is sound, what becomes of it is seen there (TMF640, 702)."""
        row = self.resource.monitor
        assert row is not None
        face = next(f for f in faces_of(row) if f.generation == self.face.generation)
        sent = {"name": "Content-Type", "value": request.media or "application/json"}
        monitor: Document = {
            "@type": "Monitor",
            "request": {
                "@type": "Request",
                "method": "POST",
                "to": self._href(request).removesuffix("/"),
                "header": [{"@type": "HeaderItem", **sent}],
                "body": request.body.decode(),
            },
        }
        target = {"target": self.resource.label, "generation": self.face.generation}
        own = self.messages.create(resource=row.label, document=monitor, told=target)
        kept = self.room.put(request.call, own, key, sameness=sameness)
        href = f"{request.origin(self.settings.public_url)}{face.path}/{kept.document['id']}"
        shown = {"id": kept.document["id"], "href": href, **face.outward(kept.document)}
        return Answer(202, (JSON, (b"location", href.encode())), to_json(shown))

    def patch(self, request: Request) -> Answer:
        """200 with the document after a patch; 412 if ``If-Match`` names another revision."""
        fields = self._fields(request)
        patch = Patch(
            read_json(request.body),
            self._patch_forms[request.media],
            self._own_href(self._href(request), request.id),
        )
        revs = expected_revs(request.headers.get(b"if-match"))
        headers: list[Header] = [JSON]
        if self.resource.patch is None:
            own = self.messages.change(
                resource=self.resource.label,
                id=request.id,
                generation=self.face.generation,
                patch=patch,
                revs=revs,
            )
            kept = self.room.put(request.call, own, ONCE)
            document = kept.document
            headers.append(etag(kept.rev))
        else:
            document = self._changed(request, patch, revs)
        shown = self._shown(document, self._href(request), fields)
        return Answer(200, tuple(headers), to_json(shown))

    def _changed(self, request: Request, patch: Patch, revs: tuple[int, ...]) -> Document:
        """Patch outside, hand the whole to the room's own command; again if somebody was faster."""
        assert self.resource.patch is not None
        for attempt in range(RACES_MAX):
            stored = self._need(request)
            check_rev(stored, revs)
            whole = compute_change(self.face, stored.document, patch, self.room.clock.now())
            if whole is stored.document:
                return whole
            check_change(request.call, self.face, stored.document, whole)
            try:
                own_id = self.resource.id_type(stored.document["id"])
            except WrongKind:
                raise unknown(self.resource, request.id) from None
            command = self.resource.patch(id=own_id, document=whole, rev=stored.rev)
            try:
                return self._put(request, command, ONCE)
            except Refused as error:
                overtaken = error.refusal.kind == "stale" and not revs
                if not overtaken or attempt == RACES_MAX - 1:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def delete(self, request: Request) -> Answer:
        """204; 412 if ``If-Match`` names another revision."""
        revs = expected_revs(request.headers.get(b"if-match"))
        if self.resource.remove is None:
            own = self.messages.remove(resource=self.resource.label, id=request.id, revs=revs)
            self.room.put(request.call, own, ONCE)
            return Answer(204)
        found = self._need(request).document["id"]
        if found != request.id:
            raise refused("conflict", "moved", f"{request.id} is {found} by now", "id")
        command = self.resource.remove(id=found, revs=revs)
        refusal = self.room.put(request.call, command, ONCE)
        if refusal is not None:
            raise Refused(refusal)
        return Answer(204)

    def _put(self, request: Request, command: Any, key: str, sameness: str = "") -> Document:
        """Run a room's own command; its findings get paths in the caller's form."""
        try:
            document: Document = self.room.put(request.call, command, key, sameness=sameness)
        except Refused as error:
            findings = tuple(self.face.placed(error.refusal.findings))
            raise Refused(Refusal(error.refusal.kind, findings)) from error
        return document

    def _key(self, request: Request) -> tuple[str, str]:
        """The key a create runs under, and what a repeat must have in common with it.

        A client's key counts for its actor; without one nobody can repeat the request.
        """
        given = request.headers.get(b"idempotency-key")
        if given is None:
            return ONCE, ""
        if not 0 < len(given) <= KEY_MAX:
            reason = f"an Idempotency-Key has 1 to {KEY_MAX} characters"
            raise refused("malformed", "idempotencyKey", reason)
        who = request.call.actor.encode()
        key = blake2b(who + b"\0" + given, digest_size=24).hexdigest()
        told = blake2b(f"{self.face.path}\n".encode() + request.body, digest_size=16)
        return f"http/{key}", told.hexdigest()

    def _fields(self, request: Request) -> Sequence[str] | None:
        """The projection of a written document, where the generation knows one (v5)."""
        if self.face.is_v4 or not request.query:
            return None
        return read_query(request.query).fields

    def _href(self, request: Request) -> str:
        """What the ``href`` of every document of this resource begins with."""
        return f"{request.origin(self.settings.public_url)}{self.face.path}/"

    def _shown(self, document: Document, href: str, fields: Sequence[str] | None) -> Document:
        shown = self.face.outward(document)
        own_id = shown["id"]
        whole = {"id": own_id, "href": self._own_href(href, own_id), **shown}
        return project(whole, list(fields), self.face.generation) if fields else whole

    def _own_href(self, href: str, own_id: str) -> str:
        return href + (own_id if _PLAIN_ID.fullmatch(own_id) else quote(own_id, safe=_ID_SAFE))


def _by_id(condition: Condition, href: str) -> Condition:
    """A wanted ``href`` is a wanted id: where a document lives is not stored."""
    if not any(each.path == "href" for each in condition.each()):
        return condition
    found = []
    for each in condition.each():
        if each.path == "href":
            if each.operator != "eq":
                raise refused("malformed", "operator", "only equality can be asked", "href")
            ids = [unquote(v.removeprefix(href)) for v in each.values if v.startswith(href)]
            each = Condition("id", tuple(ids))
        found.append(each)
    return replace(found[0], alternatives=tuple(found[1:]))
