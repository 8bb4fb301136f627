"""What of a condition the database can answer: by a column, or by the table of indexed paths.

A look-up has a form (which columns, how many values) that statements are built for once, and the
values of this time.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.sql import FromClause

from banyan.tmf.filters import Condition, Operator
from banyan.tmf.resource import Resource
from banyan.tmf.tables import DOCUMENT, PATH
from banyan.tmf.values import VALUE_MAX, instant_of, wanted_keys

Limits = tuple[str, str, str, str]
"""A range of keys: ``>`` or ``>=``, a key, ``<`` or ``<=``, a key."""

IMPLIED_MAX: Final = 10
"""Pairs of ranges that are looked at for what they imply together."""

_SIGNS: Final = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}


@dataclass(frozen=True, slots=True)
class PartForm:
    """The form of one alternative: a column of the document, or (no column) an indexed path."""

    column: str
    texts: int
    limits: tuple[str, str] | None = None
    is_of_many: bool = False

    @property
    def is_single(self) -> bool:
        """Whether what it finds stands in its table in the order of lists, each document once."""
        return self.texts <= 1 and self.limits is None


@dataclass(frozen=True, slots=True)
class LookupForm:
    """The form of a look-up: that of its alternatives."""

    parts: tuple[PartForm, ...]
    is_implied: bool

    @property
    def is_single(self) -> bool:
        """Whether what it finds stands in one table in the order of lists, each document once."""
        return len(self.parts) == 1 and self.parts[0].is_single


@dataclass(frozen=True, slots=True)
class Part:
    """One alternative with its values: any of ``texts``, or within ``limits``.

    ``is_of_many`` leaves out documents that have one value at the path.
    """

    column: str
    path: str
    texts: tuple[str, ...]
    limits: Limits | None = None
    is_of_many: bool = False

    @property
    def form(self) -> PartForm:
        """What statements depend on."""
        signs = None if self.limits is None else (self.limits[0], self.limits[2])
        return PartForm(self.column, len(self.texts), signs, self.is_of_many)

    def values(self, prefix: str) -> dict[str, str]:
        """The values as the statement names them."""
        named = {f"{prefix}t{at}": text for at, text in enumerate(self.texts)}
        if self.limits is not None:
            _, named[f"{prefix}l"], _, named[f"{prefix}h"] = self.limits
        if not self.column:
            named[f"{prefix}p"] = self.path
        return named


@dataclass(frozen=True, slots=True)
class Lookup:
    """One condition as the database can answer it; if it is not exact, too many are let through.

    What ``is_implied`` by others is worth starting from, not checking.
    """

    parts: tuple[Part, ...]
    is_exact: bool
    is_implied: bool = False

    @property
    def form(self) -> LookupForm:
        """What statements depend on."""
        return LookupForm(tuple(part.form for part in self.parts), self.is_implied)


def find_lookup(resource: Resource, condition: Condition, blind: Blind) -> Lookup | None:
    """The look-up for a condition; None when an alternative can only be answered by reading.

    A personal path is hidden: it can be looked up by whole values only.
    """
    parts: list[Part] = []
    is_exact = True
    for each in condition.each():
        column = column_of(resource, each.path)
        if column:
            found = _in_column(column, each)
        elif is_ordered(resource, each.path) and each.operator != "regex":
            found = _in_paths(each.path, each.operator, each.values)
        elif each.path in resource.indexed and each.operator == "eq":
            plain = _in_paths(each.path, "eq", each.values)[0].texts
            hidden = {blind(each.path, text) for text in plain}
            found = [Part("", each.path, _rounded({*plain, *hidden}))]
        else:
            found = []
        if not found:
            return None
        if not column:
            keys = (key for text in each.values for key in wanted_keys(text).values())
            is_exact = is_exact and all(len(key) < VALUE_MAX for key in keys)
        parts += found
    return Lookup(tuple(parts), is_exact)


Blind = Callable[[str, str], str]
"""What stands in the index for a person's value at a path."""


def find_lookups(
    resource: Resource, conditions: Sequence[Condition], blind: Blind
) -> tuple[tuple[Lookup, ...], tuple[Condition, ...]]:
    """The look-ups for all conditions, and the conditions that must be judged by reading.

    Some look-ups are implied by two others together: what is above one value and below another
    is between them, unless it has several values.
    """
    found: list[Lookup] = []
    unsure: list[Condition] = []
    for condition in conditions:
        lookup = find_lookup(resource, condition, blind)
        if lookup is not None:
            found.append(lookup)
        if lookup is None or not lookup.is_exact:
            unsure.append(condition)
    ranges = [each.parts for each in found if _is_range(each)]
    pairs = ((a, b) for a, b in itertools.combinations(ranges, 2) if a[0].path == b[0].path)
    found += [_between(one, other) for one, other in itertools.islice(pairs, IMPLIED_MAX)]
    return tuple(found), tuple(unsure)


def _is_range(lookup: Lookup) -> bool:
    paths = {each.path for each in lookup.parts}
    return len(paths) == 1 and all(each.limits is not None for each in lookup.parts)


