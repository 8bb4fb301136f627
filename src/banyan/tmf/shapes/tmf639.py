"""TMF639 Resource Inventory (TMF702 serves the same resource), v5 form unless said otherwise."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "Connection": "name associationType:ConnectionAssociationType! endpoint:EndpointRef+",
    "ConnectionPointRef": "(EntityRef) version",
    "EndpointRef": "(EntityRef) connectionPoint:ConnectionPointRef isRoot:boolean",
    "LogicalResource": "(Resource) value",
    "PhysicalResource": (
        "(Resource) batchNumber manufactureDate:dateTime powerConsumingLevel:integer "
        "powerConsumingState:ResourcePowerConsumingStateType powerState serialNumber "
        "standbyStatus:ResourceStandbyStatusType versionNumber"
    ),
    "RelatedPlaceRef": "place:PlaceRef! role!",
    "RelatedResourceOrderItem": (
        "@referredType itemAction:OrderItemActionType itemId resourceOrderHref resourceOrderId role"
    ),
    "Resource": (
        "name activationFeature:Feature* administrativeState:ResourceAdministrativeStateType "
        "alarmStatus:ResourceAlarmStatusType* allocationStatus "
        "attachment:AttachmentRef* availabilityStatus:ResourceAvailabilityStatusType category "
        "controlStatus:ResourceControlStatusType creationDate:dateTime description "
        "endOperatingDate:dateTime externalIdentifier:ExternalIdentifier* intent:IntentRef "
        "lifecycleState:ResourceLifecycleStateType note:Note* "
        "operationalState:ResourceOperationalStateType place:RelatedPlaceRef* "
        "proceduralStatus:ResourceProceduralStatusType "
        "relatedParty:RelatedPartyRefOrPartyRoleRef* resourceCharacteristic:Characteristic* "
        "resourceOrderItem:RelatedResourceOrderItem* "
        "resourceRelationship:ResourceRelationship* "
        "resourceSpecification:ResourceSpecificationRef resourceVersion "
        "startOperatingDate:dateTime supportingResource:ResourceRefOrValue* "
        "unknownStatus:boolean usageState:ResourceUsageStateType validFor:TimePeriod"
    ),
    "ResourceFunction": (
        "(LogicalResource) autoModification:Characteristic* "
        "connectionPoint:ConnectionPointRef* connectivity:ResourceGraph* functionType "
        "priority:integer role schedule:ScheduleRef*"
    ),
    "ResourceGraph": (
        "(plain) id! name connection:Connection+ description "
        "graphRelationship:ResourceGraphRelationship*"
    ),
    "ResourceGraphRef": "(EntityRef)",
    "ResourceGraphRelationship": (
        "relationshipType:GraphRelationshipType resourceGraph:ResourceGraphRef"
    ),
    "ResourceRelationship": (
        "relationshipType! resource:ResourceRef! resourceRelationshipCharacteristic:Characteristic*"
    ),
    "ScheduleRef": "(EntityRef)",
    "SoftwareResource": (
        "(LogicalResource) isDistributedCurrent:boolean lastUpdate:dateTime targetPlatform"
    ),
}

ENUMS: dict[str, str] = {
    "ResourceAdministrativeStateType": "locked|unlocked|shuttingDown",
    "ResourceAlarmStatusType": "underRepair|critical|major|minor|alarmOutstanding",
    "ResourceAvailabilityStatusType": (
        "inTest|failed|powerOff|online|offline|offDuty|dependency|degraded|notInstalled|logFull"
    ),
    "ResourceControlStatusType": "subjectToTest|partOfServicesLocked|reservedForTest|suspended",
    "ResourceLifecycleStateType": "planned|installed|pendingRemoval",
    "ResourceOperationalStateType": "enabled|disabled",
    "ResourcePowerConsumingStateType": "fullPower|powerSaving|sleeping|shutdown",
    "ResourceProceduralStatusType": (
        "initializationRequired|notInitialized|initializing|reporting|terminating"
    ),
    "ResourceStandbyStatusType": "hotStandby|coldStandby|providingService",
    "ResourceUsageStateType": "idle|active|busy",
}

UNIONS: dict[str, str] = {
    "ResourceRefOrValue": "Resource ResourceRef",
}
