"""A chunk of a bulk body as numbered lines: pure; a line that can't be read holds up no other."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from banyan.kernel.words.errors import Refusal, Refused, refused
from banyan.tmf.bodies import read_json
from banyan.tmf.bulk.parts import CSV as CSV
from banyan.tmf.bulk.parts import NDJSON as NDJSON
from banyan.tmf.bulk.sheets import IsText, Sheet

BULK: Final = "bulk"
"""What stands before a noun in the paths of its bulk, as ``hub`` stands for its events."""
LINES_MAX: Final = 5_000
"""Lines of one chunk, which is one transaction."""

BROKEN_MAX: Final = 20
"""Lines of a chunk that may be no CSV at all: each makes all behind it be read again."""
CELL_MAX: Final = 1_048_576
"""Characters of a cell: a long list is one."""

_BOM: Final = b"\xef\xbb\xbf"


csv.field_size_limit(CELL_MAX)


class Line(NamedTuple):
    """One line: its number in the file, its text, and what it holds or why it holds nothing."""

    number: int
    text: bytes
    body: Any = None
    refusal: Refusal | None = None


class Chunk(NamedTuple):
    """Consecutive lines of a file; ``following`` is the number of the line behind them.

    ``origin`` is the number of a file's first line that can hold a document. Blank lines count
    and hold nothing.
    """

    lines: list[Line]
    first: int
    following: int
    origin: int


def read_ndjson(raw: bytes, first: int) -> Chunk:
    """The lines of an NDJSON body whose first is line ``first`` of its file."""
    if first == 1:
        raw = raw.removeprefix(_BOM)
    texts = raw.split(b"\n")
    if texts[-1] == b"":
        texts.pop()
    _check_count(len(texts))
    lines = []
    for number, text in enumerate(texts, first):
        if text.strip():
            try:
                lines.append(Line(number, text, read_json(text)))
            except Refused as error:
                lines.append(Line(number, text, None, error.refusal))
    return Chunk(lines, first, first + len(texts), 1)


def read_csv(raw: bytes, first: int, is_text: IsText) -> Chunk:
    """The rows of a CSV body: the header, then lines from ``first`` of the file on.

    The header is line 1 of the file, so its first row is line 2. A row that runs over several
    lines has the number of its first. Refused (``malformed``): no UTF-8, no header.
    """
    try:
        text = raw.removeprefix(_BOM).decode()
    except UnicodeDecodeError as error:
        raise refused("malformed", "encoding", f"CSV comes in UTF-8: {error}") from None
    head, _, rest = text.partition("\n")
    try:
        sheet = Sheet(next(csv.reader([head]), []), is_text)
    except (ValueError, csv.Error) as error:
        raise refused("malformed", "header", f"the header: {error}", "header") from None
    physical = io.StringIO(rest, newline="\n").readlines()
    _check_count(len(physical))
    return Chunk(list(_rows(sheet, physical, first)), first, first + len(physical), 2)


def _rows(sheet: Sheet, physical: list[str], first: int) -> Iterator[Line]:
    """Every row; behind a line that is no CSV it begins anew, so that no other line is lost."""
    at, broken = 0, 0
    while at < len(physical):
        rows = csv.reader(physical[at:], strict=True)
        before = at
        try:
            for row in rows:
                told = "".join(physical[before : at + rows.line_num]).encode()
                if any(row):
                    yield _row(sheet, row, first + before, told)
                before = at + rows.line_num
            return
        except csv.Error as error:
            broken += 1
            if broken > BROKEN_MAX:
                reason = f"line {first + before} and {BROKEN_MAX} before are no CSV: {error}"
                raise refused("malformed", "csv", reason) from None
            refusal = refused("malformed", "csv", f"no CSV: {error}").refusal
            yield Line(first + before, physical[before].encode(), None, refusal)
            at = before + 1


def _row(sheet: Sheet, row: list[str], number: int, told: bytes) -> Line:
    document, findings = sheet.read(row)
    if findings:
        return Line(number, told, None, Refusal("malformed", tuple(findings)))
    return Line(number, told, document)


def _check_count(count: int) -> None:
    if count > LINES_MAX:
        reason = f"a chunk has at most {LINES_MAX} lines, not {count}"
        raise refused("too_large", "lines", reason)
