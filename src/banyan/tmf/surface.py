"""Where a request becomes an answer: one route that finds its endpoint by look-up, not by search.

An endpoint runs in one hop on a thread pool of the surface's own (half the cost of the shared one):
it gets a :class:`Request` and returns an `Answer`, or raises a refusal or an outage, which is
answered here.
"""

from __future__ import annotations

from asyncio import CancelledError, current_task, get_running_loop, timeout
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from starlette.routing import BaseRoute, Match
from starlette.types import Message, Receive, Scope, Send

from banyan.kernel.words.errors import Outage, Refused, refused
from banyan.kernel.words.messages import Call
from banyan.tmf.bodies import accepts_json, choose_type, media_type
from banyan.tmf.errors import Answer, Header, answer_busy, answer_error
from banyan.tmf.streams import Streamed

BODY_BYTES_MAX: Final = 1_048_576
READERS: Final = 16
WRITERS: Final = 40
"""Threads for requests without and with a body; many writers make large commits."""

TOO_LONG_RETRY_S: Final = 5

JSON_TYPES: Final = frozenset({"", "application/json"})


@dataclass(frozen=True, slots=True)
class RestSettings:
    """What a deployment decides about its HTTP surface.

    ``public_url`` is the origin that ``href`` begins with; the request's own if empty.
    ``page_max`` is how many documents one answer holds at most. ``body_s`` is how long a body may
    take to come, ``request_s`` how long its answer, in seconds.
    """

    public_url: str = ""
    body_bytes_max: int = BODY_BYTES_MAX
    page_max: int = 1_000
    body_s: float = 20.0
    request_s: float = 60.0
    allow_private_callbacks: bool = True


@dataclass(slots=True)
class Request:
    """What an endpoint needs of a request, read already."""

    call: Call
    id: str
    path: str
    query: str
    headers: Mapping[bytes, bytes]
    scheme: str
    media: str = ""
    body: bytes = b""
    part_id: str = ""

    def origin(self, public_url: str) -> str:
        """What absolute links begin with."""
        if public_url:
            return public_url
        return f"{self.scheme}://{self.headers.get(b'host', b'localhost').decode('latin-1')}"


@dataclass(frozen=True, slots=True)
class Action:
    """What answers one method; ``media`` are the types its body may have, none if it takes none.

    ``offers`` are the types its answer may have, where JSON is not the only one.
    """

    run: Callable[[Request], Answer | Streamed]
    media: frozenset[str] | None = None
    offers: tuple[str, ...] = ()

    def accepts(self, header: bytes | None) -> bool:
        """Whether an ``Accept`` header can be met."""
        return bool(choose_type(header, self.offers)) if self.offers else accepts_json(header)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What answers at one path: its methods, and the ``Allow`` header for all others."""

    actions: Mapping[str, Action]
    allow: Header = field(init=False)

    def __post_init__(self) -> None:
        names = [*self.actions, *(["HEAD"] if "GET" in self.actions else [])]
        object.__setattr__(self, "allow", (b"allow", ", ".join(names).encode()))


_NOT_THERE: Final = Endpoint({})
_NO_IDS: Final[Mapping[str, str]] = {}


def _unquoted(text: str) -> str:
    return unquote(text) if "%" in text else text


def raw_path(scope: Scope) -> str:
    """The path as it came, undecoded; the door reads the same, so it lets in what is answered."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.decode("latin-1").removeprefix(scope.get("root_path", ""))


