"""Records as TMF637, TMF638 and TMF639 documents (v5 form) that point at their neighbours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from banyan.components.inventory.contract import (
    ProductRecorded,
    RecordProduct,
    ResourceRecord,
    ServiceRecord,
)
from banyan.kernel.words.codec import Document

_CATEGORY = {"customerFacing": "CFS", "resourceFacing": "RFS"}


def product_document(command: RecordProduct, ids: ProductRecorded, at: str) -> Document:
    """The TMF637 Product, active since ``at``, realized by what has nothing above it."""
    product: Document = {
        "@type": "Product",
        "creationDate": at,
        "startDate": at,
        **command.product,
        "id": ids.product_id,
        "status": "active",
        "productOrderItem": [
            {
                "@type": "RelatedOrderItem",
                "@referredType": "ProductOrder",
                "orderId": command.order_id,
                "orderItemId": command.item_id,
                "orderItemAction": "add",
                "role": "created by",
            }
        ],
    }
    services = [_service_ref(s, ids) for s in command.services if not s.above]
    resources = [_resource_ref(r, ids) for r in command.resources if not r.above]
    return product | _filled(realizingService=services, realizingResource=resources)


def service_document(
    service: ServiceRecord, command: RecordProduct, ids: ProductRecorded, at: str
) -> Document:
    """The TMF638 Service, active since ``at``, with what supports it and the product it is for."""
    product = command.product
    above = next((s for s in command.services if s.key == service.above), None)
    whose: Document = {
        "@type": "EntityRef",
        "id": ids.product_id,
        "name": product.get("name"),
        "@referredType": "Product",
    }
    document: Document = {
        "@type": "Service",
        "id": ids.services[service.key],
        "name": service.name,
        "category": _CATEGORY[service.layer],
        "serviceType": f"{service.layer}Service",
        "state": "active",
        "hasStarted": True,
        "isServiceEnabled": True,
        "serviceDate": at,
        "startDate": at,
        "serviceSpecification": {
            "@type": "ServiceSpecificationRef",
            "id": service.specification_id,
            "name": service.specification_name,
            "@referredType": "ServiceSpecification",
        },
        "relatedEntity": [
            {
                "@type": "RelatedEntityRefOrValue",
                "role": "product",
                "entity": _filled(**whose),
            }
        ],
    }
    return document | _filled(
        serviceCharacteristic=list(service.characteristic),
        supportingService=[_service_ref(s, ids) for s in _on(command.services, service.key)],
        supportingResource=[_resource_ref(r, ids) for r in _on(command.resources, service.key)],
        serviceRelationship=[
            {
                "@type": "ServiceRelationship",
                "relationshipType": "supports",
                "service": _service_ref(s, ids),
            }
            for s in ([above] if above else [])
        ],
        relatedParty=[
            {**party, "@type": "RelatedPartyRefOrPartyRoleRef"}
            for party in product.get("relatedParty", ())
            if _is_ref(party.get("partyOrPartyRole"))
        ],
        place=list(product.get("place", ())),
    )


def resource_document(resource: ResourceRecord, ids: ProductRecorded, at: str) -> Document:
    """The TMF639 Resource, installed, in use since ``at``."""
    document: Document = {
        "@type": resource.schema_type,
        "id": ids.resources[resource.key],
        "name": resource.name,
        "lifecycleState": "installed",
        "administrativeState": "unlocked",
        "operationalState": "enabled",
        "usageState": "active",
        "allocationStatus": "allocated",
        "creationDate": at,
        "startOperatingDate": at,
        "resourceSpecification": {
            "@type": "ResourceSpecificationRef",
            "id": resource.specification_id,
            "name": resource.specification_name,
            "@referredType": "ResourceSpecification",
        },
    }
    if resource.schema_type not in _KNOWN:
        document["@baseType"] = "LogicalResource" if resource.value != "" else "Resource"
    return document | _filled(
        value=str(resource.value), resourceCharacteristic=list(resource.characteristic)
    )


_KNOWN = frozenset(
    {
        "Resource", "LogicalResource", "PhysicalResource", "ResourceFunction", "SoftwareResource",
    }
)  # fmt: skip
"""The resource types of the standard; any other is a vendor's and names its base."""


def _on(records: Iterable[Any], key: str) -> list[Any]:
    return [record for record in records if record.above == key]


def _service_ref(service: ServiceRecord, ids: ProductRecorded) -> Document:
    return {
        "@type": "ServiceRef",
        "id": ids.services[service.key],
        "name": service.name,
        "@referredType": "Service",
    }


def _resource_ref(resource: ResourceRecord, ids: ProductRecorded) -> Document:
    return {
        "@type": "ResourceRef",
        "id": ids.resources[resource.key],
        "name": resource.name,
        "@referredType": resource.schema_type,
    }


def _is_ref(party: Any) -> bool:
    """References only: a party that is embedded in the product has no place in a service."""
    return isinstance(party, dict) and "id" in party and "@referredType" in party


def _filled(**attributes: Any) -> Document:
    """The attributes that say something: the standard wants arrays absent, not empty."""
    return {name: value for name, value in attributes.items() if value not in (None, "", [])}


def is_live(product: Document) -> bool:
    """Whether somebody has the product, or is about to: it has not ended in any way."""
    return str(product.get("status") or "").strip() not in ENDED


def find_party_ids(product: Document) -> frozenset[str]:
    """The parties, roles and billing account a product names."""
    named = [each.get("partyOrPartyRole") for each in product.get("relatedParty") or ()]
    named.append(product.get("billingAccount"))
    return frozenset(str(each["id"]) for each in named if isinstance(each, dict) and "id" in each)


ENDED: Final = frozenset({"terminated", "cancelled", "aborted"})
