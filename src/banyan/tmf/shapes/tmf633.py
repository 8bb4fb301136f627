"""TMF633 Service Catalog: the v4 resources, holding v5 sub-objects."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "ServiceCatalog": (
        "name! category:ServiceCategoryRef* description lastUpdate:dateTime lifecycleStatus "
        "relatedParty:RelatedPartyRefOrPartyRoleRef* validFor:TimePeriod version"
    ),
    "ServiceCategory": (
        "name! category:ServiceCategoryRef* description isRoot:boolean lastUpdate:dateTime "
        "lifecycleStatus parentId serviceCandidate:ServiceCandidateRef* validFor:TimePeriod "
        "version"
    ),
    "ServiceCandidate": (
        "name! category:ServiceCategoryRef* description lastUpdate:dateTime lifecycleStatus "
        "serviceSpecification:ServiceSpecificationRef! validFor:TimePeriod version"
    ),
    "ServiceSpecification": (
        "name! attachment:AttachmentRefOrValue* constraint:ConstraintRef* description "
        "entitySpecRelationship:EntitySpecificationRelationship* "
        "featureSpecification:FeatureSpecification* isBundle:boolean lastUpdate:dateTime "
        "lifecycleStatus relatedParty:RelatedPartyRefOrPartyRoleRef* "
        "resourceSpecification:ResourceSpecificationRef* "
        "serviceLevelSpecification:ServiceLevelSpecificationRef* "
        "serviceSpecRelationship:ServiceSpecRelationship* "
        "specCharacteristic:CharacteristicSpecification* "
        "targetEntitySchema:TargetEntitySchema validFor:TimePeriod version"
    ),
    "ServiceCategoryRef": "(EntityRef) version",
    "ServiceLevelSpecificationRef": "(EntityRef)",
    "AssociationSpecificationRef": "(EntityRef)",
    "EntitySpecificationRelationship": (
        "name @referredType associationSpec:AssociationSpecificationRef! relationshipType! "
        "role! validFor:TimePeriod!"
    ),
    "ServiceSpecRelationship": "name @referredType relationshipType! role validFor:TimePeriod",
    "TargetEntitySchema": "@schemaLocation!",
}

ENUMS: dict[str, str] = {}

UNIONS: dict[str, str] = {}
