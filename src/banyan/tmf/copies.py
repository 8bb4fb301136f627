"""Copies of another server's documents: how they follow it, and what is known of the server.

A copy is written like any document, so our own hubs hear of it; but only at the revision it had
when the original was looked at. Whoever comes too late looks again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.tmf import documents
from banyan.tmf.resource import Resource
from banyan.tmf.schema import check_answer
from banyan.tmf.tables import COPY, DOCUMENT

IDS_AT_ONCE = 1_000
ID_MAX = 128
STATE_MAX = 64
"""What the columns of a document hold."""


class Copied(msgspec.Struct, frozen=True):
    """A document as the server has it (none: it has it no more).

    ``rev`` is the revision its copy had before the server was asked, 0 if there was none.
    """

    resource: str
    id: str
    rev: int
    document: Document | None = None


class Subscribed(msgspec.Struct, frozen=True):
    """What is known of the server whose documents are copied.

    ``secret`` is the last part of the callback its events come to, ``swept_us`` when all of it was
    last compared with the copy, 0 if never.
    """

    url: str
    secret: str = ""
    callback: str = ""
    hub_id: str = ""
    swept_us: int = 0


def keep(work: Work, resource: Resource, copied: Copied) -> int | None:
    """Let a copy follow its original; its revision now, or nothing if it has moved on meanwhile."""
    stored = documents.get(work, resource, copied.id)
    rev = stored.rev if stored is not None else 0
    if rev != copied.rev:
        return None
    with documents.in_step(work):
        if copied.document is None:
            if stored is not None:
                documents.remove(work, resource, copied.id)
            return 0
        if stored is None:
            documents.create(work, resource, copied.document, copied.id)
            return 1
        if stored.document != copied.document:
            documents.change(work, resource, copied.document)
            return rev + 1
    return rev


def find_unfit(resource: Resource, document: Document) -> str:
    """Why a document can't be kept as a copy: rooms could not read it; empty if it can."""
    state = document.get(resource.state, "") if resource.state else ""
    if len(document["id"]) > ID_MAX or len(str(document.get("@type", ""))) > ID_MAX:
        return f"its id or @type has more than {ID_MAX} characters"
    if len(str(state)) > STATE_MAX:
        return f"its {resource.state} has more than {STATE_MAX} characters"
    for found in check_answer(resource.shape, document):
        if found.code in ("wrong_type", "too_deep", "not_json"):
            return f"{found.path}: {found.reason}"
    return ""


def ids_of(look: Look, resource: Resource) -> Iterator[str]:
    """The ids of all copies of a resource."""
    at = ""
    while True:
        query = (
            sa.select(DOCUMENT.c.id)
            .where(
                DOCUMENT.c.tenant == look.tenant,
                DOCUMENT.c.resource == resource.key,
                DOCUMENT.c.id > at,
            )
            .order_by(DOCUMENT.c.id)
            .limit(IDS_AT_ONCE)
        )
        found: Sequence[str] = look.tx.execute(query).scalars().all()
        yield from found
        if len(found) < IDS_AT_ONCE:
            return
        at = found[-1]


def find_subscribed(tx: Connection, tenant: str, api: str) -> Subscribed | None:
    """What is known of the server of this API, if it was ever spoken to."""
    names = Subscribed.__struct_fields__
    query = sa.select(*(COPY.c[name] for name in names))
    row = tx.execute(query.where(COPY.c.tenant == tenant, COPY.c.api == api)).fetchone()
    return None if row is None else Subscribed(*row)


def put_subscribed(tx: Connection, tenant: str, api: str, known: Subscribed) -> None:
    """Keep what is known of a server, in place of what was."""
    drop_subscribed(tx, tenant, api)
    tx.execute(COPY.insert(), {"tenant": tenant, "api": api, **msgspec.to_builtins(known)})


def drop_subscribed(tx: Connection, tenant: str, api: str) -> None:
    """Forget a server."""
    tx.execute(COPY.delete().where(COPY.c.tenant == tenant, COPY.c.api == api))


def forget_others(tx: Connection, kept: set[tuple[str, str]]) -> list[str]:
    """Forget servers that no setting names any more: their copies are our own documents now."""
    gone = _others(tx, kept)
    for tenant, api in gone:
        drop_subscribed(tx, tenant, api)
    return [api for _, api in gone]


def has_others(tx: Connection, kept: set[tuple[str, str]]) -> bool:
    """Whether a server is known that no setting names any more."""
    return bool(_others(tx, kept))


def _others(tx: Connection, kept: set[tuple[str, str]]) -> list[tuple[str, str]]:
    rows = tx.execute(sa.select(COPY.c.tenant, COPY.c.api)).fetchall()
    return [(row.tenant, row.api) for row in rows if (row.tenant, row.api) not in kept]
