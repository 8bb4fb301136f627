"""The GSMA Generic Slice Template, as published for TMF633 tools, to a service specification. Pure.

The published template has defects. Each is told with its place; none is mended in silence, and
nothing is lost: what a service specification has no field for, or what is not what it should be,
stands as it was under the attribute ``gst`` (ours) of the part it belongs to. So the template can
be made again from the specification (:func:`rebuild_template`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from banyan.components.catalog.wire.template_defects import (
    Place,
    check_units,
    find_dangling,
    find_misspelt,
    find_placeholders,
)
from banyan.kernel.words.characteristics import compile_pattern
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, Refused, refused

LIST: Final = "serviceSpecCharacteristic"
VALUES: Final = "serviceSpecCharacteristicValue"
RELATIONS: Final = "serviceSpecCharRelationship"
KEPT: Final = "gst"

VERBATIM: Final = ("name", "description", "isUnique", "minCardinality", "maxCardinality")
"""Attributes of a characteristic that mean the same in both; all others are kept beside."""

_TYPES: Final = {
    "INTEGER": "integer", "FLOAT": "number", "TEXT": "string", "BINARY": "integer",
    "ENUM": "integer",
}  # fmt: skip
_SEVERAL: Final = ("SET", "ARRAY")
_CODED: Final = ("ENUM", "BINARY", *_SEVERAL)
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?")
_ID: Final = re.compile(r"[^A-Za-z0-9]+")


def read_template(template: Any, spec_id: str = "") -> tuple[Document, list[Finding]]:
    """The specification of a template, and every defect; paths are dotted, within the template.

    ``spec_id`` is the specification's id; the template's name as an id if left out. Refused
    (``malformed``) is only what is no template: no object with a name and a list of attributes.
    """
    if not isinstance(template, dict) or not isinstance(template.get(LIST), list):
        raise refused("malformed", "template", f"a template is an object with {LIST}, a list")
    if not isinstance(template.get("name"), str) or not template["name"].strip():
        raise refused("malformed", "missing", "a template has a name", "name")
    named = spec_id or _ID.sub("-", template["name"]).strip("-").lower()
    findings: list[Finding] = []
    entries: list[tuple[int, Document]] = []
    unread: list[Document] = []
    for at, entry in enumerate(template[LIST]):
        if isinstance(entry, dict) and isinstance(entry.get("name"), str) and entry["name"].strip():
            entries.append((at, entry))
        else:
            unread.append({"at": at, "was": entry})
            reason = "an attribute is an object with a name"
            findings.append(Finding("noName", reason, f"{LIST}.{at}"))
    names = {entry["name"] for _, entry in entries}
    specs = [_read_attribute(at, entry, named, findings) for at, entry in entries]
    findings += find_dangling([(at, e) for at, e in entries], RELATIONS, LIST)
    findings += find_misspelt(names, [(at, e["name"]) for at, e in entries], LIST)
    findings += _find_doubles(entries)
    findings += _find_frozen(entries)
    is_told = isinstance(template.get("description"), str)
    said = ("name", LIST, *(("description",) if is_told else ()))
    kept = {name: value for name, value in template.items() if name not in said}
    kept |= {"unread": unread} if unread else {}
    spec: Document = {
        "@type": "ServiceSpecification",
        "id": named,
        "name": template["name"],
        "lifecycleStatus": "In Design",
        "version": str(template.get("version") or "1.0"),
        "specCharacteristic": specs,
        KEPT: kept,
    }
    if is_told:
        spec["description"] = template["description"]
    return spec, findings


def _read_attribute(at: int, entry: Document, spec_id: str, findings: list[Finding]) -> Document:
    place = Place(f"{LIST}.{at}", entry["name"], findings)
    declared = entry.get("valueType")
    values = _objects(entry, VALUES, place)
    relations = _objects(entry, RELATIONS, place)
    kind = _read_type(declared, values, relations, place)
    characteristic: Document = {
        "name": entry["name"].strip(),
        "valueType": kind,
        "configurable": bool(values),
    }
    characteristic.update(_verbatim(entry, place))
    kept = {
        name: value
        for name, value in entry.items()
        if name not in characteristic
        or characteristic[name] != value
        or name in ("valueType", "configurable")
    }
    pattern = _read_pattern(entry, values, place)
    if pattern:
        characteristic["regex"] = pattern
    is_coded = declared in ("ENUM", "BINARY") or (kind == "array of integer" and len(values) > 1)
    unit = check_units(place, VALUES, values, is_coded)
    read = [_read_value(place.at(f"{VALUES}.{n}"), each, kind) for n, each in enumerate(values)]
    characteristic |= _choice(declared, values, read, unit, place)
    find_placeholders(place, VALUES, values)
    links = [_link(each, spec_id) for each in relations if each.get("relationshipType") != "tag"]
    if links:
        characteristic["charSpecRelationship"] = links
    tags = [each["name"] for each in relations if each.get("relationshipType") == "tag"]
    return {**characteristic, **({"tag": tags} if tags else {}), KEPT: kept}


def _objects(entry: Document, attribute: str, place: Place) -> list[Document]:
    found = entry.get(attribute)
    if found is None:
        return []
    if not isinstance(found, list):
        place.note("wrongType", f"{attribute} is a list", attribute)
        return []
    for n, each in enumerate(found):
        if not isinstance(each, dict):
            place.note("wrongType", "an entry is an object", f"{attribute}.{n}")
    return [each for each in found if isinstance(each, dict)]


def _verbatim(entry: Document, place: Place) -> Iterator[tuple[str, Any]]:
    kinds: Mapping[str, type] = {
        "description": str, "isUnique": bool, "minCardinality": int, "maxCardinality": int,
    }  # fmt: skip
    for name, kind in kinds.items():
        value = entry.get(name)
        if value is None:
            continue
        if type(value) is kind and not (type(value) is int and value < 0):
            yield name, value
        else:
            place.note("wrongType", f"{name} is {value!r:.60}, not {kind.__name__}", name)


def _read_type(
    declared: Any, values: list[Document], relations: list[Document], place: Place
) -> str:
    """Our type; a group that only points to others is an object."""
    if declared is None:
        if values or not relations:
            place.note("noType", "it has no valueType")
        return "object" if not values else "string"
    if not values:
        if declared not in (*_TYPES, *_SEVERAL):
            place.note("valueType", f"{declared!r:.60} is no type of a template", "valueType")
        depends = any(each.get("relationshipType") == "dependency" for each in relations)
        if depends:
            place.note("typeOfGroup", f"it is of type {declared} and has no values", "valueType")
            return "object"
    kinds = {str(each.get("valueType")) for each in values}
    for n, each in enumerate(values):
        given = each.get("valueType")
        is_element = declared in _CODED and given in ("INTEGER", "FLOAT", "TEXT", "BINARY")
        if given not in (declared, *([given] if is_element else [])) or given in _SEVERAL:
            reason = f"a value of {declared} is of type {given}"
            place.note("valueType", reason, f"{VALUES}.{n}.valueType")
    if declared not in (*_TYPES, *_SEVERAL):
        return "string"
    if declared in (*_SEVERAL, "ENUM"):
        texts = [_said(each) for each in values]
        whole = all(re.fullmatch(r"[+-]?[0-9]{1,18}", text) for text in texts)
        numbers = all(_NUMBER.fullmatch(text) for text in texts)
        element = "string" if "TEXT" in kinds or not numbers else "integer" if whole else "number"
        return element if declared == "ENUM" or not values else f"array of {element}"
    return _TYPES[declared]


def _said(value: Document) -> str:
    """The text of a value: ``{"value": {"value": "95", "alias": …}}``, or plain."""
    inner = value.get("value")
    said = inner.get("value") if isinstance(inner, dict) else inner
    return "" if said is None else str(said)


def _read_value(place: Place, value: Document, kind: str) -> Any:
    """The typed value, or None where it is none."""
    text, element = _said(value), kind.removeprefix("array of ")
    if element in ("string", "object"):
        return text or None
    number = text
    if re.fullmatch(r"[+-]?[0-9]+,[0-9]+", text):
        place.note("decimalComma", f"{text!r} has a decimal comma", "value")
        number = text.replace(",", ".")
    elif re.fullmatch(r"0[0-9]+(?:\.[0-9]+)?", text):
        place.note("numberForm", f"{text!r} has leading zeros", "value")
    try:
        exact = Decimal(number.strip())
    except InvalidOperation:
        place.note("noNumber", f"{text[:60]!r} is no {element}", "value")
        return None
    if not exact.is_finite() or (element == "integer" and exact != int(exact)):
        place.note("noNumber", f"{text[:60]!r} is no {element}", "value")
        return None
    return int(exact) if exact == int(exact) else exact


def _choice(
    declared: Any, values: list[Document], read: list[Any], unit: str, place: Place
) -> Document:
    """What may be chosen: an enumeration with its aliases, a range, or a default alone.

    One value that is no default is an example: it limits nothing, and stays under ``gst``.
    """
    defaults = [n for n, each in enumerate(values) if each.get("isDefault") is True]
    if len(defaults) > 1 and declared not in _SEVERAL:
        place.note("severalDefaults", f"{len(defaults)} values are the default", VALUES)
    if declared in _SEVERAL:
        defaults = defaults[:1]
    is_choice = len(values) > 1 or declared in ("ENUM", "BINARY")
    entries: list[Document] = []
    for n, (value, typed) in enumerate(zip(values, read, strict=True)):
        span = {
            name: value[name] for name in ("valueFrom", "valueTo") if type(value.get(name)) is int
        }
        for name in ("valueFrom", "valueTo"):
            if value.get(name) is not None and name not in span:
                place.note("noNumber", f"{name} is no whole number", f"{VALUES}.{n}.{name}")
        entry: Document = {**span, **({"rangeInterval": "closed"} if span else {})}
        is_default = bool(defaults) and n == defaults[0]
        if typed is not None and (is_choice or is_default) and not span:
            entry["value"] = typed
            entry |= {"isDefault": True} if is_default else {}
            inner = value.get("value")
            alias = inner.get("alias") if isinstance(inner, dict) else None
            entry |= {"alias": alias} if isinstance(alias, str) and alias.strip() else {}
        if entry:
            entries.append(entry)
    if entries:
        more = {"unitOfMeasure": unit} if unit else {}
        return {"characteristicValueSpecification": [{**each, **more} for each in entries]}
    return {"unitOfMeasure": unit} if unit else {}


def _read_pattern(entry: Document, values: list[Document], place: Place) -> str:
    """The pattern, if it is one: prose is a condition, and kept as it is."""
    for where, holder in (
        ("regex", entry),
        *((f"{VALUES}.{n}.regex", v) for n, v in enumerate(values)),
    ):
        text = holder.get("regex")
        if text is None:
            continue
        if not isinstance(text, str) or not text.strip():
            place.note("blankRegex", "the regular expression says nothing", where)
            continue
        try:
            pattern = compile_pattern(text)
            fits = all(pattern.matches(_said(each)) for each in values)
        except Refused:
            fits = False
        if fits and values and where == "regex":
            return text
        reason = f"{text[:60]!r} is no pattern that the values have: it reads as a condition"
        place.note("regexIsProse", reason, where)
    return ""


def _link(relation: Document, spec_id: str) -> Document:
    role = relation.get("role")
    return {
        "name": " ".join(str(relation.get("name") or "").split()),
        "relationshipType": str(relation.get("relationshipType") or "dependency"),
        "parentSpecificationId": spec_id,
        **({"role": role} if isinstance(role, str) else {}),
    }


def _find_doubles(entries: list[tuple[int, Document]]) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for at, entry in entries:
        name = entry["name"]
        if name in seen:
            reason = f"{name} is there already at {LIST}.{seen[name]}"
            yield Finding("duplicate", reason, f"{LIST}.{at}.name")
        seen.setdefault(name, at)
        texts: dict[str, int] = {}
        values = entry.get(VALUES)
        for n, each in enumerate(values if isinstance(values, list) else ()):
            said = _said(each) if isinstance(each, dict) else ""
            if said and said in texts:
                reason = f"{name}: the value {said} is there already at position {texts[said]}"
                yield Finding("duplicateValue", reason, f"{LIST}.{at}.{VALUES}.{n}.value")
            texts.setdefault(said, n)


def _find_frozen(entries: list[tuple[int, Document]]) -> Iterator[Finding]:
    """A template is there to be filled in: nothing is, if nothing is configurable."""
    said = [at for at, entry in entries if "configurable" in entry]
    if said and not any(entry.get("configurable") for _, entry in entries):
        reason = (
            f"all {len(said)} attributes that say so are not configurable, so nobody could fill"
            " the template in; those with values are configurable here"
        )
        yield Finding("nothingConfigurable", reason, f"{LIST}.{said[0]}.configurable")


def rebuild_template(spec: Document) -> Document:
    """The template that a specification was made of, with every defect."""
    kept = dict(spec[KEPT])
    unread = kept.pop("unread", [])
    attributes = [
        {
            **{name: each[name] for name in VERBATIM if name in each and name not in each[KEPT]},
            **each[KEPT],
        }
        for each in spec["specCharacteristic"]
    ]
    for each in unread:
        attributes.insert(each["at"], each["was"])
    said = {name: spec[name] for name in ("name", "description") if name in spec}
    return {**said, **kept, LIST: attributes}
