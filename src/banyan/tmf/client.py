"""A typed client for TM Forum Open APIs: servers of either generation, ours or anybody's.

Inner (v5) form goes in and comes out, whatever the server speaks. It reads with tolerance: a
missing ``@type`` is filled, a number for an id is text, unknown attributes stay, paging follows
``Link`` or counts on, with or without ``X-Total-Count``. Addresses of that server inside documents
become addresses of this house, and back, if it has one (``home``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode, urlsplit

from banyan.kernel.engine.clock import Clock
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, Later, NeedsPerson, Never, Refusal, Refused
from banyan.tmf.apis import API, Generation
from banyan.tmf.edge import path_to_inner, to_inner, to_v4
from banyan.tmf.line import Heard, Line, Manners
from banyan.tmf.schema import fill_types

PAGE: Final = 200
"""Documents asked for at once when all of a list is read."""
SAFE: Final = "-._~:()=,@"

_NEXT: Final = re.compile(r'<([^>]*)>[^<]*;\s*rel="?next"?', re.IGNORECASE)
_VERSION: Final = re.compile(r"/v(\d)\d*(?:\.\d+)*/?$")


@dataclass(frozen=True, slots=True)
class Server:
    """Where an API of another server is: its base URL and the generation it speaks there."""

    api: str
    url: str
    generation: Generation

    @property
    def base_path(self) -> str:
        """The path of its base URL."""
        return urlsplit(self.url).path.rstrip("/")


@dataclass(frozen=True, slots=True)
class Seen:
    """A document as the server has it (inner form, no ``href``), and its ``ETag`` if it told one.

    ``is_done`` is false where the server has only promised the change (202).
    """

    document: Document
    etag: str = ""
    is_done: bool = True


@dataclass(frozen=True, slots=True)
class Listed:
    """Part of a list; ``total`` where the server told it, ``following`` the query of the next."""

    documents: list[Document]
    total: int | None
    following: str
    is_partial: bool


def find_server(api: str, url: str, generation: int | None = None) -> Server:
    """The API's place below ``url``: a base URL with a path, or a bare origin.

    The generation is what is given, else what the path ends with (``/v4``), else the newest. A bare
    origin gets the standard's base path. Refused (``malformed``): no such API or generation, no
    http(s) URL.
    """
    if api not in API:
        raise _malformed(f"remote.{api}", f"there is no API {api}; there are {', '.join(API)}")
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_address = False
    if not is_address or parts.query or parts.fragment or parts.username is not None:
        raise _malformed(f"remote.{api}", "must be an http or https URL without query or password")
    path = parts.path.rstrip("/")
    told = _VERSION.search(path)
    number = generation or (int(told[1]) if told else API[api].generations[-1])
    for known in API[api].generations:
        if known == number:
            base = url.rstrip("/") if path else f"{url.rstrip('/')}{_base(api, known)}"
            return Server(api, base, known)
    spoken = ", ".join(map(str, API[api].generations))
    raise _malformed(f"remote.{api}", f"generation {number} is not known, only {spoken}")


def _base(api: str, generation: Generation) -> str:
    return API[api].version(generation).base_path


def _malformed(path: str, reason: str) -> Refused:
    return Refused(Refusal("malformed", (Finding("remote", reason, path),)))


class TmfClient:
    """One API at one server. Resources are named by their inner (v5) noun.

    What it raises beside what each method says: see :meth:`Line.call`.
    """

    def __init__(
        self,
        server: Server,
        manners: Manners | None = None,
        clock: Clock | None = None,
        home: str = "",
    ) -> None:
        self.server = server
        self.line = Line(server.url, manners or Manners(), clock)
        self._api = API[server.api]
        self._there_to_here: dict[str, str] = {}
        self._here_to_there: dict[str, str] = {}
        if home:
            here = f"{home.rstrip('/')}{_base(server.api, server.generation)}/"
            self._there_to_here = {f"{server.url}/": here, f"{server.base_path}/": here}
            self._here_to_there = {here: f"{server.url}/"}

    def close(self) -> None:
        """Let the connections go."""
        self.line.close()

    def page(
        self, resource: str, params: Sequence[tuple[str, str]] = (), offset: int = 0, limit: int = 0
    ) -> Listed:
        """One page of a list; ``params`` are filters in the server's own form."""
        asked = [*params, *([("offset", str(offset))] if offset else [])]
        asked += [("limit", str(limit))] if limit else []
        return self.listed(resource, urlencode(asked))

    def each(
        self,
        resource: str,
        params: Sequence[tuple[str, str]] = (),
        offset: int = 0,
        page: int = PAGE,
    ) -> Scan:
        """Every document of a list from ``offset`` on, page by page, however the server counts."""
        return Scan(self, resource, params, offset, page)

    def get(self, resource: str, document_id: str) -> Seen | None:
        """One document, or nothing."""
        try:
            heard = self.line.call("GET", self._path(resource, document_id))
        except Refused as error:
            if error.refusal.kind == "unknown":
                return None
            raise
        return self._seen(resource, heard)

    def create(self, resource: str, document: Document, key: str = "") -> Seen:
        """A new document as the server made it; ``key`` goes along as ``Idempotency-Key``."""
        headers = {"idempotency-key": key} if key else {}
        body = self.outward(resource, document)
        with self._placed(resource):
            heard = self.line.call("POST", self._path(resource), body, headers=headers)
        if heard.status == 202 and not _has_id(heard):
            raise Later(5, f"{self.server.url} has accepted a new {resource} and not made it yet")
        return self._seen(resource, heard, heard.headers.get("location", ""))

    def change(self, resource: str, before: Document, after: Document, etag: str = "") -> Seen:
        """Turn ``before``, as it was seen, into ``after`` by a merge patch of what differs.

        Refused (``stale``) by a server that knows ``If-Match`` when it has changed meanwhile.
        """
        old, new = self.outward(resource, before), self.outward(resource, after)
        return self.patch(resource, before["id"], compute_patch(old, new), etag)

    def patch(self, resource: str, document_id: str, patch: Document, etag: str = "") -> Seen:
        """The document after a merge patch (RFC 7396) in the server's own form."""
        is_v5 = self.server.generation >= 5
        kind = self._api.resource(resource).type_name
        body = {"@type": kind, **patch} if is_v5 else patch
        headers = {"content-type": "application/merge-patch+json" if is_v5 else "application/json"}
        if etag:
            headers["if-match"] = etag
        path = self._path(resource, document_id)
        with self._placed(resource):
            heard = self.line.call("PATCH", path, body, headers=headers)
        if _has_id(heard):
            return self._seen(resource, heard)
        seen = self.get(resource, document_id)
        if seen is None:
            raise Later(1, f"{self.server.url}: {resource} {document_id} went while it was changed")
        return Seen(seen.document, seen.etag, heard.status != 202)

    def remove(self, resource: str, document_id: str, etag: str = "") -> bool:
        """Take a document away; false where it is gone already or only promised (202)."""
        headers = {"if-match": etag} if etag else {}
        try:
            heard = self.line.call("DELETE", self._path(resource, document_id), headers=headers)
        except Refused as error:
            if error.refusal.kind == "unknown":
                return False
            raise
        return heard.status != 202

    def subscribe(self, callback: str, query: str = "") -> str:
        """Have events of this API sent to ``callback``; the subscription's id."""
        body: Document = {"callback": callback, "query": query}
        if self.server.generation >= 5:
            body["@type"] = "Hub"
        heard = self.line.call("POST", "/hub", body)
        hub_id = heard.body.get("id") if isinstance(heard.body, dict) else None
        tail = heard.headers.get("location", "").rstrip("/").rpartition("/")[2]
        if not hub_id and not tail:
            raise Never(f"{self.server.url}/hub: the subscription got no id")
        return str(hub_id) if hub_id else unquote(tail)

    def unsubscribe(self, hub_id: str) -> None:
        """End a subscription; one that is gone already is none of ours to mourn."""
        try:
            self.line.call("DELETE", f"/hub/{quote(hub_id, safe=SAFE)}")
        except Refused as error:
            if error.refusal.kind not in ("unknown", "method"):
                raise

    def subscriptions(self) -> list[tuple[str, str]] | None:
        """Id and callback of every subscription; None where the server does not list them."""
        try:
            heard = self.line.call("GET", "/hub")
        except (Refused, Never, NeedsPerson):
            return None
        if not isinstance(heard.body, list):
            return None
        hubs = [each for each in heard.body if isinstance(each, dict)]
        return [(str(each.get("id", "")), str(each.get("callback", ""))) for each in hubs]

    def outward(self, resource: str, document: Document) -> Document:
        """A document as the server is told it."""
        told = _moved(document, self._here_to_there)
        if self.server.generation == 4:
            told = to_v4(self.server.api, resource, told)
        return {name: value for name, value in told.items() if name != "href"}

    def inward(self, resource: str, body: Any, location: str = "") -> Document:
        """A document as the server tells it, in inner form; ``Never`` for what is none."""
        if not isinstance(body, dict):
            raise Never(f"{self.server.url}: a {resource} is no JSON object")
        told = {name: value for name, value in body.items() if value is not None}
        address = told.pop("href", None) or location
        if told.get("id") in (None, ""):
            told["id"] = unquote(str(address).rstrip("/").rpartition("/")[2])
        told["id"] = str(told["id"])
        if not told["id"]:
            raise Never(f"{self.server.url}: a {resource} without an id")
        if self.server.generation == 4:
            told = to_inner(self.server.api, resource, told)
        moved: Document = _moved(told, self._there_to_here)
        return fill_types(self._api.resource(resource).type_name, moved)

    def _seen(self, resource: str, heard: Heard, location: str = "") -> Seen:
        document = self.inward(resource, heard.body, location)
        return Seen(document, heard.headers.get("etag", ""), heard.status != 202)

    def listed(self, resource: str, query: str) -> Listed:
        """The page that a raw query string asks for."""
        try:
            heard = self.line.call("GET", self._path(resource), params=query)
        except Refused as error:
            if error.refusal.kind == "unknown" and "offset=0" in query:
                reason = f"{self.server.url} has no {resource}: is the address right?"
                raise NeedsPerson(reason) from error
            raise
        if not isinstance(heard.body, list):
            raise Never(f"{self.server.url}: the list of {resource} is no JSON array")
        total = heard.headers.get("x-total-count", "")
        following = _NEXT.search(heard.headers.get("link", ""))
        return Listed(
            [self.inward(resource, each) for each in heard.body],
            int(total) if total.isdigit() else None,
            urlsplit(following[1]).query if following else "",
            heard.status == 206,
        )

    def _path(self, resource: str, document_id: str = "") -> str:
        noun = self._api.resource(resource).name_in(self.server.generation)
        return f"/{noun}/{quote(document_id, safe=SAFE)}" if document_id else f"/{noun}"

    def _placed(self, resource: str) -> _Placed:
        return _Placed(self.server, resource)


