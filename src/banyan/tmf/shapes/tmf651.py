"""TMF651 Agreement: v4 with v5 sub-objects, since no v5 is published."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "Agreement": (
        "name! agreementAuthorization:AgreementAuthorization* agreementItem:AgreementItem+ "
        "agreementPeriod:TimePeriod agreementSpecification:AgreementSpecificationRef "
        "agreementType! associatedAgreement:AgreementRef* characteristic:Characteristic* "
        "completionDate:TimePeriod~u description documentNumber:integer "
        "engagedParty:RelatedPartyRefOrPartyRoleRef+ initialDate:dateTime statementOfIntent "
        "status version"
    ),
    "AgreementAuthorization": "date:dateTime signatureRepresentation state",
    "AgreementItem": (
        "product:ProductRef* productOffering:ProductOfferingRef* "
        "termOrCondition:AgreementTermOrCondition*"
    ),
    "AgreementSpecCharacteristic": (
        "name configurable:boolean description "
        "specCharacteristicValue:AgreementSpecCharacteristicValue* validFor:TimePeriod valueType"
    ),
    "AgreementSpecCharacteristicValue": (
        "default:boolean unitOfMeasure validFor:TimePeriod value:any valueFrom valueTo valueType"
    ),
    "AgreementSpecification": (
        "name! attachment:AttachmentRefOrValue+ description isBundle:boolean lastUpdate:dateTime "
        "lifecycleStatus relatedParty:RelatedPartyRefOrPartyRoleRef* serviceCategory:CategoryRef "
        "specificationCharacteristic:AgreementSpecCharacteristic* "
        "specificationRelationship:AgreementSpecificationRelationship* validFor:TimePeriod version"
    ),
    "AgreementSpecificationRelationship": (
        "name @referredType relationshipType validFor:TimePeriod"
    ),
    "AgreementTermOrCondition": "description validFor:TimePeriod",
}

ENUMS: dict[str, str] = {}

UNIONS: dict[str, str] = {}
