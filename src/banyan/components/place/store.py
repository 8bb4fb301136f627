"""Places as documents, and the keys addresses are found by: the only SQL of place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from banyan.components.place.contract import (
    ChangeAddress,
    ChangeSite,
    CreateSite,
    RecordAddress,
    ValidateAddress,
)
from banyan.components.place.model import (
    SITE_LIFE,
    VALIDATION_LIFE,
    Reference,
    with_part_ids,
)
from banyan.components.place.model.geometry import check_location, compute_box
from banyan.components.place.model.norm import find_keys
from banyan.kernel.engine.clock import to_wire
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refused
from banyan.kernel.words.ids import (
    GeographicAddressId,
    GeographicAddressValidationId,
    GeographicLocationId,
    GeographicSiteId,
)
from banyan.tmf import documents
from banyan.tmf.documents import Stored
from banyan.tmf.resource import Resource

METADATA = sa.MetaData()

KEY_MAX = 200
CANDIDATES_MAX = 200
"""Addresses of one key that are compared; a key with more is no way to find one."""

ADDRESS_KEY = sa.Table(
    "address_key",
    METADATA,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("way", sa.String(16), primary_key=True),
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("id", sa.String(128), primary_key=True),
    sa.Index("address_key_id", "tenant", "id"),
)
"""Where an address is found by: one row per way to look for it, see ``model/norm.py``."""


def _fill_site(document: Document, now: datetime) -> Document:
    return {"@type": "GeographicSite", "status": "active", "creationDate": to_wire(now), **document}


def _fill_location(document: Document, now: datetime) -> Document:
    """The bounding box follows from sound coordinates where the client sent none."""
    if "bbox" in document or check_location(document):
        return document
    box = compute_box(document)
    return {**document, "bbox": list(box)} if box else document


def _fill_validation(document: Document, now: datetime) -> Document:
    return {**document, "state": "accepted", "validationDate": to_wire(now)}


def _fill_address(document: Document, now: datetime) -> Document:
    return with_part_ids({"@type": "GeographicAddress", **document})


def _file_keys(work: Any, before: Document | None, after: Document | None) -> Document | None:
    """Make an address found by the keys of what it is now, and by no others."""
    own = find_keys(after) if after is not None else {}
    if before is not None:
        if find_keys(before) == own:
            return after
        gone = (ADDRESS_KEY.c.tenant == work.tenant) & (ADDRESS_KEY.c.id == before["id"])
        work.tx.execute(ADDRESS_KEY.delete().where(gone))
    rows = [
        {"tenant": work.tenant, "way": way, "key": key[:KEY_MAX], "id": after["id"]}
        for way, key in own.items()
        if after is not None
    ]
    if rows:
        work.tx.execute(ADDRESS_KEY.insert(), rows)
    return after


def _keep_placed(work: Any, document: Document) -> None:
    _keep_used(work, "place.id", document)


def _keep_site(work: Any, document: Document) -> None:
    _keep_placed(work, document)
    _keep_used(work, "siteRelationship.id", document)


def _keep_used(work: Any, path: str, document: Document) -> None:
    count = documents.find(work, SITE, {path: [document["id"]]}, limit=0).total
    if count:
        reason = f"{document['id']} is still named by {count} geographicSite ({path})"
        raise refused("conflict", "inUse", reason, "id")


ADDRESS = Resource(
    api="TMF673",
    name="geographicAddress",
    shape="GeographicAddress",
    room="place",
    id_type=GeographicAddressId,
    operations="G",
    indexed=("postcode", "city", "streetName"),
)

GAZETTEER_ADDRESS = Resource(
    api="BANYAN-Gazetteer",
    name="gazetteerAddress",
    shape="GeographicAddress",
    room="place",
    id_type=GeographicAddressId,
    create=RecordAddress,
    patch=ChangeAddress,
    indexed=ADDRESS.indexed,
    fill=_fill_address,
    guard_removal=_keep_placed,
    admit=_file_keys,
    may_choose_id=True,
    filed_as="geographicAddress",
)

VALIDATION = Resource(
    api="TMF673",
    name="geographicAddressValidation",
    shape="GeographicAddressValidation",
    room="place",
    id_type=GeographicAddressValidationId,
    operations="GCU",
    create=ValidateAddress,
    state="state",
    lifecycle=VALIDATION_LIFE,
    fill=_fill_validation,
)

SITE = Resource(
    api="TMF674",
    name="geographicSite",
    shape="GeographicSite",
    room="place",
    id_type=GeographicSiteId,
    create=CreateSite,
    patch=ChangeSite,
    state="status",
    lifecycle=SITE_LIFE,
    indexed=("name", "code", "place.id", "siteRelationship.id"),
    fill=_fill_site,
    guard_removal=_keep_site,
)

LOCATION = Resource(
    api="TMF675",
    name="geographicLocation",
    shape="GeographicLocation",
    room="place",
    id_type=GeographicLocationId,
    indexed=("name",),
    fill=_fill_location,
    check=check_location,
    guard_removal=_keep_placed,
)

RESOURCES = (ADDRESS, GAZETTEER_ADDRESS, VALIDATION, SITE, LOCATION)

_KINDS = {"GeographicAddress": ADDRESS, "GeographicSite": SITE, "GeographicLocation": LOCATION}


def find_referred(look: Look | Work, references: Iterable[Reference]) -> dict[Reference, Document]:
    """Where each reference leads; one without a type leads to the first kind that has its id."""
    found: dict[Reference, Document] = {}
    for each in references:
        kinds = [_KINDS[each.referred_type]] if each.referred_type in _KINDS else _KINDS.values()
        for kind in kinds if each.referred_type in ("", *_KINDS) else ():
            stored = documents.get(look, kind, each.id)
            if stored is not None:
                found[each] = stored.document
                break
    return found


def find(look: Look | Work, resource: Resource, document_id: str) -> Document | None:
    """A document by its id, or nothing."""
    stored = documents.get(look, resource, document_id)
    return None if stored is None else stored.document


def need(work: Work, resource: Resource, document_id: str) -> Stored:
    """A document with its revision; refused when it isn't there."""
    return documents.need(work, resource, document_id)


def add(work: Work, resource: Resource, document: Document) -> Document:
    """File a new document."""
    return documents.create(work, resource, document, str(document.get("id", "")))


def replace(work: Work, resource: Resource, document: Document, rev: int | None = None) -> Document:
    """Store the new form of a document that is still at ``rev``; refused (``stale``) otherwise."""
    return documents.change(work, resource, document, rev)


def find_by_key(look: Look | Work, way: str, key: str) -> list[Document]:
    """Addresses filed under a key, :data:`CANDIDATES_MAX` at most."""
    wanted = (
        sa.select(ADDRESS_KEY.c.id)
        .where(
            ADDRESS_KEY.c.tenant == look.tenant,
            ADDRESS_KEY.c.way == way,
            ADDRESS_KEY.c.key == key[:KEY_MAX],
        )
        .order_by(ADDRESS_KEY.c.id)
        .limit(CANDIDATES_MAX)
    )
    found = [find(look, ADDRESS, row[0]) for row in look.tx.execute(wanted).fetchall()]
    return [document for document in found if document is not None]
