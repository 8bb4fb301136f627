"""Documents in a room's own database: create, change, remove, get, find. The SQL driver.

Inner (v5) form in, inner form out, without ``href`` (only an edge knows the address). Every
attribute is stored once: ``id``, ``@type`` and the state in columns, the rest in ``doc``.
Changes tell the hubs of the API in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa

from banyan.kernel.engine.copies import NO_COPIES
from banyan.kernel.engine.db import Quick
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document, to_json
from banyan.kernel.words.errors import refused
from banyan.tmf.filing import drop_paths, file_paths, is_filed_alike, restored
from banyan.tmf.filters import Condition
from banyan.tmf.resource import Resource
from banyan.tmf.search import Finder
from banyan.tmf.statements import ONE, Form, page
from banyan.tmf.stored import Accept as Accept
from banyan.tmf.stored import Page as Page
from banyan.tmf.stored import Search as Search
from banyan.tmf.stored import Stored as Stored
from banyan.tmf.tables import DOCUMENT, HUB

_FILED = (DOCUMENT.c.tenant == sa.bindparam("t")) & (DOCUMENT.c.resource == sa.bindparam("r"))
_ONE = _FILED & (DOCUMENT.c.id == sa.bindparam("i"))
_PUT = Quick(DOCUMENT.insert())
_SET = Quick(
    DOCUMENT.update()
    .where(_ONE, DOCUMENT.c.rev == sa.bindparam("was"))
    .values(
        rev=sa.literal_column("rev + 1"),
        type=sa.bindparam("b_type"),
        state=sa.bindparam("b_state"),
        doc=sa.bindparam("b_doc"),
        subject=sa.bindparam("b_subject"),
    )
)
_DROP = Quick(DOCUMENT.delete().where(_ONE))
_WALK = page(Form(()), "after")
_HUBS = Quick(
    sa.select(HUB.c.id).where(HUB.c.tenant == sa.bindparam("t"), HUB.c.api == sa.bindparam("a"))
)

KEPT_ELSEWHERE: Final = "keptElsewhere"
"""The code of a refusal to write what another server keeps."""

Wanted = Mapping[str, Sequence[str]]
"""Dotted path → values any of which will do; all paths must match."""


def create(work: Work, resource: Resource, document: Document, new_id: str = "") -> Document:
    """File a new document and tell the hubs; refused (``duplicate``) when the id is taken."""
    _check_ours(work, resource)
    given = new_id or work.mint(resource.id_type)
    whole = _admitted(work, resource, None, {**document, "id": str(given)})
    if new_id and get(work, resource, whole["id"]) is not None:
        reason = f"{resource.name} {whole['id']} exists already"
        raise refused("conflict", "duplicate", reason, "id")
    created = work.mints.text()
    subject = resource.subject(whole)
    new_type, state, doc = _columns(resource, whole)
    row = {
        "tenant": work.tenant, "resource": resource.key, "id": whole["id"], "rev": 1,
        "created": created, "type": new_type, "state": state, "doc": work.seal(subject, doc),
        "subject": subject,
    }  # fmt: skip
    _PUT.run(work.tx, row)
    file_paths(work, resource, whole, created)
    after = work.seal(subject, _whole_text(resource, new_type, state, doc))
    work.record("create", resource.key, (whole["id"], 1), "", after)
    _tell(work, resource, "Create", whole)
    return whole


def change(work: Work, resource: Resource, document: Document, rev: int | None = None) -> Document:
    """Replace a document by its whole new form; tells StateChange, or AttributeValueChange.

    Refused when it is unknown, or (``stale``) when ``rev`` is given and not the current one. A
    change of nothing stores and tells nothing.
    """
    _check_ours(work, resource)
    where = _at(work, resource, document["id"])
    row = _row(work, resource, document["id"])
    if row is None:
        raise unknown(resource, document["id"])
    stored = _stored(resource, row, work.open_all([row[3]])[0])
    if rev is not None and rev != stored.rev:
        raise refused("stale", "stale", f"{document['id']} is at revision {stored.rev}, not {rev}")
    before = stored.document
    if before == document:
        return document
    document = _admitted(work, resource, before, document)
    subject = resource.subject(document)
    new_type, state, doc = _columns(resource, document)
    new = {"b_type": new_type, "b_state": state, "b_doc": work.seal(subject, doc)}
    done = _SET.run(work.tx, {**where, "was": stored.rev, **new, "b_subject": subject})
    assert done.rowcount == 1, "a document changed under its own transaction"
    if subject != row[6] or not is_filed_alike(resource, before, document):
        drop_paths(work.tx, resource.key, work.tenant, document["id"])
        file_paths(work, resource, document, stored.created)
    _record_change(work, resource, stored, row[6], document)
    moved = bool(resource.state) and row[2] != state
    _tell(work, resource, "StateChange" if moved else "AttributeValueChange", document)
    return document


def remove(work: Work, resource: Resource, document_id: str) -> None:
    """Take a document away and tell the hubs; refused when it is unknown."""
    _check_ours(work, resource)
    where = _at(work, resource, document_id)
    row = _row(work, resource, document_id)
    if row is None:
        raise unknown(resource, document_id)
    doc = work.open_all([row[3]])[0]
    stored = _stored(resource, row, doc)
    resource.admit(work, stored.document, None)
    drop_paths(work.tx, resource.key, work.tenant, document_id)
    _DROP.run(work.tx, where)
    before = "" if doc is None else _whole_text(resource, row[1], row[2], doc)
    _record_gone(work, resource, stored, row[6], before)
    _tell(work, resource, "Delete", stored.document)


def find_ids_of(look: Look | Work, subject: str) -> list[tuple[str, str]]:
    """Every document of this room that is the subject's data: resource and id, oldest first."""
    return [(row.resource, row.id) for row in look.tx.execute(_of_subject(look, subject))]


