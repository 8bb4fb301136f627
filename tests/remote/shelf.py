"""A small TMF620 server with one shelf of offerings, which does what it is told to do badly."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

BASE = "/tmf-api/productCatalogManagement/v5"
Reply = tuple[int, Any]


class Shelf:
    """Offerings by id; ``hidden`` ones stand in no list, ``is_away`` answers 503 to all."""

    def __init__(self) -> None:
        self.stored: dict[str, dict[str, Any]] = {}
        self.hidden: set[str] = set()
        self.hubs: dict[str, str] = {}
        self.asked: list[str] = []
        self.is_away = False
        self.has_hub = True
        self.before_answer: Callable[[], None] | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self._server.server_port}{BASE}"

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def put(self, offering: str, name: str, **more: Any) -> None:
        """Have an offering, or another form of it; nobody is told."""
        body = {"@type": "ProductOffering", "id": offering, "name": name, **more}
        self.stored[offering] = body

    def answer(self, method: str, target: str, body: Any) -> Reply:
        """What it says to a request."""
        self.asked.append(f"{method} {target}")
        if self.before_answer is not None:
            self.before_answer()
        parts = urlsplit(target)
        noun, _, item = parts.path.removeprefix(f"{BASE}/").partition("/")
        if self.is_away:
            return 503, None
        if noun == "hub":
            return self._hub(method, unquote(item), body)
        if noun != "productOffering":
            return 200, []
        if item:
            found = self.stored.get(unquote(item))
            return (404, {"code": "404", "reason": "gone"}) if found is None else (200, found)
        query = parse_qs(parts.query)
        offset, limit = (int(query[name][0]) for name in ("offset", "limit"))
        shown = [each for key, each in self.stored.items() if key not in self.hidden]
        return 200, shown[offset : offset + limit]

    def _hub(self, method: str, hub_id: str, body: Any) -> Reply:
        if not self.has_hub:
            return 404, {"code": "404", "reason": "no hub here"}
        if method == "POST":
            number = str(len(self.asked))
            self.hubs[number] = body["callback"]
            return 201, {**body, "id": number}
        if method == "DELETE":
            return (204, None) if self.hubs.pop(hub_id, None) else (404, None)
        return 200, [{"id": key, "callback": value} for key, value in self.hubs.items()]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        shelf = self

        class Handler(BaseHTTPRequestHandler):
            """Hands every request to the shelf, whatever its method."""

            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one piece: two wait for each other

            def __getattr__(self, name: str) -> Any:
                if name.startswith("do_"):
                    return self._serve
                raise AttributeError(name)

            def _serve(self) -> None:
                raw = self.rfile.read(int(self.headers.get("content-length", "0")))
                body = json.loads(raw) if raw else None
                status, told = shelf.answer(self.command, self.path, body)
                content = b"" if told is None else json.dumps(told).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Handler
