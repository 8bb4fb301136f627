"""Documents in a room's own database: create, change, remove, get, find. The SQL driver.

Inner (v5) form in, inner form out, without ``href`` (only an edge knows the address). Every
attribute is stored once: ``id``, ``@type`` and the state in columns, the rest in ``doc``.
Changes tell the hubs of the API in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from banyan.kernel.engine.db import Quick
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document, from_json, to_json
from banyan.kernel.words.errors import refused
from banyan.tmf.filters import equals, filed, looked_up, values_at
from banyan.tmf.resource import Resource
from banyan.tmf.tables import DOCUMENT, HUB, PATH

VALUE_MAX = 200
"""Characters of a value that are indexed; longer ones are compared in full after the look-up."""
SCAN_PAGE = 500

_FILED = (DOCUMENT.c.tenant == sa.bindparam("t")) & (DOCUMENT.c.resource == sa.bindparam("r"))
_ONE = _FILED & (DOCUMENT.c.id == sa.bindparam("i"))
_SHOWN = (DOCUMENT.c.id, DOCUMENT.c.type, DOCUMENT.c.state, DOCUMENT.c.rev, DOCUMENT.c.doc)
_GET = Quick(sa.select(*_SHOWN, DOCUMENT.c.created).where(_ONE))
_PUT = Quick(DOCUMENT.insert())
_SET = Quick(
    DOCUMENT.update()
    .where(_ONE, DOCUMENT.c.rev == sa.bindparam("was"))
    .values(
        rev=sa.literal_column("rev + 1"),
        type=sa.bindparam("b_type"),
        state=sa.bindparam("b_state"),
        doc=sa.bindparam("b_doc"),
    )
)
_DROP = Quick(DOCUMENT.delete().where(_ONE))
_PATHS_FILED = (PATH.c.tenant == sa.bindparam("t")) & (PATH.c.resource == sa.bindparam("r"))
_PUT_PATHS = Quick(PATH.insert())
_DROP_PATHS = Quick(PATH.delete().where(_PATHS_FILED, PATH.c.id == sa.bindparam("i")))
_HUBS = Quick(
    sa.select(HUB.c.id).where(HUB.c.tenant == sa.bindparam("t"), HUB.c.api == sa.bindparam("a"))
)

Wanted = Mapping[str, Sequence[str]]
"""Dotted path → values any of which will do; all paths must match."""

Accept = Callable[[Document], bool]
"""A last word on documents that match so far, for what no index and no inner path can say."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A document with its revision."""

    document: Document
    rev: int


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list: the documents with revisions, and how many match in all."""

    found: list[Stored]
    total: int


def create(work: Work, resource: Resource, document: Document, new_id: str = "") -> Document:
    """File a new document and tell the hubs; refused (``duplicate``) when the id is taken."""
    given = new_id or work.mint(resource.id_type)
    whole = {**document, "id": str(given)}
    if new_id and get(work, resource, new_id) is not None:
        raise refused("conflict", "duplicate", f"{resource.name} {new_id} exists already", "id")
    created = work.mints.text()
    new_type, state, doc = _columns(resource, whole)
    row = {
        "tenant": work.tenant, "resource": resource.key, "id": whole["id"], "rev": 1,
        "created": created, "type": new_type, "state": state, "doc": doc,
    }  # fmt: skip
    _PUT.run(work.tx, row)
    _index(work, resource, whole, created)
    resource.beside(work, None, whole)
    _tell(work, resource, "Create", whole)
    return whole


def change(work: Work, resource: Resource, document: Document, rev: int | None = None) -> Document:
    """Replace a document by its whole new form; tells StateChange, or AttributeValueChange.

    Refused when it is unknown, or (``stale``) when ``rev`` is given and not the current one. A
    change of nothing stores and tells nothing.
    """
    where = _at(work, resource, document["id"])
    row = _GET.run(work.tx, where).fetchone()
    if row is None:
        raise unknown(resource, document["id"])
    stored = _stored(resource, row)
    if rev is not None and rev != stored.rev:
        raise refused("stale", "stale", f"{document['id']} is at revision {stored.rev}, not {rev}")
    before = stored.document
    if before == document:
        return document
    new_type, state, doc = _columns(resource, document)
    done = _SET.run(
        work.tx, {**where, "was": stored.rev, "b_type": new_type, "b_state": state, "b_doc": doc}
    )
    assert done.rowcount == 1, "a document changed under its own transaction"
    if any(
        _indexed_values(before, path) != _indexed_values(document, path)
        for path in resource.indexed
    ):
        _DROP_PATHS.run(work.tx, where)
        _index(work, resource, document, row[5])
    resource.beside(work, before, document)
    moved = bool(resource.state) and row[2] != state
    _tell(work, resource, "StateChange" if moved else "AttributeValueChange", document)
    return document


def remove(work: Work, resource: Resource, document_id: str) -> None:
    """Take a document away and tell the hubs; refused when it is unknown."""
    stored = get(work, resource, document_id)
    if stored is None:
        raise unknown(resource, document_id)
    where = _at(work, resource, document_id)
    _DROP_PATHS.run(work.tx, where)
    _DROP.run(work.tx, where)
    resource.beside(work, stored.document, None)
    _tell(work, resource, "Delete", stored.document)


def get(look: Look | Work, resource: Resource, document_id: str) -> Stored | None:
    """One document, or nothing."""
    row = _GET.run(look.tx, _at(look, resource, document_id)).fetchone()
    return None if row is None else _stored(resource, row)


def need(look: Look | Work, resource: Resource, document_id: str) -> Stored:
    """One document; refused as unknown when it isn't there."""
    stored = get(look, resource, document_id)
    if stored is None:
        raise unknown(resource, document_id)
    return stored