def erase(work: Work, subject: str) -> bool:
    """Destroy the subject's key: its documents keep their id, type and state, nothing else.

    What was told, answered and noted about them is unreadable with it, and they are found by no
    value any more. False when the subject had no key, or has none any more.
    """
    for row in work.tx.execute(_of_subject(work, subject)).all():
        drop_paths(work.tx, row.resource, work.tenant, row.id)
    return work.erase(subject)


def _of_subject(look: Look | Work, subject: str) -> sa.Select[Any]:
    return (
        sa.select(DOCUMENT.c.resource, DOCUMENT.c.id)
        .where(DOCUMENT.c.tenant == look.tenant, DOCUMENT.c.subject == subject)
        .where(DOCUMENT.c.subject != "")  # the words of the partial index
        .order_by(DOCUMENT.c.created, DOCUMENT.c.id)
    )


def _admitted(work: Work, resource: Resource, before: Document | None, after: Document) -> Document:
    filed = resource.admit(work, before, after)
    assert filed is not None, f"{resource.name} has no last word on a document"
    return filed


def get(look: Look | Work, resource: Resource, document_id: str) -> Stored | None:
    """One document, or nothing."""
    row = _row(look, resource, document_id)
    if row is None:
        _miss(look, resource, (document_id,))
        return None
    return _stored(resource, row, look.open_all([row[3]])[0])


@contextmanager
def in_step(work: Work) -> Iterator[None]:
    """Within, copies may be written: they follow what the other server has."""
    copies, work.copies = work.copies, NO_COPIES
    try:
        yield
    finally:
        work.copies = copies


def _check_ours(work: Work, resource: Resource) -> None:
    """Refuses (``keptElsewhere``) what would part a copy from its original."""
    if resource.api in work.copies.kept:
        reason = f"{resource.api} is kept by another server; only its own API changes it"
        raise refused("unsupported", KEPT_ELSEWHERE, reason)


def _miss(look: Look | Work, resource: Resource, ids: Iterable[str]) -> None:
    """Note what a copy does not hold (yet), for the room to fetch."""
    if resource.api in look.copies.kept:
        look.missed.extend((resource.key, document_id) for document_id in ids)


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
    """Documents that match, oldest first; ``accept`` has the last word.

    Values compare as instants, numbers, booleans or text, by what the document holds.
    """
    if wanted and "id" in wanted and resource.api in look.copies.kept:
        _miss(look, resource, _absent(look, resource, wanted["id"]))
    conditions = tuple(Condition(path, tuple(each)) for path, each in (wanted or {}).items())
    return search(look, resource, Search(conditions, accept, offset=offset, limit=limit))


def search(look: Look | Work, resource: Resource, wanted: Search) -> Page:
    """The page of documents that is asked for, and how many match in all (``search.py``)."""
    return Finder(look, resource, wanted).page()


