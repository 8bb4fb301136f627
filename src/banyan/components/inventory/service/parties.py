"""References to parties follow what becomes of them."""

from __future__ import annotations

from banyan.components.inventory.contract import FollowMerge, FollowUnmerge, ForgetNames
from banyan.components.inventory.store import PRODUCT, RESOURCE, SERVICE
from banyan.kernel.engine.handlers import Handler, decides
from banyan.kernel.engine.work import Work
from banyan.tmf import references

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
    """Answer :class:`ForgetNames`."""
    references.change_naming(work, _NAMING, command.ids, references.nameless(command.ids))


HANDLERS: tuple[Handler, ...] = (
    decides(FollowMerge, follow_merge),
    decides(FollowUnmerge, follow_unmerge),
    decides(ForgetNames, forget_names),
)
