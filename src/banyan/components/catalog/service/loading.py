"""Whole catalogues: loaded in one transaction, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Any, Final

import msgspec

from banyan.components.catalog import policy, store
from banyan.components.catalog.contract import (
    CatalogItem,
    CatalogLoaded,
    ImportCatalog,
    LoadCatalog,
)
from banyan.components.catalog.model import (
    FIRST_VERSION,
    ID_TYPES,
    Abilities,
    Flaw,
    Key,
    find_key,
    is_published,
    split_address,
)
from banyan.components.catalog.wire import Authored, read_catalog, read_texts
from banyan.kernel.engine.work import Desk, Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, refuse_findings
from banyan.tmf.schema import check_shape, fill_types

FINDINGS_MAX: Final = 200
"""More mistakes than anybody corrects in one go."""


def load_catalog(abilities: Abilities) -> Callable[[Work, LoadCatalog], CatalogLoaded]:
    """The handler of :class:`LoadCatalog` in a house with these drivers."""

    def load(work: Work, command: LoadCatalog) -> CatalogLoaded:
        items = [as_typed(item) for item in command.items]
        flaws = find_flaws(work, items, abilities)
        positions: dict[Key, int] = {}
        for at, item in enumerate(items):
            positions.setdefault(find_key(item.resource, item.document), at)
        refuse_findings("rule", (_as_finding(flaw, positions[flaw.key]) for flaw in flaws))
        return store.load(work, items)

    return load


def _as_finding(flaw: Flaw, position: int) -> Finding:
    if flaw.code == "unknownResource":
        return Finding(flaw.code, flaw.reason, f"items.{position}.resource")
    path = f"items.{position}.document" + (f".{flaw.path}" if flaw.path else "")
    return Finding(flaw.code, flaw.reason, path)


def as_typed(item: CatalogItem) -> CatalogItem:
    """An item as it is filed: with its types, and the version its address names."""
    if item.resource not in ID_TYPES:
        return item
    document = fill_types(store.ROWS[item.resource].shape, item.document)
    base, version = split_address(str(document.get("id")))
    named = version or document.get("version") or FIRST_VERSION
    document = {**document, "version": named}
    if version:
        document["id"] = base
    return msgspec.structs.replace(item, document=document)


def find_flaws(
    look: Look | Work,
    items: Sequence[CatalogItem],
    abilities: Abilities,
    broken: Set[Key] = frozenset(),
) -> list[Flaw]:
    """All that is wrong with a catalogue: of each document's shape, and of how they fit."""
    flaws: list[Flaw] = []
    misshapen = set(broken)
    for item in items:
        key = find_key(item.resource, item.document)
        if item.resource in ID_TYPES and key not in broken:
            found = check_shape(store.ROWS[item.resource].shape, item.document)
            flaws += [Flaw(key, each.path, each.code, each.reason) for each in found]
            misshapen |= {key} if found else set()
    given = {find_key(item.resource, item.document): item.document for item in items}
    bare = {(kind, split_address(address)[0]): given[kind, address] for kind, address in given}
    around = store.find_around(look, {**given, **bare}, broken).found
    flaws += policy.check_catalog(items, around, misshapen)
    sound = {key: document for key, document in given.items() if key not in misshapen}
    flaws += _check_versions(look, sound)
    known = {**around, **given, **bare}
    flaws += _check_published(sound, known, abilities)
    return flaws


def _check_versions(look: Look | Work, given: Mapping[Key, Document]) -> Iterator[Flaw]:
    """What is published stays as it is, and everything moves by the steps of the lifecycle."""
    for key, before, after in store.find_stored(look, given):
        filled = store.fill_like(before, key[0], after, look.now)
        for found in (*policy.check_edit(before, filled), *policy.check_step(before, filled)):
            yield Flaw(key, found.path, found.code, found.reason)


def _check_published(
    given: Mapping[Key, Document], known: Mapping[Key, Document], abilities: Abilities
) -> Iterator[Flaw]:
    for key, document in given.items():
        if is_published(document):
            findings = [
                *policy.check_parts(key, document, known),
                *policy.find_unfulfilled(key, document, known, abilities),
            ]
            for found in findings:
                yield Flaw(key, found.path, found.code, found.reason)


def read_files(desk: Desk, command: ImportCatalog) -> Authored:
    """Read the job's files, outside any transaction: a large catalogue takes a while."""
    return read_catalog(read_texts(command.document))


def import_catalog(
    abilities: Abilities,
) -> Callable[[Work, ImportCatalog, Authored], Document]:
    """The handler of :class:`ImportCatalog`; the stored job keeps the files' names only."""

    def load(work: Work, command: ImportCatalog, authored: Authored) -> Document:
        items = sound_items(work, authored, abilities)
        names = [{"name": file["name"]} for file in command.document["catalogFile"]]
        job: dict[str, Any] = {**command.document, "catalogFile": names}
        return store.add_job(work, job, store.load(work, items))

    return load


def sound_items(
    look: Look | Work, authored: Authored, abilities: Abilities, *, are_loaded: bool = True
) -> list[CatalogItem]:
    """The documents that files stand for; refused (``malformed``) with every mistake at its place.

    A path is ``file:line:column``. What is not to be loaded may say of a published version what
    it does not say.
    """
    items = [as_typed(item) for item in authored.items]
    findings = list(authored.findings)
    if authored.is_whole:
        for flaw in find_flaws(look, items, abilities, authored.broken):
            if flaw.code in ("published", "lifecycle") and not are_loaded:
                continue
            mark = authored.find_mark(flaw.key, flaw.path)
            findings.append(Finding(flaw.code, flaw.reason, str(mark)))
    refuse_findings("malformed", sorted(dict.fromkeys(findings), key=_place)[:FINDINGS_MAX])
    return items


def _place(finding: Finding) -> tuple[str, int, int]:
    file, line, column = finding.path.rsplit(":", 2)
    return file, int(line), int(column)
