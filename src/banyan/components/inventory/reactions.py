"""What inventory does when it hears of others."""

from __future__ import annotations

from banyan.components.inventory.contract import (
    FollowMerge,
    FollowUnmerge,
    ForgetNames,
    NoteGone,
    UnbarParty,
)
from banyan.components.party.events import (
    MergeUndone,
    PartiesMerged,
    PartyKept,
    PartyRemoved,
    PersonErased,
)
from banyan.kernel.engine.dispatch import Reaction
from banyan.kernel.words.messages import Event


def on_parties_merged(event: PartiesMerged) -> FollowMerge:
    """References follow to the survivor."""
    return FollowMerge(source_id=event.source_id, survivor_id=event.survivor_id)


def on_merge_undone(event: MergeUndone) -> FollowUnmerge:
    """What followed goes back."""
    return FollowUnmerge(source_id=event.source_id, survivor_id=event.survivor_id)


def on_person_erased(event: PersonErased) -> ForgetNames:
    """A forgotten person has no name here either."""
    return ForgetNames(ids=event.ids)


def on_party_removed(event: PartyRemoved) -> NoteGone:
    """It was barred before; if another deletion was refused meanwhile, it is again."""
    return NoteGone(party_id=event.party_id)


def on_party_kept(event: PartyKept) -> UnbarParty:
    """Products may live for it again."""
    return UnbarParty(party_id=event.party_id)


REACTIONS: tuple[tuple[type[Event], Reaction], ...] = (
    (PartiesMerged, on_parties_merged),
    (MergeUndone, on_merge_undone),
    (PersonErased, on_person_erased),
    (PartyKept, on_party_kept),
    (PartyRemoved, on_party_removed),
)
