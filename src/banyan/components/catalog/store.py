"""The documents of the catalogue: their resource rows and every read and write of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from banyan.components.catalog.contract import CatalogItem, CatalogLoaded, ImportCatalog
from banyan.components.catalog.model import Key, check_price_amount, find_links
from banyan.kernel.engine.clock import to_wire
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refused
from banyan.kernel.words.ids import (
    CategoryId,
    ImportJobId,
    ProductCatalogId,
    ProductOfferingId,
    ProductOfferingPriceId,
    ProductSpecificationId,
    ResourceSpecificationId,
    ServiceSpecificationId,
)
from banyan.tmf import documents
from banyan.tmf.resource import Fill, Resource

TMF620 = "TMF620"
TMF633 = "TMF633"
TMF634 = "TMF634"

IDS_AT_ONCE = 200


def _fill_with(shape: str, **ours: Any) -> Fill:
    """Adds what the server supplies on create (TMF620, 633, 634); ``lastUpdate`` is never given."""

    def fill(document: Document, now: datetime) -> Document:
        supplied = {"@type": shape, "lifecycleStatus": "In Study", "version": "1.0", **ours}
        return {**supplied, **document, "lastUpdate": to_wire(now)}

    return fill


def _keep_used(*uses: tuple[str, str]) -> Any:
    """A guard: what a document of one of ``uses`` (resource, indexed path) names, can't go."""

    def guard(work: Any, document: Document) -> None:
        for resource, path in uses:
            wanted = {path: [document["id"]]}
            count = documents.find(work, ROWS[resource], wanted, limit=0).total
            if count:
                reason = f"{document['id']} is still named by {count} {resource} ({path})"
                raise refused("conflict", "inUse", reason, "id")

    return guard


PRODUCT_SPECIFICATION = Resource(
    api=TMF620,
    name="productSpecification",
    shape="ProductSpecification",
    room="catalog",
    id_type=ProductSpecificationId,
    state="lifecycleStatus",
    indexed=(
        "name",
        "productNumber",
        "serviceSpecification.id",
        "resourceSpecification.id",
        "bundledProductSpecification.id",
        "category.id",
    ),
    server_owned=("lastUpdate",),
    fill=_fill_with("ProductSpecification", isBundle=False),
    guard_removal=_keep_used(
        ("productOffering", "productSpecification.id"),
        ("productSpecification", "bundledProductSpecification.id"),
    ),
    may_choose_id=True,
)

PRODUCT_OFFERING = Resource(
    api=TMF620,
    name="productOffering",
    shape="ProductOffering",
    room="catalog",
    id_type=ProductOfferingId,
    state="lifecycleStatus",
    indexed=(
        "name",
        "isSellable",
        "isBundle",
        "productSpecification.id",
        "productOfferingPrice.id",
        "bundledProductOffering.id",
        "category.id",
    ),
    server_owned=("lastUpdate",),
    fill=_fill_with("ProductOffering", isBundle=False, isSellable=True),
    guard_removal=_keep_used(("productOffering", "bundledProductOffering.id")),
    may_choose_id=True,
)

PRODUCT_OFFERING_PRICE = Resource(
    api=TMF620,
    name="productOfferingPrice",
    shape="ProductOfferingPrice",
    room="catalog",
    id_type=ProductOfferingPriceId,
    state="lifecycleStatus",
    indexed=("name", "priceType"),
    server_owned=("lastUpdate",),
    fill=_fill_with("ProductOfferingPrice", isBundle=False),
    check=check_price_amount,
    guard_removal=_keep_used(("productOffering", "productOfferingPrice.id")),
    may_choose_id=True,
)

CATEGORY = Resource(
    api=TMF620,
    name="category",
    shape="Category",
    room="catalog",
    id_type=CategoryId,
    state="lifecycleStatus",
    indexed=("name", "parent.id", "isRoot"),
    server_owned=("lastUpdate",),
    fill=_fill_with("Category"),
    may_choose_id=True,
)

PRODUCT_CATALOG = Resource(
    api=TMF620,
    name="productCatalog",
    shape="ProductCatalog",
    room="catalog",
    id_type=ProductCatalogId,
    state="lifecycleStatus",
    indexed=("name", "catalogType", "category.id"),
    server_owned=("lastUpdate",),
    fill=_fill_with("ProductCatalog"),
    may_choose_id=True,
)

IMPORT_JOB = Resource(
    api=TMF620,
    name="importJob",
    shape="ImportJob",
    room="catalog",
    id_type=ImportJobId,
    operations="GCD",
    create=ImportCatalog,
    state="status",
    indexed=("url",),
    server_owned=("status", "creationDate", "completionDate", "errorLog", "loaded"),
)

