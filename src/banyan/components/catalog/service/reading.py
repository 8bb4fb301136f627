"""The whole catalogue as files, and how it differs from files or from its own past."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from banyan.components.catalog import policy, store
from banyan.components.catalog.contract import (
    CompareCatalog,
    ExportCatalog,
    ReadSliceTemplate,
)
from banyan.components.catalog.model import (
    SERVICE_SPECIFICATION,
    Abilities,
    Key,
    find_in_force,
    find_key,
    find_version,
    split_address,
)
from banyan.components.catalog.service.loading import sound_items
from banyan.components.catalog.wire import read_catalog, read_template, read_texts, write_files
from banyan.kernel.engine.work import Desk, Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refused
from banyan.tmf.schema import fill_types

DONE = {"state": "done"}


def export_catalog(desk: Desk, command: ExportCatalog) -> Document:
    """Answer :class:`ExportCatalog`; read in one view, written outside of it."""
    with desk.look() as look:
        every = store.find_all_versions(look)
        defaults = store.find_defaults(look.now)
    given = [(key[0], _untyped(key[0], each)) for key, several in every.items() for each in several]
    files = write_files(given, defaults, _read_untyped)
    shown = [{"@type": "CatalogFile", "name": name, "text": text} for name, text in files]
    return {**command.document, "id": "current", **DONE, "catalogFile": shown}


def _read_untyped(files: list[tuple[str, str]]) -> list[tuple[str, Document]] | None:
    authored = read_catalog(files)
    if authored.findings:
        return None
    return [(item.resource, _untyped(item.resource, item.document)) for item in authored.items]


def _untyped(resource: str, document: Document) -> Document:
    """A document without the types of its parts if filing supplies them again, else with all."""
    bare: Document = {name: _without_types(value) for name, value in document.items()}
    shape = store.ROWS[resource].shape
    typed = fill_types(shape, document)
    return bare if fill_types(shape, bare) == typed else typed


def _without_types(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_types(each) for each in value]
    if isinstance(value, dict):
        return {name: _without_types(each) for name, each in value.items() if name != "@type"}
    return value


def compare_catalog(abilities: Abilities) -> Callable[[Desk, CompareCatalog], Document]:
    """The handler of :class:`CompareCatalog` in a house with these drivers."""

    def compare(desk: Desk, command: CompareCatalog) -> Document:
        document = command.document
        before: Mapping[Key, Document]
        after: Mapping[Key, Document]
        if "catalogFile" in document:
            authored = read_catalog(read_texts(document))
            with desk.look() as look:
                items = sound_items(look, authored, abilities, are_loaded=False)
                before, after = _beside(look, [(i.resource, i.document) for i in items])
            names = [
                {"@type": "CatalogFile", "name": file["name"]} for file in document["catalogFile"]
            ]
            document = {**document, "catalogFile": names}
        else:
            with desk.look() as look:
                before, after = _two_versions(look, document)
        found = policy.compute_differences(before, after)
        return {**document, "id": "current", **DONE, "difference": found}

    return compare


def read_slice_template(desk: Desk, command: ReadSliceTemplate) -> Document:
    """Answer :class:`ReadSliceTemplate`."""
    document = command.document
    spec, defects = read_template(document["template"], str(document.get("specificationId") or ""))
    given = [(SERVICE_SPECIFICATION, _untyped(SERVICE_SPECIFICATION, spec))]
    files = write_files(given, store.find_defaults(desk.clock.now()), _read_untyped)
    told = [{"code": each.code, "path": each.path, "reason": each.reason} for each in defects]
    shown = {name: value for name, value in document.items() if name != "template"}
    name = f"{spec['id']}.yaml"
    file = {"@type": "CatalogFile", "name": name, "text": files[0][1]}
    return {**shown, "id": "current", **DONE, "catalogFile": [file], "defect": told}


def answer_read(work: Work, command: object, answer: Document) -> Document:
    """What was read is the answer: there is nothing to store."""
    return answer


def _beside(
    look: Look, given: list[tuple[str, Document]]
) -> tuple[dict[Key, Document], dict[Key, Document]]:
    """Things as they are and as files would have them: the same version, else the one in force."""
    after: dict[Key, Document] = {}
    for resource, document in given:
        base, _ = split_address(find_key(resource, document)[1])
        after[resource, base] = {**store.ROWS[resource].fill(document, look.now), "id": base}
    before: dict[Key, Document] = {}
    for key, versions in store.find_all_versions(look).items():
        named = find_version(after[key]) if key in after else ""
        same = [each for each in versions if find_version(each) == named]
        found = same[0] if same else find_in_force(versions, look.now)
        if found is not None:
            before[key] = found
        if same:
            after[key] = store.fill_like(same[0], key[0], after[key], look.now)
    return before, after


def _two_versions(
    look: Look, document: Document
) -> tuple[Mapping[Key, Document], Mapping[Key, Document]]:
    resource, base = store.read_entity(document.get("entity"))
    versions = store.find_versions(look, resource, [base]).get(base, [])
    sides: list[Mapping[Key, Document]] = []
    for attribute in ("fromVersion", "toVersion"):
        version = str(document.get(attribute) or "")
        found = store.pick_version(versions, version, look)
        if found is None:
            there = ", ".join(find_version(each) for each in versions) or "none"
            reason = f"{resource} {base} has no version {version!r}; there are: {there}"
            raise refused("rule", "unknownReference", reason, attribute)
        sides.append({(resource, base): found})
    return sides[0], sides[1]
