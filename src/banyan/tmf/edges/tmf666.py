"""Edge rules of TMF666 Account."""

from __future__ import annotations

RULES: dict[str, str] = {
    "AccountRef": "+description",
    "AccountRelationship": "!relationshipType !validFor",
    "AccountTaxExemption": (
        "<TaxExemptionCertificate -attachment -taxDefinition !issuingJurisdiction !validFor"
    ),
    "BillFormat": "!name",
    "BillFormatRefOrValue": "|BillFormat +isRef:boolean !isRef !name ~is_ref",
    "BillPresentationMedia": "!name",
    "BillPresentationMediaRefOrValue": (
        "|BillPresentationMedia +isRef:boolean !isRef !name ~is_ref"
    ),
    "BillingAccount": "lastModified=lastUpdate -ratingType !name !relatedParty",
    "BillingCycleSpecification": "!name",
    "BillingCycleSpecificationRefOrValue": (
        "|BillingCycleSpecification +dateShift:integer +isRef:boolean !isRef !name ~is_ref"
    ),
    "Contact": "!contactType !validFor",
    "FinancialAccount": "lastModified=lastUpdate !name",
    "FinancialAccountRef": "+accountBalance:AccountBalance",
    "PartyAccount": "lastModified=lastUpdate !name !relatedParty",
    "RelatedParty": (
        "<RelatedPartyRefOrPartyRoleRef +name +@referredType -partyOrPartyRole "
        "!@referredType !id !name ~flat/partyOrPartyRole/typed"
    ),
    "SettlementAccount": "lastModified=lastUpdate !name !relatedParty",
}
