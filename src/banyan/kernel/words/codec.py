"""How the kernel's words become JSON and come back: one place, strict, exact.

Ids travel as their text; ``Decimal`` travels as a JSON number with its digits kept.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from banyan.kernel.words.ids import Id

T = TypeVar("T")

Document = dict[str, Any]
"""A JSON object as received or stored; every attribute kept, known or not."""


def _encode_other(value: Any) -> Any:
    if isinstance(value, Id):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _decode_other(wanted: Any, value: Any) -> Any:
    if isinstance(wanted, type) and issubclass(wanted, Id) and isinstance(value, str):
        return wanted(value)
    raise TypeError(f"{value!r} is no {wanted}")


_ENCODER = msgspec.json.Encoder(enc_hook=_encode_other, decimal_format="number")
_ORDERED = msgspec.json.Encoder(enc_hook=_encode_other, decimal_format="number", order="sorted")
_DECODER = msgspec.json.Decoder(float_hook=Decimal)


def to_json(value: Any) -> bytes:
    """``value`` as compact UTF-8 JSON."""
    return _ENCODER.encode(value)


def to_ordered_json(value: Any) -> bytes:
    """Like :func:`to_json` with sorted keys: equal values give equal bytes (fingerprints)."""
    return _ORDERED.encode(value)


def from_json(text: bytes | str) -> Any:
    """JSON as plain values; numbers with a fraction become exact ``Decimal``.

    Raises ``msgspec.DecodeError`` for text that is no JSON.
    """
    return _DECODER.decode(text)


def to_plain(value: Any) -> Any:
    """A struct as dicts, lists and scalars (ids as text)."""
    return msgspec.to_builtins(value, enc_hook=_encode_other, builtin_types=(Decimal,))


def from_plain(value: Any, wanted: type[T]) -> T:
    """Plain values as ``wanted``; raises ``msgspec.ValidationError`` naming the path."""
    return msgspec.convert(value, wanted, dec_hook=_decode_other)
