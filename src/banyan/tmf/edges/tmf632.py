"""Edge rules of TMF632 Party."""

from __future__ import annotations

from banyan.tmf.edges.shared import PARTY_OR_ROLE

RULES: dict[str, str] = {
    "ExternalReference": (
        "<ExternalIdentifier name=id externalReferenceType=externalIdentifierType -owner"
    ),
    "Individual": "fullName=name !familyName !givenName",
    "Organization": "!tradingName ~names",
    "RelatedParty": PARTY_OR_ROLE,
    "TaxDefinition": "+@referredType -jurisdictionLevel -jurisdictionName -validFor",
    "TaxExemptionCertificate": "-certificateNumber -issuingJurisdiction -reason",
}

WORDS: dict[str, dict[str, str]] = {"IndividualStateType": {"deceaded": "deceased"}}
