"""What catalog files: a row for each of its resources."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from banyan.components.catalog.contract import (
    ChangeCatalog,
    CompareCatalog,
    ExportCatalog,
    ImportCatalog,
    ReadSliceTemplate,
)
from banyan.components.catalog.model import OWNED, check_price_amount, find_base, was_published
from banyan.kernel.engine.clock import to_wire
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refused
from banyan.kernel.words.ids import (
    CatalogChangeId,
    CategoryId,
    ImportJobId,
    ProductCatalogId,
    ProductOfferingId,
    ProductOfferingPriceId,
    ProductSpecificationId,
    ResourceCandidateId,
    ResourceCatalogId,
    ResourceCategoryId,
    ResourceSpecificationId,
    ServiceCandidateId,
    ServiceCatalogId,
    ServiceCategoryId,
    ServiceSpecificationId,
)
from banyan.tmf import documents
from banyan.tmf.errands.rows import IMPORT, JOB_OWNED, export_job, fill_job, import_job
from banyan.tmf.resource import Fill, GuardRemoval, Resource

TMF620 = "TMF620"
TMF633 = "TMF633"
TMF634 = "TMF634"
BANYAN = "BANYAN-Catalog"


def _fill_with(shape: str, **ours: Any) -> Fill:
    """Adds what the server supplies on create (TMF620, 633, 634); ``lastUpdate`` is never given."""

    def fill(document: Document, now: datetime) -> Document:
        supplied = {"@type": shape, "lifecycleStatus": "In Study", "version": "1.0", **ours}
        return {**supplied, **document, "lastUpdate": to_wire(now)}

    return fill


def _keep_used(*uses: tuple[str, str]) -> GuardRemoval:
    """A guard: what a document of one of ``uses`` (resource, indexed path) names, can't go.

    A version that never was published may go as long as the thing has another one.
    """

    def guard(work: Any, document: Document) -> None:
        base = find_base(document)
        if base != document["id"] and not was_published(document):
            return
        for resource, path in uses:
            count = documents.find(work, ROWS[resource], {path: [base]}, limit=0).total
            if count:
                reason = f"{base} is still named by {count} {resource} ({path})"
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
    server_owned=OWNED,
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
    server_owned=OWNED,
    fill=_fill_with("ProductOffering", isBundle=False, isSellable=True),
    guard_removal=_keep_used(
        ("productOffering", "bundledProductOffering.id"), ("category", "productOffering.id")
    ),
    may_choose_id=True,
)

PRODUCT_OFFERING_PRICE = Resource(
    api=TMF620,
    name="productOfferingPrice",
    shape="ProductOfferingPrice",
    room="catalog",
    id_type=ProductOfferingPriceId,
    state="lifecycleStatus",
    indexed=("name", "priceType", "bundledPopRelationship.id", "popRelationship.id"),
    server_owned=OWNED,
    fill=_fill_with("ProductOfferingPrice", isBundle=False),
    check=check_price_amount,
    guard_removal=_keep_used(
        ("productOffering", "productOfferingPrice.id"),
        ("productOfferingPrice", "bundledPopRelationship.id"),
        ("productOfferingPrice", "popRelationship.id"),
    ),
    may_choose_id=True,
)

CATEGORY = Resource(
    api=TMF620,
    name="category",
    shape="Category",
    room="catalog",
    id_type=CategoryId,
    state="lifecycleStatus",
    indexed=("name", "parent.id", "isRoot", "productOffering.id"),
    server_owned=("lastUpdate",),
    fill=_fill_with("Category"),
    guard_removal=_keep_used(
        ("category", "parent.id"),
        ("productCatalog", "category.id"),
        ("productOffering", "category.id"),
        ("productSpecification", "category.id"),
    ),
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


def _is_elsewhere(job: Document) -> bool:
    return "catalogFile" not in job and not str(job.get("url", "")).startswith("inline:")


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
    server_owned=(*JOB_OWNED, "loaded"),
    fill=fill_job,
    errand=replace(IMPORT, wants=_is_elsewhere),
)
"""Files that come with the job are read at once; what is at its ``url`` is an errand."""

SERVICE_SPECIFICATION = Resource(
    api=TMF633,
    name="serviceSpecification",
    shape="ServiceSpecification",
    room="catalog",
    id_type=ServiceSpecificationId,
    state="lifecycleStatus",
    indexed=("name", "serviceSpecRelationship.id", "resourceSpecification.id"),
    server_owned=OWNED,
    fill=_fill_with("ServiceSpecification", isBundle=False),
    guard_removal=_keep_used(
        ("productSpecification", "serviceSpecification.id"),
        ("serviceSpecification", "serviceSpecRelationship.id"),
        ("serviceCandidate", "serviceSpecification.id"),
    ),
    may_choose_id=True,
)

RESOURCE_SPECIFICATION = Resource(
    api=TMF634,
    name="resourceSpecification",
    shape="ResourceSpecification",
    room="catalog",
    id_type=ResourceSpecificationId,
    state="lifecycleStatus",
    indexed=("name", "category", "resourceSpecRelationship.id"),
    server_owned=OWNED,
    fill=_fill_with("ResourceSpecification", isBundle=False),
    guard_removal=_keep_used(
        ("productSpecification", "resourceSpecification.id"),
        ("serviceSpecification", "resourceSpecification.id"),
        ("resourceSpecification", "resourceSpecRelationship.id"),
        ("resourceCandidate", "resourceSpecification.id"),
    ),
    may_choose_id=True,
)

SERVICE_CANDIDATE = Resource(
    api=TMF633,
    name="serviceCandidate",
    shape="ServiceCandidate",
    room="catalog",
    id_type=ServiceCandidateId,
    state="lifecycleStatus",
    indexed=("name", "category.id", "serviceSpecification.id"),
    server_owned=("lastUpdate",),
    fill=_fill_with("ServiceCandidate"),
    guard_removal=_keep_used(("serviceCategory", "serviceCandidate.id")),
)

SERVICE_CATEGORY = Resource(
    api=TMF633,
    name="serviceCategory",
    shape="ServiceCategory",
    room="catalog",
    id_type=ServiceCategoryId,
    state="lifecycleStatus",
    indexed=("name", "parentId", "isRoot", "category.id", "serviceCandidate.id"),
    server_owned=("lastUpdate",),
    fill=_fill_with("ServiceCategory"),
    guard_removal=_keep_used(
        ("serviceCategory", "parentId"),
        ("serviceCategory", "category.id"),
        ("serviceCandidate", "category.id"),
        ("serviceCatalog", "category.id"),
    ),
)

SERVICE_CATALOG = Resource(
    api=TMF633,
    name="serviceCatalog",
    shape="ServiceCatalog",
    room="catalog",
    id_type=ServiceCatalogId,
    state="lifecycleStatus",
    indexed=("name", "category.id"),
    server_owned=("lastUpdate",),
    fill=_fill_with("ServiceCatalog"),
)

RESOURCE_CANDIDATE = Resource(
    api=TMF634,
    name="resourceCandidate",
    shape="ResourceCandidate",
    room="catalog",
    id_type=ResourceCandidateId,
    state="lifecycleStatus",
    indexed=("name", "category.id", "resourceSpecification.id"),
    server_owned=("lastUpdate",),
    fill=_fill_with("ResourceCandidate"),
    guard_removal=_keep_used(("resourceCategory", "resourceCandidate.id")),
)

RESOURCE_CATEGORY = Resource(
    api=TMF634,
    name="resourceCategory",
    shape="ResourceCategory",
    room="catalog",
    id_type=ResourceCategoryId,
    state="lifecycleStatus",
    indexed=("name", "parentId", "isRoot", "category.id", "resourceCandidate.id"),
    server_owned=("lastUpdate",),
    fill=_fill_with("ResourceCategory"),
    guard_removal=_keep_used(
        ("resourceCategory", "parentId"),
        ("resourceCategory", "category.id"),
        ("resourceCandidate", "category.id"),
        ("resourceCatalog", "category.id"),
    ),
)

RESOURCE_CATALOG = Resource(
    api=TMF634,
    name="resourceCatalog",
    shape="ResourceCatalog",
    room="catalog",
    id_type=ResourceCatalogId,
    state="lifecycleStatus",
    indexed=("name", "category.id"),
    server_owned=("lastUpdate",),
    fill=_fill_with("ResourceCatalog"),
)

CATALOG_CHANGE = Resource(
    api=BANYAN,
    name="catalogChange",
    shape="CatalogChange",
    room="catalog",
    id_type=CatalogChangeId,
    operations="GC",
    create=ChangeCatalog,
    indexed=("action", "entity.id"),
)

CATALOG_COMPARISON = Resource(
    api=BANYAN,
    name="catalogComparison",
    shape="CatalogComparison",
    room="catalog",
    id_type=CatalogChangeId,
    operations="GC",
    create=CompareCatalog,
)

CATALOG_EXPORT = Resource(
    api=BANYAN,
    name="catalogExport",
    shape="CatalogExport",
    room="catalog",
    id_type=CatalogChangeId,
    operations="GC",
    create=ExportCatalog,
)

SLICE_TEMPLATE = Resource(
    api=BANYAN,
    name="sliceTemplate",
    shape="SliceTemplate",
    room="catalog",
    id_type=CatalogChangeId,
    operations="GC",
    create=ReadSliceTemplate,
)

RESOURCES = (
    SLICE_TEMPLATE,
    CATALOG_CHANGE,
    CATALOG_COMPARISON,
    CATALOG_EXPORT,
    PRODUCT_CATALOG,
    CATEGORY,
    PRODUCT_OFFERING,
    PRODUCT_OFFERING_PRICE,
    PRODUCT_SPECIFICATION,
    IMPORT_JOB,
    SERVICE_SPECIFICATION,
    SERVICE_CANDIDATE,
    SERVICE_CATEGORY,
    SERVICE_CATALOG,
    RESOURCE_SPECIFICATION,
    RESOURCE_CANDIDATE,
    RESOURCE_CATEGORY,
    RESOURCE_CATALOG,
    export_job(TMF620, "catalog", "exportJob"),
    import_job(TMF633, "catalog", "serviceImportJob"),
    export_job(TMF633, "catalog", "serviceExportJob"),
    import_job(TMF634, "catalog", "resourceImportJob"),
    export_job(TMF634, "catalog", "resourceExportJob"),
)

ROWS: Final = {row.key: row for row in RESOURCES}
