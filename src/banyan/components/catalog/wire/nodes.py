"""YAML text as a tree in which everything knows where it stands.

Only what an author needs is read: mappings, lists and plain or quoted texts, at most twenty levels
deep. Anchors, aliases, tags and several documents in one file are told as mistakes, so a small file
can't unfold into a large one. A scalar keeps its text: nothing becomes a float on the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import yaml

from banyan.kernel.words.errors import Finding

DEPTH_MAX = 20
TEXT_LENGTH_MAX = 16_000_000

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,40}\.[0-9]{1,40}")


class Mark(msgspec.Struct, frozen=True):
    """A place in a file; line and column count from one."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Scalar(msgspec.Struct, frozen=True):
    """A text, and whether it stood there without quotes."""

    mark: Mark
    text: str
    is_plain: bool

    @property
    def is_nothing(self) -> bool:
        """Whether the author wrote nothing, ``~`` or ``null``."""
        return self.is_plain and self.text in ("", "~", "null")

    @property
    def value(self) -> str | int | Decimal | bool | None:
        """What it reads as: quoted a text, else a boolean, an exact number, nothing or a text."""
        if not self.is_plain:
            return self.text
        if self.text in ("true", "false"):
            return self.text == "true"
        if self.is_nothing:
            return None
        if _INTEGER.fullmatch(self.text):
            return int(self.text)
        return Decimal(self.text) if _DECIMAL.fullmatch(self.text) else self.text


class Sequence(msgspec.Struct, frozen=True):
    """A list."""

    mark: Mark
    items: list[Node]


class Mapping(msgspec.Struct, frozen=True):
    """Keys with their values, in the author's order; a key written twice is there twice."""

    mark: Mark
    entries: list[tuple[Scalar, Node]]


Node = Scalar | Sequence | Mapping


def plain_value(node: Node) -> Any:
    """What a node says, as a document would: the last of a key written twice."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain_value(each) for each in node.items]
    return {key.text: plain_value(each) for key, each in node.entries}


class _Misread(Exception):
    """The file can't be read on from here."""

    def __init__(self, mark: Mark, code: str, reason: str) -> None:
        super().__init__(reason)
        self.finding = Finding(code, reason, str(mark))


def read_nodes(file: str, text: str) -> Node | Finding | None:
    """The tree of one YAML text, None if it is empty, or the mistake that stops the reading."""
    start = Mark(file, 1, 1)
    if len(text) > TEXT_LENGTH_MAX:
        reason = f"a file has at most {TEXT_LENGTH_MAX} characters"
        return Finding("tooLarge", reason, str(start))
    try:
        return _read_document(file, iter(yaml.parse(text, Loader=_LOADER)))
    except _Misread as misread:
        return misread.finding
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark or error.context_mark
        mark = Mark(file, at.line + 1, at.column + 1) if at else start
        return Finding("yaml", f"no YAML: {error.problem or error.context}", str(mark))
    except (yaml.YAMLError, UnicodeError) as error:
        return Finding("yaml", f"no YAML: {str(error)[:200]}", str(start))


def _read_document(file: str, events: Iterator[Any]) -> Node | None:
    root: Node | None = None
    documents = 0
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                reason = "a file holds one YAML document"
                raise _Misread(_mark(file, event), "yaml", reason)
            root = _read_node(file, next(events), events, 1)
    return root


def _read_node(file: str, event: Any, events: Iterator[Any], depth: int) -> Node:
    mark = _mark(file, event)
    if isinstance(event, yaml.AliasEvent) or event.anchor:
        raise _Misread(mark, "yaml", "anchors and aliases are not read: write it out")
    if event.tag:
        raise _Misread(mark, "yaml", f"tags such as {event.tag} are not read: leave it out")
    if depth > DEPTH_MAX:
        raise _Misread(mark, "yaml", f"nested more than {DEPTH_MAX} levels deep")
    if isinstance(event, yaml.ScalarEvent):
        return Scalar(mark, event.value, event.style in (None, ""))
    if isinstance(event, yaml.SequenceStartEvent):
        items: list[Node] = []
        while not isinstance(following := next(events), yaml.SequenceEndEvent):
            items.append(_read_node(file, following, events, depth + 1))
        return Sequence(mark, items)
    entries: list[tuple[Scalar, Node]] = []
    while not isinstance(following := next(events), yaml.MappingEndEvent):
        key = _read_node(file, following, events, depth + 1)
        if not isinstance(key, Scalar):
            raise _Misread(key.mark, "yaml", "a key is a text")
        entries.append((key, _read_node(file, next(events), events, depth + 1)))
    return Mapping(mark, entries)


def _mark(file: str, event: Any) -> Mark:
    return Mark(file, event.start_mark.line + 1, event.start_mark.column + 1)
