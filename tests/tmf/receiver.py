"""A subscriber that really listens: it keeps what it is sent and answers as it is told."""

from __future__ import annotations

import json
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """An HTTP server on a free port; ``failures`` are the statuses it answers first."""

    def __init__(self) -> None:
        self.failures: deque[int] = deque()
        self.events: list[dict[str, Any]] = []
        self.tries: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.hold = threading.Event()
        self.hold.set()
        self._arrived = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}/events?for=me"

    def wait_for(self, count: int, seconds: float = 20) -> list[dict[str, Any]]:
        """The accepted events once there are ``count``."""
        with self._arrived:
            there = self._arrived.wait_for(lambda: len(self.events) >= count, seconds)
        assert there, f"{len(self.events)} of {count} events came, in {len(self.tries)} tries"
        return self.events

    def close(self) -> None:
        """Stop listening."""
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        """Keep an event, or fail as told."""
        self.hold.wait(20)
        event = json.loads(body)
        with self._arrived:
            self.tries.append(event)
            if self.failures:
                return self.failures.popleft()
            self.events.append(event)
            self.headers.append({**headers, "path": path})
            self._arrived.notify_all()
        return 201

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            """Hands every POST to the receiver."""

            def do_POST(self) -> None:
                """Answer as the receiver says."""
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status = receiver.take(self.path, headers, body)
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Handler
