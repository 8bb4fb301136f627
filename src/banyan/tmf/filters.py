"""Reads a query string: filters, projection, paging (TMF630; clauses 2.2 to 2.4 of our digest).

The raw string is read before anything is decoded, because ``%2C`` and a quoted comma belong to a
value while a bare comma separates two. Parameters are AND-ed, values of one attribute OR-ed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote_plus

from banyan.kernel.words.errors import refused

QUERY_MAX: Final = 8_000
"""Characters of a query string; longer ones are refused."""
CONDITIONS_MAX: Final = 50
VALUES_MAX: Final = 500
MAGNITUDE_MAX: Final = 150
"""The power of ten up to which a number is filed as plain digits."""

_OPERATOR = re.compile(r"\.(gt|gte|lt|lte|regex)$")
_ENCODED_OPERATOR = re.compile(r"%3[CDEcde](?:%3[Dd]|~|%7[Ee])?|[<>]|=~")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)")
_NUMBER = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,2})?")


@dataclass(frozen=True, slots=True)
class Condition:
    """What one attribute must be: equal to any of ``values`` (as text)."""

    path: str
    values: tuple[str, ...]

    def matches(self, document: Any) -> bool:
        """Whether any scalar the path leads to, across arrays, equals one of the values."""
        return any(
            equals(value, self.values) for value in values_at(document, self.path.split("."))
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """A query string, read: which documents, which part of them, which page."""

    conditions: tuple[Condition, ...] = ()
    fields: list[str] | None = None
    offset: int = 0
    limit: int | None = None
    is_paged: bool = False
    rest: tuple[str, ...] = field(default=())
    """The raw parameters that are not paging, for links to other pages."""


EVERYTHING: Final = Wish()


@lru_cache(maxsize=1_024)
def read_query(raw: str) -> Wish:
    """Read a raw query string; refuses (``malformed``) bad paging and unreadable filters.

    Refused as ``unsupported``: comparisons other than equality, ``filter``, ``sort`` and cursors.
    """
    if not raw:
        return EVERYTHING
    if len(raw) > QUERY_MAX:
        raise refused("malformed", "queryLength", f"a query has at most {QUERY_MAX} characters")
    wanted: dict[str, list[str]] = {}
    fields: list[str] = []
    paging: dict[str, int] = {}
    rest: list[str] = []
    for part in raw.split("&"):
        if not part:
            continue
        name, value = _name_and_value(part)
        if name in ("offset", "limit"):
            paging[name] = _count(name, value)
            continue
        rest.append(part)
        if name == "fields":
            fields.append(unquote_plus(value))
        elif name in ("sort", "filter", "before", "after"):
            raise refused("unsupported", "queryUnsupported", f"{name} is not supported", name)
        else:
            _want(wanted, name, value)
    if len(wanted) > CONDITIONS_MAX:
        raise refused("malformed", "filter", f"a query has at most {CONDITIONS_MAX} filters")
    conditions = tuple(Condition(path, tuple(values)) for path, values in wanted.items())
    offset, limit = paging.get("offset", 0), paging.get("limit")
    return Wish(conditions, fields or None, offset, limit, bool(paging), tuple(rest))


def _name_and_value(part: str) -> tuple[str, str]:
    """An attribute path and its raw value; the path may say ``.eq``."""
    raw_name, equal_sign, value = part.partition("=")
    if _ENCODED_OPERATOR.search(raw_name) or (equal_sign and value.startswith("~")):
        shown = unquote_plus(part)[:80]
        raise refused("unsupported", "filterUnsupported", f"only equality can be asked: {shown}")
    name = unquote_plus(raw_name).strip()
    if not equal_sign or not name:
        raise refused("malformed", "filter", f"{unquote_plus(part)[:80]!r} is no name=value")
    if _OPERATOR.search(name):
        raise refused("unsupported", "filterUnsupported", f"only equality can be asked: {name}")
    return name.removesuffix(".eq"), value


def _want(wanted: dict[str, list[str]], name: str, raw: str) -> None:
    values = wanted.setdefault(name, [])
    alternatives = _split(raw, ";") if ";" in raw else [raw]
    for position, alternative in enumerate(alternatives):
        if position:
            other, equal_sign, value = alternative.partition("=")
            if equal_sign and unquote_plus(other).strip().removesuffix(".eq") != name:
                reason = f"';' means OR for one attribute only: {unquote_plus(alternative)[:80]}"
                raise refused("unsupported", "filterUnsupported", reason, name)
            alternative = value if equal_sign else alternative
        values += [_decoded(value) for value in _split(alternative, ",")]
    if len(values) > VALUES_MAX:
        raise refused("malformed", "filter", f"{name}: at most {VALUES_MAX} values", name)


def _split(raw: str, separator: str) -> list[str]:
    """Split at separators outside double quotes (bare or ``%22``); nothing is decoded yet."""
    if separator not in raw:
        return [raw]
    if '"' not in raw and "%22" not in raw:
        return raw.split(separator)
    parts = [""]
    is_quoted = False
    for piece in re.split(f'("|%22|{separator})', raw):
        if piece == separator and not is_quoted:
            parts.append("")
            continue
        if piece in ('"', "%22"):
            is_quoted = not is_quoted
        parts[-1] += piece
    return parts


def _decoded(raw: str) -> str:
    text = unquote_plus(raw)
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return text[1:-1]
    return text


def _count(name: str, raw: str) -> int:
    text = unquote_plus(raw)
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise refused("malformed", "paging", f"{name} is a whole number from 0 on", name)
    return int(text)


def values_at(value: Any, path: Sequence[str]) -> list[Any]:
    """Every scalar a dotted path leads to; arrays are crossed."""
    found: list[Any] = []
    _collect(value, path, 0, found)
    return found


def _collect(value: Any, path: Sequence[str], at: int, found: list[Any]) -> None:
    if isinstance(value, list):
        for item in value:
            _collect(item, path, at, found)
    elif at == len(path):
        if not isinstance(value, dict):
            found.append(value)
    elif isinstance(value, dict):
        name = path[at]
        if name in value:
            _collect(value[name], path, at + 1, found)


def equals(value: Any, wanted: Sequence[str]) -> bool:
    """Whether a scalar equals any wanted text: as instant, number, boolean, or else as text."""
    if isinstance(value, str):
        if value in wanted:
            return True
        instant = instant_of(value)
        return instant is not None and any(instant == instant_of(text) for text in wanted)
    if isinstance(value, bool):
        return ("true" if value else "false") in wanted
    if value is None:
        return False
    number = Decimal(str(value))
    return any(number == number_of(text) for text in wanted)


@lru_cache(maxsize=4_096)
def instant_of(text: str) -> datetime | None:
    """An RFC 3339 date-time as an instant; None for any other text.

    A ``+`` that a query string turned into a blank is read as the plus it was.
    """
    if len(text) < 17 or len(text) > 40:
        return None
    if len(text) > 6 and text[-6] == " " and text[-3] == ":":
        text = f"{text[:-6]}+{text[-5:]}"
    if _INSTANT.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(_microseconds(text)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _microseconds(text: str) -> str:
    """At most six digits after the seconds' point: what a datetime holds."""
    return re.sub(r"(\.\d{6})\d+", r"\1", text.upper())


def number_of(text: str) -> Decimal | None:
    """A plain number, exact; None for any other text."""
    if _NUMBER.fullmatch(text) is None:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def filed(value: Any) -> str:
    """A scalar as it stands in the index: equal values give the same text.

    Instants are in UTC, numbers in shortest form, booleans ``true`` or ``false``.
    """
    if isinstance(value, str):
        instant = instant_of(value)
        return value if instant is None else instant.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    return _shortest(Decimal(str(value)))


def _shortest(number: Decimal) -> str:
    """Plain digits; numbers too long for that (1E+999999999) stay as they are."""
    if abs(number.adjusted()) > MAGNITUDE_MAX:
        return str(number)
    return format(number.normalize(), "f")


def looked_up(wanted: Sequence[str]) -> tuple[set[str], bool]:
    """Index texts that may hold a wanted value, and whether no other value can hide there.

    ``1.0`` may be the number 1 (filed as ``1``) or the text ``1.0``: looked up as both.
    """
    texts: set[str] = set()
    is_exact = True
    for text in wanted:
        texts.add(filed(text))
        number = number_of(text)
        if number is not None:
            short = _shortest(number)
            if short != text:
                texts.add(short)
                is_exact = False
    return texts, is_exact
