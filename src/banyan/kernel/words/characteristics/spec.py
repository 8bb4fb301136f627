"""What one characteristic may be, read from the TMF v5 form, and whether one value keeps to it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import msgspec

from banyan.kernel.words.characteristics.pattern import VALUE_LENGTH_MAX, compile_pattern
from banyan.kernel.words.errors import Finding, Refused, refuse_findings, refused
from banyan.kernel.words.quantity import MAGNITUDE_MAX, Amount, match_unit, plain_number

ValueType = Literal["string", "boolean", "integer", "number", "object", "any"]


class ValueRange(msgspec.Struct, frozen=True):
    """Numbers between two ends in the specification's unit; an end of None is open for ever."""

    low: Amount | None = None
    high: Amount | None = None
    low_included: bool = True
    high_included: bool = True

    def holds(self, number: Fraction) -> bool:
        """Whether ``number`` lies between the ends."""
        if self.low is not None and (
            number < Fraction(self.low) or (number == Fraction(self.low) and not self.low_included)
        ):
            return False
        return self.high is None or (
            number < Fraction(self.high) or (number == Fraction(self.high) and self.high_included)
        )

    def __str__(self) -> str:
        ends = []
        if self.low is not None:
            ends.append(f"{'from' if self.low_included else 'above'} {self.low}")
        if self.high is not None:
            ends.append(f"{'up to' if self.high_included else 'below'} {self.high}")
        return " ".join(ends) or "any number"


class CharacteristicSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What one characteristic may be.

    ``allowed``, ``ranges`` and ``patterns`` are alternatives: a value fits if any of them has it,
    or if there are none. ``regex`` holds on top, for text. All numbers are in ``unit``.
    ``max_cardinality`` None means any number. An array of ``max_cardinality`` 1 is one value of any
    length; in all other cases the elements of an array count as values.
    """

    name: str
    value_type: ValueType = "any"
    is_array: bool = False
    unit: str | None = None
    min_cardinality: int = 0
    max_cardinality: int | None = 1
    allowed: tuple[Any, ...] = ()
    ranges: tuple[ValueRange, ...] = ()
    patterns: tuple[str, ...] = ()
    regex: str | None = None
    defaults: tuple[Any, ...] = ()
    configurable: bool = True
    type_text: str = ""
    """``valueType`` as the specification spells it."""

    @property
    def default(self) -> Any:
        """The value it has when none is given: one, a list where many may be, or None."""
        if self.is_array or len(self.defaults) > 1:
            return list(self.defaults) or None
        return self.defaults[0] if self.defaults else None

    @property
    def choices(self) -> str:
        """What fits, for people: ``5, 10, from 20 up to 100 Mbit/s``."""
        listed = [str(value) for value in self.allowed[:20]]
        listed += ["..."] if len(self.allowed) > 20 else []
        listed += [str(each) for each in self.ranges]
        listed += [f"text like {pattern}" for pattern in self.patterns]
        return ", ".join(listed) + (f" {self.unit}" if self.unit else "")

    @classmethod
    def from_tmf(cls, document: Mapping[str, Any]) -> CharacteristicSpec:
        """Read the TMF v5 form; refuses (``rule``) with everything in it that contradicts itself.

        A lone value that is the default does not limit the choice, nor do the listed values of an
        ``extensible`` specification. Without ``maxCardinality`` there is one value at most.
        """
        entries = document.get("characteristicValueSpecification") or []
        if not isinstance(document.get("name"), str) or not _is_list_of_objects(entries):
            reason = "a characteristic has a name and a list of value specifications"
            raise refused("malformed", "characteristicSpec", reason)
        spec, findings = _read_spec(document, entries)
        if spec.max_cardinality is not None and spec.max_cardinality < spec.min_cardinality:
            reason = f"{spec.name} has a maxCardinality below its minCardinality"
            findings.append(Finding("cardinality", reason, "maxCardinality"))
        for text in (*spec.patterns, *([spec.regex] if spec.regex else [])):
            try:
                compile_pattern(text)
            except Refused as no:
                findings.extend(no.refusal.findings)
        if spec.ranges and spec.value_type not in ("integer", "number", "any"):
            reason = f"{spec.name} is of type {spec.value_type}: only numbers have a range"
            findings.append(Finding("valueRange", reason, "valueType"))
        if any(isinstance(value, Fraction) for value in spec.defaults):
            findings.append(Finding("quantityInexact", f"no finite digits in {spec.unit}"))
        if not findings:
            fitting = [*spec.defaults, *spec.allowed]
            findings = [each for value in fitting for each in check_value(spec, value)]
        refuse_findings("rule", findings)
        return spec


_TYPE_WORDS: dict[ValueType, str] = {
    "string": "string text enum date date-time uri",
    "boolean": "boolean bool",
    "integer": "integer int long",
    "number": "number numeric float double decimal",
    "object": "object map json",
}
_ARRAY = re.compile(
    r"(?:array|set|list)(?:[ _-]?of[ _-]?|<)(\w+?)s?>?|(\w+?)(?:\[\]|array)|(?:array|set)"
)
_VALUE_SHAPE = re.compile(r"([A-Z][a-z]+)(Array)?CharacteristicValueSpecification")


def _read_type(document: Mapping[str, Any], entries: list[Any]) -> tuple[ValueType, bool]:
    """The type by ``valueType``, else by the value specifications' ``@type``; an unknown is any."""
    text = str(document.get("valueType") or "").strip().lower()
    array = _ARRAY.fullmatch(text)
    words, is_array = [(array[1] or array[2] or "") if array else text], bool(array)
    for entry in entries:
        if shape := _VALUE_SHAPE.fullmatch(str(entry.get("@type"))):
            words.append(shape[1].lower())
            is_array = is_array or bool(shape[2])
    for word in words:
        for value_type, known in _TYPE_WORDS.items():
            if word in known.split():
                return value_type, is_array
    return "any", is_array


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, Mapping) for each in value)


