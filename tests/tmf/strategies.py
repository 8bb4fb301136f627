"""Legal documents drawn from the shape tables, for any type of any book."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st

from banyan.kernel.words.codec import Document
from banyan.tmf.apis import API
from banyan.tmf.edge import v4_book, v4_type
from banyan.tmf.shapes import INNER, Attribute, Shape, ShapeBook

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=6)
_MOMENTS = st.datetimes(timezones=st.just(dt.UTC)).map(dt.datetime.isoformat)
_NUMBERS = st.integers(-(10**9), 10**12) | st.decimals(
    -(10**6), 10**6, allow_nan=False, allow_infinity=False, places=3
)
_LEAVES = st.none() | st.booleans() | _NUMBERS | TEXT
_JSON = st.recursive(
    _LEAVES,
    lambda below: st.lists(below, max_size=2) | st.dictionaries(TEXT, below, max_size=2),
    max_leaves=4,
)
_OBJECTS = st.dictionaries(TEXT, _LEAVES, max_size=2)
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "string": TEXT,
    "dateTime": _MOMENTS,
    "date": st.dates().map(dt.date.isoformat),
    "uri": st.sampled_from(["https://operator.example/x/1", "/tmf-api/x/v4/y/2"]),
    "integer": st.integers(-(10**9), 10**12),
    "number": _NUMBERS,
    "numeric": _NUMBERS,
    "boolean": st.booleans(),
    "object": _OBJECTS,
    "any": _JSON,
}

DEAD_ENDS = frozenset({"GeographicLocation", "IntentRefOrValue"})
"""GeographicLocation: its official schema allows only type names its own union does not know."""


LOCATIONS = [f"GeoJson{kind}" for kind in ("Point", "MultiPoint", "LineString", "Polygon")]
TYPED = {"GeographicLocation": LOCATIONS, "GeographicLocationRefOrValue": LOCATIONS}
"""Types whose official file lists the names an object may say, and does not list their own."""

IDENTIFIED = frozenset({"FeatureRelationship"})
"""A reference in TMF639, which asks for its id; none in TMF638, which does not."""


def _values(
    book: ShapeBook, attribute: Attribute, depth: int, *, typed: bool
) -> st.SearchStrategy[Any]:
    named = attribute.type
    if named in SCALARS:
        return SCALARS[named]
    if named in book.enums:
        return st.sampled_from(book.enums[named])
    members = [m for m in book.unions.get(named, book.family(named)) if m not in DEAD_ENDS]
    if depth <= 0 or named in book.unions:
        refs = [m for m in members if book.shapes[m].is_ref]
        members = refs if refs and depth <= 0 else members
    one = st.sampled_from(members)
    choose = named in book.unions
    return one.flatmap(lambda m: documents(book, m, depth - 1, typed=typed or choose))


@st.composite
def documents(
    draw: st.DrawFn,
    book: ShapeBook,
    name: str,
    depth: int = 3,
    *,
    typed: bool = True,
) -> Document:
    """A document with every mandatory and some other attributes; ``typed`` says its ``@type``."""
    shape = book.shapes[name]
    most = 5 if depth > 1 else 2 if depth == 1 else 0
    mandatory = [a for a in shape.attributes.values() if a.mandatory]
    optional = [a for a in shape.attributes.values() if a not in mandatory]
    chosen = (
        draw(st.lists(st.sampled_from(optional), unique_by=id, max_size=most))
        if (optional and most)
        else []
    )
    made: Document = {}
    for attribute in [*mandatory, *chosen]:
        value = _values(book, attribute, depth, typed=typed)
        if attribute.many:
            least = 1 if attribute.mandatory else 0
            value = st.lists(value, min_size=least, max_size=2 if depth > 0 else 1)
        made[attribute.name] = draw(value)
    if name in IDENTIFIED:
        made["id"] = draw(TEXT)
    _say_type(draw, shape, made, typed=typed)
    if draw(st.integers(0, 9)) == 0:
        made["x-vendor"] = draw(_JSON)
    return made


def _say_type(draw: st.DrawFn, shape: Shape, made: Document, *, typed: bool) -> None:
    if shape.plain:
        return
    if not typed and shape.name in TYPED:
        made["@type"] = draw(st.sampled_from(TYPED[shape.name]))
    elif typed:
        made["@type"] = shape.name
    elif draw(st.integers(0, 5)) == 0:
        made["@type"] = draw(st.sampled_from([shape.name.partition(".")[0], "VendorThing"]))


def inner_documents(type_name: str) -> st.SearchStrategy[Document]:
    """Legal documents of the inner form, every ``@type`` said."""
    return documents(INNER, type_name)


def v4_documents(api: str, resource: str) -> st.SearchStrategy[Document]:
    """Legal v4 documents of a resource, as a client or the standard's own answers hold them."""
    book = v4_book(api)
    name = v4_type(api, resource)
    named = st.fixed_dictionaries({"id": TEXT, "href": TEXT})
    resources = documents(book, name, typed=False)
    return st.tuples(resources, named).map(lambda both: {**both[0], **both[1]})


RESOURCES = [(api.id, resource.name) for api in API.values() for resource in api.resources_in(4)]
"""Every resource that has a v4 form."""

TYPES = sorted({r.type_name for api in API.values() for r in api.resources})
"""The schema name of every resource."""
