"""Edge rules of the sub-objects several APIs embed; an API's own table goes before this one.

A rule is keyed by the type's v4 name (what follows a dot only keeps two uses of a name apart) and
reads, word by word:

- ``<Type``: the inner type it stands for, where the name differs; ``|Type``: a v4 type that is a
  reference or a value in one, ``Type`` being the value (the key, or a ``<`` word, names the union);
- ``old=new``: the v4 attribute ``old`` is the inner attribute ``new``;
- ``name:Type[*]``: the v4 attribute has this v4 type (a rule of that name, or kept as it is);
- ``-name``: an inner attribute that v4 has no place for: stored, not shown;
- ``+name[:Type][*]``: an attribute only v4 has: kept in the inner document under its own name;
- ``!name``: mandatory in v4 on create; ``?id``: not even the id of this reference is;
- ``~codec/arguments``: a restructuring, see :mod:`banyan.tmf.edges.codecs`.

Where no rule is written both generations agree, and nothing but a reference's id is mandatory.
"""

from __future__ import annotations

RULES: dict[str, str] = {
    "AccountBalance": "!amount !balanceType !validFor",
    "AttachmentRefOrValue": "|Attachment",
    "BillingAccountRef": "-ratingType",
    "Characteristic": "+value:any -characteristicRelationship !name !value",
    "CharacteristicValueSpecification": "+value:any",
    "ConstraintRef": "<PolicyRef",
    "ContactMedium": "+mediumType +characteristic:MediumCharacteristic -contactType ~medium",
    "ExportJob": "!url",
    "FeatureRelationship": "relationshipType:string !name !relationshipType",
    "FeatureSpecification": (
        "featureSpecCharacteristic:FeatureSpecificationCharacteristic* constraint=policyConstraint"
    ),
    "FeatureSpecificationCharacteristic": (
        "<CharacteristicSpecification featureSpecCharRelationship=charSpecRelationship "
        "featureSpecCharRelationship:FeatureSpecificationCharacteristicRelationship* "
        "featureSpecCharacteristicValue=characteristicValueSpecification !name"
    ),
    "FeatureSpecificationCharacteristicRelationship": (
        "<CharacteristicSpecificationRelationship characteristicId=characteristicSpecificationId "
        "resourceSpecificationId=parentSpecificationId "
        "resourceSpecificationHref=parentSpecificationHref +featureId"
    ),
    "FeatureSpecificationRelationship": "relationshipType:string !name !relationshipType",
    "ImportJob": "!url",
    "ProductOfferingPriceRef": "-version",
    "ProductOfferingRef": "-version",
    "RelatedParty": (
        "<RelatedPartyRefOrPartyRoleRef +name +@referredType -partyOrPartyRole "
        "!@referredType !id ~flat/partyOrPartyRole/typed"
    ),
    "RelatedPlaceRefOrValue": "+name +@referredType -place !role ~flat/place",
}

PARTY_OR_ROLE: str = (
    "<RelatedPartyOrPartyRole +name +@referredType -partyOrPartyRole "
    "!@referredType !id ~flat/partyOrPartyRole/typed"
)
"""The related party of those APIs whose v5 form may hold the party itself."""

PRODUCT_RULES: dict[str, str] = {
    "AgreementItemRef": "id=agreementId href=agreementHref name=agreementName !id",
    "PriceAlteration": "!price !priceType",
    "ProductPrice": (
        "productPriceAlteration=priceAlteration +billingAccount:BillingAccountRef !price !priceType"
    ),
    "ProductRefOrValue": "|Product agreement=agreementItem -creationDate -intent",
    "ProductRelationship": (
        "+product:ProductRefOrValue -id -name -@referredType !product !relationshipType "
        "~lifted/product/id/href/name/@referredType"
    ),
    "Quantity": "<Duration amount:number",
    "RelatedParty": PARTY_OR_ROLE,
    "RelatedProductOrderItem": (
        "<RelatedOrderItem orderItemAction:string productOrderId=orderId "
        "productOrderHref=orderHref !orderItemId !productOrderId"
    ),
    "ResourceRef": "+value",
}
"""A product as TMF622 orders it and TMF637 holds it."""

SHAPES: dict[str, str] = {
    "MediumCharacteristic": (
        "city contactType country emailAddress faxNumber phoneNumber postCode socialNetworkId "
        "stateOrProvince street1 street2"
    ),
}
"""Types only v4 has."""

ENUMS: dict[str, str] = {}

WORDS: dict[str, dict[str, str]] = {}
"""Enum words spelled differently in v4: inner type → v4 word → inner word."""

SHOWN_AS: dict[str, dict[str, str]] = {}
"""Enum words v4 does not have: inner type → inner word → the nearest v4 word."""
