"""The order of lists: by typed values, missing ones last, then oldest first; places in it.

A document with several values stands where its lowest is, in a descending order where its highest
is. Of a value the first :data:`~banyan.tmf.values.VALUE_MAX` characters of its key count.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import total_ordering
from typing import Any, Final

import msgspec

from banyan.kernel.words.codec import Document, from_json, to_json
from banyan.kernel.words.errors import refused
from banyan.tmf.values import TEXT, VALUE_MAX, keys_at

CURSOR_MAX: Final = 4_000

Place = tuple[str | None, ...]
"""Where a document stands: a key (or none) for each attribute of the order, creation, id."""


@dataclass(frozen=True, slots=True)
class Order:
    """One attribute a list is ordered by.

    ``shown`` makes the form of an inner document that has the attribute, if it isn't the inner.
    ``is_column`` attributes are plain text whatever they look like.
    """

    path: str
    is_descending: bool = False
    shown: Callable[[Document], Document] | None = None
    is_column: bool = False

    def key(self, document: Document) -> str | None:
        """The key of the value that counts; None when there is none."""
        seen = self.shown(document) if self.shown is not None else document
        if self.is_column:
            value = seen.get(self.path)
            return None if value is None else f"{TEXT}{value}"[:VALUE_MAX]
        keys = keys_at(seen, self.path)
        if not keys:
            return None
        return (max(keys) if self.is_descending else min(keys))[:VALUE_MAX]


def place_of(order: tuple[Order, ...], document: Document, created: str) -> Place:
    """Where a document stands in a list."""
    return (*(each.key(document) for each in order), created, document["id"])


def rank_of(order: tuple[Order, ...], place: Place) -> tuple[Any, ...]:
    """A place as something that compares: smaller is earlier in the list."""
    rank: list[Any] = []
    for each, key in zip(order, place, strict=False):
        if key is None:
            rank.append((1, ""))
        else:
            rank.append((0, _Down(key) if each.is_descending else key))
    return (*rank, *place[len(order) :])


@total_ordering
class _Down:
    """A text that orders the other way round."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Down) and self.text == other.text

    def __lt__(self, other: _Down) -> bool:
        return self.text > other.text

    def __hash__(self) -> int:
        return hash(self.text)


def write_cursor(place: Place) -> str:
    """A place as the text clients get: opaque to them, safe in a URL."""
    return urlsafe_b64encode(to_json(place)).decode().rstrip("=")


def read_cursor(name: str, text: str, order: tuple[Order, ...]) -> Place:
    """The place a cursor stands for; refuses (``cursor``) what is none, or of another order.

    No text is no place.
    """
    if not text:
        return ()
    try:
        if len(text) > CURSOR_MAX:
            raise ValueError
        padded = text + "=" * (-len(text) % 4)
        place = from_json(urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        place = None
    if (
        not isinstance(place, list)
        or len(place) != len(order) + 2
        or not all(isinstance(key, str) or (key is None) for key in place)
        or None in place[len(order) :]
        or any(key is not None and "\x00" in key for key in place)
    ):
        raise refused("malformed", "cursor", "is no cursor of a list in this order", name)
    return tuple(place)
