"""Edge rules of TMF674 Geographic Site: its places are references, or values kept as sent."""

from __future__ import annotations

from banyan.tmf.edges.shared import PARTY_OR_ROLE

RULES: dict[str, str] = {
    "GeographicSite": "+name -creationDate -externalIdentifier",
    "GeographicSiteRelationship": "!id !relationshipType",
    "RelatedParty": PARTY_OR_ROLE,
}
