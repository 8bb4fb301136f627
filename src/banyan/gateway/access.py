"""Which role may do what: a table of API and letters of ``GCUD``. What is not in it is denied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FALLOUT: Final = "BANYAN-OrderFallout"
PLAN: Final = "BANYAN-Plan"
ANY: Final = "*"

ROLES: Final[Mapping[str, Mapping[str, str]]] = {
    "admin": {ANY: "GCUD"},
    "auditor": {ANY: "G"},
    "sales": {
        "TMF620": "G",
        "TMF622": "GC",
        "TMF629": "GCU",
        "TMF632": "GCU",
        "TMF637": "G",
        "TMF666": "GCU",
        "TMF678": "G",
    },
    "support": {
        "TMF620": "G",
        "TMF622": "GC",
        "TMF629": "GU",
        "TMF632": "GU",
        "TMF637": "G",
        "TMF638": "G",
        "TMF666": "G",
        "TMF678": "G",
        FALLOUT: "GC",
        PLAN: "G",
    },
    "engineer": {
        "TMF622": "G",
        "TMF633": "G",
        "TMF634": "G",
        "TMF637": "G",
        "TMF638": "GU",
        "TMF639": "GCUD",
        "TMF702": "G",
        FALLOUT: "GC",
        PLAN: "G",
    },
    "planner": {"TMF620": "GCUD", "TMF633": "GCUD", "TMF634": "GCUD", "TMF639": "G"},
    "billing": {"TMF622": "G", "TMF629": "G", "TMF637": "G", "TMF666": "GCU", "TMF678": "GCU"},
}
"""Role → API → letters. ``*`` stands for every API."""

_LETTERS: Final = {"GET": "G", "HEAD": "G", "POST": "C", "PATCH": "U", "PUT": "U", "DELETE": "D"}


def may(role: str, api: str, method: str) -> bool:
    """Whether ``role`` may use ``method`` on ``api``; an unknown one of the three may not.

    A subscription (``hub``) counts as reading: see the gateway.
    """
    allowed = ROLES.get(role, {})
    letter = _LETTERS.get(method)
    return letter is not None and letter in allowed.get(api, allowed.get(ANY, ""))
