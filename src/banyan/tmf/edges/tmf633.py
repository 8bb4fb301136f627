"""Edge rules of TMF633 Service Catalog: the resources are v4, only their sub-objects are v5."""

from __future__ import annotations

RULES: dict[str, str] = {
    "CharacteristicSpecification": "",
    "CharacteristicSpecificationRelationship": "",
    "EntitySpecificationRelationship": "!relationshipType",
    "ServiceCandidate": "!name !serviceSpecification",
    "ServiceCatalog": "!name",
    "ServiceCategory": "!name",
    "ServiceSpecRelationship": "!relationshipType",
    "ServiceSpecification": "!name",
}
