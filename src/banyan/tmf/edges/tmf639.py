"""Edge rules of TMF639 Resource Inventory."""

from __future__ import annotations

RULES: dict[str, str] = {
    "AttachmentRefOrValue": (
        "<AttachmentRef ?id +attachmentType +content +mimeType +size:Quantity +validFor:TimePeriod"
    ),
    "Characteristic": "+value:any !name !value",
    "Feature": "constraint=policyConstraint -constraint !featureCharacteristic !name",
    "RelatedPlaceRefOrValue": "<RelatedPlaceRef +name +@referredType -place !role ~flat/place",
    "Resource": (
        "place:RelatedPlaceRefOrValue +resourceStatus:ResourceStatusType -alarmStatus "
        "-allocationStatus -availabilityStatus -controlStatus -creationDate -externalIdentifier "
        "-intent -lifecycleState -proceduralStatus -resourceOrderItem -supportingResource "
        "-unknownStatus -validFor !name ~only/place ~status"
    ),
    "ResourceRefOrValue": (
        "<ResourceRef +activationFeature:Feature* "
        "+administrativeState:ResourceAdministrativeStateType +attachment:AttachmentRefOrValue* "
        "+category +description +endOperatingDate:dateTime +note:Note* "
        "+operationalState:ResourceOperationalStateType +place:RelatedPlaceRefOrValue "
        "+relatedParty:RelatedParty* +resourceCharacteristic:Characteristic* "
        "+resourceRelationship:ResourceRelationship* "
        "+resourceSpecification:ResourceSpecificationRef +resourceStatus:ResourceStatusType "
        "+resourceVersion +startOperatingDate:dateTime +usageState:ResourceUsageStateType !id"
    ),
    "ResourceRelationship": "-resourceRelationshipCharacteristic !relationshipType !resource",
}

ENUMS: dict[str, str] = {
    "ResourceStatusType": "standby|alarm|available|reserved|unknown|suspended",
}

WORDS: dict[str, dict[str, str]] = {
    "ResourceAdministrativeStateType": {"shutdown": "shuttingDown"},
    "ResourceOperationalStateType": {"enable": "enabled", "disable": "disabled"},
}
