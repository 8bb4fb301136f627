"""A file in parts that one request, or one transaction, takes: cut between its records."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from banyan.kernel.words.errors import refused

NDJSON: Final = "application/x-ndjson"
CSV: Final = "text/csv"
CHUNK_BYTES: Final = 400_000
CHUNK_LINES: Final = 1_000
LINE_BYTES_MAX: Final = 1_000_000


class Part(NamedTuple):
    """Some lines of a file: the number of the first, and of the one behind them."""

    body: bytes
    line: int
    following: int
    is_last: bool


def chunks(opened: BinaryIO, kind: str) -> Iterator[Part]:
    """A file in parts that a house takes in one request; a CSV part begins with the header."""
    head, first = b"", 1
    if kind == CSV:
        head, first = opened.readline(), 2
    held: list[bytes] = []
    size, line, following = 0, first, first
    for text, count in _records(opened, kind):
        if held and (size + len(text) > CHUNK_BYTES or following + count - line > CHUNK_LINES):
            yield Part(head + b"".join(held), line, following, is_last=False)
            held, size, line = [], 0, following
        if len(text) > LINE_BYTES_MAX:
            reason = f"line {following} has more than {LINE_BYTES_MAX} bytes"
            raise refused("too_large", "lineSize", reason)
        held.append(text)
        size += len(text)
        following += count
    yield Part(head + b"".join(held), line, following, is_last=True)


def _records(opened: BinaryIO, kind: str) -> Iterator[tuple[bytes, int]]:
    """Each record as it stands in the file, and how many lines it has."""
    if kind == NDJSON:
        for text in opened:
            yield text if text.endswith(b"\n") else text + b"\n", 1
        return
    taken: list[bytes] = []

    def lines() -> Iterator[str]:
        for text in opened:
            taken.append(text)
            yield text.decode("utf-8", "replace")

    csv.field_size_limit(LINE_BYTES_MAX)
    try:
        for _ in csv.reader(lines()):
            yield b"".join(taken), len(taken)
            taken.clear()
    except csv.Error as error:
        raise refused("malformed", "csv", f"the file is no CSV: {error}") from None
