"""Plain values as YAML text that reads back as the same values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9 ._/%+-]*[A-Za-z0-9._/%+-])?")
_TAKEN = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_AMOUNT = re.compile(r"-?[0-9]+(?:\.[0-9]+)? [A-Z%]{1,3}")
_UNPRINTABLE = re.compile("[\x7f-\x9f\ud800-\udfff\u2028\u2029\ufeff\ufffe\uffff]")


class Text(str):
    """A text whose quotes may be left out even where it looks like a number: its reader knows."""

    __slots__ = ()


def emit_block(value: Mapping[str, Any], indent: int = 0) -> Iterator[str]:
    """The lines of a mapping, a key each; what is below ``also``, and every list, is on one."""
    pad = " " * indent
    for key, below in value.items():
        if isinstance(below, Mapping) and below and key != "also":
            yield f"{pad}{emit_value(key)}:"
            yield from emit_block(below, indent + 2)
        elif below is None or (isinstance(below, Mapping) and not below):
            yield f"{pad}{emit_value(key)}:"
        else:
            yield f"{pad}{emit_value(key)}: {emit_value(below)}"


def emit_value(value: Any) -> str:
    """One value on one line."""
    if isinstance(value, Text):
        is_bare = _AMOUNT.fullmatch(value) or re.fullmatch(r"[0-9][0-9A-Za-z.:+-]*", value)
        return str(value) if is_bare else emit_value(str(value))
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) and value.lower() not in _TAKEN and len(value) < 200:
            return value
        quoted = json.dumps(value, ensure_ascii=False)
        return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, Decimal):
        return _emit_number(value)
    if isinstance(value, Mapping):
        parts = (f"{emit_flow_key(key)}: {emit_value(below)}" for key, below in value.items())
        return "{" + ", ".join(parts) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(emit_value(each) for each in value) + "]"
    return str(value)


def emit_flow_key(key: str) -> str:
    """A key within a line."""
    return emit_value(str(key))


def _emit_number(value: Decimal) -> str:
    text = format(value, "f")
    return text if "." in text else f"{text}.0"
