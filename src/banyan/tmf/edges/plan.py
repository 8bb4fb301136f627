"""Opens the rule tables: per API and inner type one plan that converts both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Final

from banyan.kernel.words.codec import Document
from banyan.tmf.edges import shared
from banyan.tmf.edges.codecs import Codec, read_codec
from banyan.tmf.shapes import INNER, Attribute, read_attribute


@dataclass(frozen=True)
class Rule:
    """One line of an edge table, opened."""

    key: str
    inner: str
    value: str | None = None
    renames: Mapping[str, str] = field(default_factory=dict)
    retyped: Mapping[str, Attribute] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()
    added: Mapping[str, Attribute] = field(default_factory=dict)
    mandatory: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    codecs: tuple[Codec, ...] = ()

    @property
    def v4_name(self) -> str:
        """The type's name in v4."""
        return self.key.partition(".")[0]


def read_rule(key: str, text: str) -> Rule:
    """One line of a table."""
    inner = key.partition(".")[0]
    value = None
    renames: dict[str, str] = {}
    retyped: dict[str, Attribute] = {}
    added: dict[str, Attribute] = {}
    marked: dict[str, list[str]] = {"-": [], "!": [], "?": [], "~": []}
    for word in text.split():
        if word[0] == "<":
            inner = word[1:]
        elif word[0] == "|":
            value = word[1:]
        elif word[0] in marked:
            marked[word[0]].append(word[1:])
        elif word[0] == "+":
            attribute = read_attribute(word[1:])
            added[attribute.name] = attribute
        elif "=" in word:
            old, _, new = word.partition("=")
            renames[old] = new
        else:
            attribute = read_attribute(word)
            retyped[attribute.name] = attribute
    return Rule(
        key,
        inner,
        value,
        renames,
        retyped,
        frozenset(marked["-"]),
        added,
        frozenset(marked["!"]),
        frozenset(marked["?"]),
        tuple(map(read_codec, marked["~"])),
    )


class Plan:
    """How documents of one inner type cross one API's edge."""

    def __init__(self, edge: Edge, rule: Rule, inner: str) -> None:
        self.rule = rule
        self.inner = inner
        shape = INNER.shapes[inner]
        self.declared = shape.attributes.keys()
        self.out_of = {new: old for old, new in rule.renames.items()}
        moved = set(self.out_of)
        strange = frozenset(rule.renames) - self.declared  # v4 names, nobody's inside
        self.dropped = (rule.dropped - moved) | strange
        self.slots: dict[str, Slot] = {}
        self.words_in: dict[str, Mapping[str, str]] = {}
        self.words_out: dict[str, Mapping[str, str]] = {}
        for attribute in shape.attributes.values():
            if INNER.is_object(attribute.type):
                if attribute.name not in self.dropped:
                    v4_name = self.out_of.get(attribute.name, attribute.name)
                    named = rule.retyped.get(v4_name)
                    key = named.type if named is not None else None
                    self.slots[attribute.name] = Slot(edge, attribute.type, key)
            elif attribute.type in INNER.enums:
                if attribute.type in edge.words:
                    self.words_in[attribute.name] = edge.words[attribute.type]
                if attribute.type in edge.words_shown:
                    self.words_out[attribute.name] = edge.words_shown[attribute.type]
        renamed = rule.v4_name != rule.inner
        self.type_in = {rule.v4_name: rule.inner} if renamed else {}
        self.type_out = {rule.inner: rule.v4_name} if renamed else {}

    @property
    def alone(self) -> bool:
        """Whether this type itself crosses unchanged, whatever is nested in it."""
        worded = self.words_in or self.words_out
        rule = self.rule
        return not (rule.renames or self.dropped or rule.codecs or worded or self.type_in)

    def inward(self, document: Document) -> Document:
        """v4 to inner."""
        renames = self.rule.renames
        made: Document = {}
        for key, value in document.items():
            name = renames.get(key, key)
            if name != key and name in document:
                name = key  # the client sent the new name too: both are kept
            slot = self.slots.get(name)
            if slot is not None:
                value = slot.inward(value)
            elif name in self.words_in:
                value = _reworded(value, self.words_in[name])
            made[name] = value
        named = made.get("@type")
        if self.type_in and type(named) is str:
            made["@type"] = self.type_in.get(named, named)
        for codec in self.rule.codecs:
            codec.inward(made)
        return made

    def outward(self, document: Document) -> Document:
        """Inner to v4."""
        if self.rule.codecs:
            document = dict(document)
            for codec in self.rule.codecs:
                codec.outward(document)
        made: Document = {}
        renames = self.rule.renames
        for key, value in document.items():
            if key in self.dropped or (key in renames and renames[key] in document):
                continue  # its v4 name is that of another, which is there
            slot = self.slots.get(key)
            if slot is not None:
                value = slot.outward(value)
            elif key in self.words_out:
                value = _reworded(value, self.words_out[key])
            made[self.out_of.get(key, key)] = value
        named = made.get("@type")
        if self.type_out and type(named) is str:
            made["@type"] = self.type_out.get(named, named)
        return made


