"""TMF666 Account, v5 form unless said otherwise."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "Account": (
        "name! accountBalance:AccountBalance* accountRelationship:AccountRelationship* "
        "accountType contact:Contact* creditLimit:Money description lastUpdate:dateTime "
        "relatedParty:RelatedPartyRefOrPartyRoleRef* state "
        "taxExemption:TaxExemptionCertificate*"
    ),
    "AccountBalance": "amount:Money! balanceType! validFor:TimePeriod!",
    "AccountRelationship": "account:AccountRef relationshipType! validFor:TimePeriod",
    "BillFormat": "name! description",
    "BillFormatRef": "(EntityRef)",
    "BillPresentationMedia": "name! description",
    "BillPresentationMediaRef": "(EntityRef)",
    "BillStructure": (
        "cycleSpecification:BillingCycleSpecificationRefOrValue format:BillFormatRefOrValue "
        "presentationMedia:BillPresentationMediaRefOrValue*"
    ),
    "BillingAccount": "(PartyAccount) ratingType",
    "BillingCycleSpecification": (
        "name! billingDateShift:integer billingPeriod chargeDateOffset:integer "
        "creditDateOffset:integer description frequency mailingDateOffset:integer "
        "paymentDueDateOffset:integer validFor:TimePeriod"
    ),
    "BillingCycleSpecificationRef": "(EntityRef)",
    "Contact": (
        "contactMedium:ContactMedium* contactName contactType! partyRoleType "
        "relatedParty:RelatedPartyRefOrPartyRoleRef validFor:TimePeriod"
    ),
    "FinancialAccount": "(Account) relatedParty:RelatedPartyRefOrPartyRoleRef+",
    "PartyAccount": (
        "(Account) billStructure:BillStructure defaultPaymentMethod:PaymentMethodRef "
        "financialAccount:FinancialAccountRef paymentPlan:PaymentPlan* paymentStatus "
        "relatedParty:RelatedPartyRefOrPartyRoleRef+"
    ),
    "PaymentPlan": (
        "numberOfPayments:integer paymentFrequency paymentMethod:PaymentMethodRef planType "
        "priority:integer status totalAmount:Money validFor:TimePeriod"
    ),
    "SettlementAccount": "(PartyAccount)",
}

ENUMS: dict[str, str] = {}

UNIONS: dict[str, str] = {
    "BillFormatRefOrValue": "BillFormat BillFormatRef",
    "BillPresentationMediaRefOrValue": "BillPresentationMedia BillPresentationMediaRef",
    "BillingCycleSpecificationRefOrValue": (
        "BillingCycleSpecification BillingCycleSpecificationRef"
    ),
}
