"""Versions of one thing side by side: addresses, lifecycle, and which one is in force. Pure.

The first version of a thing is filed under the thing's id, every other one under
``<id>:(version=<version>)``, as TMF620 addresses them. The bare id stands for the version in force.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from banyan.kernel.words.codec import Document
from banyan.kernel.words.lifecycle import Lifecycle

CATALOG_LIFE: Final = Lifecycle(
    "catalogue entry",
    ("In Study", "In Design", "In Test", "Active", "Launched"),
    {
        ("In Study", "design"): "In Design",
        ("In Study", "submit"): "In Test",
        ("In Study", "reject"): "Rejected",
        ("In Design", "submit"): "In Test",
        ("In Design", "reject"): "Rejected",
        ("In Test", "publish"): "Active",
        ("In Test", "launch"): "Launched",
        ("In Test", "return_to_design"): "In Design",
        ("In Test", "reject"): "Rejected",
        ("Rejected", "reopen"): "In Design",
        ("Active", "launch"): "Launched",
        ("Active", "retire"): "Retired",
        ("Launched", "retire"): "Retired",
        ("Retired", "reinstate"): "Active",
        ("Retired", "forget"): "Obsolete",
    },
)
"""TMF620, 633 and 634 leave ``lifecycleStatus`` free; these are the customary words. ``In Study``
and ``In Design`` are drafts, ``In Test`` is the review, ``Active`` and ``Launched`` are published.
Any other word is a draft of its author's own.
"""

PUBLISHED: Final = ("Active", "Launched")
OVER: Final = ("Retired", "Obsolete")

HISTORY: Final = "lifecycleHistory"
EDITION_OF: Final = "editionOf"
OWNED: Final = ("lastUpdate", HISTORY, EDITION_OF)
"""Attributes of a document that the room writes: who moved it through its lifecycle and when, and
(on every version but the first) whose version it is. The last two are ours, not the standard's.
"""

STEPS_OF_PUBLISHED: Final = frozenset({"lifecycleStatus", "statusReason", *OWNED})
"""What may still change on a published version, beside the end of its ``validFor``."""

_WAY: Final = {
    word: at for at, word in enumerate(("In Study", "In Design", "In Test", *PUBLISHED, *OVER))
}

VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")
_ADDRESS: Final = re.compile(r"(.+):\(version=([^()]+)\)", re.DOTALL)
_FIRST: Final = datetime.min.replace(tzinfo=UTC)


def split_address(address: str) -> tuple[str, str]:
    """The id and the version of an address; the version is empty where the id stands alone."""
    found = _ADDRESS.fullmatch(address)
    return (found[1], found[2]) if found else (address, "")


def join_address(base: str, version: str) -> str:
    """The address of one version; of the one in force if ``version`` is empty."""
    return f"{base}:(version={version})" if version else base


def find_base(document: Document) -> str:
    """The id that all versions of the document's thing share."""
    return str(document.get(EDITION_OF) or document.get("id"))


def find_version(document: Document) -> str:
    """Which version a document is."""
    return str(document.get("version") or "")


def is_published(document: Document) -> bool:
    """Whether the document is published now: nothing but its end may change any more."""
    return document.get("lifecycleStatus") in PUBLISHED


def was_published(document: Document) -> bool:
    """Whether the document is published, or was."""
    return document.get("lifecycleStatus") in (*PUBLISHED, *OVER)


def is_further(document: Document, other: Document) -> bool:
    """Whether a document stands further along the way to its end than another of it."""
    here, there = (_WAY.get(str(each.get("lifecycleStatus"))) for each in (document, other))
    return here is not None and there is not None and here > there


def read_instant(text: Any) -> datetime | None:
    """An instant of a document; one without offset is UTC, one that is none bounds nothing."""
    try:
        instant = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def read_period(document: Document) -> tuple[datetime | None, datetime | None]:
    """The bounds of ``validFor``: the start belongs to it, the end does not."""
    period = document.get("validFor")
    if not isinstance(period, dict):
        return None, None
    return read_instant(period.get("startDateTime")), read_instant(period.get("endDateTime"))


def is_valid(document: Document, now: datetime) -> bool:
    """Whether ``now`` lies within ``validFor``."""
    start, end = read_period(document)
    return (start is None or start <= now) and (end is None or now < end)


def find_turn(document: Document) -> datetime:
    """When a published version's turn began: its publication, or its later start."""
    steps = document.get(HISTORY)
    dates = [
        read_instant(step.get("date"))
        for step in (steps if isinstance(steps, list) else ())
        if isinstance(step, dict) and step.get("status") in PUBLISHED
    ]
    return max(date or _FIRST for date in (*dates, read_period(document)[0], _FIRST))


def find_in_force(versions: Sequence[Document], now: datetime) -> Document | None:
    """The version that the bare id stands for at ``now``; ``versions`` are oldest first.

    Of those that are or were published and are valid now, the one whose turn began last. Where none
    is, the one whose turn was last, or comes next; where nothing was ever published, the newest.
    """
    if len(versions) < 2:
        return versions[0] if versions else None
    turns = [(find_turn(each), at) for at, each in enumerate(versions)]
    candidates = [at for at, each in enumerate(versions) if was_published(each)]
    begun = [at for at in candidates if turns[at][0] <= now]
    valid = [at for at in begun if is_valid(versions[at], now)]
    if valid or begun:
        return versions[max(valid or begun, key=lambda at: turns[at])]
    if candidates:
        return versions[min(candidates, key=lambda at: turns[at])]
    return versions[-1]


def find_changes_ahead(documents: Iterable[Document], now: datetime) -> datetime | None:
    """The next instant at which time alone changes what is in force or valid; None for never."""
    bounds = [bound for each in documents for bound in (*read_period(each), find_turn(each))]
    return min((bound for bound in bounds if bound is not None and bound > now), default=None)


def note_step(document: Document, by: str, date: str, reason: str = "") -> Document:
    """The document with one more entry in its history: who brought it to its status, and when."""
    step = {"status": document.get("lifecycleStatus"), "date": date, "by": by}
    if reason:
        step["reason"] = reason
    return {**document, HISTORY: [*(document.get(HISTORY) or ()), step]}


def without_owned(document: Document) -> Document:
    """A document without what the room itself writes: what its authors said."""
    return {name: value for name, value in document.items() if name not in OWNED}
