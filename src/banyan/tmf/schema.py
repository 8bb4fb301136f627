"""Compiles shapes to JSON Schema and checks documents against them, open to unknown vendors.

One registry per book of shapes; a validator per type and form is compiled on first use and kept.
Polymorphism is open: an object is checked as its ``@type`` if that is a known subtype of what the
slot declares, else as its ``@baseType``, else as declared. Unknown attributes are always allowed.
Discriminators never recurse: dispatch and object schema are two definitions, and the object
schema does not dispatch again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final, Literal

import jsonschema_rs
import msgspec

from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, refused
from banyan.tmf.shapes import IMPLIED, INNER, SAME_WORD, Attribute, ShapeBook

Form = Literal["create", "stored", "loose", "partial"]
"""What is mandatory: all of it; the resource's own attributes; only a reference's id; nothing."""

FORMS: Final[tuple[Form, ...]] = ("create", "stored", "loose", "partial")
MOST_FINDINGS: Final = 100
_ROOT: Final = "urn:banyan:shapes"

_SCALAR: Final[dict[str, dict[str, Any]]] = {
    "string": {"type": "string"},
    "dateTime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "uri": {"type": "string", "format": "uri-reference"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "numeric": {"type": ["number", "string"], "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    "boolean": {"type": "boolean"},
    "object": {"type": "object"},
    "any": {},
}


class Checker:
    """Checks documents against one book of shapes."""

    def __init__(self, book: ShapeBook) -> None:
        self._book = book
        self._registry: jsonschema_rs.Registry | None = None
        self._validators: dict[tuple[Form, str], jsonschema_rs.Validator] = {}

    def check(self, type_name: str, document: Any, form: Form) -> list[Finding]:
        """Every finding, at most :data:`MOST_FINDINGS`; never raises, whatever the document."""
        validator = self._validators.get((form, type_name)) or self._compile(form, type_name)
        try:
            msgspec.json.encode(document)  # C-speed guard: depth, keys and values JSON can't hold
            if form == "partial":
                document = _without_nulls(document)
            if validator.is_valid(document):
                return []
            errors = islice(validator.iter_errors(document), MOST_FINDINGS)
            return list(dict.fromkeys(map(_finding, errors)))
        except RecursionError:
            return [Finding("too_deep", "nested too deeply")]
        except (ValueError, TypeError, OverflowError) as failure:
            return [Finding("not_json", f"no JSON value: {str(failure)[:200]}")]

    def _compile(self, form: Form, type_name: str) -> jsonschema_rs.Validator:
        if self._registry is None:
            every = {"$id": _ROOT, "$defs": dict(_definitions(self._book))}
            self._registry = jsonschema_rs.Registry(
                [(_ROOT, every)], draft=jsonschema_rs.Draft202012
            )
        if not self._book.is_object(type_name):
            raise KeyError(f"no shape is called {type_name}")
        validator = jsonschema_rs.validator_for(
            {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "$ref": f"{_ROOT}#/$defs/{form}.{type_name}",
            },
            registry=self._registry,
            offline=True,
            validate_formats=True,
        )
        return self._validators.setdefault((form, type_name), validator)


def _definitions(book: ShapeBook) -> Iterator[tuple[str, dict[str, Any]]]:
    for form in FORMS:
        for name in book.shapes:
            yield f"{form}.{name}.own", object_schema(book, name, form)
        for name in (*book.shapes, *book.unions):
            yield f"{form}.{name}", _slot_schema(book, name, form)


def object_schema(
    book: ShapeBook,
    name: str,
    form: Form,
    refer: Callable[[Form, str], str] = lambda form, name: f"#/$defs/{form}.{name}",
) -> dict[str, Any]:
    """The plain JSON Schema of one shape: type, properties, required; no dispatch."""
    shape = book.shapes[name]
    nested: Form = "partial" if form == "partial" else "create" if form == "create" else "loose"
    properties: dict[str, Any] = {}
    if not shape.plain:
        properties.update((implied, {"type": "string"}) for implied in IMPLIED)
    required = []
    for attribute in shape.attributes.values():
        single = {**_value_schema(book, attribute, nested, refer)}
        if attribute.many:
            inside: Form = "create" if form == "partial" else nested
            single = {"type": "array", "items": _value_schema(book, attribute, inside, refer)}
            if attribute.mandatory and form != "loose":
                single["minItems"] = 1
        properties[attribute.name] = single
        must = attribute.mandatory and (
            form in ("create", "stored")
            or (form == "loose" and attribute.name == "id" and "@referredType" in shape.attributes)
        )
        if must:
            required.append(attribute.name)
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    return schema


def _value_schema(
    book: ShapeBook, attribute: Attribute, form: Form, refer: Callable[[Form, str], str]
) -> dict[str, Any]:
    named = attribute.type
    if named in _SCALAR:
        return _SCALAR[named]
    if named in book.enums:
        return {"enum": [*book.enums[named], *SAME_WORD.get(named, ())]}
    return {"$ref": refer(form, named)}


def _slot_schema(book: ShapeBook, name: str, form: Form) -> dict[str, Any]:
    """What a slot declared as ``name`` accepts: dispatch by ``@type``, then by ``@baseType``."""
    family = book.family(name)
    if len(family) == 1:
        return {"$ref": f"#/$defs/{form}.{name}.own"}
    members = [member for member in family if member != name]
    fallback: dict[str, Any] = {"$ref": f"#/$defs/{form}.{name}.own"}
    if name in book.unions:
        fallback = _untyped_schema(book, name, form)
    return {
        "type": "object",
        "if": {"properties": {"@type": {"enum": list(family)}}, "required": ["@type"]},
        "then": _chain("@type", members, form, fallback),
        "else": {
            "if": {"required": ["@baseType"]},
            "then": _chain("@baseType", members, form, fallback),
            "else": fallback,
        },
    }


def _chain(key: str, names: list[str], form: Form, last: dict[str, Any]) -> dict[str, Any]:
    chained = last
    for name in reversed(names):
        chained = {
            "if": {"properties": {key: {"const": name}}, "required": [key]},
            "then": {"$ref": f"#/$defs/{form}.{name}.own"},
            "else": chained,
        }
    return chained


def _untyped_schema(book: ShapeBook, union: str, form: Form) -> dict[str, Any]:
    """An object in a union that names no known type: a bare reference, or the one value type."""
    members = book.unions[union]
    refs = [name for name in members if book.shapes[name].is_ref]
    values = [name for name in members if name not in refs]
    value: dict[str, Any] = {"type": "object"}
    if len(values) == 1:
        value = {"$ref": f"#/$defs/{form}.{values[0]}.own"}
    if not refs:
        return value
    allowed = [*IMPLIED, *book.shapes[refs[0]].attributes]
    return {
        "if": {"propertyNames": {"enum": allowed}, "required": ["id"]},
        "then": {"$ref": f"#/$defs/{form}.{refs[0]}.own"},
        "else": value,
    }


def _without_nulls(document: Any) -> Any:
    """A merge patch without its deletions; arrays are whole values and stay as they are."""
    if not isinstance(document, dict):
        return document
    return {k: _without_nulls(v) for k, v in document.items() if v is not None}


def _finding(error: jsonschema_rs.ValidationError) -> Finding:
    kind = error.kind.name
    told = error.kind.as_dict()
    path = [str(part) for part in error.instance_path]
    if kind == "required":
        path.append(str(told["property"]))
        return Finding("missing", "mandatory attribute is missing", ".".join(path))
    where = ".".join(path)
    if kind == "type":
        types = told.get("types") or [told.get("type")]
        return Finding("wrong_type", f"must be of type {' or '.join(map(str, types))}", where)
    if kind == "enum":
        words = ", ".join(map(str, told["options"]))
        return Finding("unknown_word", f"must be one of: {words}", where)
    if kind == "format":
        return Finding("bad_format", f"must be a {told['format']} (RFC 3339, RFC 3986)", where)
    if kind == "minItems":
        return Finding("empty", "must not be empty", where)
    return Finding(kind, error.message[:200], where)


_INNER: Final = Checker(INNER)


def check_shape(type_name: str, document: Any, *, partial: bool = False) -> list[Finding]:
    """Everything wrong with a create body (``partial``: a merge patch) of the inner form.

    Attributes a client may leave to the server are not missed. A merge patch needs nothing, its
    nulls delete; array items in it are whole. Unknown ``type_name``: ``KeyError``.
    """
    return _INNER.check(type_name, document, "partial" if partial else "create")


def check_stored(type_name: str, document: Any) -> list[Finding]:
    """Everything wrong with a resource after a patch.

    Only its own first-level attributes are mandatory: what is nested may have come from a v4
    client, of whom v5 asks less.
    """
    return _INNER.check(type_name, document, "stored")


def check_answer(type_name: str, document: Any) -> list[Finding]:
    """Everything wrong with an inner document as an answer: types and words.

    Nothing is mandatory but the id of a reference. What came from a legal v4 document may still
    hold what v5 words or types more narrowly (a free ``relationshipType``, a fraction of a month):
    for such a document only the v4 check decides.
    """
    return _INNER.check(type_name, document, "loose")


def server_owned(type_name: str, *, update: bool) -> frozenset[str]:
    """Attributes a client's create (or update) can't set, by the standard's write schemas."""
    attributes = INNER.shapes[type_name].attributes.values()
    return frozenset(
        a.name for a in attributes if (a.server_on_update if update else a.server_on_create)
    )


