"""What follows when the parties that products, services and resources name become others."""

from __future__ import annotations

from banyan.kernel.words.messages import Command


class FollowMerge(Command[None], frozen=True, kw_only=True):
    """Lead every reference to a party or role on to the one it was merged into.

    A repeat changes nothing.
    """

    source_id: str
    survivor_id: str


class FollowUnmerge(Command[None], frozen=True, kw_only=True):
    """Lead back what :class:`FollowMerge` led on, and nothing else. A repeat changes nothing."""

    source_id: str
    survivor_id: str


class ForgetNames(Command[None], frozen=True, kw_only=True):
    """Take away the names kept beside references to ``ids``. A repeat changes nothing."""

    ids: tuple[str, ...]


class BarParty(Command[None], frozen=True, kw_only=True):
    """Let no product come to live for a party, role or billing account: it is about to go.

    Refused (``conflict``, ``liveProducts``) while one lives that names it. A repeat is nothing new.
    """

    party_id: str


class UnbarParty(Command[None], frozen=True, kw_only=True):
    """It has not gone after all. A repeat changes nothing."""

    party_id: str


class NoteGone(Command[None], frozen=True, kw_only=True):
    """A party, role or account is gone: nothing lives for it. A repeat changes nothing."""

    party_id: str
