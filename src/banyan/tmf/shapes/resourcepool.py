"""Banyan's own APIs in TMF style: pools, their values, and who held one."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "Pool": (
        "name! kind! low! high! size:integer! quarantineDays:integer! free:integer! "
        "reserved:integer assigned:integer quarantined:integer portedOut:integer "
        "portedIn:integer characteristic:Characteristic*"
    ),
    "PoolValue": (
        "pool~u kind~u value~u state:PoolValueStateType holder validUntil:dateTime party "
        "characteristic:Characteristic*~u"
    ),
    "QueryValueHolder": (
        "value! pool kind atTime:dateTime! asOf:dateTime purpose! caseReference "
        "creationDate:dateTime~c state:TaskStateType~c holding:ValueHolding*~c"
    ),
    "ValueHolding": (
        "(plain) pool! value! state:PoolValueStateType! holder party validFor:TimePeriod! "
        "recordedAt:dateTime!"
    ),
}

ENUMS: dict[str, str] = {
    "PoolValueStateType": "free|reserved|assigned|quarantined|portedOut|portedIn|returned",
}

UNIONS: dict[str, str] = {}