def _read_spec(
    document: Mapping[str, Any], entries: list[Any]
) -> tuple[CharacteristicSpec, list[Finding]]:
    findings: list[Finding] = []
    units = [unit for each in (document, *entries) if (unit := find_unit_text(each))]
    defaults: list[Any] = []
    allowed: list[Any] = []
    ranges: list[ValueRange] = []
    for at, entry in enumerate(entries):
        factor = find_factor(find_unit_text(entry), units[0] if units else None)
        if isinstance(factor, Finding):
            findings.append(factor.below(f"characteristicValueSpecification.{at}"))
            continue
        span = _read_range(entry, factor)
        if isinstance(span, Finding):
            findings.append(span.below(f"characteristicValueSpecification.{at}"))
            continue
        values = convert_elements(entry.get("value"), factor)
        defaults += values if entry.get("isDefault") else []
        ranges += [span] if span else []
        allowed += values if not span and not entry.get("regex") else []
    patterns = [str(entry["regex"]) for entry in entries if entry.get("regex")]
    is_lone_default = len(allowed) == 1 and allowed == defaults and not ranges and not patterns
    value_type, is_array = _read_type(document, entries)
    most = _read_cardinality(document, "maxCardinality", findings)
    spec = CharacteristicSpec(
        name=document["name"],
        value_type=value_type,
        is_array=is_array,
        unit=units[0] if units else None,
        min_cardinality=_read_cardinality(document, "minCardinality", findings) or 0,
        max_cardinality=1 if most is None else most,
        allowed=() if is_lone_default or document.get("extensible") else tuple(allowed),
        ranges=tuple(ranges),
        patterns=tuple(patterns),
        regex=str(document["regex"]) if document.get("regex") else None,
        defaults=tuple(defaults),
        configurable=document.get("configurable") is not False,
        type_text=str(document.get("valueType") or ""),
    )
    return spec, findings


def _read_cardinality(
    document: Mapping[str, Any], attribute: str, findings: list[Finding]
) -> int | None:
    count = document.get(attribute)
    if count is None or (type(count) is int and count >= 0):
        return count
    findings.append(Finding("cardinality", f"{count!r} is no number of values", attribute))
    return None


