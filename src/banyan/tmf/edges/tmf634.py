"""Edge rules of TMF634 Resource Catalog."""

from __future__ import annotations

RULES: dict[str, str] = {
    "ResourceCandidate": "-externalIdentifier !name",
    "ResourceCatalog": "-catalogType -externalIdentifier !name",
    "ResourceCategory": "-externalIdentifier -resourceSpecification !name",
    "ResourceSpecification": "-externalIdentifier -intentSpecification !name",
    "ResourceSpecificationCharacteristic": (
        "<CharacteristicSpecification resourceSpecCharRelationship=charSpecRelationship "
        "resourceSpecCharacteristicValue=characteristicValueSpecification"
    ),
    "ResourceSpecificationCharacteristicRelationship": (
        "<CharacteristicSpecificationRelationship resourceSpecificationId=parentSpecificationId "
        "resourceSpecificationHref=parentSpecificationHref"
    ),
}
