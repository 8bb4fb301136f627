"""Edge rules of TMF702 Resource Activation: TMF639's resource, and the monitor."""

from __future__ import annotations

from banyan.tmf.edges import tmf639

RULES: dict[str, str] = {
    **tmf639.RULES,
    "HeaderItem": "!name !value",
    "RelatedParty": (
        "<RelatedPartyRefOrPartyRoleRef +name +@referredType -partyOrPartyRole "
        "!@referredType ~flat/partyOrPartyRole/typed"
    ),
    "RelatedPlaceRefOrValue": tmf639.RULES["RelatedPlaceRefOrValue"] + " !id",
    "Request": "!body !header",
    "Resource": tmf639.RULES["Resource"].replace(" !name", ""),
    "Response": "!body !header",
}

ENUMS = tmf639.ENUMS

WORDS = tmf639.WORDS