def _read_range(entry: Mapping[str, Any], factor: Fraction) -> ValueRange | Finding | None:
    ends: list[Amount | None] = []
    for attribute in ("valueFrom", "valueTo"):
        end = entry.get(attribute)
        number = exact_number(end)
        if end is not None and number is None:
            return Finding("valueRange", f"{end!r} is no number", attribute)
        ends.append(None if number is None else _shortest(number * factor))
    interval = entry.get("rangeInterval") or "closed"
    if interval not in ("open", "closed", "closedBottom", "closedTop"):
        return Finding("valueRange", f"{interval!r} is no range interval", "rangeInterval")
    if ends == [None, None]:
        return None
    low_included = interval in ("closed", "closedBottom")
    return ValueRange(ends[0], ends[1], low_included, interval in ("closed", "closedTop"))


def find_unit_text(entry: Mapping[str, Any]) -> str | None:
    """The ``unitOfMeasure`` of an entry; the ways to write "none" count as none."""
    text = entry.get("unitOfMeasure")
    return None if text is None or str(text).strip().lower() in ("", "n/a", "none") else str(text)


def find_factor(given: str | None, wanted: str | None) -> Fraction | Finding:
    """What a number in the unit ``given`` is multiplied with to be in the unit ``wanted``.

    Without a unit of its own it is in the wanted one; a unit we don't know goes with itself only.
    """
    if given is None or given == wanted:
        return Fraction(1)
    if wanted is None:
        return Finding("unitMismatch", f"it has no unit, so not {given} either", "unitOfMeasure")
    ours, theirs = match_unit(wanted), match_unit(given)
    if ours is None or theirs is None or ours.dimension != theirs.dimension:
        return Finding("unitMismatch", f"{given} does not go with {wanted}", "unitOfMeasure")
    return theirs.scale / ours.scale


def exact_number(value: Any) -> Fraction | None:
    """The exact number ``value`` is; None for all else, NaN and numbers beyond reason included."""
    if isinstance(value, float) and math.isfinite(value):
        value = Decimal(repr(value))
    if isinstance(value, Decimal) and not value:
        return Fraction(0)
    if isinstance(value, Decimal) and not (
        value.is_finite() and abs(value.adjusted()) <= MAGNITUDE_MAX
    ):
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal | Fraction):
        return None
    return Fraction(value)


def _shortest(number: Fraction) -> Amount:
    plain = plain_number(number)
    return number if plain is None else plain


def convert_elements(value: Any, factor: Fraction) -> list[Any]:
    """The elements of a value (one, unless it is a list), their numbers multiplied."""
    elements = value if isinstance(value, list) else [] if value is None else [value]
    if factor == 1:
        return list(elements)
    numbers = [exact_number(each) for each in elements]
    return [
        each if number is None else _shortest(number * factor)
        for each, number in zip(elements, numbers, strict=True)
    ]


def _has_type(value: Any, value_type: ValueType) -> bool:
    number = exact_number(value)
    match value_type:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return number is not None and number.denominator == 1
        case "number":
            return number is not None
        case "object":
            return isinstance(value, Mapping)
        case "any":
            return value is not None


def is_same(one: Any, other: Any) -> bool:
    """Equal in value and kind: to Python True is 1, to a catalogue it is not."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def check_value(spec: CharacteristicSpec, value: Any) -> list[Finding]:
    """What is wrong with one element, numbers being in the specification's unit."""
    said = f"{value!r:.80}" if isinstance(value, str) else f"{value!s:.80}"
    if not _has_type(value, spec.value_type):
        return [Finding("valueType", f"{spec.name} is of type {spec.value_type}, not {said}")]
    text = value if isinstance(value, str) else None
    if text is not None and (spec.patterns or spec.regex) and len(text) > VALUE_LENGTH_MAX:
        return [Finding("valueTooLong", f"{spec.name} has more than {VALUE_LENGTH_MAX} characters")]
    if text is not None and spec.regex and not compile_pattern(spec.regex).matches(text):
        return [Finding("valuePattern", f"{spec.name} is like {spec.regex}, not {said}")]
    number = exact_number(value)
    if (
        not (spec.allowed or spec.ranges or spec.patterns)
        or any(is_same(value, each) for each in spec.allowed)
        or any(number is not None and each.holds(number) for each in spec.ranges)
        or any(text is not None and compile_pattern(each).matches(text) for each in spec.patterns)
    ):
        return []
    code = "valueOutOfRange" if spec.ranges and number is not None else "valueNotAllowed"
    if spec.patterns and not spec.allowed and text is not None:
        code = "valuePattern"
    return [Finding(code, f"{spec.name} is {spec.choices}, not {said}")]
