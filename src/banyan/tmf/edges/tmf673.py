"""Edge rules of TMF673 Geographic Address: its addresses have less than those v5 embeds."""

from __future__ import annotations

RULES: dict[str, str] = {
    "GeographicAddress": ("+name -countryCode -externalIdentifier -geographicAddressType"),
    "GeographicAddressValidation": "!provideAlternative !submittedGeographicAddress",
    "GeographicLocationRefOrValue": "|GeographicLocation",
    "GeographicSubAddress": "+subUnitNumber +subUnitType -subUnit",
}
