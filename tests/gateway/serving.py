"""A front door on a real socket, served as ``banyan run`` serves it, in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from banyan.cli.run import _certificate, _config, listen
from banyan.kernel.engine.settings import Settings


@dataclass
class Address:
    """Where it serves."""

    host: str
    port: int
    server: uvicorn.Server

    @property
    def url(self) -> str:
        """Its address over plain HTTP."""
        return f"http://{self.host}:{self.port}"


@contextmanager
def served(app: Any, settings: Settings) -> Iterator[Address]:
    """Serve ``app`` on a free port for a while."""
    listener = listen("127.0.0.1", 0, 18_080)
    server = uvicorn.Server(_config(app, settings, _certificate(settings)))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    bell = threading.Event()
    while not server.started:
        bell.wait(0.01)
    try:
        yield Address("127.0.0.1", listener.getsockname()[1], server)
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()
