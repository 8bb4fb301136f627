"""Edge rules of TMF622 Product Ordering."""

from __future__ import annotations

from banyan.tmf.edges.shared import PRODUCT_RULES

RULES: dict[str, str] = {
    **PRODUCT_RULES,
    "AppointmentRef": "-name",
    "CancelProductOrder": "-creationDate !productOrder",
    "Note": "!text",
    "ProductOfferingQualificationItemRef": "id=itemId +name !id !productOfferingQualificationId",
    "ProductOrder": (
        "orderDate=creationDate externalId:string -orderRelationship -productOrderErrorMessage "
        "-productOrderJeopardyAlert -productOrderMilestone -requestedInitialState "
        "!productOrderItem ~first/externalId/ExternalIdentifier"
    ),
    "ProductOrderItem": "-note !action !id",
    "QuoteItemRef": "id=quoteItemId +name +quoteName !id !quoteId",
    "RelatedChannel": "+name +@referredType -channel !id ~flat/channel",
    "RelatedParty": (
        "<RelatedPartyRefOrPartyRoleRef +name +@referredType -partyOrPartyRole "
        "!@referredType !id ~flat/partyOrPartyRole/typed"
    ),
    "RelatedParty.product": PRODUCT_RULES["RelatedParty"],
}

SHOWN_AS: dict[str, dict[str, str]] = {
    "ProductOrderStateType": {"draft": "acknowledged", "inProgress.accepted": "inProgress"},
    "ProductOrderItemStateType": {"partial": "failed"},
    "TaskStateType": {"rejected": "terminatedWithError", "cancelled": "terminatedWithError"},
}
