"""The reference: a bare Starlette and msgspec handler that writes the rows the house wrote.

It reads the body, replaces the id in a copy of every row the house wrote for one order, inserts
them in one SQLite transaction (WAL, ``synchronous=FULL``) and answers with the order. It checks
nothing. ``python -m bench.subjects.order_bare <folder> <rows.json>``.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.subjects.order_door import serve

SEQ_STEP = 1000
PRAGMAS = ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")


class Bare:
    """One connection, one lock, the rows to write."""

    def __init__(self, folder: Path, model: dict[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "bare.db"
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._lock = threading.Lock()
        for statement in (*(f"PRAGMA {pragma}" for pragma in PRAGMAS), *model["schema"]):
            self._connection.execute(statement)
        self._uniques: list[str] = model["uniques"]
        self._count = 0
        self._inserts: list[tuple[str, list[dict[str, Any]]]] = []
        for table, rows in model["rows"].items():
            names = ", ".join(rows[0])
            values = ", ".join(f":{name}" for name in rows[0])
            self._inserts.append((f"INSERT INTO {table} ({names}) VALUES ({values})", rows))

    def write(self, body: dict[str, Any]) -> dict[str, Any]:
        """Insert the rows for one more order; the order."""
        fresh = {old: uuid4().hex for old in self._uniques}
        document = {**body, "id": next(iter(fresh.values())), "state": "acknowledged"}
        text = msgspec.json.encode(document).decode()
        with self._lock:
            self._count += 1
            self._connection.execute("BEGIN IMMEDIATE")
            for statement, rows in self._inserts:
                self._connection.executemany(statement, [self._renew(r, fresh, text) for r in rows])
            self._connection.execute("COMMIT")
        return document

    def _renew(self, row: dict[str, Any], fresh: dict[str, str], text: str) -> dict[str, Any]:
        renewed = {
            name: fresh.get(value, value) if isinstance(value, str) else value
            for name, value in row.items()
        }
        if "doc" in renewed:
            renewed["doc"] = text
        if "seq" in renewed:
            renewed["seq"] = self._count * SEQ_STEP + row["seq"]
        return renewed

    async def post(self, request: Request) -> Response:
        """Create an order."""
        body = msgspec.json.decode(await request.body())
        document = await run_in_threadpool(self.write, body)
        content = msgspec.json.encode(document)
        return Response(content, status_code=201, media_type="application/json")


def main() -> None:
    """Serve until stopped."""
    bare = Bare(Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text("utf-8")))
    serve(Starlette(routes=[Route("/{path:path}", bare.post, methods=["POST"])]))


if __name__ == "__main__":
    main()
