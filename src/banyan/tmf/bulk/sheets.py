"""Documents as rows of a CSV sheet and back: pure, and nothing is lost on the way.

A column is a dotted path with list positions as numbers (``contactMedium.0.emailAddress``). A dot
or backslash within a name has a backslash before it, as has a name that is all digits; what can't
be printed is ``\\u{…}``. A cell is the text itself, or JSON: numbers, ``true``, ``false``,
``null``, ``{…}``, ``[…]``, and texts that would otherwise be taken for one of these or break the
line, in quotes. An empty cell is an attribute that is not there.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, Final

from banyan.kernel.words.codec import Document, to_json
from banyan.kernel.words.errors import Finding, Refused
from banyan.tmf.bodies import DEPTH_MAX, read_json

LIST_MAX: Final = 20
"""Items of a list that get columns of their own; a longer list is one cell of JSON."""
COLUMNS_MAX: Final = 2_000

Path = tuple[str | int, ...]
IsText = Callable[[Path], bool]
"""Whether the values at a path are texts by the standard, whatever they look like."""

_SPECIAL: Final = re.compile(r"[\\.]")
_POSITION: Final = re.compile(r"[0-9]{1,4}", re.ASCII)
_ESCAPED: Final = re.compile(r"\\(?:u\{([0-9a-f]{1,6})\}|(.))", re.DOTALL)
_LOOKS_LIKE_JSON: Final = re.compile(r'\s*(?:["{\[]|-?[0-9]|true\b|false\b|null\b)|\s*\Z')


def flattened(document: Document) -> dict[str, str]:
    """A document as columns and cells, in the order of its attributes."""
    cells: dict[str, str] = {}
    for name, value in document.items():
        _flatten(_written(name), value, cells)
    return cells


def _flatten(path: str, value: Any, cells: dict[str, str]) -> None:
    inner: Iterable[tuple[str, Any]] = ()
    if isinstance(value, dict):
        inner = ((_written(name), held) for name, held in value.items())
    elif isinstance(value, list) and len(value) <= LIST_MAX:
        inner = ((str(at), held) for at, held in enumerate(value))
    found = list(inner)
    if not found:
        cells[path] = _cell(value)
    for name, held in found:
        _flatten(f"{path}.{name}", held, cells)


def _written(name: str) -> str:
    if name.isdecimal():
        return f"\\{name}"
    escaped = _SPECIAL.sub(r"\\\g<0>", name)
    if escaped.isprintable():
        return escaped
    return "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in escaped)


def _cell(value: Any) -> str:
    if isinstance(value, str) and not _LOOKS_LIKE_JSON.match(value) and value.isprintable():
        return value
    return to_json(value).decode()


def read_path(column: str) -> Path:
    """The path that a column names."""
    pieces, is_escaped = [""], False
    for character in column:
        if not is_escaped and character == ".":
            pieces.append("")
        else:
            pieces[-1] += character
        is_escaped = not is_escaped and character == "\\"
    return tuple(
        int(piece) if _POSITION.fullmatch(piece) else _ESCAPED.sub(_unescaped, piece)
        for piece in pieces
    )


def _unescaped(found: re.Match[str]) -> str:
    if found[1] is None:
        return found[2]
    code = int(found[1], 16)
    return chr(code) if code <= sys.maxunicode else found[0]


class Sheet:
    """A header, ready to read rows by; raises ``ValueError`` when it is none."""

    def __init__(self, header: Sequence[str], is_text: IsText = lambda path: False) -> None:
        if not header or len(header) > COLUMNS_MAX:
            raise ValueError(f"a header has 1 to {COLUMNS_MAX} columns")
        if len(set(header)) != len(header):
            twice = next(name for name in header if list(header).count(name) > 1)
            raise ValueError(f"the column {twice[:80]!r} is there twice")
        self._header = list(header)
        self._paths = [read_path(name) for name in header]
        for path in self._paths:
            if isinstance(path[0], int) or len(path) > DEPTH_MAX:
                raise ValueError("a column begins with a name and is no deeper than a document")
        self._texts = [is_text(path) for path in self._paths]

    def read(self, row: Sequence[str]) -> tuple[Document, list[Finding]]:
        """The document of a row, and what is wrong with its cells, by column."""
        findings: list[Finding] = []
        if len(row) > len(self._header):
            findings.append(Finding("cells", f"has {len(row)} cells for {len(self._header)}"))
        root: Document = {}
        for name, path, is_text, cell in zip(
            self._header, self._paths, self._texts, row, strict=False
        ):
            if cell == "":
                continue
            try:
                _place(root, path, _value(cell, is_text))
            except ValueError as error:
                findings.append(Finding("cell", str(error), name))
        return (root, findings) if findings else (_listed(root, findings), findings)


def _value(cell: str, is_text: bool) -> Any:
    if not _LOOKS_LIKE_JSON.match(cell):
        return cell
    try:
        value = read_json(cell.encode())
    except Refused as error:
        found = error.refusal.findings[0]
        if found.code == "json":
            return cell
        raise ValueError(found.reason) from None
    return cell if is_text and not isinstance(value, str) else value


class _Items(dict[int, Any]):
    """A list on its way: its items by position."""


def _place(root: Document, path: Path, value: Any) -> None:
    held: Any = root
    for part, following in pairwise(path):
        kind = _Items if isinstance(following, int) else dict
        _check_part(held, part)
        held = held.setdefault(part, kind())
        if type(held) is not kind:
            raise ValueError("another column says this is something else")
    _check_part(held, path[-1])
    if path[-1] in held:
        raise ValueError("another column says this already")
    held[path[-1]] = value


def _check_part(held: Any, part: str | int) -> None:
    if isinstance(held, _Items) is not isinstance(part, int):
        raise ValueError("another column says this is something else")


def _listed(value: Any, findings: list[Finding], at: str = "") -> Any:
    if isinstance(value, _Items):
        if sorted(value) != list(range(len(value))):
            findings.append(Finding("cells", "a list has no gaps", at))
        return [_listed(value[i], findings, f"{at}.{i}") for i in sorted(value)]
    if isinstance(value, dict):
        below = f"{at}." if at else ""
        return {name: _listed(held, findings, f"{below}{name}") for name, held in value.items()}
    return value


def write_row(cells: Sequence[str]) -> bytes:
    """One row of CSV (RFC 4180), ended by a line feed."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue().encode()
