"""Reads the compact shape tables: one string of attributes per type, opened into small objects.

Notation, one attribute per word: ``name[:type][cardinality][~marks]``.

- type: a scalar of :data:`SCALARS` (``string`` when left out; ``numeric`` is a number or the text
  of one), an enum, a union or another shape;
- cardinality: nothing 0..1, ``!`` 1..1, ``*`` 0..*, ``+`` 1..*; a lower bound of 1 means mandatory
  on create;
- marks: ``~c`` the server's own on create, ``~u`` not to be changed by an update, ``~cu`` both.

A first word in parentheses names the base type; ``(plain)`` marks a value object that carries no
``@type``. ``id``, ``href``, ``@type``, ``@baseType`` and ``@schemaLocation`` are implied on every
other shape and written down only where they are mandatory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

SCALARS = (
    "string", "dateTime", "date", "uri", "integer", "number", "numeric", "boolean", "object", "any",
)  # fmt: skip
IMPLIED = ("id", "href", "@type", "@baseType", "@schemaLocation")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a shape, as the standard gives it."""

    name: str
    type: str
    many: bool = False
    mandatory: bool = False
    server_on_create: bool = False
    server_on_update: bool = False

    @property
    def cardinality(self) -> str:
        """``0..1``, ``1..1``, ``0..*`` or ``1..*``."""
        return f"{int(self.mandatory)}..{'*' if self.many else '1'}"


@dataclass(frozen=True, slots=True)
class Shape:
    """A type: its base, whether it is a plain value object, and all attributes with inherited."""

    name: str
    base: str | None
    plain: bool
    attributes: Mapping[str, Attribute]

    @property
    def is_ref(self) -> bool:
        """Whether the type points at something that lives elsewhere."""
        return self.name.endswith("Ref") and "@referredType" in self.attributes


@dataclass(frozen=True)
class ShapeBook:
    """The types of one generation: shapes, enums (word lists) and unions (member lists)."""

    shapes: Mapping[str, Shape]
    enums: Mapping[str, tuple[str, ...]]
    unions: Mapping[str, tuple[str, ...]]
    _families: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)

    def family(self, type_name: str) -> tuple[str, ...]:
        """``type_name`` (or the union's members) and every known subtype, likeliest first."""
        known = self._families.get(type_name)
        if known is None:
            heads = self.unions.get(type_name, (type_name,))
            names = dict.fromkeys(heads)
            for head in heads:
                names.update(dict.fromkeys(self._children(head)))
            known = self._families[type_name] = tuple(names)
        return known

    def _children(self, type_name: str) -> list[str]:
        found: list[str] = []
        for child in self._children_of.get(type_name, ()):
            found += [child, *self._children(child)]
        return found

    @cached_property
    def _children_of(self) -> dict[str, list[str]]:
        children: dict[str, list[str]] = {}
        for shape in self.shapes.values():
            if shape.base:
                children.setdefault(shape.base, []).append(shape.name)
        return children

    def reachable(self, *roots: str) -> list[str]:
        """Every type name a document of ``roots`` may hold, in order of discovery."""
        found: dict[str, None] = {}
        waiting = list(roots)
        while waiting:
            name = waiting.pop(0)
            if name in found or name in SCALARS:
                continue
            found[name] = None
            if name in self.enums:
                continue
            waiting += [member for member in self.family(name) if member != name]
            shape = self.shapes.get(name)
            if shape is not None:
                waiting += [a.type for a in shape.attributes.values()]
        return list(found)

    def is_object(self, type_name: str) -> bool:
        """Whether values of the type are JSON objects this book describes."""
        return type_name in self.shapes or type_name in self.unions

    def member_for(self, type_name: str, document: Mapping[str, Any]) -> str:
        """Which type an object in a slot of ``type_name`` is: by ``@type``, ``@baseType``, looks.

        Never fails: without a usable ``@type`` an object that holds nothing but a reference's
        attributes is a reference, anything else is the value it shares most attributes with.
        """
        family = self.family(type_name)
        for key in ("@type", "@baseType"):
            named = document.get(key)
            if type(named) is str and named in family:
                return named
        if type_name not in self.unions:
            return type_name
        return self._guess(self.unions[type_name], document)

    def _guess(self, members: tuple[str, ...], document: Mapping[str, Any]) -> str:
        refs = [name for name in members if self.shapes[name].is_ref]
        fits = [
            name
            for name in refs
            if "id" in document
            and all(k in self.shapes[name].attributes or k in IMPLIED for k in document)
        ]
        if fits:
            named = document.get("@referredType")
            if "PartyRoleRef" in fits and type(named) is str and named not in PARTIES:
                return "PartyRoleRef"
            return fits[0]
        values = [name for name in members if name not in refs] or list(members)
        return max(values, key=lambda n: sum(k in self.shapes[n].attributes for k in document))


PARTIES = frozenset({"Party", "Individual", "Organization", "PartyRef", "OrganizationRef"})
"""Referred types that name a party itself; any other names a role it plays."""


def read_attribute(word: str) -> Attribute:
    """One word of a table."""
    word, _, marks = word.partition("~")
    cardinality = word[-1] if word[-1] in "!*+" else ""
    name, _, type_name = word.removesuffix(cardinality).partition(":")
    return Attribute(
        name=name,
        type=type_name or "string",
        many=cardinality in ("*", "+"),
        mandatory=cardinality in ("!", "+"),
        server_on_create="c" in marks,
        server_on_update="u" in marks,
    )


def read_book(
    shapes: Mapping[str, str], enums: Mapping[str, str], unions: Mapping[str, str]
) -> ShapeBook:
    """The tables opened; every named type must exist."""
    opened: dict[str, Shape] = {}

    def read(name: str) -> Shape:
        if name in opened:
            return opened[name]
        words = shapes[name].split()
        head = words.pop(0).strip("()") if words and words[0].startswith("(") else None
        plain = head == "plain"
        base = None if plain else head
        attributes = dict(read(base).attributes) if base else {}
        attributes.update((a.name, a) for a in map(read_attribute, words))
        opened[name] = Shape(name, base, plain, attributes)
        return opened[name]

    for name in shapes:
        read(name)
    book = ShapeBook(
        opened,
        {name: tuple(words.split("|")) for name, words in enums.items()},
        {name: tuple(members.split()) for name, members in unions.items()},
    )
    for shape in opened.values():
        for attribute in shape.attributes.values():
            named = attribute.type
            known = named in SCALARS or named in book.enums or book.is_object(named)
            assert known, f"{shape.name}.{attribute.name} names an unknown type {named}"
    return book
