"""Edge rules of TMF620 Product Catalog."""

from __future__ import annotations

RULES: dict[str, str] = {
    "BundledProductOffering": "+lifecycleStatus -version",
    "BundledProductOfferingPriceRelationship": "-version",
    "BundledProductSpecification": "-version",
    "Catalog": "<ProductCatalog !name",
    "Category": "+parentId -parent !name ~pointer/parentId/parent/CategoryRef",
    "ProductOffering": (
        "-allowedAction -bundledGroupProductOffering -externalIdentifier -policy "
        "-productOfferingCharacteristic !name"
    ),
    "ProductOfferingPrice": "constraint=policy -externalIdentifier !name",
    "ProductOfferingPriceRefOrValue": (
        "|ProductOfferingPrice price:ProductPriceValue constraint=policy "
        "recurringChargePeriod=recurringChargePeriodType +priceAlteration:POPAlteration* "
        "-bundledPopRelationship -externalIdentifier -isBundle -percentage -place "
        "-popRelationship -pricingLogicAlgorithm -prodSpecCharValueUse -productOfferingTerm -tax"
    ),
    "ProductOfferingPriceRelationship": "-version",
    "ProductOfferingRelationship": "-version",
    "ProductPriceValue": (
        "<Money +percentage:number +taxCategory +taxRate:number +dutyFreeAmount:Money "
        "+taxIncludedAmount:Money -unit -value ~lifted/dutyFreeAmount/unit/value"
    ),
    "ProductSpecification": "-category -externalIdentifier -intentSpecification -policy !name",
    "ProductSpecificationCharacteristic": (
        "<CharacteristicSpecification productSpecCharRelationship=charSpecRelationship "
        "productSpecCharacteristicValue=characteristicValueSpecification"
    ),
    "ProductSpecificationCharacteristicRelationship": (
        "<CharacteristicSpecificationRelationship id=parentSpecificationId "
        "href=parentSpecificationHref +charSpecSeq:integer -characteristicSpecificationId"
    ),
    "ProductSpecificationRelationship": "-characteristic -version",
}

SHAPES: dict[str, str] = {
    "POPAlteration": (
        "name applicationDuration:Duration description price:ProductPriceValue! priceType! "
        "priority:integer recurringChargePeriod unitOfMeasure:Quantity validFor:TimePeriod"
    ),
}
