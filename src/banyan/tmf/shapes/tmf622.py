"""TMF622 Product Ordering, v5 form unless said otherwise."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "AppointmentRef": "(EntityRef) description",
    "CancelProductOrder": (
        "cancellationReason creationDate:dateTime~c effectiveCancellationDate:dateTime~c "
        "productOrder:ProductOrderRef! requestedCancellationDate:dateTime "
        "state:TaskStateType~c"
    ),
    "ErrorMessage": "code message reason referenceError status",
    "FloatArrayCharacteristic": "(Characteristic) value:number*",
    "JeopardyAlert": "name alertDate:dateTime exception jeopardyType message",
    "Milestone": "name description message milestoneDate:dateTime status:MilestoneStatusType",
    "OrderItemRelationship": "id! relationshipType!",
    "OrderPrice": (
        "name billingAccount:BillingAccountRef description price:Price! "
        "priceAlteration:PriceAlteration* priceType! "
        "productOfferingPrice:ProductOfferingPriceRef recurringChargePeriod unitOfMeasure"
    ),
    "OrderRelationship": "(EntityRef) relationshipType!",
    "OrderTerm": "name description duration:Duration",
    "ProductOfferingQualificationItemRef": (
        "@referredType itemId! productOfferingQualificationHref "
        "productOfferingQualificationId! productOfferingQualificationName"
    ),
    "ProductOfferingQualificationRef": "(EntityRef)",
    "ProductOrder": (
        "agreement:AgreementRef* billingAccount:BillingAccountRef cancellationDate:dateTime~c "
        "cancellationReason~c category channel:RelatedChannel* completionDate:dateTime~c "
        "creationDate:dateTime~cu description expectedCompletionDate:dateTime~c "
        "externalId:ExternalIdentifier* note:Note* notificationContact "
        "orderRelationship:OrderRelationship* orderTotalPrice:OrderPrice* payment:PaymentRef* "
        "priority productOfferingQualification:ProductOfferingQualificationRef* "
        "productOrderErrorMessage:ProductOrderErrorMessage* "
        "productOrderItem:ProductOrderItem+ "
        "productOrderJeopardyAlert:ProductOrderJeopardyAlert* "
        "productOrderMilestone:ProductOrderMilestone* quote:QuoteRef* "
        "relatedParty:RelatedPartyRefOrPartyRoleRef* requestedCompletionDate:dateTime "
        "requestedInitialState:InitialProductOrderStateType~u requestedStartDate:dateTime "
        "state:ProductOrderStateType~c"
    ),
    "ProductOrderErrorMessage": (
        "(ErrorMessage) productOrderItem:ProductOrderItemRef* timestamp:dateTime"
    ),
    "ProductOrderItem": (
        "id! action:ItemActionType! appointment:AppointmentRef "
        "billingAccount:BillingAccountRef itemPrice:OrderPrice* itemTerm:OrderTerm* "
        "itemTotalPrice:OrderPrice* note:Note* payment:PaymentRef* product:ProductRefOrValue "
        "productOffering:ProductOfferingRef "
        "productOfferingQualificationItem:ProductOfferingQualificationItemRef "
        "productOrderItem:ProductOrderItem* "
        "productOrderItemRelationship:OrderItemRelationship* "
        "qualification:ProductOfferingQualificationRef* quantity:integer "
        "quoteItem:QuoteItemRef state:ProductOrderItemStateType"
    ),
    "ProductOrderItemRef": "@referredType ProductOrderHref productOrderId! productOrderItemId!",
    "ProductOrderJeopardyAlert": "(JeopardyAlert) productOrderItem:ProductOrderItemRef*",
    "ProductOrderMilestone": "(Milestone) productOrderItem:ProductOrderItemRef*",
    "ProductOrderRef": "(EntityRef)",
    "QuoteItemRef": "@referredType quoteHref quoteId! quoteItemId!",
    "QuoteRef": "(EntityRef)",
    "RelatedChannel": "channel:ChannelRef! role!",
}

ENUMS: dict[str, str] = {
    "InitialProductOrderStateType": "acknowledged|draft",
    "MilestoneStatusType": "Yet-To-Reach|Completed|Violated",
    "ProductOrderItemStateType": (
        "acknowledged|rejected|pending|held|inProgress|cancelled|completed|failed|partial|"
        "assessingCancellation|pendingCancellation"
    ),
    "ProductOrderStateType": (
        "acknowledged|rejected|pending|held|inProgress|cancelled|completed|failed|partial|"
        "assessingCancellation|pendingCancellation|draft|inProgress.accepted"
    ),
    "TaskStateType": "acknowledged|rejected|inProgress|cancelled|done|terminatedWithError",
}

UNIONS: dict[str, str] = {}
