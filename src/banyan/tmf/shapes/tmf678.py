"""TMF678 Customer Bill, v5 form unless said otherwise."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "AppliedBillingTaxRate": "taxAmount:Money taxCategory taxRate:number",
    "AppliedCustomerBillingRate": (
        "name appliedBillingRateType appliedTax:AppliedBillingTaxRate* bill:CustomerBillRef "
        "billingAccount:BillingAccountRef characteristic:Characteristic* date:dateTime "
        "description isBilled:boolean periodCoverage:TimePeriod product:ProductRef "
        "taxExcludedAmount:Money taxIncludedAmount:Money"
    ),
    "AppliedPayment": "(plain) appliedAmount:Money payment:PaymentRef",
    "BillCycle": (
        "name BillCycleSpecification:BillCycleSpecificationRef billingDate:dateTime "
        "billingPeriod chargeDate:dateTime creditDate:dateTime description "
        "mailingDate:dateTime paymentDueDate:dateTime validFor:TimePeriod"
    ),
    "BillCycleRef": "(EntityRef)",
    "BillCycleSpecificationRef": "(EntityRef) description",
    "CustomerBill": (
        "amountDue:Money~u appliedPayment:AppliedPayment*~u billCycle:BillCycleRef "
        "billDate:dateTime~u billDocument:AttachmentRefOrValue*~u billNo~u "
        "billingAccount:BillingAccountRef~u billingPeriod:TimePeriod~u category~u "
        "financialAccount:FinancialAccountRef~u lastUpdate:dateTime~u nextBillDate:dateTime~u "
        "paymentDueDate:dateTime~u paymentMethod:PaymentMethodRef~u "
        "relatedParty:RelatedPartyRefOrPartyRoleRef*~u remainingAmount:Money~u "
        "runType:CustomerBillRunType~u state:CustomerBillStateType taxExcludedAmount:Money~u "
        "taxIncludedAmount:Money~u taxItem:TaxItem*~u"
    ),
    "CustomerBillOnDemand": (
        "name billingAccount:BillingAccountRef! customerBill:CustomerBillRef description "
        "lastUpdate relatedParty:RelatedPartyRefOrPartyRoleRef "
        "state:CustomerBillOnDemandStateType"
    ),
    "CustomerBillRef": "(EntityRef)",
}

ENUMS: dict[str, str] = {
    "CustomerBillOnDemandStateType": "inProgress|rejected|done|terminatedWithError",
    "CustomerBillRunType": "onCycle|offCycle",
    "CustomerBillStateType": "new|onHold|validated|sent|settled|partiallyPaid",
}

UNIONS: dict[str, str] = {}
