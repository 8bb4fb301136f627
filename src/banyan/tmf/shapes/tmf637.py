"""TMF637 Product Inventory, v5 form unless said otherwise."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "Product": (
        "name agreementItem:AgreementItemRef* billingAccount:BillingAccountRef "
        "creationDate:dateTime~cu description intent:IntentRefOrValue isBundle:boolean "
        "isCustomerVisible:boolean orderDate:dateTime place:RelatedPlaceRefOrValue* "
        "product:ProductRefOrValue* productCharacteristic:Characteristic* "
        "productOffering:ProductOfferingRef productOrderItem:RelatedOrderItem* "
        "productPrice:ProductPrice* productRelationship:ProductRelationship* "
        "productSerialNumber productSpecification:ProductSpecificationRef "
        "productTerm:ProductTerm* realizingResource:ResourceRef* realizingService:ServiceRef* "
        "relatedParty:RelatedPartyOrPartyRole* startDate:dateTime status:ProductStatusType "
        "terminationDate:dateTime"
    ),
}

ENUMS: dict[str, str] = {}

UNIONS: dict[str, str] = {}
