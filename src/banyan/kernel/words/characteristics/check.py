"""Characteristics of one thing against their specifications: every fault at once, and defaults."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from banyan.kernel.words.characteristics.spec import (
    CharacteristicSpec,
    ValueType,
    check_value,
    convert_elements,
    find_factor,
    find_unit_text,
    is_same,
)
from banyan.kernel.words.errors import Finding


def check_characteristics(
    specs: Iterable[CharacteristicSpec], given: Sequence[Any], path: str
) -> list[Finding]:
    """Everything that is wrong with the characteristics ``given``, at paths below ``path``.

    What is missing is no finding if :func:`fill_characteristics` will add its default.
    """
    by_name = {spec.name: spec for spec in specs}
    counts = dict.fromkeys(by_name, 0)
    findings: list[Finding] = []
    for at, entry in enumerate(given):
        where = f"{path}.{at}" if path else str(at)
        findings += [found.below(where) for found in _check_entry(by_name, counts, entry)]
    for name, spec in by_name.items():
        count = counts[name] or len(spec.defaults)
        if count == 0 and spec.min_cardinality > 0:
            findings.append(Finding("characteristicMissing", f"{name} is missing", path))
        elif count < spec.min_cardinality:
            reason = f"{name} has {count} values, at least {spec.min_cardinality} are needed"
            findings.append(Finding("tooFewValues", reason, path))
    return findings


def _check_entry(
    by_name: Mapping[str, CharacteristicSpec], counts: dict[str, int], entry: Any
) -> list[Finding]:
    name = entry.get("name") if isinstance(entry, Mapping) else None
    if not isinstance(name, str):
        return [Finding("characteristicName", "a characteristic has a name", "name")]
    spec = by_name.get(name)
    if spec is None:
        near = ", ".join(difflib.get_close_matches(name[:100], by_name, n=3))
        advice = f"; near it: {near}" if near else ""
        return [
            Finding("characteristicUnknown", f"{name[:100]!r} is not specified{advice}", "name")
        ]
    factor = find_factor(find_unit_text(entry), spec.unit)
    if isinstance(factor, Finding):
        counts[name] += 1
        return [factor]
    value = entry.get("value")
    elements = convert_elements(value, factor)
    one_array = spec.is_array and spec.max_cardinality == 1
    if value is None or (isinstance(value, list) != spec.is_array and spec.max_cardinality == 1):
        counts[name] += 1
        kind = f"an array of {spec.value_type}" if spec.is_array else f"one {spec.value_type}"
        return [Finding("valueType", f"{name} is {kind}, not {value!r:.80}", "value")]
    counts[name] += bool(elements) if one_array else len(elements)
    findings = []
    for at, element in enumerate(elements):
        where = f"value.{at}" if isinstance(value, list) else "value"
        findings += [found.below(where) for found in check_value(spec, element)]
    if spec.max_cardinality is not None and counts[name] > spec.max_cardinality:
        reason = f"{name} has {counts[name]} values, at most {spec.max_cardinality} are allowed"
        findings.append(Finding("tooManyValues", reason, "value"))
    if not spec.configurable and not (
        len(elements) == len(spec.defaults) and all(map(is_same, elements, spec.defaults))
    ):
        reason = f"{name} is not configurable: leave it out"
        findings.append(Finding("notConfigurable", reason, "value"))
    return findings


def characteristic_type(value: Any, value_type: ValueType = "any") -> str:
    """The v5 ``@type`` for ``value``: ``StringCharacteristic``, ``IntegerArrayCharacteristic`` ...

    A specified ``value_type`` wins over what the value looks like (5 may be a number).
    """
    elements = value if isinstance(value, list) else [value]
    kinds: set[ValueType] = {_kind_of(each) for each in elements}
    if value_type != "any":
        kinds = {value_type}
    if kinds == {"integer", "number"}:
        kinds = {"number"}
    kind = kinds.pop() if len(kinds) == 1 else "object" if kinds else "string"
    return f"{kind.title()}{'Array' if isinstance(value, list) else ''}Characteristic"


def _kind_of(value: Any) -> ValueType:
    if isinstance(value, str | bool):
        return "string" if isinstance(value, str) else "boolean"
    if isinstance(value, int):
        return "integer"
    return "number" if isinstance(value, float | Decimal) else "object"


def fill_characteristics(
    specs: Iterable[CharacteristicSpec], given: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """``given`` in the v5 typed form, then the defaults of what was not given.

    Values, their units and attributes unknown to us stay as given; filling twice changes nothing.
    """
    by_name = {spec.name: spec for spec in specs}
    entries = [dict(entry) for entry in given]
    named = {entry.get("name") for entry in entries}
    entries += [
        {"name": name, "value": spec.default}
        for name, spec in by_name.items()
        if name not in named and spec.defaults
    ]
    return [_typed(entry, by_name.get(entry.get("name", ""))) for entry in entries]


def _typed(entry: dict[str, Any], spec: CharacteristicSpec | None) -> dict[str, Any]:
    value_type: ValueType = spec.value_type if spec else "any"
    typed = characteristic_type(entry.get("value"), value_type)
    if entry.get("@type") not in (None, "Characteristic"):
        typed = entry["@type"]
    plain = typed.removesuffix("Characteristic")
    text = entry.get("valueType") or (spec and spec.type_text) or plain[0].lower() + plain[1:]
    framed = {"@type": typed, "name": entry.get("name"), "valueType": text}
    return framed | entry | {"@type": typed, "valueType": text}
