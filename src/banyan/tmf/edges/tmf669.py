"""Edge rules of TMF669 Party Role."""

from __future__ import annotations

from banyan.tmf.edges import tmf629

RULES: dict[str, str] = {
    **{name: rule for name, rule in tmf629.RULES.items() if name != "Customer"},
    "PartyRole": (
        "engagedParty:RelatedParty.engaged -description -partyRoleSpecification -role !name"
    ),
}
