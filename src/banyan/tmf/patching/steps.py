"""JSON Patch (RFC 6902) to the letter: types are never mixed up, pointers never guessed at."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from banyan.kernel.words.codec import to_json
from banyan.kernel.words.errors import Refused, refused

COPIED_BYTES_MAX: Final = 1_048_576
"""Bytes of JSON that the ``copy`` operations of one patch may add in all."""

Parts = tuple[str, ...]
"""A JSON Pointer (RFC 6901), unescaped; empty for the whole document."""

_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
_VALUED: Final = ("add", "replace", "test")
_SOURCED: Final = ("move", "copy")
WORDS: Final = (*_VALUED, *_SOURCED, "remove")


class Step(NamedTuple):
    """One operation at one place; ``number`` is where it stands in the patch."""

    number: int
    word: str
    path: Parts
    source: Parts = ()
    value: Any = None


def read_word(operation: Any, number: int) -> str:
    """The ``op`` of an operation that has all the members its ``op`` asks for, else refused."""
    if not isinstance(operation, dict):
        raise wrong(number, "", "operation", "an operation is a JSON object")
    word = operation.get("op")
    if word not in WORDS:
        raise wrong(number, "op", "operation", f"op is one of {', '.join(WORDS)}")
    texts = ["path", *(["from"] if word in _SOURCED else [])]
    for name in texts:
        if not isinstance(operation.get(name), str):
            raise wrong(number, name, "missing", f"{word} needs a {name}, a text")
    if word in _VALUED and "value" not in operation:
        raise wrong(number, "value", "missing", f"{word} needs a value")
    return str(word)


def read_step(operation: Any, number: int) -> Step:
    """An operation of RFC 6902; refuses what is none."""
    word = read_word(operation, number)
    path = _parts(operation["path"], number, "path")
    source = _parts(operation["from"], number, "from") if word in _SOURCED else ()
    return Step(number, word, path, source, operation.get("value"))


def _parts(pointer: str, number: int, name: str) -> Parts:
    if pointer and not pointer.startswith("/"):
        raise wrong(number, name, "pointer", "a JSON Pointer is empty or begins with /")
    if re.search(r"~(?![01])", pointer):
        raise wrong(number, name, "pointer", "~ is written ~0, and / within a name ~1")
    return tuple(p.replace("~1", "/").replace("~0", "~") for p in pointer.split("/")[1:])


def wrong(number: int, name: str, code: str, reason: str) -> Refused:
    """The refusal of one operation, at its number."""
    return refused("malformed", code, reason, f"{number}.{name}" if name else str(number))


class Draft:
    """A document being patched: a copy, so that a patch is taken whole or not at all."""

    def __init__(self, document: Any) -> None:
        self.document = _copied(document)
        self._copied_bytes = 0

    def run(self, step: Step) -> None:
        """Take one step."""
        if step.word == "add":
            self._add(step, _copied(step.value))
        elif step.word == "replace":
            self._replace(step)
        elif step.word == "remove":
            self._take(step, step.path, "path")
        elif step.word == "test":
            if not is_same(self._at(step, step.path, "path"), step.value):
                raise refused(
                    "conflict", "testFailed", "the value there is another", f"{step.number}.path"
                )
        elif step.word == "copy":
            self._add(step, self._duplicate(step))
        else:
            self._move(step)

    def _duplicate(self, step: Step) -> Any:
        found = self._at(step, step.source, "from")
        self._copied_bytes += len(to_json(found))
        if self._copied_bytes > COPIED_BYTES_MAX:
            reason = f"copies of more than {COPIED_BYTES_MAX} bytes"
            raise refused("too_large", "copySize", reason, f"{step.number}.from")
        return _copied(found)

    def _move(self, step: Step) -> None:
        source, path = step.source, step.path
        if len(source) < len(path) and path[: len(source)] == source:
            raise wrong(step.number, "path", "intoItself", "nothing moves into itself")
        value = self._at(step, source, "from")
        if source != path:
            self._take(step, source, "from")
            self._add(step, value)

    def _add(self, step: Step, value: Any) -> None:
        if not step.path:
            self.document = value
            return
        parent, last = self._at(step, step.path[:-1], "path"), step.path[-1]
        if isinstance(parent, dict):
            parent[last] = value
        elif isinstance(parent, list) and last == "-":
            parent.append(value)
        elif isinstance(parent, list) and _index(last, len(parent) + 1) is not None:
            parent.insert(int(last), value)
        else:
            raise self._nowhere(step, step.path, "path")

    def _replace(self, step: Step) -> None:
        value = _copied(step.value)
        if not step.path:
            self.document = value
            return
        self._at(step, step.path, "path")
        parent, last = self._at(step, step.path[:-1], "path"), step.path[-1]
        parent[int(last) if isinstance(parent, list) else last] = value

    def _take(self, step: Step, path: Parts, name: str) -> None:
        if not path:
            raise wrong(step.number, name, "whole", "the whole document can't be removed")
        self._at(step, path, name)
        parent, last = self._at(step, path[:-1], name), path[-1]
        del parent[int(last) if isinstance(parent, list) else last]

    def _at(self, step: Step, path: Parts, name: str) -> Any:
        found = self.document
        for part in path:
            if isinstance(found, dict) and part in found:
                found = found[part]
            elif isinstance(found, list) and (at := _index(part, len(found))) is not None:
                found = found[at]
            else:
                raise self._nowhere(step, path, name)
        return found

    def _nowhere(self, step: Step, path: Parts, name: str) -> Refused:
        shown = "/".join(path)[:200]
        return wrong(step.number, name, "noSuchPath", f"there is nothing at /{shown}")


def _index(part: str, size: int) -> int | None:
    if not _INDEX.fullmatch(part) or int(part) >= size:
        return None
    return int(part)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_copied(inner) for inner in value]
    return value


def is_same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal (RFC 6902, 4.6): ``true`` is not 1, 1 is 1.0."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return bool(one == other)
