"""What other rooms and journeys may ask of inventory."""

from banyan.components.inventory.contract.graph import (
    FindCarriers,
    FindDependants,
    GraphFound,
    NodeFound,
)
from banyan.components.inventory.contract.history import (
    CorrectHistory,
    CorrectInventory,
    FindHistory,
    FindVersion,
    TrimHistory,
    VersionFound,
)
from banyan.components.inventory.contract.parties import (
    BarParty,
    FollowMerge,
    FollowUnmerge,
    ForgetNames,
    NoteGone,
    UnbarParty,
)
from banyan.components.inventory.contract.pools import (
    ReleaseValue,
    ReserveValue,
    ValueReserved,
)
from banyan.components.inventory.contract.records import (
    AddResource,
    AmendResource,
    DeviceFound,
    FindDevice,
    ListDevices,
    ListRecorded,
    ProductRecorded,
    RecordedItem,
    RecordProduct,
    ResourceRecord,
    ServiceRecord,
    UnrecordProduct,
)

__all__ = [
    "AddResource",
    "AmendResource",
    "BarParty",
    "CorrectHistory",
    "CorrectInventory",
    "DeviceFound",
    "FindCarriers",
    "FindDependants",
    "FindDevice",
    "FindHistory",
    "FindVersion",
    "FollowMerge",
    "FollowUnmerge",
    "ForgetNames",
    "GraphFound",
    "ListDevices",
    "ListRecorded",
    "NodeFound",
    "NoteGone",
    "ProductRecorded",
    "RecordProduct",
    "RecordedItem",
    "ReleaseValue",
    "ReserveValue",
    "ResourceRecord",
    "ServiceRecord",
    "TrimHistory",
    "UnbarParty",
    "UnrecordProduct",
    "ValueReserved",
    "VersionFound",
]
