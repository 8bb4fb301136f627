"""Deleting what other rooms may hang on: inventory first, then here, and no gap between."""

from __future__ import annotations

from banyan.components.inventory.contract import BarParty
from banyan.components.party import store
from banyan.components.party.contract import RemoveNamed
from banyan.components.party.events import PartyKept, PartyRemoved
from banyan.kernel.engine.handlers import Handler, asks
from banyan.kernel.engine.work import Desk, Work
from banyan.kernel.words.errors import Refusal, Refused


def look_around(desk: Desk, command: RemoveNamed) -> None:
    """Refuse at once what can be seen here, then ask inventory, which bars what comes after."""
    with desk.look() as look:
        _, stored = store.need_removable(look, command.id)
        store.check_removal(look, stored, command.revs)
    desk.ask(BarParty(party_id=command.id), "bar")


def remove_named(work: Work, command: RemoveNamed, seen: None) -> Refusal | None:
    """Answer :class:`RemoveNamed`; what is named by now stays, and inventory hears of it."""
    resource, stored = store.need_removable(work, command.id)
    try:
        store.check_removal(work, stored, command.revs)
    except Refused as error:
        work.say(PartyKept(subject=command.id, party_id=command.id))
        return error.refusal
    resource.guard_removal(work, stored.document)
    store.remove(work, resource, command.id)
    work.say(PartyRemoved(subject=command.id, party_id=command.id))
    return None


HANDLERS: tuple[Handler, ...] = (asks(RemoveNamed, look_around, remove_named),)
