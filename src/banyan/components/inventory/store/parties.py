"""Parties, roles and accounts that are gone from party: nothing that lives is filed for them."""

from __future__ import annotations

import sqlalchemy as sa

from banyan.components.inventory.store.tables import GONE_PARTY
from banyan.components.inventory.wire.records import find_party_ids, is_live
from banyan.kernel.engine.db import Quick
from banyan.kernel.engine.work import Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refused

_ONE = (GONE_PARTY.c.tenant == sa.bindparam("t")) & (GONE_PARTY.c.id == sa.bindparam("i"))
_FIND = Quick(sa.select(GONE_PARTY.c.id).where(_ONE))
_PUT = Quick(GONE_PARTY.insert())
_DROP = Quick(GONE_PARTY.delete().where(_ONE))


def bar(work: Work, party_id: str) -> None:
    """Let nothing that lives be filed for this party from now on; a repeat changes nothing."""
    if not is_barred(work, party_id):
        _PUT.run(work.tx, {"tenant": work.tenant, "id": party_id})


def unbar(work: Work, party_id: str) -> None:
    """The party is there after all; a repeat changes nothing."""
    _DROP.run(work.tx, {"t": work.tenant, "i": party_id})


def is_barred(work: Work, party_id: str) -> bool:
    """Whether party said that this party goes."""
    return _FIND.run(work.tx, {"t": work.tenant, "i": party_id}).fetchone() is not None


def refuse_gone(work: Work, before: Document | None, after: Document | None) -> None:
    """Refuses (``partyGone``) a product that comes to live for a party that is gone."""
    if after is None or not is_live(after):
        return
    known = find_party_ids(before) if before is not None and is_live(before) else frozenset()
    for party_id in sorted(find_party_ids(after) - known):
        if is_barred(work, party_id):
            reason = f"{party_id} was deleted, or is about to be"
            raise refused("conflict", "partyGone", reason, "relatedParty")
