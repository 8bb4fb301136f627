"""The statements that lists are read by, each built once for its form and kept.

All name the tenant ``:t``, the resource ``:r``, and the values of look-ups as ``lookups.py`` does.
A page is cut out of an index first (``created`` and ``id`` only) and its documents are fetched by
their keys, so no planner can decide to read them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

import sqlalchemy as sa

from banyan.kernel.engine.db import Quick
from banyan.tmf.filing import HIGHEST, LOWEST
from banyan.tmf.lookups import LookupForm, holds, owned, within
from banyan.tmf.tables import DOCUMENT, PATH

SHOWN: Final = (
    DOCUMENT.c.id, DOCUMENT.c.type, DOCUMENT.c.state, DOCUMENT.c.doc, DOCUMENT.c.rev,
    DOCUMENT.c.created,
)  # fmt: skip
"""What every statement that reads documents answers with."""

NOWHERE: Final = -1
"""The base of a statement that starts from no look-up: it walks all documents."""

Cut = Literal["", "after", "before"]
"""What a page is named by: an offset, or a place (``:pc``, ``:pi``) it begins or ends at."""


ONE: Final = Quick(
    sa.select(*SHOWN, DOCUMENT.c.subject).where(
        DOCUMENT.c.tenant == sa.bindparam("t"),
        DOCUMENT.c.resource == sa.bindparam("r"),
        DOCUMENT.c.id == sa.bindparam("i"),
    )
)
"""The document ``:i``, and whose data it is."""


@dataclass(frozen=True, slots=True)
class Form:
    """Which look-ups there are, and from which of them a statement starts."""

    lookups: tuple[LookupForm, ...]
    base: int = NOWHERE


@dataclass(frozen=True, slots=True)
class SortForm:
    """One attribute of an order: a column of the document, or (no column) an indexed path."""

    column: str
    is_descending: bool

    def counts(self, table: Any) -> Any:
        """Whether a row holds the document's value that counts."""
        edges = (HIGHEST if self.is_descending else LOWEST, LOWEST | HIGHEST)
        return table.c.edge.in_([sa.literal_column(str(edge)) for edge in edges])


_NONE: Final[Any] = sa.literal_column("0")


def _prefix(at: int) -> str:
    return f"c{at}_"


def _all_of(lookup: LookupForm, at: int) -> tuple[Any, Any, Any]:
    """What a look-up finds, as a statement of its table, and that table's creation and id."""
    selects = []
    for below, part in enumerate(lookup.parts):
        table = (DOCUMENT if part.column else PATH).alias()
        found = sa.select(table.c.created, table.c.id)
        selects.append(found.where(within(table, part, f"{_prefix(at)}{below}")))
        if len(lookup.parts) == 1:
            query = selects[0] if part.is_single or part.column else selects[0].distinct()
            return query, table.c.created, table.c.id
    found_by_any = sa.union(*selects).subquery()
    columns = found_by_any.c
    return sa.select(columns.created, columns.id), columns.created, columns.id


def _candidates(form: Form) -> tuple[Any, Any, Any]:
    """Creation and id of all that the look-ups let through, in no order; and those columns."""
    if form.base == NOWHERE:
        created, document_id = DOCUMENT.c.created, DOCUMENT.c.id
        query: Any = sa.select(created, document_id).where(owned(DOCUMENT))
    else:
        query, created, document_id = _all_of(form.lookups[form.base], form.base)
    for at, lookup in enumerate(form.lookups):
        if at == form.base or lookup.is_implied:
            continue
        part = lookup.parts[0]
        if form.base == NOWHERE and part.column and len(lookup.parts) == 1:
            query = query.where(within(DOCUMENT, part, f"{_prefix(at)}0"))
        else:
            query = query.where(holds(lookup, _prefix(at), created, document_id))
    return query, created, document_id


def _documents_of(places: Any) -> Any:
    """The documents at the places of a subquery."""
    same = owned(DOCUMENT) & (DOCUMENT.c.id == places.c.id)
    return sa.select(*SHOWN).select_from(places.join(DOCUMENT, same))


@lru_cache(maxsize=512)
def page(form: Form, cut: Cut) -> Quick:
    """``:n`` documents as they were made, without the first ``:o``; before a place, last first."""
    query, created, document_id = _candidates(form)
    is_reverse = cut == "before"
    if cut:
        place = sa.tuple_(created, document_id)
        bound = sa.tuple_(sa.bindparam("pc"), sa.bindparam("pi"))
        query = query.where(place < bound if is_reverse else place > bound)
    order = [column.desc() if is_reverse else column for column in (created, document_id)]
    query = query.order_by(*order).limit(sa.bindparam("n"))
    query = query.offset(_NONE if cut else sa.bindparam("o"))
    places = query.subquery()
    order = [places.c.created, places.c.id]
    return Quick(_documents_of(places).order_by(*[o.desc() if is_reverse else o for o in order]))


