"""Catalogue files (YAML, for people) to TMF documents. Pure: texts in, documents and findings out.

The file format is described in the room's README.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable
from typing import Final

from banyan.components.catalog.contract import CatalogItem
from banyan.components.catalog.model import Key, find_key
from banyan.components.catalog.wire.forms import FORMS
from banyan.components.catalog.wire.nodes import Mark, read_nodes
from banyan.components.catalog.wire.sheet import Draft, Sheet
from banyan.components.catalog.wire.slice_template import read_template, rebuild_template
from banyan.components.catalog.wire.writing import write_files
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, refuse_findings, refused

UNPACKED_MAX: Final = 16_000_000
"""Bytes of one file, unpacked."""

__all__ = [
    "Authored",
    "read_catalog",
    "read_template",
    "read_texts",
    "rebuild_template",
    "write_files",
]


class Authored:
    """What was read from a set of files.

    ``broken`` documents have mistakes among ``findings``; what depends on their content can't be
    judged. When ``is_whole`` is false a file, or a part of one, could not be read at all, so
    nothing can be said about what is missing.
    """

    def __init__(self) -> None:
        self.drafts: dict[Key, Draft] = {}
        self.broken: set[Key] = set()
        self.findings: list[Finding] = []
        self.is_whole = True

    @property
    def items(self) -> tuple[CatalogItem, ...]:
        """The documents, in the order they were written."""
        return tuple(
            CatalogItem(resource=draft.resource, document=draft.document)
            for draft in self.drafts.values()
        )

    def find_mark(self, key: Key, path: str) -> Mark:
        """Where ``path`` of a document was written, or the nearest part around it."""
        return self.drafts[key].find_mark(path)


def read_texts(job: Document) -> list[tuple[str, str]]:
    """The files of a job: ``catalogFile``, a list of ``{name, text}``; refused if it is none.

    Instead of ``text`` a file may have ``gzip``: the same text as UTF-8, by gzip, by base64.
    """
    files = job.get("catalogFile")
    if not isinstance(files, list) or not files:
        reason = "a catalogue comes in catalogFile, a list of {name, text}; no url is fetched"
        raise refused("malformed", "missing", reason, "catalogFile")
    findings: list[Finding] = []
    texts: list[tuple[str, str]] = []
    for at, file in enumerate(files):
        where = f"catalogFile.{at}"
        if not isinstance(file, dict) or not isinstance(file.get("name"), str):
            findings.append(Finding("wrong_type", "a file has a name, a text", f"{where}.name"))
            continue
        text = _unpacked(file) if "gzip" in file else file.get("text")
        if isinstance(text, str):
            texts.append((file["name"], text))
        else:
            part = "gzip" if "gzip" in file else "text"
            findings.append(
                Finding("wrong_type", f"a file has a {part}, a text", f"{where}.{part}")
            )
    refuse_findings("malformed", findings)
    return texts


def _unpacked(file: Document) -> str | None:
    """The text of a packed file; None where it is not packed as it should be, or far too large."""
    try:
        packed = base64.b64decode(file["gzip"], validate=True)
        unpacking = zlib.decompressobj(wbits=31)
        text = unpacking.decompress(packed, UNPACKED_MAX)
        whole = unpacking.eof and not unpacking.unconsumed_tail
        return text.decode("utf-8") if whole else None
    except (TypeError, ValueError, zlib.error):
        return None


def read_catalog(files: Iterable[tuple[str, str]]) -> Authored:
    """Read files, given as name and text; every mistake is a finding at ``file:line:column``.

    What the documents say of each other is not judged here.
    """
    authored = Authored()
    sheet = Sheet()
    for name, text in files:
        root = read_nodes(name, text)
        if isinstance(root, Finding):
            sheet.findings.append(root)
            authored.is_whole = False
        elif root is not None:
            before = len(sheet.findings)
            headings = sheet.entries(root, "a catalogue file", FORMS)
            authored.is_whole &= len(sheet.findings) == before
            for heading, body in headings:
                for key, entry in sheet.entries(body, heading.text):
                    if not sheet.check_key(key):
                        continue
                    before = len(sheet.findings)
                    drafts = FORMS[heading.text](sheet, key, entry)
                    _add(authored, sheet, drafts, is_broken=len(sheet.findings) > before)
    authored.findings = sheet.findings
    return authored


def _add(authored: Authored, sheet: Sheet, drafts: list[Draft], *, is_broken: bool) -> None:
    for draft in drafts:
        key = find_key(draft.resource, draft.document)
        first = authored.drafts.get(key)
        if first is not None:
            named = draft.document["id"]
            reason = f"{draft.resource} {named} is there already at {first.marks['']}"
            sheet.note(draft.marks[""], "duplicateKey", reason)
            continue
        authored.drafts[key] = draft
        if is_broken:
            authored.broken.add(key)
