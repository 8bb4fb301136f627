"""TMF669 Party Role (the role itself stands in TMF632's table), v5 form unless said otherwise."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "AgreementSpecificationRef": "(EntityRef) description",
    "PartyRoleSpecification": (
        "name! agreementSpecification:AgreementSpecificationRef* "
        "attachment:AttachmentRefOrValue* constraint:ConstraintRef* description "
        "entitySpecRelationship:EntitySpecificationRelationship* isBundle:boolean "
        "lastUpdate:dateTime lifecycleStatus "
        "permissionSpecificationSet:PermissionSpecificationSetRef* "
        "relatedParty:RelatedPartyRefOrPartyRoleRef* "
        "specCharacteristic:CharacteristicSpecification* status "
        "targetEntitySchema:TargetEntitySchema validFor:TimePeriod version"
    ),
    "PermissionSpecificationSetRef": "(EntityRef)",
}

ENUMS: dict[str, str] = {}

UNIONS: dict[str, str] = {}
