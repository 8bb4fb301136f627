"""Edge rules of TMF629 Customer."""

from __future__ import annotations

from banyan.tmf.edges.shared import PARTY_OR_ROLE

RULES: dict[str, str] = {
    "AccountRef": "+description !name ?id",
    "ContactMedium": (
        "+mediumType +characteristic:MediumCharacteristic -contactType "
        "!characteristic !mediumType ~medium"
    ),
    "CreditProfile": "!creditProfileDate !validFor",
    "Customer": (
        "engagedParty:RelatedParty.engaged -description -partyRoleSpecification -role "
        "!engagedParty !name"
    ),
    "RelatedParty": PARTY_OR_ROLE,
    "RelatedParty.engaged": "<PartyRef +role !@referredType",
}
