"""The reference of bulk imports: decode lines, insert the rows a house wrote for them, no more.

Each round fills a new SQLite database (WAL, ``synchronous=FULL``), one transaction per chunk.
``python -m bench.subjects.bulk_bare <folder> <model.json>``.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from bench.measure import serve

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")


class Bare:
    """The lines, and the rows that belong to each chunk of them."""

    def __init__(self, folder: Path, model: dict[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._schema = model["schema"]
        self._chunks = [chunk.encode() for chunk in model["lines"]]
        self._shares: list[list[tuple[str, list[list[Any]]]]] = [[] for _ in self._chunks]
        for table, rows in model["rows"].items():
            marks = ", ".join("?" * len(rows[0]))
            share = -(-len(rows) // len(self._chunks))
            for at, own in enumerate(self._shares):
                own.append(
                    (f"INSERT INTO {table} VALUES ({marks})", rows[at * share : (at + 1) * share])
                )
        self._numbers = itertools.count()

    def run(self) -> dict[str, float]:
        """Import everything once; the seconds it took."""
        path = self._folder / f"{next(self._numbers)}.db"
        connection = sqlite3.connect(path, isolation_level=None)
        for statement in (*(f"PRAGMA {pragma}" for pragma in PRAGMAS), *self._schema):
            connection.execute(statement)
        decode = msgspec.json.Decoder().decode
        began = time.perf_counter()
        for chunk, share in zip(self._chunks, self._shares, strict=True):
            for line in chunk.splitlines():
                decode(line)
            connection.execute("BEGIN IMMEDIATE")
            for statement, rows in share:
                connection.executemany(statement, rows)
            connection.execute("COMMIT")
        took_s = time.perf_counter() - began
        connection.close()
        return {"took_s": took_s}


if __name__ == "__main__":
    bare = Bare(Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text("utf-8")))
    serve({}, bare.run)
