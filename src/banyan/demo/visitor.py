"""A visitor: asks a house over HTTP, and listens for the events it subscribed to."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from banyan.kernel.words.codec import Document, from_json, to_json

TIMEOUT_S = 30.0


class Unexpected(Exception):
    """The house did not do what the story says it does."""


class Visitor:
    """Asks one house with one token."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        headers = {"authorization": f"Bearer {token}"}
        self._http = httpx.Client(base_url=url, timeout=TIMEOUT_S, headers=headers, trust_env=False)

    def get(self, path: str, **filters: str) -> Any:
        """GET, expecting 200 or 206."""
        return self._ask("GET", path, None, (200, 206), filters)

    def post(self, path: str, body: Document, expected: int = 201) -> Document:
        """POST, expecting one status."""
        answer: Document = self._ask("POST", path, body, (expected,), {})
        return answer

    def patch(self, path: str, body: Document) -> Document:
        """PATCH, expecting 200."""
        answer: Document = self._ask("PATCH", path, body, (200,), {})
        return answer

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    def _ask(
        self, method: str, path: str, body: Any, expected: tuple[int, ...], filters: dict[str, str]
    ) -> Any:
        content = None if body is None else to_json(body)
        headers = {} if body is None else {"content-type": "application/json"}
        answer = self._http.request(method, path, content=content, params=filters, headers=headers)
        if answer.status_code not in expected:
            raise Unexpected(f"{method} {path}: {answer.status_code} {answer.text[:400]}")
        return from_json(answer.content) if answer.content else None


class Listener:
    """A web server of the visitor's own: keeps the events it is sent, in order."""

    def __init__(self) -> None:
        self.events: list[Document] = []
        self._more = threading.Condition()
        listener = self

        class Inbox(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers.get("content-length", "0"))
                event = from_json(self.rfile.read(size))
                with listener._more:
                    listener.events.append(event)
                    listener._more.notify_all()
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing: the story does the talking."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Inbox)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where events are to be sent."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/events"

    def states(self, order_id: str) -> list[str]:
        """The states an order went through, as its events tell."""
        found: list[str] = []
        for event in list(self.events):
            order = event["event"].get("productOrder")
            if order and order["id"] == order_id and found[-1:] != [order["state"]]:
                found.append(order["state"])
        return found

    def wait(self, order_id: str, states: tuple[str, ...], within_s: float) -> str:
        """The state of an order once an event tells that it is one of ``states``."""
        with self._more:
            reached = self._more.wait_for(
                lambda: self.states(order_id)[-1:] and self.states(order_id)[-1] in states,
                within_s,
            )
        seen = self.states(order_id)
        if not reached:
            raise Unexpected(f"{order_id} went {seen}, and not to {states} in {within_s:.0f} s")
        return seen[-1]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