def walk(look: Look, resource: Resource, after: str, limit: int) -> tuple[Stored, ...]:
    """The next ``limit`` documents in list order behind ``after``; the first ones if it is empty.

    Each call is a look of its own, so however long a walk is, it holds nothing back. Refused as
    unknown when ``after`` is.
    """
    created = need(look, resource, after).created if after else ""
    at = {"t": look.tenant, "r": resource.key, "pc": created, "pi": after, "n": limit}
    rows = _WALK.run(look.tx, at).fetchall()
    docs = look.open_all([row[3] for row in rows])
    return tuple(_stored(resource, row, doc) for row, doc in zip(rows, docs, strict=True))


def every(look: Look | Work, resource: Resource, wanted: Wanted | None = None) -> list[Document]:
    """All documents that match, for a room's own decisions."""
    return [stored.document for stored in find(look, resource, wanted).found]


def _absent(look: Look | Work, resource: Resource, ids: Sequence[str]) -> list[str]:
    query = sa.select(DOCUMENT.c.id).where(
        DOCUMENT.c.tenant == look.tenant,
        DOCUMENT.c.resource == resource.key,
        DOCUMENT.c.id.in_(ids),
    )
    known = set(look.tx.execute(query).scalars())
    return [document_id for document_id in ids if document_id not in known]


def _row(look: Look | Work, resource: Resource, document_id: str) -> Any:
    """The row of :data:`ONE`, or nothing; no id holds what PostgreSQL can't."""
    if "\x00" in document_id:
        return None
    return ONE.run(look.tx, _at(look, resource, document_id)).fetchone()


def _at(look: Look | Work, resource: Resource, document_id: str) -> dict[str, str]:
    return {"t": look.tenant, "r": resource.key, "i": document_id}


def _columns(resource: Resource, document: Document) -> tuple[str, str, str]:
    """The type, the state and the rest of a document, as they are stored."""
    columns = {"id", "@type", resource.state}
    rest = {name: value for name, value in document.items() if name not in columns}
    state = str(document.get(resource.state, "")) if resource.state else ""
    return str(document.get("@type", resource.shape)), state, to_json(rest).decode()


def _whole_text(resource: Resource, new_type: str, state: str, doc: str) -> str:
    """The JSON of a whole document but its id, from its columns: no value is encoded twice."""
    columns = {"@type": new_type}
    if resource.state and state:
        columns[resource.state] = state
    head = to_json(columns).decode()
    return head if doc == "{}" else f"{head[:-1]},{doc[1:]}"


def _stored(resource: Resource, row: Any, doc: str | None) -> Stored:
    return Stored(restored(resource, (*row[:3], doc)), row[4], row[5])


_NOTHING = object()


def _record_change(
    work: Work, resource: Resource, stored: Stored, was_of: str, document: Document
) -> None:
    """Tell the audit the attributes that differ, each side sealed for whom it was about."""
    before = stored.document
    differ = [
        name
        for name in {**before, **document}
        if before.get(name, _NOTHING) != document.get(name, _NOTHING)
    ]
    was, new = ({n: each[n] for n in differ if n in each} for each in (before, document))
    work.record(
        "change", resource.key, (document["id"], stored.rev + 1),
        _sealed_past(work, was_of, to_json(was).decode()),
        work.seal(resource.subject(document), to_json(new).decode()),
    )  # fmt: skip


def _record_gone(work: Work, resource: Resource, stored: Stored, subject: str, before: str) -> None:
    about = (stored.document["id"], stored.rev)
    work.record("remove", resource.key, about, _sealed_past(work, subject, before), "")


def _sealed_past(work: Work, subject: str, text: str) -> str:
    """What was, for the audit; of a person who was erased nothing is left to tell."""
    if subject and work.vault is not None and work.vault.is_erased(work.tx, work.tenant, subject):
        return ""
    return work.seal(subject, text)


def _tell(work: Work, resource: Resource, word: str, document: Document) -> None:
    hubs = _HUBS.run(work.tx, {"t": work.tenant, "a": resource.api}).fetchall()
    if hubs:
        body = to_json({"resource": resource.key, "word": word, "document": document}).decode()
        told = _sealed_past(work, resource.subject(document), body)
        targets = tuple(f"hub:{row[0]}" for row in hubs)
        work.post(f"{resource.api}.{resource.key}.{word}", document["id"], told, targets)
