"""What can be sold now, and on what terms: read once for each revision of the catalogue."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple

from banyan.components.catalog import policy, store
from banyan.components.catalog.contract import FindOfferings, OfferingTerms
from banyan.components.catalog.model import PRODUCT_OFFERING, Abilities
from banyan.kernel.engine.clock import to_us
from banyan.kernel.engine.work import Look

KEPT_MAX: Final = 20_000
"""Offerings whose terms are kept in memory."""


class _Kept(NamedTuple):
    """Terms that hold from one instant until before another, while the revision stays."""

    revision: int
    since_us: int
    until_us: int | None
    terms: OfferingTerms


class Offers:
    """Answers :class:`FindOfferings` from memory where nothing has changed since it was computed.

    Every write to the catalogue raises the tenant's revision in its own transaction, so terms of
    the current revision are what the documents say, in whichever process they were written; time
    alone changes them at the bounds of the validities they were computed from.
    """

    def __init__(self, abilities: Abilities) -> None:
        self._abilities = abilities
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, look: Look, query: FindOfferings) -> tuple[OfferingTerms, ...]:
        """Answer :class:`FindOfferings`, in the order asked, each once; unknown ones left out."""
        asked = list(dict.fromkeys(query.ids))
        revision, now_us = store.find_revision(look), to_us(look.now)
        terms: dict[str, OfferingTerms] = {}
        with self._lock:
            for each in asked:
                kept = self._kept.get((look.tenant, each))
                if kept is not None and _holds(kept, revision, now_us):
                    self._kept.move_to_end((look.tenant, each))
                    terms[each] = kept.terms
        missing = [each for each in asked if each not in terms]
        if missing:
            fresh = self._compute(look, missing, revision, now_us)
            terms.update((address, kept.terms) for address, kept in fresh.items())
            with self._lock:
                self._kept.update(((look.tenant, each), kept) for each, kept in fresh.items())
                while len(self._kept) > KEPT_MAX:
                    self._kept.popitem(last=False)
        return tuple(terms[each] for each in asked if each in terms)

    def _compute(
        self, look: Look, addresses: list[str], revision: int, now_us: int
    ) -> dict[str, _Kept]:
        offered = store.find_several(look, PRODUCT_OFFERING, addresses)
        around = store.find_around(look, offered.found)
        documents = {**offered.found, **around.found}
        bounds = [each.changes_ahead_us(look) for each in (offered, around)]
        until_us = min((bound for bound in bounds if bound is not None), default=None)
        fresh: dict[str, _Kept] = {}
        for (_, address), offering in offered.found.items():
            terms = policy.compute_terms(address, offering, documents, look.now, self._abilities)
            fresh[address] = _Kept(revision, now_us, until_us, terms)
        return fresh


def _holds(kept: _Kept, revision: int, now_us: int) -> bool:
    if kept.revision != revision or now_us < kept.since_us:
        return False
    return kept.until_us is None or now_us < kept.until_us


def find_offerings(abilities: Abilities) -> Callable[[Look, FindOfferings], object]:
    """The handler of :class:`FindOfferings` in a house with these drivers."""
    return Offers(abilities).find
