"""Banyan's own API in TMF style: what carries a thing of the inventories, and who stands on it."""

from __future__ import annotations

_NODE = "of! entity:EntityRef! kind:InventoryNodeKindType! depth:integer! relation! path+ state"

SHAPES: dict[str, str] = {"InventoryCarrier": _NODE, "InventoryDependant": _NODE}

ENUMS: dict[str, str] = {
    "InventoryNodeKindType": "product|service|resource|customer",
}

UNIONS: dict[str, str] = {}
