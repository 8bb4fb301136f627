"""TMF documents to catalogue files (YAML): what is written reads back as the same documents.

What our words don't say goes under ``also`` as it is. Every entry is read back before it is handed
out, so nothing is lost in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from banyan.components.catalog.model import (
    PRODUCT_OFFERING,
    PRODUCT_OFFERING_PRICE,
    PRODUCT_SPECIFICATION,
    RESOURCE_SPECIFICATION,
    SERVICE_SPECIFICATION,
    Key,
    find_base,
    find_key,
    without_owned,
)
from banyan.components.catalog.wire.emitting import emit_block
from banyan.components.catalog.wire.outlines import Entry, inline_prices, outline
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, refuse_findings

Given = tuple[str, Document]
"""A resource and one of its documents, in the inner form."""

Read = Callable[[list[tuple[str, str]]], list[Given] | None]
"""Reads files into what they stand for, each document in one form; None where they have mistakes.

The documents to write are in the same form.
"""

HEADINGS = {
    PRODUCT_SPECIFICATION: "productSpecifications",
    PRODUCT_OFFERING: "productOfferings",
    PRODUCT_OFFERING_PRICE: "prices",
    SERVICE_SPECIFICATION: "serviceSpecifications",
    RESOURCE_SPECIFICATION: "resourceSpecifications",
}


def write_files(
    given: Iterable[Given], defaults: Mapping[str, Document], read: Read
) -> list[tuple[str, str]]:
    """Files, as name and text, that hold all documents; each file has one version of a thing.

    ``defaults`` are what filing supplies for each resource: it is not written. Refused (``rule``)
    where a document can't be written so that it reads back the same.
    """
    wanted = {find_key(r, _plain(d)): _as_authored(d, defaults.get(r, {})) for r, d in given}
    inside: set[Key] = set()
    findings: list[Finding] = []
    rounds: dict[Key, int] = {}
    files: list[dict[str, dict[str, Entry]]] = []
    ordered = sorted(wanted, key=lambda key: list(HEADINGS).index(key[0]))
    for key in (*_offerings_first(ordered),):
        if key in inside:
            continue
        entry, covered = _write(key, wanted, defaults, read)
        if entry is None:
            reason = f"{key[0]} {key[1]} has no form in a catalogue file"
            findings.append(Finding("notWritable", reason, key[1]))
            continue
        inside |= covered
        named = wanted[key]["id"]
        number = rounds.get((key[0], named), 0)
        rounds[key[0], named] = number + 1
        while len(files) <= number:
            files.append({})
        files[number].setdefault(HEADINGS[key[0]], {})[named] = entry
    refuse_findings("rule", findings)
    return [
        (f"catalog-{n + 1}.yaml" if n else "catalog.yaml", _text(f)) for n, f in enumerate(files)
    ]


def _offerings_first(keys: Sequence[Key]) -> list[Key]:
    """Offerings come first: the prices that stand in them are not written again."""
    return sorted(keys, key=lambda key: key[0] != PRODUCT_OFFERING)


def _text(file: Mapping[str, Mapping[str, Entry]]) -> str:
    headings = [name for name in HEADINGS.values() if name in file]
    blocks = ["\n".join(emit_block({name: file[name]})) for name in headings]
    return "\n\n".join(blocks) + "\n"


def _plain(document: Document) -> Document:
    return {**without_owned(document), "id": find_base(document)}


def _as_authored(document: Document, defaults: Document) -> Document:
    """What authors said: without what the room wrote and filing supplied, and without nothings."""
    kept = ("id", "@type", "name", "version", "lifecycleStatus")
    return {
        name: value
        for name, value in _plain(document).items()
        if value is not None and (name in kept or name not in defaults or value != defaults[name])
    }


def _write(
    key: Key, wanted: Mapping[Key, Document], defaults: Mapping[str, Document], read: Read
) -> tuple[Entry | None, set[Key]]:
    """The entry of one document, and which documents it stands for; no entry if none will do."""
    document = wanted[key]
    prices = inline_prices(document, wanted) if key[0] == PRODUCT_OFFERING else {}
    raw = {name: value for name, value in document.items() if name not in ("id", "version")}
    bare = {name: v for name, v in outline(key[0], document, {}).items() if name == "version"}
    attempts: list[tuple[Entry, Iterable[Document]]] = [
        (outline(key[0], document, prices), prices.values()),
        (outline(key[0], document, {}), ()),
        ({**bare, "also": raw}, ()),
    ]
    for entry, inside in attempts:
        covered = {key, *(find_key(PRODUCT_OFFERING_PRICE, each) for each in inside)}
        settled = _settle(key, entry, {each: wanted[each] for each in covered}, defaults, read)
        if settled is not None:
            return settled, covered
    return None, set()


def _settle(
    key: Key,
    entry: Entry,
    wanted: Mapping[Key, Document],
    defaults: Mapping[str, Document],
    read: Read,
) -> Entry | None:
    """The entry with what it leaves unsaid under ``also``; None if it never reads as wanted."""
    for _ in range(3):
        found = _read_back(key, entry, defaults, read)
        if found == wanted:
            return entry
        if found is None or set(found) != set(wanted):
            return None
        also = {**entry.get("also", {}), **_also(wanted[key], found[key])}
        entry = {**entry, "also": dict(sorted(also.items()))}
    return None


def _also(wanted: Document, found: Document) -> Document:
    """What must stand under ``also`` for the one to read back as the other."""
    changed = {name: v for name, v in wanted.items() if found.get(name) != v}
    return {**changed, **{name: None for name in found if name not in wanted}}


def _read_back(
    key: Key, entry: Entry, defaults: Mapping[str, Document], read: Read
) -> dict[Key, Document] | None:
    """The documents an entry reads back as, or None where it has mistakes."""
    base = key[1].split(":(version=")[0]
    text = "\n".join(emit_block({HEADINGS[key[0]]: {base: entry}})) + "\n"
    found = read([("entry", text)])
    if found is None:
        return None
    return {find_key(r, d): _as_authored(d, defaults.get(r, {})) for r, d in found}