def unknown(resource: Resource, document_id: str) -> Exception:
    """The refusal for an addressed document that is not there."""
    return refused("unknown", "notFound", f"there is no {resource.name} {document_id!r}")


def find(
    look: Look | Work,
    resource: Resource,
    wanted: Wanted | None = None,
    offset: int = 0,
    limit: int | None = None,
    accept: Accept | None = None,
) -> Page:
    """Documents that match, oldest first; indexed paths by look-up, any other path by reading.

    Values compare as instants, numbers, booleans or text, by what the document holds.
    """
    wanted = wanted or {}
    query = _narrowed(look, resource, wanted)
    unsure = {
        path: values for path, values in wanted.items() if not _is_exact(resource, path, values)
    }
    if not unsure and accept is None:
        counted = query.with_only_columns(sa.func.count())
        total = look.tx.execute(counted).scalar() or 0
        if limit == 0 or offset >= total:
            return Page([], total)
        rows = look.tx.execute(_ordered(query).offset(offset).limit(limit))
        return Page([_stored(resource, row) for row in rows], total)
    matching: list[Stored] = []
    total, end = 0, None if limit is None else offset + limit
    for row in look.tx.execute(_ordered(query)).yield_per(SCAN_PAGE):
        stored = _stored(resource, row)
        if _matches(stored.document, unsure) and (accept is None or accept(stored.document)):
            if total >= offset and (end is None or total < end):
                matching.append(stored)
            total += 1
    return Page(matching, total)


def every(look: Look | Work, resource: Resource, wanted: Wanted | None = None) -> list[Document]:
    """All documents that match, for a room's own decisions."""
    return [stored.document for stored in find(look, resource, wanted).found]


def _ordered(query: sa.Select[Any]) -> sa.Select[Any]:
    return query.order_by(DOCUMENT.c.created, DOCUMENT.c.id)


def _narrowed(look: Look | Work, resource: Resource, wanted: Wanted) -> sa.Select[Any]:
    query = sa.select(*_SHOWN).where(
        DOCUMENT.c.tenant == look.tenant, DOCUMENT.c.resource == resource.key
    )
    for path, values in wanted.items():
        if path == "id":
            query = query.where(DOCUMENT.c.id.in_(values))
        elif path == "@type":
            query = query.where(DOCUMENT.c.type.in_(values))
        elif path == resource.state and "." not in path:
            query = query.where(DOCUMENT.c.state.in_(values))
        elif path in resource.indexed:
            at = PATH.alias()
            query = query.where(
                sa.exists().where(
                    at.c.tenant == look.tenant,
                    at.c.resource == resource.key,
                    at.c.path == path,
                    at.c.value.in_(sorted(text[:VALUE_MAX] for text in looked_up(values)[0])),
                    at.c.created == DOCUMENT.c.created,
                    at.c.id == DOCUMENT.c.id,
                )
            )
    return query


def _is_exact(resource: Resource, path: str, values: Sequence[str]) -> bool:
    """Whether narrowing alone decides: nothing but documents that match was let through."""
    if path in ("id", "@type", resource.state):
        return True
    if path not in resource.indexed:
        return False
    return looked_up(values)[1] and all(len(value) < VALUE_MAX for value in values)


def _matches(document: Document, wanted: Wanted) -> bool:
    return all(
        any(equals(value, values) for value in values_at(document, path.split(".")))
        for path, values in wanted.items()
    )


def _at(look: Look | Work, resource: Resource, document_id: str) -> dict[str, str]:
    return {"t": look.tenant, "r": resource.key, "i": document_id}


def _columns(resource: Resource, document: Document) -> tuple[str, str, str]:
    """The type, the state and the rest of a document, as they are stored."""
    columns = {"id", "@type", resource.state}
    rest = {name: value for name, value in document.items() if name not in columns}
    state = str(document.get(resource.state, "")) if resource.state else ""
    return str(document.get("@type", resource.shape)), state, to_json(rest).decode()


def _stored(resource: Resource, row: Any) -> Stored:
    """A row of :data:`_SHOWN` (or longer) as the document it is."""
    document: Document = {"id": row[0], "@type": row[1], **from_json(row[4])}
    if resource.state and row[2]:
        document[resource.state] = row[2]
    return Stored(document, row[3])


def _indexed_values(document: Document, path: str) -> set[str]:
    return {filed(value)[:VALUE_MAX] for value in values_at(document, path.split("."))}


def _index(work: Work, resource: Resource, document: Document, created: str) -> None:
    rows = [
        {
            "tenant": work.tenant,
            "resource": resource.key,
            "path": path,
            "value": value,
            "created": created,
            "id": document["id"],
        }
        for path in resource.indexed
        for value in sorted(_indexed_values(document, path))
    ]
    _PUT_PATHS.run_many(work.tx, rows)


def _tell(work: Work, resource: Resource, word: str, document: Document) -> None:
    hubs = _HUBS.run(work.tx, {"t": work.tenant, "a": resource.api}).fetchall()
    if hubs:
        body = to_json({"resource": resource.key, "word": word, "document": document})
        targets = tuple(f"hub:{row[0]}" for row in hubs)
        work.post(f"{resource.api}.{resource.key}.{word}", document["id"], body, targets)
