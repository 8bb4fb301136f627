"""One handler per command and query of catalog."""

from __future__ import annotations

from collections.abc import Sequence, Set

import msgspec

from banyan.components.catalog import policy, store
from banyan.components.catalog.contract import (
    CatalogItem,
    CatalogLoaded,
    FindOfferings,
    ImportCatalog,
    LoadCatalog,
    OfferingTerms,
)
from banyan.components.catalog.model import ID_TYPES, PRODUCT_OFFERING, Flaw, Key
from banyan.components.catalog.wire import Authored, read_catalog
from banyan.kernel.engine.handlers import Handler, answers, asks, decides
from banyan.kernel.engine.work import Desk, Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, refuse_findings, refused
from banyan.tmf.schema import check_shape, fill_types

FINDINGS_MAX = 200
"""More mistakes than anybody corrects in one go."""


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


def read_files(desk: Desk, command: ImportCatalog) -> Authored:
    """Read the job's files, outside any transaction: a large catalogue takes a while."""
    files = command.document.get("catalogFile")
    if not isinstance(files, list) or not files:
        reason = "a catalogue comes in catalogFile, a list of {name, text}; no url is fetched"
        raise refused("malformed", "missing", reason, "catalogFile")
    findings = [
        Finding("wrong_type", f"a file has a {part}, a text", f"catalogFile.{at}.{part}")
        for at, file in enumerate(files)
        for part in ("name", "text")
        if not isinstance(file, dict) or not isinstance(file.get(part), str)
    ]
    refuse_findings("malformed", findings)
    return read_catalog((file["name"], file["text"]) for file in files)


def import_catalog(work: Work, command: ImportCatalog, authored: Authored) -> Document:
    """Answer :class:`ImportCatalog`; the stored job keeps the files' names, not their texts."""
    items = [_typed(item) for item in authored.items]
    findings = list(authored.findings)
    if authored.is_whole:
        for flaw in find_flaws(work, items, authored.broken):
            mark = authored.find_mark(flaw.key, flaw.path)
            findings.append(Finding(flaw.code, flaw.reason, str(mark)))
    refuse_findings("malformed", sorted(dict.fromkeys(findings), key=_place)[:FINDINGS_MAX])
    names = [{"name": file["name"]} for file in command.document["catalogFile"]]
    job = {**command.document, "catalogFile": names}
    return store.add_job(work, job, store.load(work, items))


def _place(finding: Finding) -> tuple[str, int, int]:
    file, line, column = finding.path.rsplit(":", 2)
    return file, int(line), int(column)


HANDLERS: tuple[Handler, ...] = (
    answers(FindOfferings, find_offerings),
    decides(LoadCatalog, load_catalog),
    asks(ImportCatalog, read_files, import_catalog),
)
