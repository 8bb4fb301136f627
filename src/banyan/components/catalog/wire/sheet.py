"""Reads fields out of a YAML tree and notes every mistake where it stands."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from banyan.components.catalog.wire.nodes import (
    Mapping,
    Mark,
    Node,
    Scalar,
    Sequence,
    plain_value,
)
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding

Value = str | int | Decimal | bool

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~@=,+-]{0,127}")
_NAME = re.compile(r"\S(?:[^\x00-\x1f]{0,198}\S)?")


class Sheet:
    """Where mistakes are noted."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def note(self, mark: Mark, code: str, reason: str) -> None:
        """One more mistake."""
        self.findings.append(Finding(code, reason, str(mark)))

    def entries(
        self, node: Node, what: str, known: Iterable[str] | None = None
    ) -> list[tuple[Scalar, Node]]:
        """The entries of a mapping, each key once; of ``known`` keys only, if they are given.

        Nothing written counts as an empty mapping.
        """
        if isinstance(node, Scalar) and node.is_nothing:
            return []
        if not isinstance(node, Mapping):
            self.note(node.mark, "wrongType", f"{what} is a mapping, key: value")
            return []
        allowed = None if known is None else tuple(known)
        found: dict[str, tuple[Scalar, Node]] = {}
        for key, value in node.entries:
            if key.text in found:
                first = found[key.text][0].mark
                reason = f"{what} has {key.text} already at line {first.line}"
                self.note(key.mark, "duplicateKey", reason)
            elif allowed is not None and key.text not in allowed:
                near = difflib.get_close_matches(key.text, allowed, n=1)
                advice = f"; did you mean {near[0]}?" if near else f"; known: {', '.join(allowed)}"
                self.note(key.mark, "unknownKey", f"{what} has no key {key.text!r}{advice}")
            else:
                found[key.text] = (key, value)
        return list(found.values())

    def fields(self, node: Node, what: str, known: Iterable[str]) -> Fields:
        """The known keys of a mapping."""
        entries = self.entries(node, what, known)
        return Fields(self, what, node.mark, {key.text: value for key, value in entries})

    def check_key(self, key: Scalar) -> bool:
        """Whether a key can be an id: it stands in addresses."""
        if _KEY.fullmatch(key.text):
            return True
        reason = f"{key.text[:80]!r} is no key: letters, digits, dot, dash, underscore, at most 128"
        self.note(key.mark, "badKey", reason)
        return False

    def check_name(self, key: Scalar) -> bool:
        """Whether a key can be a characteristic's name: any text on one line."""
        if _NAME.fullmatch(key.text):
            return True
        reason = f"{key.text[:80]!r} is no name: a text on one line, at most 200 characters"
        self.note(key.mark, "badKey", reason)
        return False


class Fields:
    """The fields of one mapping, each read as what it should be; a mistake reads as absent."""

    def __init__(self, sheet: Sheet, what: str, mark: Mark, nodes: dict[str, Node]) -> None:
        self.sheet = sheet
        self.what = what
        self.mark = mark
        self._nodes = nodes

    def has(self, name: str) -> bool:
        """Whether the author wrote the key."""
        return name in self._nodes

    def node(self, name: str) -> Node | None:
        """The field as it was written."""
        return self._nodes.get(name)

    def wrong(self, name: str, code: str, reason: str) -> None:
        """Note a mistake at the field, or at the whole if it isn't there."""
        node = self._nodes.get(name)
        self.sheet.note(self.mark if node is None else node.mark, code, reason)

    def scalar(self, name: str, form: str) -> Scalar | None:
        """The field as a scalar; ``form`` tells an author what it looks like."""
        node = self._nodes.get(name)
        if node is None:
            return None
        if isinstance(node, Scalar) and not node.is_nothing:
            return node
        self.wrong(name, "wrongType", f"{name} is {form}")
        return None

    def text(self, name: str) -> str | None:
        """The field as the author's text, whatever it looks like."""
        found = self.scalar(name, "a text")
        return None if found is None else found.text

    def flag(self, name: str) -> bool | None:
        """The field as a boolean."""
        found = self.scalar(name, "true or false")
        if found is None:
            return None
        if isinstance(found.value, bool):
            return found.value
        self.wrong(name, "wrongType", f"{name} is true or false, not {found.text[:80]!r}")
        return None

    def word(self, name: str, allowed: Iterable[str]) -> str | None:
        """The field as one of the allowed words."""
        words = tuple(allowed)
        found = self.scalar(name, f"one of {', '.join(words)}")
        if found is None or found.text in words:
            return None if found is None else found.text
        near = difflib.get_close_matches(found.text, words, n=1)
        advice = f"; did you mean {near[0]}?" if near else ""
        reason = f"{name} is one of {', '.join(words)}, not {found.text[:80]!r}{advice}"
        self.wrong(name, "unknownWord", reason)
        return None

    def raw(self, forbidden: Iterable[str] = ()) -> dict[str, tuple[Any, Mark]]:
        """The field ``also``: attributes as documents have them, the standard's or a vendor's."""
        node = self._nodes.get("also")
        found: dict[str, tuple[Any, Mark]] = {}
        for key, value in self.sheet.entries(node, "also") if node is not None else ():
            if key.text in forbidden:
                reason = f"{key.text} does not stand under also"
                self.sheet.note(key.mark, "unknownKey", reason)
            else:
                found[key.text] = (plain_value(value), key.mark)
        return found

    def instant(self, name: str) -> str | None:
        """The field as RFC 3339: a day begins at midnight UTC."""
        found = self.scalar(name, "a day or an instant, such as 2026-01-31")
        if found is None:
            return None
        try:
            instant = datetime.fromisoformat(found.text)
        except ValueError:
            reason = f"{found.text[:80]!r} is no day (2026-01-31) and no instant of RFC 3339"
            self.wrong(name, "badDate", reason)
            return None
        return instant.isoformat() if instant.tzinfo else f"{instant.isoformat()}Z"

    def items(self, name: str, form: str) -> list[Node]:
        """The field as a list."""
        node = self._nodes.get(name)
        if node is None:
            return []
        if isinstance(node, Sequence):
            return node.items
        self.wrong(name, "wrongType", f"{name} is a list, {form}")
        return []


class Draft:
    """A document in the making, and where each of its parts was written."""

    def __init__(self, resource: str, mark: Mark, document: Document) -> None:
        self.resource = resource
        self.document = document
        self.marks: dict[str, Mark] = {"": mark, "id": mark}

    def add(self, attribute: str, entry: Document, mark: Mark) -> None:
        """Append to a list attribute."""
        several = self.document.setdefault(attribute, [])
        self.marks[f"{attribute}.{len(several)}"] = mark
        several.append(entry)

    def put(self, attribute: str, value: object, mark: Mark | None = None) -> None:
        """Set an attribute, unless there is nothing to set."""
        if value is not None:
            self.document[attribute] = value
            if mark is not None:
                self.marks[attribute] = mark

    def find_mark(self, path: str) -> Mark:
        """The place of the nearest part that ``path`` leads through."""
        while path not in self.marks:
            path = path.rpartition(".")[0]
        return self.marks[path]


ReadForm = Callable[[Sheet, Scalar, Node], list[Draft]]
"""Reads one entry of a top-level key into the documents it stands for."""
