"""Keeps the table of indexed paths true: for one document as it changes, for all at a start.

A resource's row names the paths; ``filed_path`` names those under which all its documents stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from banyan.kernel.engine.db import Database, Quick
from banyan.kernel.engine.vault import Vault
from banyan.kernel.engine.work import Work, open_all
from banyan.kernel.words.codec import Document, from_json
from banyan.tmf.resource import Resource
from banyan.tmf.tables import DOCUMENT, FILED, PATH
from banyan.tmf.values import VALUE_MAX, keys_at

DOCUMENTS_AT_ONCE: Final = 500
"""Documents filed again in one transaction."""

LOWEST, HIGHEST = 1, 2
"""What ``edge`` is the sum of."""

_OF_ONE = (
    (PATH.c.tenant == sa.bindparam("t"))
    & (PATH.c.resource == sa.bindparam("r"))
    & (PATH.c.id == sa.bindparam("i"))
)
_PUT = Quick(PATH.insert())
_DROP = Quick(PATH.delete().where(_OF_ONE))
_SHOWN = (
    DOCUMENT.c.id, DOCUMENT.c.created, DOCUMENT.c.type, DOCUMENT.c.state, DOCUMENT.c.doc,
)  # fmt: skip


def file_paths(work: Work, resource: Resource, document: Document, created: str) -> None:
    """File a document under its indexed paths; it is under none yet."""
    rows = _rows((work.tenant, created), resource, resource.indexed, document, work.vault)
    _PUT.run_many(work.tx, rows)


def drop_paths(tx: Connection, resource_key: str, tenant: str, document_id: str) -> None:
    """Take a document from under all its paths."""
    _DROP.run(tx, {"t": tenant, "r": resource_key, "i": document_id})


def is_filed_alike(resource: Resource, one: Document, other: Document) -> bool:
    """Whether two documents stand under the same values everywhere."""
    return all(keys_at(one, path) == keys_at(other, path) for path in resource.indexed)


def restored(resource: Resource, row: Sequence[Any]) -> Document:
    """A document from its id, type, state and opened ``doc``: None once its person was erased."""
    document_id, type_name, state, doc = row
    document: Document = {"id": document_id, "@type": type_name, **from_json(doc or "{}")}
    if resource.state and state:
        document[resource.state] = state
    return document


def file_again(
    database: Database, resources: Iterable[Resource], vault: Vault | None = None
) -> list[tuple[str, str]]:
    """File every document under paths that are indexed and were not; returns those paths.

    For a start, before anything is served. A repeat, or one that was cut short, files the rest.
    """
    wanted = {(resource.key, path) for resource in resources for path in resource.indexed}
    with database.read() as tx:
        known = {(row[0], row[1]) for row in tx.execute(sa.select(FILED))}
    missing = sorted(wanted - known)
    gone = sorted(known - wanted)
    if gone:
        database.write(lambda tx: _forget(tx, gone))
    for resource in resources:
        paths = tuple(path for key, path in missing if key == resource.key)
        if paths:
            _file_all(database, resource, paths, vault)
    return missing


def _forget(tx: Connection, gone: list[tuple[str, str]]) -> None:
    for key, path in gone:
        tx.execute(PATH.delete().where(PATH.c.resource == key, PATH.c.path == path))
        tx.execute(FILED.delete().where(FILED.c.resource == key, FILED.c.path == path))


def _file_all(
    database: Database, resource: Resource, paths: tuple[str, ...], vault: Vault | None
) -> None:
    with database.read() as tx:
        tenants = tx.execute(sa.select(DOCUMENT.c.tenant).distinct()).scalars().all()
    for tenant in tenants:
        last: str | None = ""
        while last is not None:
            last = database.write(partial(_file_some, resource, paths, (tenant, last), vault))
    database.write(lambda tx: _remember(tx, resource, paths))


def _file_some(
    resource: Resource,
    paths: tuple[str, ...],
    place: tuple[str, str],
    vault: Vault | None,
    tx: Connection,
) -> str | None:
    """File a tenant's next documents after an id; the last one's id, None if that was all."""
    tenant, after = place
    query = (
        sa.select(*_SHOWN)
        .where(DOCUMENT.c.tenant == tenant, DOCUMENT.c.resource == resource.key)
        .where(DOCUMENT.c.id > after)
        .order_by(DOCUMENT.c.id)
        .limit(DOCUMENTS_AT_ONCE)
    )
    found = tx.execute(query).fetchall()
    own = (PATH.c.tenant == tenant) & (PATH.c.resource == resource.key) & PATH.c.path.in_(paths)
    docs = open_all(vault, tx, tenant, [row.doc for row in found])
    for row, doc in zip(found, docs, strict=True):
        document = restored(resource, (row.id, row.type, row.state, doc))
        tx.execute(PATH.delete().where(own, PATH.c.id == row.id))
        _PUT.run_many(tx, _rows((tenant, row.created), resource, paths, document, vault))
    return found[-1][0] if len(found) == DOCUMENTS_AT_ONCE else None


def _remember(tx: Connection, resource: Resource, paths: tuple[str, ...]) -> None:
    of_resource = FILED.c.resource == resource.key
    tx.execute(FILED.delete().where(of_resource, FILED.c.path.in_(paths)))
    tx.execute(FILED.insert(), [{"resource": resource.key, "path": path} for path in paths])


def _rows(
    of: tuple[str, str],
    resource: Resource,
    paths: Iterable[str],
    document: Document,
    vault: Vault | None,
) -> list[dict[str, Any]]:
    """The rows of a document ``of`` a tenant and a time under some paths."""
    tenant, created = of
    hidden = resource.personal if resource.subject(document) else ()
    rows: list[dict[str, Any]] = []
    for path in paths:
        values = sorted({key[:VALUE_MAX] for key in keys_at(document, path)})
        for value in values:
            is_hidden = path in hidden
            edge = LOWEST * (value == values[0]) + HIGHEST * (value == values[-1])
            row = {
                "tenant": tenant, "resource": resource.key, "path": path,
                "value": blind(vault, tenant, path, value) if is_hidden else value,
                "created": created, "id": document["id"],
                "edge": LOWEST | HIGHEST if is_hidden else edge,
            }  # fmt: skip
            rows.append(row)
    return rows


def blind(vault: Vault | None, tenant: str, path: str, value: str) -> str:
    """What stands in the index for a personal value: it can be looked up, not put in order."""
    assert vault is not None, "this house has no vault to hide values with"
    return vault.blind(tenant, path, value)
