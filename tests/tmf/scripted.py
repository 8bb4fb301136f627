"""A server that says what it is told to: for everything an honest one would never do."""

from __future__ import annotations

import json
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Reply(NamedTuple):
    """One answer: the body is JSON unless it is bytes; ``hangs`` says nothing at all."""

    status: int = 200
    body: Any = b""
    headers: tuple[tuple[str, str], ...] = ()
    hangs: bool = False


class Request(NamedTuple):
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


class Scripted:
    """Answers with its replies in order; the last one again and again."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = deque(replies)
        self.asked: list[Request] = []
        self._enough = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    @property
    def origin(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Stop."""
        self._enough.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        scripted = self

        class Handler(BaseHTTPRequestHandler):
            """Plays the next reply, whatever is asked."""

            wbufsize = -1  # head and body in one piece: two wait for each other

            def __getattr__(self, name: str) -> Any:
                if name.startswith("do_"):
                    return self._serve
                raise AttributeError(name)

            def _serve(self) -> None:
                raw = self.rfile.read(int(self.headers.get("content-length", "0")))
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = json.loads(raw) if raw else None
                scripted.asked.append(Request(self.command, self.path, headers, body))
                replies = scripted.replies
                reply = replies.popleft() if len(replies) > 1 else replies[0]
                if reply.hangs:
                    scripted._enough.wait(10)
                    return
                is_raw = isinstance(reply.body, bytes)
                content = reply.body if is_raw else json.dumps(reply.body).encode()
                self.send_response(reply.status)
                for name, value in reply.headers:
                    self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Handler
