"""What things were: inventory's answers from history, and corrections of it."""

from __future__ import annotations

from datetime import timedelta

from banyan.components.inventory.contract import (
    CorrectHistory,
    CorrectInventory,
    FindHistory,
    FindVersion,
    TrimHistory,
    VersionFound,
)
from banyan.components.inventory.model import FOREVER_US, Version, compute_belief, find_parts
from banyan.components.inventory.store import history, history_view
from banyan.components.inventory.wire.questions import read_instant
from banyan.kernel.engine.clock import from_us, to_us, to_wire
from banyan.kernel.engine.handlers import Handler, answers, decides
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refuse_findings, refused
from banyan.tmf import documents
from banyan.tmf.edge import merge_patch
from banyan.tmf.schema import check_stored, fill_types

SHAPES = {"product": "Product", "service": "Service", "resource": "Resource"}


def find_version(look: Look, query: FindVersion) -> VersionFound | None:
    """Answer :class:`FindVersion`."""
    known_us = to_us(query.as_of or look.now)
    found = history.find_at(look, query.subject, to_us(query.at), known_us)
    if found is None:
        return None
    return version_found(query.subject, found, found.valid_from_us, found.valid_to_us)


def find_history(look: Look, query: FindHistory) -> tuple[VersionFound, ...]:
    """Answer :class:`FindHistory`."""
    versions = history.find_all(look, query.subject, to_us(query.as_of or look.now))
    return tuple(
        version_found(query.subject, period.version, period.start_us, period.end_us)
        for period in compute_belief(versions)
    )


def version_found(subject: str, version: Version, start_us: int, end_us: int) -> VersionFound:
    """A record as the contract tells it, for the time it is asked of."""
    return VersionFound(
        subject=subject,
        number=version.number,
        start=from_us(start_us),
        end=None if end_us == FOREVER_US else from_us(end_us),
        recorded=from_us(version.recorded_us),
        actor=version.actor,
        document=version.doc,
    )


def correct_history(work: Work, command: CorrectHistory) -> tuple[VersionFound, ...]:
    """Answer :class:`CorrectHistory`: one record for each part of the time that differs."""
    now_us, subject = to_us(work.now), command.subject
    start_us, end_us = to_us(command.start), to_us(command.end or work.now)
    if not start_us < end_us <= now_us:
        reason = f"from {to_wire(command.start)} on is no time that is over by {to_wire(work.now)}"
        raise refused("rule", "correctionPeriod", reason, "validFor")
    versions = history.find_all(work, subject, now_us)
    if not versions:
        raise refused("rule", "unknownNode", f"nothing was ever recorded of {subject}", "of")
    for part_start, part_end, doc in find_parts(versions, start_us, end_us):
        corrected = _corrected(subject, doc, command.change)
        if corrected != doc:
            history.keep(work, subject, corrected, part_start, part_end)
    after = history.find_all(work, subject, now_us)[len(versions) :]
    return tuple(version_found(subject, v, v.valid_from_us, v.valid_to_us) for v in after)


def correct_inventory(work: Work, command: CorrectInventory) -> Document:
    """Answer :class:`CorrectInventory`."""
    wanted = command.document
    history_view.check_subject(wanted["of"])
    period = wanted["validFor"]
    if "startDateTime" not in period:
        raise refused("rule", "correctionPeriod", "must say since when", "validFor.startDateTime")
    end = period.get("endDateTime")
    found = correct_history(
        work,
        CorrectHistory(
            subject=wanted["of"],
            change=wanted["change"],
            start=read_instant(period["startDateTime"], "validFor.startDateTime"),
            end=None if end is None else read_instant(end, "validFor.endDateTime"),
        ),
    )
    versions = history.find_all(work, wanted["of"], to_us(work.now))[-len(found) :] if found else []
    shown = [
        history_view.version_document(wanted["of"], v, v.valid_from_us, v.valid_to_us)
        for v in versions
    ]
    filled = {**wanted, **({"version": shown} if shown else {})}
    row = history_view.INVENTORY_CORRECTION
    return documents.create(work, row, fill_types(row.shape, filled))


def _corrected(subject: str, doc: Document | None, change: Document) -> Document:
    kind, _, document_id = subject.partition(":")
    own = {"id": document_id}
    merged = fill_types(SHAPES[kind], {**merge_patch({**own, **(doc or {})}, change), **own})
    refuse_findings("malformed", [f.below("change") for f in check_stored(SHAPES[kind], merged)])
    return merged


def trim_history(work: Work, command: TrimHistory) -> int:
    """Answer :class:`TrimHistory`."""
    return history.drop_over(work, to_us(work.now - timedelta(days=command.keep_days)))


HANDLERS: tuple[Handler, ...] = (
    answers(FindVersion, find_version),
    answers(FindHistory, find_history),
    decides(CorrectHistory, correct_history),
    decides(CorrectInventory, correct_inventory),
    decides(TrimHistory, trim_history),
)
