"""Edge rules of TMF651 Agreement: the resources are v4, only their sub-objects are v5."""

from __future__ import annotations

from banyan.tmf.edges import tmf666

RULES: dict[str, str] = {
    "Agreement": "!agreementItem !agreementType !engagedParty !name",
    "AgreementSpecification": "!attachment !name",
    "RelatedParty": tmf666.RULES["RelatedParty"],
}
