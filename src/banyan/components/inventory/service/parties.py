"""References to parties follow what becomes of them."""

from __future__ import annotations

from typing import Final

from banyan.components.inventory.contract import (
    BarParty,
    FollowMerge,
    FollowUnmerge,
    ForgetNames,
    NoteGone,
    UnbarParty,
)
from banyan.components.inventory.store import PRODUCT, RESOURCE, SERVICE, history, parties
from banyan.components.inventory.wire import node_of
from banyan.components.inventory.wire.records import is_live
from banyan.kernel.engine.handlers import Handler, decides
from banyan.kernel.engine.work import Work
from banyan.kernel.words.errors import refused
from banyan.tmf import documents, references

SHOWN_MAX: Final = 5
"""Products that a refusal names."""

_NAMING = (PRODUCT, SERVICE, RESOURCE)


def follow_merge(work: Work, command: FollowMerge) -> None:
    """Answer :class:`FollowMerge`."""
    lead = references.led(command.source_id, command.survivor_id)
    references.change_naming(work, _NAMING, [command.source_id], lead)


def follow_unmerge(work: Work, command: FollowUnmerge) -> None:
    """Answer :class:`FollowUnmerge`."""
    back = references.led_back(command.source_id, command.survivor_id)
    references.change_naming(work, _NAMING, [command.survivor_id], back)


def forget_names(work: Work, command: ForgetNames) -> None:
    """Answer :class:`ForgetNames`: in history too, of what names the person now."""
    blank = references.nameless(command.ids)
    for resource, document in references.find_naming(work, _NAMING, command.ids):
        changed = blank(document)
        if changed != document:
            documents.change(work, resource, changed)
        history.rewrite(work, node_of(resource.name, document["id"]), blank)


def bar_party(work: Work, command: BarParty) -> None:
    """Answer :class:`BarParty`."""
    paths = ("relatedParty.partyOrPartyRole.id", "billingAccount.id")
    named = [
        p for path in paths for p in documents.every(work, PRODUCT, {path: [command.party_id]})
    ]
    live = sorted({each["id"] for each in named if is_live(each)})
    if live:
        shown = ", ".join(live[:SHOWN_MAX])
        reason = f"{command.party_id} has {len(live)} live products: {shown}"
        raise refused("conflict", "liveProducts", reason, "id")
    parties.bar(work, command.party_id)


def note_gone(work: Work, command: NoteGone) -> None:
    """Answer :class:`NoteGone`."""
    parties.bar(work, command.party_id)


def unbar_party(work: Work, command: UnbarParty) -> None:
    """Answer :class:`UnbarParty`."""
    parties.unbar(work, command.party_id)


HANDLERS: tuple[Handler, ...] = (
    decides(FollowMerge, follow_merge),
    decides(FollowUnmerge, follow_unmerge),
    decides(ForgetNames, forget_names),
    decides(BarParty, bar_party),
    decides(NoteGone, note_gone),
    decides(UnbarParty, unbar_party),
)
