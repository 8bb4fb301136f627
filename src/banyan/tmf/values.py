"""What values of documents are when they are compared: instants, numbers, booleans, or else text.

Every value has a key: a letter for its kind and a text that orders as the value does, character
by character. Values are equal, or ordered, as their keys are; kinds are never mixed. Indexes hold
the first :data:`VALUE_MAX` characters of keys. Keys hold no NUL, which PostgreSQL can't store.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

VALUE_MAX: Final = 200
"""Characters of a key that are indexed, and that count when lists are sorted."""

BOOLEAN, INSTANT, NUMBER, TEXT = "b", "i", "n", "t"
"""The kinds of keys."""

_EXPONENT_SHORT: Final = 5_000
_EXPONENT_MAX: Final = 10**20
_COMPLEMENT: Final = str.maketrans("0123456789", "9876543210")

_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?([Zz]|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_NUMBER = re.compile(r"[+-]?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,9})?")


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


def keys_at(document: Any, path: str) -> set[str]:
    """The keys of all values at a dotted path; nulls have none."""
    keys = (key_of(value) for value in values_at(document, path.split(".")))
    return {key for key in keys if key is not None}


def key_of(value: Any) -> str | None:
    """The key of a scalar of a document; None for null."""
    if isinstance(value, str):
        instant = instant_of(value)
        return _text_key(value) if instant is None else _instant_key(instant)
    if isinstance(value, bool):
        return _boolean_key(value)
    if value is None:
        return None
    return _number_key(Decimal(str(value)) if isinstance(value, float) else Decimal(value))


@lru_cache(maxsize=4_096)
def wanted_keys(text: str) -> Mapping[str, str]:
    """What a query's text may mean, by kind: always text, perhaps also one of the others."""
    keys = {TEXT: _text_key(text)}
    if text in ("true", "false"):
        keys[BOOLEAN] = _boolean_key(text == "true")
    number = number_of(text)
    if number is not None:
        keys[NUMBER] = _number_key(number)
    instant = instant_of(text)
    if instant is not None:
        keys[INSTANT] = _instant_key(instant)
    return keys


@lru_cache(maxsize=4_096)
def instant_of(text: str) -> datetime | None:
    """An RFC 3339 date-time, or a date alone (its midnight), as an instant; else None.

    What names no offset is in UTC. A ``+`` that a query string turned into a blank is read as the
    plus it was. What comes after microseconds is left out.
    """
    if not 10 <= len(text) <= 40 or text[4] != "-":
        return None
    if text[-6] == " " and text[-3] == ":" and len(text) > 16:
        text = f"{text[:-6]}+{text[-5:]}"
    if _INSTANT.fullmatch(text) is None:
        return None
    try:
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text.upper()))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def number_of(text: str) -> Decimal | None:
    """A plain number, exact; None for any other text."""
    if _NUMBER.fullmatch(text) is None:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _text_key(text: str) -> str:
    if "\x00" in text or "\x01" in text:
        text = text.replace("\x01", "\x01\x02").replace("\x00", "\x01\x01")
    return TEXT + text


def _boolean_key(value: bool) -> str:
    return f"{BOOLEAN}{value:d}"


def _instant_key(instant: datetime) -> str:
    return INSTANT + instant.replace(tzinfo=None).isoformat(timespec="microseconds")


def _number_key(number: Decimal) -> str:
    """Sign, exponent, digits; those of a negative number complemented, so that -2 is before -1."""
    sign, digits, exponent = number.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    if not text:
        return f"{NUMBER}1"
    assert isinstance(exponent, int), "JSON has no infinities"
    shown = _exponent_key(len(text) + exponent - 1) + text.rstrip("0")
    if sign:
        return f"{NUMBER}0{shown.translate(_COMPLEMENT)}~"
    return f"{NUMBER}2{shown}"


def _exponent_key(exponent: int) -> str:
    if -_EXPONENT_SHORT < exponent < _EXPONENT_SHORT:
        return f"5{exponent + _EXPONENT_SHORT:04}"
    if exponent > 0:
        return f"6{exponent:020}"
    return f"4{_EXPONENT_MAX + exponent:020}"
