"""Facts party says, for those who keep ids of parties and roles."""

from __future__ import annotations

from banyan.kernel.words.messages import Event


class PartiesMerged(Event, frozen=True, kw_only=True):
    """Two parties, or two roles of a kind, became one; the subject is the one that remains.

    References to ``source_id`` are led to ``survivor_id``.
    """

    merge_id: str
    source_id: str
    survivor_id: str


class MergeUndone(Event, frozen=True, kw_only=True):
    """A merge was taken back: what was led from ``source_id`` to ``survivor_id`` is led back."""

    merge_id: str
    source_id: str
    survivor_id: str


class PersonErased(Event, frozen=True, kw_only=True):
    """A person is forgotten: names kept beside references to any of ``ids`` are taken away.

    ``ids`` are those of the person, of the roles it played and of the accounts it had.
    """

    ids: tuple[str, ...]


class RecordsErased(Event, frozen=True, kw_only=True):
    """What had to be kept of an erased person as records of a class is forgotten too.

    ``record_class`` is ``taxRelevant`` or ``contract``; ``ids`` are as in :class:`PersonErased`.
    """

    record_class: str
    ids: tuple[str, ...]


class PartyKept(Event, frozen=True, kw_only=True):
    """A party, role or account that others were told is about to go stays after all."""

    party_id: str


class PartyRemoved(Event, frozen=True, kw_only=True):
    """A party, role or account was deleted: nobody can have anything in its name any more."""

    party_id: str
