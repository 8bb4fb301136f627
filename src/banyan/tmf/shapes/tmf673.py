"""TMF673 Geographic Address: the v4 resources, holding v5 sub-objects."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "GeographicAddressValidation": (
        "alternateGeographicAddress:GeographicAddress* provideAlternative:boolean! "
        "state:AddressValidationStateType~c submittedGeographicAddress:GeographicAddress! "
        "validGeographicAddress:GeographicAddress~c validationDate:dateTime~c "
        "validationResult~c"
    ),
}

ENUMS: dict[str, str] = {
    "AddressValidationStateType": "accepted|terminatedWithError|inProgress|done",
}

UNIONS: dict[str, str] = {}