@lru_cache(maxsize=512)
def count(form: Form) -> Quick:
    """How many documents the look-ups let through."""
    query, _, _ = _candidates(form)
    if form.base == NOWHERE or form.lookups[form.base].is_single:
        return Quick(query.with_only_columns(sa.func.count()))
    return Quick(sa.select(sa.func.count()).select_from(query.subquery()))


@lru_cache(maxsize=512)
def probe(lookup: LookupForm, at: int) -> Quick:
    """How many rows a look-up finds, at most ``:n``."""
    counts = []
    for below, part in enumerate(lookup.parts):
        table = (DOCUMENT if part.column else PATH).alias()
        own = within(table, part, f"{_prefix(at)}{below}")
        rows: Any = sa.select(sa.literal_column("1")).select_from(table)
        some = rows.where(own).limit(sa.bindparam("n")).offset(_NONE)
        counts.append(sa.select(sa.func.count()).select_from(some.subquery()).scalar_subquery())
    total: Any = counts[0]
    for each in counts[1:]:
        total = total + each
    return Quick(sa.select(total))


@lru_cache(maxsize=512)
def scan(form: Form) -> sa.Select[Any]:
    """All documents that the look-ups let through, in the order of creation, to be streamed."""
    query, created, document_id = _candidates(form)
    found: sa.Select[Any]
    if form.base == NOWHERE:
        found = query.with_only_columns(*SHOWN).order_by(created, document_id)
    else:
        places = query.subquery()
        found = _documents_of(places).order_by(places.c.created, places.c.id)
    return found


@lru_cache(maxsize=512)
def gathered(form: Form, order: tuple[SortForm, ...]) -> Quick:
    """``:n`` documents in an order, without the first ``:o``: all that match are put in order."""
    query, _, _ = _candidates(form)
    found = query.subquery()
    keys = [_key_of(each, at, found).label(f"k{at}") for at, each in enumerate(order)]
    keyed = sa.select(found.c.created, found.c.id, *keys).subquery()
    cut = sa.select(keyed).order_by(*_by(keyed, order)).limit(sa.bindparam("n"))
    places = cut.offset(sa.bindparam("o")).subquery()
    return Quick(_documents_of(places).order_by(*_by(places, order)))


def _key_of(each: SortForm, at: int, found: Any) -> Any:
    table = (DOCUMENT if each.column else PATH).alias()
    own = owned(table) & (table.c.id == found.c.id)
    if each.column:
        value = sa.func.nullif(table.c[each.column], sa.literal_column("''"))
        return sa.select(value).where(own).scalar_subquery()
    own = own & (table.c.path == sa.bindparam(f"s{at}")) & each.counts(table)
    return sa.select(table.c.value).where(own).scalar_subquery()


def _by(table: Any, order: tuple[SortForm, ...]) -> list[Any]:
    columns = []
    for at, each in enumerate(order):
        key = table.c[f"k{at}"]
        columns += [key.is_(None), key.desc() if each.is_descending else key]
    return [*columns, table.c.created, table.c.id]


@lru_cache(maxsize=512)
def walked(lookups: tuple[LookupForm, ...], each: SortForm) -> Quick:
    """``:n`` documents in the order of the path ``:s0``, without the first ``:o``: walks the path.

    Those that have no value there are not among them.
    """
    table = PATH.alias()
    query = _along(lookups, each, table).add_columns(table.c.value.label("k0"))
    order = [table.c.value.desc() if each.is_descending else table.c.value]
    query = query.order_by(*order, table.c.created, table.c.id)
    places = query.limit(sa.bindparam("n")).offset(sa.bindparam("o")).subquery()
    key = places.c.k0.desc() if each.is_descending else places.c.k0
    return Quick(_documents_of(places).order_by(key, places.c.created, places.c.id))


@lru_cache(maxsize=512)
def walked_count(lookups: tuple[LookupForm, ...], each: SortForm) -> Quick:
    """How many documents :func:`walked` comes to in all."""
    return Quick(_along(lookups, each, PATH.alias()).with_only_columns(sa.func.count()))


def _along(lookups: tuple[LookupForm, ...], each: SortForm, table: Any) -> Any:
    own = owned(table) & (table.c.path == sa.bindparam("s0")) & each.counts(table)
    query = sa.select(table.c.created, table.c.id).where(own)
    for at, lookup in enumerate(lookups):
        if not lookup.is_implied:
            query = query.where(holds(lookup, _prefix(at), table.c.created, table.c.id))
    return query


@lru_cache(maxsize=512)
def unvalued(form: Form) -> Quick:
    """``:n`` documents without a value at the path ``:s0``, oldest first, without ``:o``."""
    query, created, document_id = _candidates(form)
    table = PATH.alias()
    own = owned(table) & (table.c.id == document_id)
    own = own & (table.c.path == sa.bindparam("s0"))
    query = query.where(~sa.exists().where(own)).order_by(created, document_id)
    places = query.limit(sa.bindparam("n")).offset(sa.bindparam("o")).subquery()
    return Quick(_documents_of(places).order_by(places.c.created, places.c.id))