_ARRAY_OF: Final[dict[type, str]] = {str: "String", bool: "Boolean", int: "Integer", dict: "Object"}


def characteristic_kind(value: Any) -> str:
    """The prefix of the characteristic type that holds ``value``; empty where none does."""
    if isinstance(value, list):
        kinds = {characteristic_kind(item) for item in value}
        if kinds == {"Integer", "Number"}:
            return "NumberArray"
        kind = kinds.pop() if len(kinds) == 1 else ""
        return f"{kind}Array" if kind and not kind.endswith("Array") else ""
    if value is None:
        return ""
    return _ARRAY_OF.get(type(value), "Number")


_TYPED_BY_VALUE: Final = ("Characteristic", "CharacteristicValueSpecification")


class _Filler:
    """How ``@type`` is filled in one type and below: computed once, walked per document."""

    __slots__ = ("by_value", "name", "plain", "slots", "words")

    def __init__(self, name: str) -> None:
        self.name = name
        shape = INNER.shapes[name]
        self.plain = shape.plain
        self.by_value = name in _TYPED_BY_VALUE
        self.words = {
            a.name: SAME_WORD[a.type] for a in shape.attributes.values() if a.type in SAME_WORD
        }
        self.slots = {a.name: a.type for a in shape.attributes.values() if INNER.is_object(a.type)}

    def fill(self, document: Document) -> Document:
        slots = self.slots
        filled = dict(document)
        for key, value in document.items():
            if type(value) is dict:
                if key in slots:
                    filled[key] = _filler(slots[key], value).fill(value)
            elif type(value) is list and key in slots:
                named = slots[key]
                filled[key] = [
                    _filler(named, item).fill(item) if type(item) is dict else item
                    for item in value
                ]
        for key, words in self.words.items():
            if type(filled.get(key)) is str:
                filled[key] = words.get(filled[key], filled[key])
        if not self.plain and "@type" not in filled:
            name = self.name
            if self.by_value and "value" in filled:
                name = f"{characteristic_kind(filled['value'])}{name}"
            filled["@type"] = name
        return filled


_FILLERS: Final[dict[str, _Filler]] = {}
_SINGLE: Final[dict[str, _Filler | None]] = {}


def _filler(slot: str, document: Document) -> _Filler:
    """The filler of the type this object is; slots with one possible type need no look at it."""
    single = _SINGLE.get(slot)
    if single is not None:
        return single
    name = INNER.member_for(slot, document)
    filler = _FILLERS.get(name)
    if filler is None:
        filler = _FILLERS.setdefault(name, _Filler(name))
    if len(INNER.family(slot)) == 1:
        _SINGLE[slot] = filler
    return filler


def fill_types(type_name: str, document: Document) -> Document:
    """A copy with every missing ``@type`` filled, at every level the shapes know.

    A resource or sub-object gets its schema name, a characteristic the type that fits its JSON
    value, a member of a union the type it looks like; value objects (money, periods) carry none.
    Words accepted in two spellings get the standard's. Refuses a document nested too deeply.
    """
    try:
        return _filler(type_name, document).fill(document)
    except RecursionError:
        raise refused("malformed", "too_deep", "nested too deeply") from None