SERVICE_SPECIFICATION = Resource(
    api=TMF633,
    name="serviceSpecification",
    shape="ServiceSpecification",
    room="catalog",
    id_type=ServiceSpecificationId,
    state="lifecycleStatus",
    indexed=("name", "serviceSpecRelationship.id", "resourceSpecification.id"),
    server_owned=("lastUpdate",),
    fill=_fill_with("ServiceSpecification", isBundle=False),
    guard_removal=_keep_used(
        ("productSpecification", "serviceSpecification.id"),
        ("serviceSpecification", "serviceSpecRelationship.id"),
    ),
)

RESOURCE_SPECIFICATION = Resource(
    api=TMF634,
    name="resourceSpecification",
    shape="ResourceSpecification",
    room="catalog",
    id_type=ResourceSpecificationId,
    state="lifecycleStatus",
    indexed=("name", "category", "resourceSpecRelationship.id"),
    server_owned=("lastUpdate",),
    fill=_fill_with("ResourceSpecification", isBundle=False),
    guard_removal=_keep_used(
        ("productSpecification", "resourceSpecification.id"),
        ("serviceSpecification", "resourceSpecification.id"),
        ("resourceSpecification", "resourceSpecRelationship.id"),
    ),
)

RESOURCES = (
    PRODUCT_CATALOG,
    CATEGORY,
    PRODUCT_OFFERING,
    PRODUCT_OFFERING_PRICE,
    PRODUCT_SPECIFICATION,
    IMPORT_JOB,
    SERVICE_SPECIFICATION,
    RESOURCE_SPECIFICATION,
)

ROWS = {row.name: row for row in RESOURCES}


def find_several(look: Look | Work, resource: str, ids: Iterable[str]) -> dict[Key, Document]:
    """Those of ``ids`` that exist, in one read for each two hundred."""
    row, wanted = ROWS[resource], list(dict.fromkeys(ids))
    if len(wanted) == 1:
        stored = documents.get(look, row, wanted[0])
        return {} if stored is None else {(resource, wanted[0]): stored.document}
    found: dict[Key, Document] = {}
    for start in range(0, len(wanted), IDS_AT_ONCE):
        page = documents.find(look, row, {"id": wanted[start : start + IDS_AT_ONCE]})
        found.update(((resource, s.document["id"]), s.document) for s in page.found)
    return found


def find_around(
    look: Look | Work, known: Mapping[Key, Document], skipped: Collection[Key] = ()
) -> dict[Key, Document]:
    """All that ``known`` documents lead to, level by level: one read per kind and level.

    Neither ``known`` nor ``skipped`` documents are read again; what isn't there is left out.
    """
    found: dict[Key, Document] = {}
    asked = {*known, *skipped}
    level = dict(known)
    while level:
        ahead: dict[str, list[str]] = {}
        for (resource, _), document in level.items():
            for link in find_links(resource, document):
                if link.target not in asked:
                    asked.add(link.target)
                    ahead.setdefault(link.target[0], []).append(link.target[1])
        level = {}
        for resource, ids in ahead.items():
            level.update(find_several(look, resource, ids))
        found.update(level)
    return found


def load(work: Work, items: Iterable[CatalogItem]) -> CatalogLoaded:
    """Store every item: new, changed (whole, with a new ``lastUpdate``), or left as it is."""
    created = changed = unchanged = 0
    by_kind: dict[str, list[Document]] = {}
    for item in items:
        by_kind.setdefault(item.resource, []).append(item.document)
    for resource, given in by_kind.items():
        row = ROWS[resource]
        before = find_several(work, resource, [document["id"] for document in given])
        for document in given:
            filled = row.fill(document, work.now)
            known = before.get((resource, document["id"]))
            if known is None:
                documents.create(work, row, filled, document["id"])
                created += 1
            elif {**filled, "lastUpdate": known.get("lastUpdate")} != known:
                documents.change(work, row, filled)
                changed += 1
            else:
                unchanged += 1
    return CatalogLoaded(created=created, changed=changed, unchanged=unchanged)


def add_job(work: Work, document: Document, loaded: CatalogLoaded) -> Document:
    """File a job that is done (TMF620 importJob)."""
    now = to_wire(work.now)
    counts = {
        "created": loaded.created,
        "changed": loaded.changed,
        "unchanged": loaded.unchanged,
    }
    done = {"status": "Succeeded", "creationDate": now, "completionDate": now, "loaded": counts}
    return documents.create(work, IMPORT_JOB, {"@type": "ImportJob", **document, **done})
