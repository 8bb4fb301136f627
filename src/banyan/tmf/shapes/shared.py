"""Sub-objects and references that several APIs embed, v5 form unless said otherwise."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "AccountRef": "(EntityRef)",
    "AgreementItemRef": "@referredType agreementHref agreementId! agreementItemId! agreementName",
    "AgreementRef": "(EntityRef)",
    "Attachment": (
        "name attachmentType! content description mimeType! size:Quantity url validFor:TimePeriod"
    ),
    "AttachmentRef": "(EntityRef) description url",
    "BillingAccountRef": "(EntityRef) ratingType",
    "CalendarPeriod": "day hourPeriod:HourPeriod* status! timeZone",
    "Catalog": (
        "name! catalogType description lastUpdate:dateTime lifecycleStatus "
        "relatedParty:RelatedPartyRefOrPartyRoleRef* validFor:TimePeriod version"
    ),
    "ChannelRef": "(EntityRef)",
    "Characteristic": "name! characteristicRelationship:CharacteristicRelationship* valueType",
    "StringCharacteristic": "(Characteristic) value!",
    "IntegerCharacteristic": "(Characteristic) value:integer!",
    "NumberCharacteristic": "(Characteristic) value:number!",
    "BooleanCharacteristic": "(Characteristic) value:boolean!",
    "ObjectCharacteristic": "(Characteristic) value:object!",
    "FloatCharacteristic": "(Characteristic) value:number!",
    "StringArrayCharacteristic": "(Characteristic) value*",
    "IntegerArrayCharacteristic": "(Characteristic) value:integer*",
    "NumberArrayCharacteristic": "(Characteristic) value:number*",
    "BooleanArrayCharacteristic": "(Characteristic) value:boolean*",
    "ObjectArrayCharacteristic": "(Characteristic) value:object*",
    "CharacteristicRelationship": "id! relationshipType!",
    "CharacteristicSpecification": (
        "name! @valueSchemaLocation "
        "charSpecRelationship:CharacteristicSpecificationRelationship* "
        "characteristicValueSpecification:CharacteristicValueSpecification* "
        "configurable:boolean description extensible:boolean isUnique:boolean "
        "maxCardinality:integer minCardinality:integer regex validFor:TimePeriod valueType!"
    ),
    "CharacteristicSpecificationRelationship": (
        "name! characteristicSpecificationId parentSpecificationHref:uri "
        "parentSpecificationId! relationshipType! validFor:TimePeriod"
    ),
    "CharacteristicValueSpecification": (
        "isDefault:boolean rangeInterval regex unitOfMeasure validFor:TimePeriod "
        "valueFrom:integer valueTo:integer valueType"
    ),
    "ConstraintRef": "(EntityRef) version",
    "Duration": "(plain) amount:integer units",
    "Entity": "",
    "EntityRef": "id! name @referredType",
    "EntityRelationship": (
        "id! name @referredType! associationSpec:EntityRef relationshipType! role "
        "validFor:TimePeriod"
    ),
    "ExportJob": (
        "completionDate:dateTime contentType creationDate:dateTime errorLog path query "
        "status:JobStateType url:uri!"
    ),
    "Expression": "expressionLanguage:ExpressionLanguageEnum expressionValue! iri",
    "ExternalIdentifier": "id! externalIdentifierType owner",
    "Feature": (
        "name! constraint:ConstraintRef* featureCharacteristic:Characteristic* "
        "featureRelationship:FeatureRelationship* isBundle:boolean isEnabled:boolean "
        "policyConstraint:PolicyRef*"
    ),
    "FeatureRelationship": "name! relationshipType:FeatureRelationshipType! validFor:TimePeriod",
    "FeatureSpecification": (
        "name! featureSpecCharacteristic:CharacteristicSpecification* "
        "featureSpecRelationship:FeatureSpecificationRelationship* isBundle:boolean "
        "isEnabled:boolean policyConstraint:PolicyRef* validFor:TimePeriod version"
    ),
    "FeatureSpecificationRelationship": (
        "name! featureId parentSpecificationHref:uri parentSpecificationId "
        "relationshipType:FeatureRelationshipType! validFor:TimePeriod"
    ),
    "FinancialAccountRef": "(EntityRef)",
    "GeographicAddress": (
        "(Place) city country countryCode:StandardIdentifier* "
        "externalIdentifier:ExternalIdentifier* geographicAddressType "
        "geographicLocation:GeographicLocationRefOrValue "
        "geographicSubAddress:GeographicSubAddress* locality postcode stateOrProvince "
        "streetName streetNr streetNrLast streetNrLastSuffix streetNrSuffix streetSuffix "
        "streetType"
    ),
    "GeographicAddressRef": "(EntityRef)",
    "GeographicLocation": "(Place) bbox:number*",
    "GeographicLocationRef": "(EntityRef)",
    "GeographicSite": (
        "(Place) calendar:CalendarPeriod* code creationDate:dateTime description "
        "externalIdentifier:ExternalIdentifier* place:PlaceRefOrValue* "
        "relatedParty:RelatedPartyOrPartyRole* siteRelationship:GeographicSiteRelationship* "
        "status"
    ),
    "GeographicSiteRelationship": "id! relationshipType! role validFor:TimePeriod",
    "GeographicSubAddress": (
        "name buildingName levelNumber levelType privateStreetName privateStreetNumber "
        "subAddressType subUnit:GeographicSubAddressUnit*"
    ),
    "GeographicSubAddressUnit": "subUnitNumber! subUnitType!",
    "HourPeriod": "endHour startHour",
    "ImportJob": (
        "completionDate:dateTime contentType creationDate:dateTime errorLog path "
        "status:JobStateType url:uri!"
    ),
    "Intent": (
        "name! attachment:AttachmentRefOrValue* characteristic:Characteristic* context "
        "creationDate:dateTime! description expression:Expression "
        "intentRelationship:EntityRelationship* intentSpecification:EntityRef "
        "isBundle:boolean lastUpdate:dateTime! lifecycleStatus! priority "
        "relatedParty:RelatedPartyRefOrPartyRoleRef* statusChangeDate:dateTime "
        "validFor:TimePeriod version"
    ),
    "IntentRef": "(EntityRef)",
    "IntentSpecificationRef": "(EntityRef)",
    "Money": "(plain) unit value:number",
    "Note": "author date:dateTime text",
    "OrganizationRef": "(EntityRef)",
    "PartyRef": "(EntityRef)",
    "PartyRoleRef": "(EntityRef) partyId partyName",
    "PartyRoleSpecificationRef": "(EntityRef)",
    "PaymentMethodRef": "(EntityRef)",
    "PaymentRef": "(EntityRef)",
    "Place": "",
    "PlaceRef": "(EntityRef)",
    "PolicyRef": "(EntityRef) version",
    "Price": "dutyFreeAmount:Money percentage:number taxIncludedAmount:Money taxRate:number",
    "PriceAlteration": (
        "name applicationDuration:integer description price:Price! priceType! "
        "priority:integer productOfferingPrice:ProductOfferingPriceRef recurringChargePeriod "
        "unitOfMeasure"
    ),
    "ProductOfferingPriceRef": "(EntityRef) version",
    "ProductOfferingRef": "(EntityRef) version",
    "ProductPrice": (
        "name description price:Price! priceAlteration:PriceAlteration* priceType! "
        "productOfferingPrice:ProductOfferingPriceRef recurringChargePeriod unitOfMeasure"
    ),
    "ProductRef": "(EntityRef)",
    "ProductRelationship": "(EntityRef) relationshipType!",
    "ProductSpecificationRef": "(EntityRef) targetProductSchema:TargetProductSchema version",
    "ProductTerm": "name description duration:Duration validFor:TimePeriod",
    "Quantity": "(plain) amount:number units",
    "RelatedOrderItem": (
        "@referredType orderHref orderId! orderItemAction:ItemActionType orderItemId! role!"
    ),
    "RelatedPartyOrPartyRole": "partyOrPartyRole:PartyOrPartyRole role!",
    "RelatedPartyRefOrPartyRoleRef": "partyOrPartyRole:PartyRefOrPartyRoleRef role!",
    "RelatedPlaceRefOrValue": "place:PlaceRefOrValue! role!",
    "ResourceCandidateRef": "(EntityRef) version",
    "ResourceRef": "(EntityRef)",
    "ResourceSpecificationRef": "(EntityRef) version",
    "ServiceCandidateRef": "(EntityRef) version",
    "ServiceRef": "(EntityRef)",
    "ServiceSpecificationRef": "(EntityRef) version",
    "StandardIdentifier": "format value",
    "TargetProductSchema": "@schemaLocation!",
    "TaxItem": "taxAmount:Money taxCategory taxRate:number",
    "TimePeriod": "(plain) endDateTime:dateTime startDateTime:dateTime",
}

ENUMS: dict[str, str] = {
    "ConnectionAssociationType": "pointtoPoint|pointtoMultipoint",
    "ExpressionLanguageEnum": "Turtle|JSON-LD|RDF-XML|Other",
    "FeatureRelationshipType": "excluded|includes|may include|requires",
    "GraphRelationshipType": "adjacency|connectivity",
    "ItemActionType": "add|modify|delete|noChange",
    "JobStateType": "Not Started|Running|Succeeded|Failed",
    "OrderItemActionType": "add|modify|delete|noChange",
    "ProductStatusType": (
        "created|pendingActive|cancelled|active|pendingTerminate|terminated|suspended|aborted "
    ),
}

UNIONS: dict[str, str] = {
    "AttachmentRefOrValue": "Attachment AttachmentRef",
    "GeographicLocationRefOrValue": "GeographicLocation GeographicLocationRef",
    "IntentRefOrValue": "IntentRef Intent",
    "PartyRefOrPartyRoleRef": "PartyRef PartyRoleRef",
    "PlaceRefOrValue": "GeographicLocation GeographicSite GeographicAddress PlaceRef",
    "ProductRefOrValue": "Product ProductRef",
}