class Scan:
    """A list on its way in: each document once; ``total`` as soon as the server has told it."""

    def __init__(
        self,
        client: TmfClient,
        resource: str,
        params: Sequence[tuple[str, str]],
        offset: int,
        page: int,
    ) -> None:
        self._client = client
        self._resource = resource
        self._params = params
        self._offset = offset
        self._page = page
        self.total: int | None = None

    def __iter__(self) -> Iterator[Document]:
        """The documents, in the server's order."""
        known: set[str] = set()
        at = self._offset
        query = self._query(at)
        while True:
            try:
                listed = self._client.listed(self._resource, query)
            except Refused as error:
                if at and error.refusal.kind == "unknown":  # some say 404, some 416
                    return
                raise
            self.total = listed.total
            fresh = [d for d in listed.documents if d["id"] not in known]
            known.update(document["id"] for document in fresh)
            yield from fresh
            at += len(listed.documents)
            if not fresh or (listed.total is not None and at >= listed.total):
                return
            query = listed.following or self._query(at)

    def _query(self, at: int) -> str:
        return urlencode([*self._params, ("offset", str(at)), ("limit", str(self._page))])


class _Placed:
    """Inside, refusals of the server get the paths of the inner form."""

    def __init__(self, server: Server, resource: str) -> None:
        self._server = server
        self._resource = resource

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if not isinstance(error, Refused) or self._server.generation != 4:
            return
        found = tuple(
            Finding(f.code, f.reason, path_to_inner(self._server.api, self._resource, f.path))
            for f in error.refusal.findings
        )
        raise Refused(Refusal(error.refusal.kind, found)) from error


def _has_id(heard: Heard) -> bool:
    return isinstance(heard.body, dict) and bool(heard.body.get("id") or heard.body.get("href"))


def compute_patch(before: Any, after: Any) -> Any:
    """The merge patch (RFC 7396) that turns ``before`` into ``after``."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return after
    patch: Document = {name: None for name in before if name not in after}
    for name, value in after.items():
        if name not in before:
            patch[name] = value
        elif before[name] != value:
            patch[name] = compute_patch(before[name], value)
    return patch


def _moved(value: Any, homes: dict[str, str]) -> Any:
    """``value`` with every ``href`` below one of ``homes`` leading to the other instead."""
    if isinstance(value, dict):
        return {
            name: _readdressed(inner, homes)
            if name == "href" and isinstance(inner, str)
            else _moved(inner, homes)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_moved(item, homes) for item in value]
    return value


def _readdressed(href: str, homes: dict[str, str]) -> str:
    for here, there in homes.items():
        if href.startswith(here):
            return there + href.removeprefix(here)
    return href
