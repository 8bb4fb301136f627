"""Ours: the whole house behind its gateway, as ``banyan run`` serves it, with nobody walking plans.

Facts stay in the outbox and plans are not begun, so its processor time is that of taking orders in.
``python -m bench.subjects.order_door <folder>``.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from banyan.gateway.tokens import TokenBook
from banyan.kernel.engine.settings import read_settings
from banyan.wiring import build
from bench.measure import say

TENANT = "default"


def serve(app: Starlette, **facts: str) -> None:
    """Serve ``app`` on a free port as the house does, having said where."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, loop="uvloop", http="httptools", lifespan="off", log_level="warning",
        access_log=False, server_header=False, timeout_keep_alive=30,
    )  # fmt: skip
    say({"port": listener.getsockname()[1], **facts})
    uvicorn.Server(config).run(sockets=[listener])


def main() -> None:
    """Build the house and serve it until stopped."""
    home = Path(sys.argv[1])
    home.mkdir(parents=True, exist_ok=True)
    tokens = TokenBook(home)
    token = tokens.ensure_admin(TENANT).read_text("utf-8").strip()
    standing = build(read_settings(None, {"data": str(home)}), "bench")
    serve(standing.app(tokens), token=token)
    standing.stop()


if __name__ == "__main__":
    main()
