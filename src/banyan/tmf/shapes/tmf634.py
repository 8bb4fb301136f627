"""TMF634 Resource Catalog, v5 form unless said otherwise."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "ConnectionPointSpecificationRef": "(EntityRef) version",
    "ConnectionSpecification": (
        "name associationType:ConnectionAssociationType! "
        "endpointSpecification:EndpointSpecificationRef+"
    ),
    "EndpointSpecificationRef": (
        "(EntityRef) connectionPointSpecification:ConnectionPointSpecificationRef "
        "isRoot:boolean role"
    ),
    "LogicalResourceSpecification": "(ResourceSpecification)",
    "PhysicalResourceSpecification": "(ResourceSpecification) model part sku vendor",
    "ResourceCandidate": (
        "name! category:ResourceCategoryRef* description "
        "externalIdentifier:ExternalIdentifier* lastUpdate:dateTime lifecycleStatus "
        "resourceSpecification:ResourceSpecificationRef validFor:TimePeriod version"
    ),
    "ResourceCatalog": (
        "(Catalog) category:ResourceCategoryRef* externalIdentifier:ExternalIdentifier*"
    ),
    "ResourceCategory": (
        "name! category:ResourceCategoryRef* description "
        "externalIdentifier:ExternalIdentifier* isRoot:boolean lastUpdate:dateTime "
        "lifecycleStatus parentId relatedParty:RelatedPartyRefOrPartyRoleRef* "
        "resourceCandidate:ResourceCandidateRef* "
        "resourceSpecification:ResourceSpecificationRef* validFor:TimePeriod version"
    ),
    "ResourceCategoryRef": "(EntityRef) version",
    "ResourceFunctionSpecification": (
        "(LogicalResourceSpecification) "
        "connectionPointSpecification:ConnectionPointSpecificationRef* "
        "connectivitySpecification:ResourceGraphSpecification*"
    ),
    "ResourceGraphSpecification": (
        "name connectionSpecification:ConnectionSpecification+ description "
        "graphSpecificationRelationship:ResourceGraphSpecificationRelationship*"
    ),
    "ResourceGraphSpecificationRef": "(EntityRef)",
    "ResourceGraphSpecificationRelationship": (
        "(plain) relationshipType:GraphRelationshipType resourceGraph:ResourceGraphSpecificationRef"
    ),
    "ResourceSpecification": (
        "name! attachment:AttachmentRefOrValue* category description "
        "externalIdentifier:ExternalIdentifier* featureSpecification:FeatureSpecification* "
        "intentSpecification:IntentSpecificationRef isBundle:boolean lastUpdate:dateTime "
        "lifecycleStatus relatedParty:RelatedPartyRefOrPartyRoleRef* "
        "resourceSpecCharacteristic:CharacteristicSpecification* "
        "resourceSpecRelationship:ResourceSpecificationRelationship* "
        "targetResourceSchema:TargetResourceSchema validFor:TimePeriod version"
    ),
    "ResourceSpecificationRelationship": (
        "name characteristic:CharacteristicSpecification* defaultQuantity:integer "
        "maximumQuantity:integer minimumQuantity:integer relationshipType role "
        "validFor:TimePeriod"
    ),
    "TargetResourceSchema": "@schemaLocation!",
}

ENUMS: dict[str, str] = {}

UNIONS: dict[str, str] = {}
