"""What the inventories hold: the lifecycles of their things, and ranges of free values."""

from __future__ import annotations

import msgspec

from banyan.components.inventory.model.belief import (
    ACTOR_MAX,
    FOREVER_US,
    Period,
    Version,
    compute_belief,
    find_parts,
)
from banyan.components.inventory.model.spans import (
    Span,
    find_free,
    find_left,
    find_lost,
    merge,
    place_back,
)
from banyan.kernel.words.lifecycle import Lifecycle

__all__ = [
    "ACTOR_MAX",
    "CORRECTION_LIFE",
    "FOREVER_US",
    "ID_MAX",
    "KEY_MAX",
    "NAME_MAX",
    "POOL_TYPE",
    "PRODUCT_LIFE",
    "RELATION_MAX",
    "RESOURCE_LIFE",
    "SERVICE_LIFE",
    "VALUE_LIFE",
    "Edge",
    "Period",
    "Span",
    "Version",
    "compute_belief",
    "find_free",
    "find_left",
    "find_lost",
    "find_parts",
    "merge",
    "place_back",
]

POOL_TYPE = "ResourcePool"
"""The ``@type`` of a resource that hands out whole numbers."""

NAME_MAX = 200
"""Characters of a pool's or device's name: what the index holds whole."""

KEY_MAX = 255
"""Characters of a holder's name or a record's key."""

ID_MAX = 128
"""Characters of an order's or item's id."""

RELATION_MAX = 64
"""Characters of an edge's name; longer ones are cut."""

# An inventory records what there is, also what was moved here from elsewhere: every state may be
# the first one. Only the steps from one to the next are ruled.

_PRODUCT_STEPS = {
    ("created", "await_activation"): "pendingActive",
    ("created", "activate"): "active",
    ("created", "cancel"): "cancelled",
    ("created", "abort"): "aborted",
    ("pendingActive", "activate"): "active",
    ("pendingActive", "cancel"): "cancelled",
    ("pendingActive", "abort"): "aborted",
    ("active", "suspend"): "suspended",
    ("active", "announce_end"): "pendingTerminate",
    ("active", "terminate"): "terminated",
    ("suspended", "resume"): "active",
    ("suspended", "announce_end"): "pendingTerminate",
    ("suspended", "terminate"): "terminated",
    ("pendingTerminate", "keep"): "active",
    ("pendingTerminate", "terminate"): "terminated",
}

PRODUCT_LIFE = Lifecycle(
    "product",
    (
        "created", "pendingActive", "active", "suspended", "pendingTerminate", "terminated",
        "cancelled", "aborted",
    ),
    _PRODUCT_STEPS,
)  # fmt: skip
"""TMF637 ``Product.status``; the standard's trailing blank of ``aborted`` is the kit's business."""

_SERVICE_STEPS = {
    ("feasibilityChecked", "design"): "designed",
    ("feasibilityChecked", "reserve"): "reserved",
    ("feasibilityChecked", "terminate"): "terminated",
    ("designed", "reserve"): "reserved",
    ("designed", "prepare"): "inactive",
    ("designed", "activate"): "active",
    ("designed", "terminate"): "terminated",
    ("reserved", "prepare"): "inactive",
    ("reserved", "activate"): "active",
    ("reserved", "terminate"): "terminated",
    ("inactive", "activate"): "active",
    ("inactive", "terminate"): "terminated",
    ("active", "deactivate"): "inactive",
    ("active", "suspend"): "suspended",
    ("active", "terminate"): "terminated",
    ("suspended", "resume"): "active",
    ("suspended", "deactivate"): "inactive",
    ("suspended", "terminate"): "terminated",
}

SERVICE_LIFE = Lifecycle(
    "service",
    (
        "feasibilityChecked", "designed", "reserved", "inactive", "active", "suspended",
        "terminated",
    ),
    _SERVICE_STEPS,
)  # fmt: skip
"""TMF638 ``Service.state``."""

RESOURCE_LIFE = Lifecycle(
    "resource",
    ("planned", "installed", "pendingRemoval"),
    {
        ("planned", "install"): "installed",
        ("planned", "drop"): "pendingRemoval",
        ("installed", "retire"): "pendingRemoval",
        ("pendingRemoval", "keep"): "installed",
    },
)
"""TMF639 v5 ``Resource.lifecycleState``."""


VALUE_LIFE = Lifecycle(
    "pool value",
    ("free", "portedIn"),
    {
        ("free", "reserve"): "reserved",
        ("free", "assign"): "assigned",
        ("reserved", "assign"): "assigned",
        ("reserved", "release"): "free",
        ("reserved", "expire"): "free",
        ("assigned", "retire"): "quarantined",
        ("assigned", "release"): "free",
        ("assigned", "port_out"): "portedOut",
        ("quarantined", "expire"): "free",
        ("quarantined", "revive"): "assigned",
        ("portedOut", "port_back"): "quarantined",
        ("portedIn", "send_home"): "returned",
    },
)
"""What a pool knows of a value. One that was ported in is not its own: it goes home in the end."""

CORRECTION_LIFE = Lifecycle("inventory correction", ("done",), {})
"""A correction is recorded or refused at once."""


class Edge(msgspec.Struct, frozen=True):
    """``upper`` stands on ``lower`` if it ``carries``; else they are beside each other.

    Both are nodes ``<kind>:<id>``; ``relation`` is the attribute or relationship type that says so.
    """

    upper: str
    lower: str
    relation: str
    carries: bool = True
