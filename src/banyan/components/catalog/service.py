"""One handler per command and query of catalog."""

from __future__ import annotations

from collections.abc import Sequence, Set

import msgspec

from banyan.components.catalog import policy, store
from banyan.components.catalog.contract import (
    CatalogItem,
    CatalogLoaded,
    FindOfferings,
    LoadCatalog,
    OfferingTerms,
)
from banyan.components.catalog.model import ID_TYPES, PRODUCT_OFFERING, Flaw, Key
from banyan.kernel.engine.handlers import Handler, answers, decides
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.errors import Finding, refuse_findings
from banyan.tmf.schema import check_shape, fill_types


def find_offerings(look: Look, query: FindOfferings) -> tuple[OfferingTerms, ...]:
    """Answer :class:`FindOfferings`, in the order asked, each once; unknown ones are left out."""
    ids = list(dict.fromkeys(query.ids))
    offerings = store.find_several(look, PRODUCT_OFFERING, ids)
    around = {**offerings, **store.find_around(look, offerings)}
    return tuple(
        policy.compute_terms(offerings[PRODUCT_OFFERING, each], around, look.now)
        for each in ids
        if (PRODUCT_OFFERING, each) in offerings
    )


def load_catalog(work: Work, command: LoadCatalog) -> CatalogLoaded:
    """Answer :class:`LoadCatalog`."""
    items = [_typed(item) for item in command.items]
    flaws = find_flaws(work, items)
    positions: dict[Key, int] = {}
    for at, item in enumerate(items):
        positions.setdefault((item.resource, str(item.document.get("id"))), at)
    refuse_findings("rule", (_as_finding(flaw, positions[flaw.key]) for flaw in flaws))
    return store.load(work, items)


def _as_finding(flaw: Flaw, position: int) -> Finding:
    if flaw.code == "unknownResource":
        return Finding(flaw.code, flaw.reason, f"items.{position}.resource")
    path = f"items.{position}.document" + (f".{flaw.path}" if flaw.path else "")
    return Finding(flaw.code, flaw.reason, path)


def _typed(item: CatalogItem) -> CatalogItem:
    if item.resource not in ID_TYPES:
        return item
    document = fill_types(store.ROWS[item.resource].shape, item.document)
    return msgspec.structs.replace(item, document=document)


def find_flaws(
    work: Work, items: Sequence[CatalogItem], broken: Set[Key] = frozenset()
) -> list[Flaw]:
    """All that is wrong with a catalogue: of each document's shape, and of how they fit."""
    flaws: list[Flaw] = []
    misshapen = set(broken)
    for item in items:
        key = (item.resource, str(item.document.get("id")))
        if item.resource in ID_TYPES and key not in broken:
            found = check_shape(store.ROWS[item.resource].shape, item.document)
            flaws += [Flaw(key, each.path, each.code, each.reason) for each in found]
            misshapen |= {key} if found else set()
    given = {(item.resource, str(item.document.get("id"))): item.document for item in items}
    return flaws + policy.check_catalog(items, store.find_around(work, given, broken), misshapen)


HANDLERS: tuple[Handler, ...] = (
    answers(FindOfferings, find_offerings),
    decides(LoadCatalog, load_catalog),
)
