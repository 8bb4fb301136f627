"""Catalogue files (YAML, for people) to TMF documents. Pure: texts in, documents and findings out.

The file format is described in the room's README.
"""

from __future__ import annotations

from collections.abc import Iterable

from banyan.components.catalog.contract import CatalogItem
from banyan.components.catalog.model import Key
from banyan.components.catalog.wire.forms import FORMS
from banyan.components.catalog.wire.nodes import Mark, read_nodes
from banyan.components.catalog.wire.sheet import Draft, Sheet
from banyan.kernel.words.errors import Finding

__all__ = ["Authored", "read_catalog"]


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
        key = (draft.resource, str(draft.document["id"]))
        first = authored.drafts.get(key)
        if first is not None:
            reason = f"{draft.resource} {key[1]} is there already at {first.marks['']}"
            sheet.note(draft.marks[""], "duplicateKey", reason)
            continue
        authored.drafts[key] = draft
        if is_broken:
            authored.broken.add(key)