class Slot:
    """An attribute that holds objects: which plan each of them takes."""

    __slots__ = ("_edge", "_key", "_plans", "_several", "type")

    def __init__(self, edge: Edge, type_name: str, key: str | None) -> None:
        self._edge = edge
        self.type = type_name
        self._key = key
        self._plans: dict[str, Plan | None] = {}
        self._several = type_name in INNER.unions or len(INNER.family(type_name)) > 1

    @property
    def is_open(self) -> bool:
        """Whether objects of several types may stand here, each with a plan of its own."""
        return self._several

    def usual_plan(self) -> Plan | None:
        """The plan of the declared type itself; of a union, of its value."""
        members = INNER.unions.get(self.type, (self.type,))
        values = [m for m in members if not INNER.shapes[m].is_ref] or list(members)
        return self._edge.plan_in(self.type, self._key, values[0])

    def plan_for(self, document: Document) -> Plan | None:
        """The plan of this object, or nothing where it crosses unchanged."""
        member = self.type
        if self._several:
            member = INNER.member_for(member, document)
        try:
            return self._plans[member]
        except KeyError:
            plan: Plan | None = self._edge.plan_in(self.type, self._key, member)
            if plan is not None and self._edge.unchanged(plan):
                plan = None
            self._plans[member] = plan
            return plan

    def inward(self, value: Any) -> Any:
        """v4 to inner, one object or a list of them; anything else stays as it is."""
        if type(value) is dict:
            plan = self.plan_for(value)
            return plan.inward(value) if plan else value
        if type(value) is list:
            return [self.inward(item) if type(item) is dict else item for item in value]
        return value

    def outward(self, value: Any) -> Any:
        """Inner to v4, one object or a list of them; anything else stays as it is."""
        if type(value) is dict:
            plan = self.plan_for(value)
            return plan.outward(value) if plan else value
        if type(value) is list:
            return [self.outward(item) if type(item) is dict else item for item in value]
        return value


class Edge:
    """The v4 edge of one API: its rules, those shared by all, and the plans made from them."""

    def __init__(self, tables: ModuleType | None) -> None:
        own: dict[str, str] = getattr(tables, "RULES", {})
        self._own = {key: read_rule(key, text) for key, text in own.items()}
        self._rules = {key: read_rule(key, text) for key, text in shared.RULES.items()}
        self._rules.update(self._own)
        self.shapes = {**shared.SHAPES, **getattr(tables, "SHAPES", {})}
        self.enums: dict[str, str] = {**shared.ENUMS, **getattr(tables, "ENUMS", {})}
        self.words: dict[str, dict[str, str]] = {**shared.WORDS, **getattr(tables, "WORDS", {})}
        self.shown: dict[str, dict[str, str]] = getattr(tables, "SHOWN_AS", {})
        self.words_shown = {
            name: {
                **{inner: v4 for v4, inner in self.words.get(name, {}).items()},
                **self.shown.get(name, {}),
            }
            for name in {*self.words, *self.shown}
        }
        self._plans: dict[tuple[str, str], Plan] = {}
        self._unchanged: dict[tuple[str, str], bool] = {}

    def rule(self, key: str) -> Rule | None:
        """The rule with this key."""
        return self._rules.get(key)

    def rule_for(self, inner: str) -> Rule:
        """The rule for an inner type where no slot names another: its own, else its base's."""
        for rules in (self._own, self._rules):
            same = rules.get(inner)
            if same is not None and same.inner == inner:
                return same
            for rule in rules.values():
                if rule.inner == inner and rule.key not in NEVER_DEFAULT:
                    return rule
        shape = INNER.shapes.get(inner)
        base = self.rule_for(shape.base) if shape is not None and shape.base else None
        return base if base is not None and base.key in self._rules else Rule(inner, inner)

    def plan(self, inner: str, rule: Rule | None = None) -> Plan:
        """The plan of an inner type under a rule, by default its own."""
        rule = rule or self.rule_for(inner)
        known = self._plans.get((rule.key, inner))
        if known is None:
            known = self._plans[rule.key, inner] = Plan(self, rule, inner)
        return known

    def plan_in(self, type_name: str, key: str | None, member: str) -> Plan | None:
        """The plan of a ``member`` standing in a slot of ``type_name`` that names a ``key``."""
        rule = self._rules.get(key) if key else None
        if key and rule is None:
            return None  # typed differently by v4, kept as it is
        if type_name in INNER.unions:
            rule = rule or self.rule_for(type_name)
            if INNER.shapes[member].is_ref:
                marks = Rule(f"{rule.key}.ref", member, codecs=rule.codecs)
                return self.plan(member, marks if rule.codecs else None)
            return self.plan(member, rule) if rule.value else self.plan(member)
        return self.plan(member, rule)

    def unchanged(self, plan: Plan) -> bool:
        """Whether nothing a document of this plan can hold is changed by crossing the edge."""
        key = (plan.rule.key, plan.inner)
        known = self._unchanged.get(key)
        if known is None:
            known = self._unchanged[key] = self._all_alone(plan)
        return known

    def _all_alone(self, start: Plan) -> bool:
        seen: set[tuple[str, str]] = set()
        waiting = [start]
        while waiting:
            plan = waiting.pop()
            if not plan.alone:
                return False
            key = (plan.rule.key, plan.inner)
            if key in seen:
                continue
            seen.add(key)
            for name, slot in plan.slots.items():
                named = plan.rule.retyped.get(plan.out_of.get(name, name))
                for member in INNER.family(slot.type):
                    below = self.plan_in(slot.type, named.type if named else None, member)
                    if below is not None:
                        waiting.append(below)
        return True


NEVER_DEFAULT: Final = frozenset(
    (
        "FeatureSpecificationCharacteristic",
        "FeatureSpecificationCharacteristicRelationship",
        "ProductPriceValue",
        "RelatedParty.engaged",
    )
)
"""Rules only a slot that names them takes."""


def _reworded(value: Any, words: Mapping[str, str]) -> Any:
    if type(value) is str:
        return words.get(value, value)
    if type(value) is list:
        return [words.get(item, item) if type(item) is str else item for item in value]
    return value