class Surface(BaseRoute):
    """Every path of the open APIs as one Starlette route.

    ``exact`` paths stand for themselves, ``items`` for themselves with an id behind, ``parts`` (by
    the path of their document's collection, then by their own noun) for what is read below an id.
    Anything else below one of ``bases`` is answered 404 here; other paths are left to other routes.
    """

    def __init__(
        self,
        exact: Mapping[str, Endpoint],
        items: Mapping[str, Endpoint],
        bases: tuple[str, ...],
        settings: RestSettings,
        parts: Mapping[str, Mapping[str, Endpoint]] | None = None,
    ) -> None:
        self._exact = exact
        self._items = items
        self._parts = parts or {}
        self._bases = tuple(f"{base}/" for base in bases)
        self._settings = settings
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="http-read")
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="http-write")

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Starlette's question whether this route answers; remembers where it was found."""
        if scope["type"] != "http":
            return Match.NONE, {}
        path = raw_path(scope)
        found, ids = self._found(path)
        if found is None and path.endswith("/"):
            found, ids = self._found(path.rstrip("/"))
        if found is None:
            if not path.startswith(self._bases):
                return Match.NONE, {}
            found = _NOT_THERE
        return Match.FULL, {"banyan.endpoint": found, "path_params": ids}

    def served(self) -> list[tuple[str, tuple[str, ...]]]:
        """Every path with its methods; a path that ends in ``/`` stands for any id behind it."""
        exact = [(path, tuple(each.actions)) for path, each in self._exact.items()]
        items = [(f"{path}/", tuple(each.actions)) for path, each in self._items.items()]
        parts = [
            (f"{path}/none/{noun}", tuple(each.actions))
            for path, nouns in self._parts.items()
            for noun, each in nouns.items()
        ]
        return exact + items + parts

    def _found(self, path: str) -> tuple[Endpoint | None, Mapping[str, str]]:
        found = self._exact.get(path)
        if found is not None:
            return found, _NO_IDS
        head, _, tail = path.rpartition("/")
        found = self._items.get(head)
        if found is not None and tail:
            return found, {"id": _unquoted(tail)}
        return self._part(path) if self._parts else (None, _NO_IDS)

    def _part(self, path: str) -> tuple[Endpoint | None, Mapping[str, str]]:
        """What is read below an id: ``.../address/{id}/part`` and ``.../part/{part id}``."""
        above, _, tail = path.rpartition("/")
        for whole, noun, part_id in ((above, tail, ""), (*above.rpartition("/")[::2], tail)):
            collection, _, item_id = whole.rpartition("/")
            found = self._parts.get(collection, {}).get(noun)
            if found is not None and item_id:
                return found, {"id": _unquoted(item_id), "part": _unquoted(part_id)}
        return None, _NO_IDS

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request."""
        endpoint: Endpoint = scope["banyan.endpoint"]
        method = scope["method"]
        action = endpoint.actions.get("GET" if method == "HEAD" else method)
        headers: dict[bytes, bytes] = dict(scope["headers"])
        try:
            if action is None and method == "OPTIONS" and endpoint.actions:
                offered = (endpoint.allow[0], endpoint.allow[1] + b", OPTIONS")
                await Answer(204, (offered,)).send(send)
                return
            if action is None:
                raise _no_action(endpoint, method)
            if not action.accepts(headers.get(b"accept")):
                offers = " or ".join(action.offers or ("application/json",))
                raise refused("not_acceptable", "accept", f"answers are {offers}")
            request = Request(
                scope["state"]["call"],
                scope["path_params"].get("id", ""),
                scope["path"],
                scope["query_string"].decode("latin-1"),
                headers,
                scope["scheme"],
            )
            request.part_id = scope["path_params"].get("part", "")
            if action.media is not None:
                request.media = media_type(headers.get(b"content-type"))
                if request.media not in action.media:
                    allowed = ", ".join(sorted(action.media - {""}))
                    reason = f"the body may be {allowed}, not {request.media[:80]!r}"
                    raise refused("media_type", "contentType", reason)
                body = await self._body(headers, receive)
                if body is None:
                    return  # the caller has gone
                request.body = body
        except Refused as error:
            allow = [endpoint.allow] if error.refusal.kind == "method" else []
            await answer_error(error, headers=allow).send(send)
            return
        pool = self._readers if action.media is None else self._writers
        context = copy_context()  # the thread logs with what the gateway bound
        loop = get_running_loop()
        answering = loop.run_in_executor(pool, context.run, _answer, action.run, request)
        deadline = loop.call_later(self._settings.request_s, answering.cancel)
        try:
            answer = await answering
        except CancelledError:
            if not answering.cancelled() or _is_leaving():
                raise
            answer = answer_busy(TOO_LONG_RETRY_S)  # it may still be done: repeat it by its key
        finally:
            deadline.cancel()
        if method == "HEAD":
            answer = answer._replace(is_head=True)
        if isinstance(answer, Streamed):
            loop = get_running_loop()
            await answer.send(send, receive, lambda f: loop.run_in_executor(pool, context.run, f))
        else:
            await answer.send(send)

    async def _body(self, headers: Mapping[bytes, bytes], receive: Receive) -> bytes | None:
        """The whole body, refused beyond the limit; None if the caller went away."""
        told = headers.get(b"content-length", b"0")
        if told.isdigit() and int(told) > self._settings.body_bytes_max:
            raise self._too_large()
        try:
            async with timeout(self._settings.body_s):
                return await self._read(receive)
        except TimeoutError:
            raise refused("slow", "bodyTime", "the body took too long to come") from None

    async def _read(self, receive: Receive) -> bytes | None:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body: bytes = message.get("body", b"")
        if message.get("more_body", False):
            chunks, size = [body], len(body)
            while message.get("more_body", False):
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                chunks.append(message.get("body", b""))
                size += len(chunks[-1])
                if size > self._settings.body_bytes_max:
                    raise self._too_large()
            body = b"".join(chunks)
        if len(body) > self._settings.body_bytes_max:
            raise self._too_large()
        return body

    def _too_large(self) -> Exception:
        most = self._settings.body_bytes_max
        return refused("too_large", "bodySize", f"a body has at most {most} bytes")


def _is_leaving() -> bool:
    """Whether this request's own task was told to stop."""
    task = current_task()
    return task is not None and task.cancelling() > 0


def _no_action(endpoint: Endpoint, method: str) -> Exception:
    if not endpoint.actions:
        return refused("unknown", "notFound", "there is nothing at this address")
    return refused("method", "method", f"{method} is not offered here")


def _answer(run: Callable[[Request], Answer | Streamed], request: Request) -> Answer | Streamed:
    try:
        return run(request)
    except (Refused, Outage) as error:
        return answer_error(error)
