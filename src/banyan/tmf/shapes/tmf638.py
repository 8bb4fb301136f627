"""TMF638 Service Inventory, v5 form unless said otherwise."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "RelatedEntityRefOrValue": "entity:EntityRefOrValue! role!",
    "RelatedServiceOrderItem": (
        "@referredType itemAction:OrderItemActionType itemId role serviceOrderHref serviceOrderId"
    ),
    "Service": (
        "name category description endDate:dateTime externalIdentifier:ExternalIdentifier* "
        "feature:Feature* hasStarted:boolean intent:IntentRefOrValue isBundle:boolean "
        "isServiceEnabled:boolean isStateful:boolean note:Note* "
        "operatingStatus:ServiceOperatingStatusType~c place:RelatedPlaceRefOrValue* "
        "relatedEntity:RelatedEntityRefOrValue* relatedParty:RelatedPartyRefOrPartyRoleRef* "
        "serviceCharacteristic:Characteristic* serviceDate~cu "
        "serviceOrderItem:RelatedServiceOrderItem* serviceRelationship:ServiceRelationship* "
        "serviceSpecification:ServiceSpecificationRef! serviceType startDate:dateTime "
        "startMode state:ServiceStateType! supportingResource:ResourceRef* "
        "supportingService:ServiceRefOrValue*"
    ),
    "ServiceRelationship": (
        "relationshipType! service:ServiceRefOrValue "
        "serviceRelationshipCharacteristic:Characteristic*"
    ),
}

ENUMS: dict[str, str] = {
    "ServiceOperatingStatusType": (
        "pending|configured|starting|running|degraded|failed|limited|stopping|stopped|unknown"
    ),
    "ServiceStateType": (
        "feasibilityChecked|designed|reserved|inactive|active|terminated|suspended"
    ),
}

UNIONS: dict[str, str] = {
    "EntityRefOrValue": "Entity EntityRef",
    "ServiceRefOrValue": "Service ServiceRef",
}
