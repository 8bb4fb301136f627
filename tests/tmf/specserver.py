"""A TM Forum server made from an official file and nothing else: it has never heard of Banyan.

Which paths, methods, parameters, headers and body schemas there are, it reads from the file; what
the file does not declare (filters, totals, revisions, keys) it does not do. It keeps everything in
memory, numbers its documents, and tells its hubs the events whose listeners the file names.
"""

from __future__ import annotations

import itertools
import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx

from tests.tmf.official import Official, Schema, read_file

Reply = tuple[int, Any, dict[str, str]]


class SpecServer:
    """Serves one file on a free port (or ``port``), from the base path the file names."""

    def __init__(self, path: Path, page_max: int = 3, port: int = 0) -> None:
        self._file = read_file(path)
        self._judge = Official(path)
        self.page_max = page_max
        self.generation = 4 if "definitions" in self._file else 5
        declared = self._file.get("basePath") or self._file["servers"][0]["url"]
        self.base = urlsplit(declared).path.rstrip("/")
        self.stored: dict[str, dict[str, Any]] = {}
        self.hubs: dict[str, str] = {}
        self.asked: list[tuple[str, str]] = []
        self.is_deaf = False
        """Whether it keeps its events to itself."""
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()
        self._news: queue.Queue[tuple[str, Any] | None] = queue.Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self._threads = [
            threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True),
            threading.Thread(target=self._tell, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self._server.server_port}{self.base}"

    def close(self) -> None:
        """Stop."""
        self._news.put(None)
        self._server.shutdown()
        self._server.server_close()
        for thread in self._threads:
            thread.join(10)

    def put(self, noun: str, document: dict[str, Any], word: str = "Create") -> None:
        """Have a document, and tell the hubs, as if a clerk of that system had typed it in."""
        with self._lock:
            self.stored.setdefault(noun, {})[document["id"]] = document
            self._announce(noun, word, document)

    def drop(self, noun: str, document_id: str) -> None:
        """Have it no more."""
        with self._lock:
            self._announce(noun, "Delete", self.stored[noun].pop(document_id))

    def answer(self, method: str, target: str, body: bytes, media: str) -> Reply:
        """What the file says about this request."""
        path, _, query = target.partition("?")
        self.asked.append((method, target))
        if not path.startswith(self.base):
            return self._wrong(404, "nothing here")
        parts = [unquote(part) for part in path.removeprefix(self.base).split("/") if part]
        declared = f"/{parts[0]}" + ("/{id}" if len(parts) > 1 else "") if parts else "/"
        operation = self._file["paths"].get(declared, {}).get(method.lower())
        if declared not in self._file["paths"]:
            return self._wrong(404, "nothing here")
        if operation is None:
            return self._wrong(405, "not offered")
        with self._lock:
            return self._answer(parts, operation, parse_qs(query), (body, media))

    def _answer(
        self, parts: list[str], operation: Schema, query: dict[str, Any], sent: tuple[bytes, str]
    ) -> Reply:
        noun = parts[0]
        kept = self.stored.setdefault(noun, {})
        if noun == "hub":
            return self._hub(parts, sent[0])
        if len(parts) == 1:
            if sent[0]:
                return self._create(noun, operation, sent[0])
            return self._list(list(kept.values()), operation, query)
        found = kept.get(parts[1])
        if found is None:
            return self._wrong(404, f"no {noun} {parts[1]}")
        if sent[0]:
            return self._patch(noun, found, operation, sent)
        if "204" in operation["responses"]:
            self._announce(noun, "Delete", kept.pop(parts[1]))
            return 204, None, {}
        return 200, found, {}

    def _list(self, every: list[Any], operation: Schema, query: dict[str, Any]) -> Reply:
        offset = int(query.get("offset", ["0"])[0])
        limit = min(int(query.get("limit", [str(self.page_max)])[0]), self.page_max)
        headers = {}
        if "X-Total-Count" in operation["responses"]["200"].get("headers", {}):
            headers["X-Total-Count"] = str(len(every))
        return 200, every[offset : offset + limit], headers

    def _create(self, noun: str, operation: Schema, body: bytes) -> Reply:
        document = json.loads(body)
        problems = self._problems(operation, document)
        if problems:
            return self._wrong(400, "; ".join(problems))
        given = document.get("id") or str(next(self._numbers))
        document = {**document, "id": given, "href": f"{self.base}/{noun}/{given}"}
        self.stored[noun][given] = document
        self._announce(noun, "Create", document)
        return 201, document, {}

    def _patch(
        self, noun: str, found: dict[str, Any], operation: Schema, sent: tuple[bytes, str]
    ) -> Reply:
        if sent[1] not in self._media(operation):
            return self._wrong(415, sent[1])
        patch = json.loads(sent[0])
        set_there = {name: value for name, value in patch.items() if value is not None}
        problems = self._problems(operation, set_there)
        if problems:
            return self._wrong(400, "; ".join(problems))
        state = found.get("lifecycleStatus"), found.get("status")
        _merge(found, patch)
        moved = state != (found.get("lifecycleStatus"), found.get("status"))
        self._announce(noun, "StateChange" if moved else "AttributeValueChange", found)
        return 200, found, {}

    def _hub(self, parts: list[str], body: bytes) -> Reply:
        if len(parts) > 1:
            gone = self.hubs.pop(parts[1], None)
            return (204, None, {}) if gone else self._wrong(404, "no such hub")
        hub_id = str(next(self._numbers))
        self.hubs[hub_id] = json.loads(body)["callback"]
        return 201, {**json.loads(body), "id": hub_id}, {}

    def _problems(self, operation: Schema, document: Any) -> list[str]:
        schema = self._body_schema(operation)
        return list(self._judge.problems_with(schema, document))

    def _body_schema(self, operation: Schema) -> Schema:
        for parameter in operation.get("parameters", ()):
            if parameter.get("in") == "body":
                found: Schema = parameter["schema"]
                return found
        named = operation["requestBody"]["$ref"].rpartition("/")[2]
        contents = self._file["components"]["requestBodies"][named]["content"]
        schema: Schema = contents["application/json"]["schema"]
        return schema

    def _media(self, operation: Schema) -> set[str]:
        if "requestBody" not in operation:
            types = operation.get("consumes") or self._file["consumes"]
            return {each.partition(";")[0] for each in types}
        named = operation["requestBody"]["$ref"].rpartition("/")[2]
        return set(self._file["components"]["requestBodies"][named]["content"])

    def _wrong(self, status: int, reason: str) -> Reply:
        error = {"@type": "Error", "code": f"E{status}", "reason": reason, "status": str(status)}
        return status, error, {}

    def _announce(self, noun: str, word: str, document: Any) -> None:
        name = f"{noun}{word}Event"
        if name in self._judge.listened and not self.is_deaf:
            event_type = name[0].upper() + name[1:]
            event = {
                "@type": event_type,
                "eventId": str(next(self._numbers)),
                "eventType": event_type,
                "event": {noun: document},
            }
            self._news.put((name, json.loads(json.dumps(event))))

    def _tell(self) -> None:
        while True:
            news = self._news.get()
            if news is None:
                return
            for callback in list(self.hubs.values()):
                for _ in range(50):
                    try:
                        if httpx.post(callback, json=news[1], timeout=10).is_success:
                            break
                    except httpx.TransportError:
                        pass
                    threading.Event().wait(0.1)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            """Hands every request to the server, whatever its method."""

            protocol_version = "HTTP/1.1"

            wbufsize = -1  # head and body in one piece: two wait for each other

            def __getattr__(self, name: str) -> Any:
                if name.startswith("do_"):
                    return self._serve
                raise AttributeError(name)

            def _serve(self) -> None:
                length = int(self.headers.get("content-length", "0"))
                media = self.headers.get("content-type", "").partition(";")[0]
                status, body, headers = server.answer(
                    self.command, self.path, self.rfile.read(length), media
                )
                content = b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Handler


def _merge(target: dict[str, Any], patch: dict[str, Any]) -> None:
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        elif isinstance(value, dict) and isinstance(target.get(name), dict):
            _merge(target[name], value)
        else:
            target[name] = value
