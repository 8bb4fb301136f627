"""The v4 shapes of an API, derived: inner shapes seen through the edge rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from banyan.tmf.edges.plan import Edge, Rule
from banyan.tmf.shapes import INNER, SCALARS, Attribute, Shape, ShapeBook, read_attribute


def v4_key(edge: Edge, inner: str) -> str:
    """The name under which the v4 view describes an inner type."""
    rule = edge.rule_for(inner)
    return rule.key if rule.inner == inner else inner


def v4_view(edge: Edge, roots: list[str]) -> ShapeBook:
    """Every v4 shape and enum a document of ``roots`` (inner type names) may hold."""
    shapes: dict[str, Shape] = {}
    enums: dict[str, tuple[str, ...]] = {}
    waiting = [(v4_key(edge, root), root) for root in roots]
    while waiting:
        key, inner = waiting.pop()
        if key in shapes or key in enums or key in SCALARS:
            continue
        if key in edge.enums:
            enums[key] = tuple(edge.enums[key].split("|"))
        elif inner in INNER.enums:
            enums[key] = _words(edge, inner)
        elif key in edge.shapes and edge.rule(key) is None:
            words = map(read_attribute, edge.shapes[key].split())
            shapes[key] = _named(edge, key, {a.name: a for a in words}, waiting)
        else:
            shapes[key] = _named(edge, key, _attributes(edge, key, inner), waiting)
    return ShapeBook(shapes, enums, {})


def _named(
    edge: Edge, key: str, attributes: Mapping[str, Attribute], waiting: list[tuple[str, str]]
) -> Shape:
    """The shape; the types its attributes name go to ``waiting``, to be described too."""
    for attribute in attributes.values():
        type_name = attribute.type
        if type_name not in SCALARS:
            rule = edge.rule(type_name)
            waiting.append((type_name, rule.inner if rule is not None else type_name))
    plain = key in INNER.shapes and INNER.shapes[key].plain
    return Shape(key, None, plain, attributes)


def _words(edge: Edge, inner: str) -> tuple[str, ...]:
    shown = edge.shown.get(inner, {})
    spelled = {inner_word: v4 for v4, inner_word in edge.words.get(inner, {}).items()}
    return tuple(spelled.get(w, w) for w in INNER.enums[inner] if w not in shown)


def _attributes(edge: Edge, key: str, inner: str) -> dict[str, Attribute]:
    rule = edge.rule(key) or edge.rule_for(inner)
    if inner not in INNER.unions:
        return _seen(edge, rule, inner, ref=INNER.shapes[inner].is_ref)
    merged: dict[str, Attribute] = {}
    members = [rule.value] if rule.value else []
    members += [m for m in INNER.unions[inner] if INNER.shapes[m].is_ref]
    for member in members:
        own = rule if member == rule.value else edge.rule_for(member)
        loose = replace(own, mandatory=frozenset())
        for attribute in _seen(edge, loose, member, ref=False).values():
            merged.setdefault(attribute.name, attribute)
    for name in rule.mandatory:
        merged[name] = replace(merged.get(name, Attribute(name, "string")), mandatory=True)
    return merged


def _seen(edge: Edge, rule: Rule, inner: str, *, ref: bool) -> dict[str, Attribute]:
    """The attributes of an inner shape as a rule shows them to v4."""
    out_of = {new: old for old, new in rule.renames.items()}
    seen: dict[str, Attribute] = {}
    for attribute in INNER.shapes[inner].attributes.values():
        if attribute.name in rule.dropped and attribute.name not in out_of:
            continue
        name = out_of.get(attribute.name, attribute.name)
        kept = replace(attribute, name=name, server_on_create=False, server_on_update=False)
        if name in rule.retyped:
            kept = rule.retyped[name]
        elif INNER.is_object(attribute.type):
            kept = replace(kept, type=v4_key(edge, attribute.type))
        must = name in rule.mandatory or (name == "id" and ref and "id" not in rule.optional)
        seen[name] = replace(kept, mandatory=must)
    for name, attribute in rule.added.items():
        seen[name] = replace(attribute, mandatory=name in rule.mandatory)
    for name in rule.mandatory - seen.keys():
        seen[name] = Attribute(name, "string", mandatory=True)
    return seen
