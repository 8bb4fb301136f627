"""Banyan's own API in TMF style: what things of the inventories were, and corrections of that."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "InventoryVersion": (
        "of! kind:InventoryNodeKindType! number:integer! validFor:TimePeriod! "
        "recordedAt:dateTime! recordedBy isThere:boolean! document:object"
    ),
    "InventoryCorrection": (
        "of! validFor:TimePeriod! change:object! reason! creationDate:dateTime~c "
        "state:TaskStateType~c version:InventoryVersion*~c"
    ),
}

ENUMS: dict[str, str] = {}

UNIONS: dict[str, str] = {}
