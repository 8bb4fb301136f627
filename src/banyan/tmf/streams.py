"""An answer too long to be held in memory: its parts are made while the caller takes them."""

from __future__ import annotations

from asyncio import Future, create_task
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from starlette.types import Receive, Send

from banyan.tmf.errors import Header

Hop = Callable[[Callable[[], Any]], Future[Any]]
"""Runs something slow on a thread."""


class Streamed(NamedTuple):
    """A whole HTTP answer whose body comes in parts; its length is not known before its end.

    When a part can't be made the connection breaks: the caller sees that it hasn't got all.
    """

    status: int
    headers: tuple[Header, ...]
    parts: Iterator[bytes]
    is_head: bool = False

    async def send(self, send: Send, receive: Receive, hop: Hop) -> None:
        """Send part by part, each made on a thread, until the end or until the caller is gone."""
        headers = list(self.headers)
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        gone = create_task(_gone(receive))
        try:
            while not self.is_head and not gone.done():
                part = await hop(self._next)
                if part is None:
                    break
                await send({"type": "http.response.body", "body": part, "more_body": True})
        finally:
            gone.cancel()
        await send({"type": "http.response.body", "body": b""})

    def _next(self) -> bytes | None:
        return next(self.parts, None)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
