"""Edge rules of TMF638 Service Inventory."""

from __future__ import annotations

RULES: dict[str, str] = {
    "Characteristic": "+value:any !name !value",
    "Feature": "-policyConstraint !featureCharacteristic !id !name",
    "Note": "!author !date !text",
    "RelatedEntityRefOrValue": "+name +@referredType -entity !role ~flat/entity",
    "RelatedServiceOrderItem": "!itemId !serviceOrderId",
    "Service": "-externalIdentifier -intent -operatingStatus !serviceSpecification !state",
    "ServiceRefOrValue": "|Service -externalIdentifier -intent -operatingStatus !id",
    "ServiceRelationship": "!relationshipType !service",
}

SHOWN_AS: dict[str, dict[str, str]] = {"ServiceStateType": {"suspended": "inactive"}}
