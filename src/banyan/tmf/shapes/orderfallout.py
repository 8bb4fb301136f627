"""Banyan's own API in TMF style: held order steps, and decisions on them."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "OrderFallout": (
        "creationDate:dateTime~cu obstacle:FalloutObstacleType lastUpdate:dateTime~c "
        "productOrder:ProductOrderRef! productOrderItemId reason state:FalloutStateType~c step!"
    ),
    "OrderFalloutRef": "(EntityRef)",
    "ResolveOrderFallout": (
        "action:FalloutActionType! characteristic:Characteristic* creationDate:dateTime~c "
        "orderFallout:OrderFalloutRef! reason! state:TaskStateType~c"
    ),
}

ENUMS: dict[str, str] = {
    "FalloutActionType": "retry|skip|cancel",
    "FalloutObstacleType": "refused|needsPerson|never|retriesExhausted|bug",
    "FalloutStateType": "held|resolving|resolved",
}

UNIONS: dict[str, str] = {}
