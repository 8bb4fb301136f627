"""What arrives over HTTP, read strictly: JSON without doubt, media types, revisions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from banyan.kernel.words.codec import to_json
from banyan.kernel.words.errors import refused

DEPTH_MAX: Final = 64
"""Objects and lists inside each other; deeper bodies are refused."""
MAGNITUDE_MAX: Final = 308
"""The largest power of ten of a number, up or down: what others read into a float."""


def read_json(raw: bytes) -> Any:
    """A JSON body; numbers with a fraction become exact ``Decimal``.

    Refused (``malformed``): no JSON, NaN and infinity, an object with the same key twice (which of
    them counts is anybody's guess), nesting beyond :data:`DEPTH_MAX`, numbers beyond
    :data:`MAGNITUDE_MAX`.
    """
    try:
        value = _DECODER.decode(raw)
        if raw.count(b"{") + raw.count(b"[") > DEPTH_MAX:
            check_depth(value)
        # A key said twice is dropped by the parser, and its colon with it.
        if raw.count(b":") != to_json(value).count(b":") or b"\\u003" in raw:
            _check_keys(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise refused("malformed", "json", f"the body is no JSON: {error}") from None
    except RecursionError:
        raise _too_deep() from None
    return value


def _bounded(text: str) -> Decimal:
    number = Decimal(text)
    if number and abs(number.adjusted()) > MAGNITUDE_MAX:
        raise refused("malformed", "numberRange", f"{text[:40]} is out of range")
    return number


_DECODER: Final = msgspec.json.Decoder(float_hook=_bounded)


def check_depth(value: Any) -> None:
    """Refuses (``malformed``) objects and lists nested deeper than :data:`DEPTH_MAX`."""
    level = [value]
    for _ in range(DEPTH_MAX + 1):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return
    raise _too_deep()


def _too_deep() -> Exception:
    return refused("malformed", "too_deep", f"the body is nested deeper than {DEPTH_MAX} levels")


def _check_keys(raw: bytes) -> None:
    def whole(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise refused("malformed", "duplicateKey", f"{twice[:80]!r} stands twice in one object")
        return found

    json.loads(raw, object_pairs_hook=whole, parse_float=str, parse_int=str)


def media_type(header: bytes | None) -> str:
    """The type of a ``Content-Type``, lower case, without parameters; empty if there is none."""
    if header is None:
        return ""
    return header.partition(b";")[0].strip().lower().decode("latin-1")


_EASY_ACCEPT: Final = frozenset(
    {None, b"*/*", b"application/json", b"application/json;charset=utf-8"}
)


def accepts_json(header: bytes | None) -> bool:
    """Whether an ``Accept`` header lets the answer be JSON."""
    return header in _EASY_ACCEPT or bool(choose_type(header, ("application/json",)))


def choose_type(header: bytes | None, offered: Sequence[str]) -> str:
    """The first of the ``offered`` media types that an ``Accept`` header names; else empty.

    Ranges (``*/*``, ``text/*``) name the first they hold, if nothing is named in full.
    """
    if header is None or not header.strip():
        return offered[0]
    wanted: set[str] = set()
    for part in header.lower().decode("latin-1").split(","):
        name, *parameters = [piece.strip() for piece in part.split(";")]
        weights = [p[2:].strip() for p in parameters if p.startswith("q=")]
        if not any(weight.strip("0.") == "" for weight in weights):
            wanted.add(name)
    for ranges in (
        lambda each: (each,),
        lambda each: ("*/*", f"{each.partition('/')[0]}/*"),
    ):
        for each in offered:
            if wanted & set(ranges(each)):
                return each
    return ""


def expected_revs(header: bytes | None) -> tuple[int, ...]:
    """The revisions an ``If-Match`` names; empty for any, -1 for a tag that is none of ours.

    Weak tags never match (RFC 9110, 13.1.1).
    """
    if header is None or header.strip() == b"*":
        return ()
    revs = []
    for tag in header.split(b","):
        text = tag.strip()
        digits = text[1:-1]
        known = len(text) > 2 and text[:1] == text[-1:] == b'"' and digits.isdigit()
        revs.append(int(digits) if known and len(digits) <= 12 else -1)
    return tuple(revs)


def etag(rev: int) -> tuple[bytes, bytes]:
    """The ``ETag`` header of a revision."""
    return (b"etag", b'"%d"' % rev)
