"""Edge rules of TMF678 Customer Bill."""

from __future__ import annotations

RULES: dict[str, str] = {
    "AppliedBillingRateCharacteristic": (
        "<Characteristic +value:any -characteristicRelationship !name !value"
    ),
    "AppliedCustomerBillingRate": "type=appliedBillingRateType",
    "BillRef": "<CustomerBillRef -name",
    "CustomerBill": "runType:string -billCycle",
    "FinancialAccountRef": "+accountBalance:AccountBalance*",
    "RelatedPartyRef": (
        "<RelatedPartyRefOrPartyRoleRef +name +@referredType -partyOrPartyRole !id "
        "~flat/partyOrPartyRole"
    ),
}