def _between(one: tuple[Part, ...], other: tuple[Part, ...]) -> Lookup:
    path = one[0].path
    only = [
        Part("", path, (), narrow)
        for mine, theirs in itertools.product(one, other)
        if (narrow := _narrowest(mine.limits, theirs.limits)) is not None
    ]
    several = [replace(each, is_of_many=True) for each in one]
    return Lookup((*only, *several), is_exact=False, is_implied=True)


def _narrowest(one: Limits | None, other: Limits | None) -> Limits | None:
    """Where two ranges overlap, if they do; a bound that is a little too wide does no harm."""
    if one is None or other is None:
        return None
    low = max(one[:2], other[:2], key=lambda bound: bound[1])
    high = min(one[2:], other[2:], key=lambda bound: bound[1])
    return (*low, *high) if low[1] <= high[1] else None


def is_ordered(resource: Resource, path: str) -> bool:
    """Whether the values of a path stand in an index in their order: a person's don't."""
    return path in resource.indexed and path not in resource.personal


def column_of(resource: Resource, path: str) -> str:
    """The column that holds an attribute of its own; empty for those in ``doc``."""
    if path == "id":
        return "id"
    if path == "@type":
        return "type"
    return "state" if path and path == resource.state and "." not in path else ""


def _in_column(column: str, condition: Condition) -> list[Part]:
    if condition.operator != "eq" or any(map(instant_of, condition.values)):
        return []  # columns are text: a value that means an instant is compared by reading
    texts = {text for text in condition.values if text and "\x00" not in text}
    return [Part(column, "", _rounded(texts))]


def _in_paths(path: str, sign: Operator, values: Sequence[str]) -> list[Part]:
    """The rows of a path; a range of each kind is a part of its own, for SQLite's planner."""
    wanted: dict[str, list[str]] = {}
    for text in values:
        for kind, key in wanted_keys(text).items():
            wanted.setdefault(kind, []).append(key[:VALUE_MAX])
    if sign == "eq":
        return [Part("", path, _rounded({key for keys in wanted.values() for key in keys}))]
    found: list[Part] = []
    for kind, keys in sorted(wanted.items()):
        after = chr(ord(kind) + 1)
        if sign in ("gt", "gte"):
            low = min(keys)
            is_open = sign == "gt" and len(low) < VALUE_MAX
            limits = (">" if is_open else ">=", low, "<", after)
        else:
            high = max(keys)
            is_open = sign == "lt" and len(high) < VALUE_MAX
            limits = (">=", kind, "<" if is_open else "<=", high)
        found.append(Part("", path, (), limits))
    return found


def _rounded(texts: set[str]) -> tuple[str, ...]:
    """Texts in order, the last one repeated up to a power of two: few forms of statements."""
    found = sorted(texts)
    missing = (1 << (len(found) - 1).bit_length()) - len(found) if found else 0
    return (*found, *found[-1:] * missing)


def owned(table: FromClause) -> sa.ColumnElement[bool]:
    """Of the tenant ``:t`` and the resource ``:r``."""
    return (table.c.tenant == sa.bindparam("t")) & (table.c.resource == sa.bindparam("r"))


def within(
    table: FromClause, form: PartForm, prefix: str, *, is_known: bool = False
) -> sa.ColumnElement[bool]:
    """Whether a row of the part's table is what the part wants.

    Where the document ``is_known``, its few rows are read, not those of all values in a range.
    """
    column: Any = table.c[form.column or "value"]
    if is_known and form.limits is not None:
        column = column.concat(sa.literal_column("''"))  # no index of values is of use here
    texts: list[Any] = [sa.bindparam(f"{prefix}t{at}") for at in range(form.texts)]
    wanted: list[sa.ColumnElement[bool]] = []
    if len(texts) == 1:
        wanted.append(column == texts[0])
    elif texts:
        wanted.append(column.in_(texts))
    if form.limits is not None:
        low, high = form.limits
        above = _SIGNS[low](column, sa.bindparam(f"{prefix}l"))
        wanted.append(above & _SIGNS[high](column, sa.bindparam(f"{prefix}h")))
    found = sa.or_(*wanted) if wanted else sa.false()
    if form.column:
        return sa.and_(owned(table), found)
    if form.is_of_many:
        found = (table.c.edge != sa.literal_column("3")) & found
    return sa.and_(owned(table), table.c.path == sa.bindparam(f"{prefix}p"), found)


def holds(form: LookupForm, prefix: str, created: Any, document_id: Any) -> Any:
    """Whether the document made at ``created`` with this id is found by a look-up."""
    wanted = []
    for at, part in enumerate(form.parts):
        table = (DOCUMENT if part.column else PATH).alias()
        same = table.c.id == document_id
        if not part.column:
            same = same & (table.c.created == created)
        own = within(table, part, f"{prefix}{at}", is_known=True)
        wanted.append(sa.exists().where(own, same))
    return sa.or_(*wanted)


def values_of(lookups: Sequence[Lookup]) -> Mapping[str, str]:
    """The values of all look-ups as statements name them."""
    named: dict[str, str] = {}
    for at, lookup in enumerate(lookups):
        for below, part in enumerate(lookup.parts):
            named.update(part.values(f"c{at}_{below}"))
    return named
