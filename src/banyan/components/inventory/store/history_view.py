"""History over HTTP: what things were, and the corrections of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from banyan.components.inventory.contract import CorrectInventory
from banyan.components.inventory.model import CORRECTION_LIFE, FOREVER_US, Version, compute_belief
from banyan.components.inventory.store import history
from banyan.components.inventory.store.graph_view import KINDS
from banyan.components.inventory.wire.questions import Question
from banyan.kernel.engine.clock import from_us, to_us, to_wire
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refused
from banyan.kernel.words.ids import InventoryCorrectionId, InventoryVersionId
from banyan.tmf.filters import Condition
from banyan.tmf.resource import Resource

_KNOWN: Final = ("of", "atTime", "asOf", "recorded")

Shown = tuple[Version, int, int]
"""A record and the time it is shown for."""


class HistoryView:
    """What ``of=<kind>:<id>`` has been, in the order of time; who asks of nothing finds nothing.

    ``atTime`` asks for one instant, ``asOf`` for what was known at one. ``recorded=all`` shows the
    records themselves in the order they were made, also those that others have covered since.
    """

    def page(
        self, look: Look, conditions: Sequence[Condition], offset: int, limit: int | None
    ) -> tuple[list[Document], int]:
        """A page of what is found."""
        question = Question(conditions, _KNOWN)
        of = question.one("of")
        if not of:
            return [], 0
        check_subject(of)
        known_us = to_us(question.instant("asOf") or look.now)
        at, recorded = question.instant("atTime"), question.one("recorded")
        if recorded not in ("", "all"):
            raise refused("malformed", "wrong_value", "is all, or left out", "recorded")
        found = _found(look, of, at, known_us, is_raw=bool(recorded))
        end = None if limit is None else offset + limit
        return [version_document(of, *each) for each in found[offset:end]], len(found)

    def find(self, look: Look, document_id: str) -> Document | None:
        """One record, as it was made."""
        of, _, number = document_id.rpartition("~")
        if of.partition(":")[0] not in KINDS:
            return None
        versions = history.find_all(look, of, to_us(look.now))
        one = next((each for each in versions if str(each.number) == number), None)
        if one is None:
            return None
        return version_document(of, one, one.valid_from_us, one.valid_to_us)

    def remove(self, work: Work, document_id: str) -> None:
        """Refused: history is not removed."""
        raise refused("method", "method", "DELETE is not offered here")


def _found(look: Look, of: str, at: datetime | None, known_us: int, *, is_raw: bool) -> list[Shown]:
    at_us = None if at is None else to_us(at)
    if at_us is not None and not is_raw:
        one = history.find_at(look, of, at_us, known_us)
        return [] if one is None else [(one, one.valid_from_us, one.valid_to_us)]
    versions = history.find_all(look, of, known_us)
    if is_raw:
        shown = [(each, each.valid_from_us, each.valid_to_us) for each in versions]
    else:
        shown = [(p.version, p.start_us, p.end_us) for p in compute_belief(versions)]
    return [each for each in shown if at_us is None or each[1] <= at_us < each[2]]


def check_subject(of: str) -> None:
    """Refuse what is no ``<kind>:<id>`` of a document: whose a value was is another question."""
    kind, _, document_id = of.partition(":")
    if kind not in KINDS or not document_id:
        reason = f"is <kind>:<id>, where the kind is one of {', '.join(KINDS)}"
        raise refused("malformed", "wrongNode", reason, "of")


def version_document(of: str, version: Version, start_us: int, end_us: int) -> Document:
    """A record as an InventoryVersion, for the time from ``start_us`` to ``end_us``."""
    period = {"startDateTime": to_wire(from_us(start_us))}
    if end_us != FOREVER_US:
        period["endDateTime"] = to_wire(from_us(end_us))
    shown: Document = {
        "id": f"{of}~{version.number}",
        "@type": "InventoryVersion",
        "of": of,
        "kind": of.partition(":")[0],
        "number": version.number,
        "validFor": period,
        "recordedAt": to_wire(from_us(version.recorded_us)),
        "recordedBy": version.actor,
        "isThere": version.doc is not None,
    }
    return shown if version.doc is None else {**shown, "document": version.doc}


INVENTORY_VERSION = Resource(
    api="BANYAN-InventoryHistory",
    name="inventoryVersion",
    shape="InventoryVersion",
    room="inventory",
    id_type=InventoryVersionId,
    operations="G",
    view=HistoryView(),
)


def _fill_correction(document: Document, now: datetime) -> Document:
    return {**document, "state": "done", "creationDate": to_wire(now)}


INVENTORY_CORRECTION = Resource(
    api="BANYAN-InventoryHistory",
    name="inventoryCorrection",
    shape="InventoryCorrection",
    room="inventory",
    id_type=InventoryCorrectionId,
    operations="GC",
    create=CorrectInventory,
    state="state",
    lifecycle=CORRECTION_LIFE,
    indexed=("of",),
    fill=_fill_correction,
)
