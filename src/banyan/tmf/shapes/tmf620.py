"""TMF620 Product Catalog, v5 form unless said otherwise."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "AllowedProductAction": "action! channel:ChannelRef* validFor:TimePeriod",
    "BooleanArrayCharacteristicValueSpecification": (
        "(CharacteristicValueSpecification) value:boolean*"
    ),
    "BooleanCharacteristicValueSpecification": "(CharacteristicValueSpecification) value:boolean",
    "BundledGroupProductOffering": (
        "name! bundledGroupProductOffering:BundledGroupProductOffering* "
        "bundledGroupProductOfferingOption:BundledGroupProductOfferingOption "
        "bundledProductOffering:BundledProductOffering*"
    ),
    "BundledGroupProductOfferingOption": (
        "numberRelOfferLowerLimit:integer! numberRelOfferUpperLimit:integer!"
    ),
    "BundledProductOffering": (
        "(ProductOfferingRef) bundledProductOfferingOption:BundledProductOfferingOption"
    ),
    "BundledProductOfferingOption": (
        "numberRelOfferDefault:integer numberRelOfferLowerLimit:integer "
        "numberRelOfferUpperLimit:integer"
    ),
    "BundledProductOfferingPriceRelationship": "(EntityRef) version",
    "BundledProductSpecification": "name lifecycleStatus version",
    "Category": (
        "name! description isRoot:boolean lastUpdate:dateTime~u lifecycleStatus "
        "parent:CategoryRef productOffering:ProductOfferingRef* subCategory:CategoryRef* "
        "validFor:TimePeriod version"
    ),
    "CategoryRef": "(EntityRef) version",
    "FloatArrayCharacteristicValueSpecification": (
        "(CharacteristicValueSpecification) value:number*"
    ),
    "FloatCharacteristicValueSpecification": "(CharacteristicValueSpecification) value:number",
    "IntegerArrayCharacteristicValueSpecification": (
        "(CharacteristicValueSpecification) value:integer*"
    ),
    "IntegerCharacteristicValueSpecification": "(CharacteristicValueSpecification) value:integer",
    "MapArrayCharacteristicValueSpecification": (
        "(CharacteristicValueSpecification) value:object*"
    ),
    "MapCharacteristicValueSpecification": "(CharacteristicValueSpecification) value:object",
    "MarketSegmentRef": "(EntityRef)",
    "NumberArrayCharacteristicValueSpecification": (
        "(CharacteristicValueSpecification) value:numeric*"
    ),
    "NumberCharacteristicValueSpecification": "(CharacteristicValueSpecification) value:numeric",
    "ObjectArrayCharacteristicValueSpecification": (
        "(CharacteristicValueSpecification) value:object*"
    ),
    "ObjectCharacteristicValueSpecification": "(CharacteristicValueSpecification) value:object",
    "PricingLogicAlgorithm": "name description plaSpecId validFor:TimePeriod",
    "ProductCatalog": "(Catalog) category:CategoryRef*",
    "ProductOffering": (
        "name! agreement:AgreementRef* allowedAction:AllowedProductAction* "
        "attachment:AttachmentRefOrValue* "
        "bundledGroupProductOffering:BundledGroupProductOffering* "
        "bundledProductOffering:BundledProductOffering* category:CategoryRef* "
        "channel:ChannelRef* description externalIdentifier:ExternalIdentifier* "
        "isBundle:boolean isSellable:boolean lastUpdate:dateTime~u lifecycleStatus "
        "marketSegment:MarketSegmentRef* place:PlaceRef* policy:PolicyRef* "
        "prodSpecCharValueUse:ProductSpecificationCharacteristicValueUse* "
        "productOfferingCharacteristic:CharacteristicSpecification* "
        "productOfferingPrice:ProductOfferingPriceRefOrValue* "
        "productOfferingRelationship:ProductOfferingRelationship* "
        "productOfferingTerm:ProductOfferingTerm* "
        "productSpecification:ProductSpecificationRef resourceCandidate:ResourceCandidateRef "
        "serviceCandidate:ServiceCandidateRef serviceLevelAgreement:SLARef statusReason "
        "validFor:TimePeriod version"
    ),
    "ProductOfferingPrice": (
        "name! bundledPopRelationship:BundledProductOfferingPriceRelationship* description "
        "externalIdentifier:ExternalIdentifier* isBundle:boolean lastUpdate:dateTime~u "
        "lifecycleStatus percentage:number place:PlaceRef* policy:PolicyRef* "
        "popRelationship:ProductOfferingPriceRelationship* price:Money priceType "
        "pricingLogicAlgorithm:PricingLogicAlgorithm* "
        "prodSpecCharValueUse:ProductSpecificationCharacteristicValueUse* "
        "productOfferingTerm:ProductOfferingTerm* recurringChargePeriodLength:integer "
        "recurringChargePeriodType tax:TaxItem* unitOfMeasure:Quantity validFor:TimePeriod "
        "version"
    ),
    "ProductOfferingPriceRelationship": "(EntityRef) relationshipType! role version",
    "ProductOfferingRelationship": (
        "(EntityRef) relationshipType! role validFor:TimePeriod version"
    ),
    "ProductOfferingTerm": "name! description duration:Duration validFor:TimePeriod",
    "ProductSpecification": (
        "name! attachment:AttachmentRefOrValue* brand "
        "bundledProductSpecification:BundledProductSpecification* category:CategoryRef* "
        "description externalIdentifier:ExternalIdentifier* "
        "intentSpecification:IntentSpecificationRef isBundle:boolean lastUpdate:dateTime~u "
        "lifecycleStatus policy:PolicyRef* productNumber "
        "productSpecCharacteristic:CharacteristicSpecification* "
        "productSpecificationRelationship:ProductSpecificationRelationship* "
        "relatedParty:RelatedPartyRefOrPartyRoleRef* "
        "resourceSpecification:ResourceSpecificationRef* "
        "serviceSpecification:ServiceSpecificationRef* "
        "targetProductSchema:TargetProductSchema validFor:TimePeriod version"
    ),
    "ProductSpecificationCharacteristicValueUse": (
        "name description maxCardinality:integer minCardinality:integer "
        "productSpecCharacteristicValue:CharacteristicValueSpecification* "
        "productSpecification:ProductSpecificationRef validFor:TimePeriod valueType"
    ),
    "ProductSpecificationRelationship": (
        "(EntityRef) characteristic:CharacteristicSpecification* relationshipType! "
        "validFor:TimePeriod version"
    ),
    "SLARef": "(EntityRef)",
    "StringArrayCharacteristicValueSpecification": "(CharacteristicValueSpecification) value*",
    "StringCharacteristicValueSpecification": "(CharacteristicValueSpecification) value",
}

ENUMS: dict[str, str] = {}

UNIONS: dict[str, str] = {
    "ProductOfferingPriceRefOrValue": "ProductOfferingPrice ProductOfferingPriceRef",
}
