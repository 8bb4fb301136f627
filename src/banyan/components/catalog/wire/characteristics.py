"""Characteristics as authors write them, to CharacteristicSpecification (TMF v5 form)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from banyan.components.catalog.wire.emitting import emit_block
from banyan.components.catalog.wire.nodes import Node, Scalar, read_nodes
from banyan.components.catalog.wire.sheet import Draft, Fields, Sheet, Value
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding
from banyan.kernel.words.quantity import match_unit

TYPES = ("string", "integer", "number", "boolean")
KEYS = (
    "description", "type", "unit", "default", "allowed", "range", "pattern", "required",
    "configurable", "also",
)  # fmt: skip

_RANGE = re.compile(r"(-?[0-9]{1,18})\s*(?:\.\.|to)\s*(-?[0-9]{1,18})")


def read_characteristics(sheet: Sheet, node: Node, draft: Draft, attribute: str) -> None:
    """Add every characteristic under ``node`` to the draft's list ``attribute``."""
    for key, body in sheet.entries(node, "characteristics"):
        if sheet.check_name(key):
            draft.add(attribute, _read_characteristic(sheet, key, body), key.mark)


def read_written(name: str, entry: Mapping[str, Any]) -> Document:
    """The characteristic that these words say; empty where they have mistakes."""
    text = "\n".join(emit_block({name: entry})) + "\n"
    node = read_nodes("entry", text)
    sheet = Sheet()
    if node is None or isinstance(node, Finding):
        return {}
    found = [_read_characteristic(sheet, *each) for each in sheet.entries(node, "entry")]
    return found[0] if found and not sheet.findings else {}


def _read_characteristic(sheet: Sheet, key: Scalar, body: Node) -> Document:
    fields = sheet.fields(body, f"characteristic {key.text}", KEYS)
    value_type = fields.word("type", TYPES) or "string"
    document: Document = {
        "name": key.text,
        "valueType": value_type,
        "configurable": fields.flag("configurable") is not False,
        "minCardinality": 1 if fields.flag("required") else 0,
        "maxCardinality": 1,
    }
    for name, attribute in (("description", "description"), ("pattern", "regex")):
        text = fields.text(name)
        if text is not None:
            document[attribute] = text
    unit = _read_unit(fields, value_type)
    entries = _read_entries(fields, value_type)
    if unit and not entries:
        document["unitOfMeasure"] = unit
    if entries:
        document["characteristicValueSpecification"] = [
            {**entry, **({"unitOfMeasure": unit} if unit else {})} for entry in entries
        ]
    document |= {name: value for name, (value, _) in fields.raw(("name",)).items()}
    return {name: value for name, value in document.items() if value is not None}


def _read_unit(fields: Fields, value_type: str) -> str | None:
    unit = fields.text("unit")
    if unit is None:
        return None
    if value_type not in ("integer", "number"):
        fields.wrong("unit", "badUnit", f"only numbers have a unit, not a {value_type}")
    elif match_unit(unit) is None:
        fields.wrong("unit", "badUnit", f"{unit[:40]!r} is no known unit, such as Mbit/s or GB")
    return unit


def _read_entries(fields: Fields, value_type: str) -> list[Document]:
    """The value specifications: what is allowed, with the default marked among it."""
    allowed = [
        value
        for node in fields.items("allowed", "such as [100, 1000]")
        if (value := _read_value(fields, node, value_type)) is not None
    ]
    span = _read_range(fields, value_type)
    node = fields.node("default")
    default = None if node is None else _read_value(fields, node, value_type)
    if default is not None and fields.has("allowed") and default not in allowed:
        reason = f"the default {default} is not among the allowed values"
        fields.wrong("default", "badDefault", reason)
    if span and isinstance(default, int | Decimal) and not span[0] <= default <= span[1]:
        reason = f"the default {default} is outside its range {span[0]}..{span[1]}"
        fields.wrong("default", "badDefault", reason)
    entries: list[Document] = [
        {"value": value, **({"isDefault": True} if value == default else {})} for value in allowed
    ]
    if span:
        entries.append({"valueFrom": span[0], "valueTo": span[1], "rangeInterval": "closed"})
    if default is not None and default not in allowed:
        entries.append({"value": default, "isDefault": True})
    return entries


def _read_range(fields: Fields, value_type: str) -> tuple[int, int] | None:
    """Two whole numbers (TMF's ``valueFrom`` and ``valueTo`` are integers), the ends included."""
    written = fields.scalar("range", "two whole numbers, such as 10..1000")
    if written is None:
        return None
    ends = _RANGE.fullmatch(written.text.strip())
    if value_type not in ("integer", "number"):
        fields.wrong("range", "badRange", f"only numbers have a range, not a {value_type}")
    elif ends is None or int(ends[1]) > int(ends[2]):
        reason = f"{written.text[:80]!r} is no range: two whole numbers, such as 10..1000"
        fields.wrong("range", "badRange", reason)
    else:
        return int(ends[1]), int(ends[2])
    return None


def _read_value(fields: Fields, node: Node, value_type: str) -> Value | None:
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(node, Scalar) and value_type == "string" and not node.is_nothing:
        return node.text
    if value_type == "boolean" and isinstance(value, bool):
        return value
    if value_type == "integer" and isinstance(value, int) and not isinstance(value, bool):
        return value
    if value_type == "number" and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return value
    said = repr(node.text[:80]) if isinstance(node, Scalar) else "a list or mapping"
    fields.sheet.note(node.mark, "wrongType", f"{fields.what} is of type {value_type}, not {said}")
    return None
