"""Where the paths of a query patch lead (TMF630 part 5): array items picked by what they hold.

Two forms. One begins with ``/``: ``/note?note.author=Jane/text`` or, as TM Forum's examples write
it, ``/partyCharacteristic/value?/partyCharacteristic/name=size``; lists are crossed, and every
item that meets all conditions is meant. The other is JSONPath (RFC 9535):
``note[?(@.author=='Jane')].text``. An operation is taken at every place its path leads to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from jsonpath import JSONPath, JSONPathEnvironment
from jsonpath.exceptions import JSONPathError
from jsonpath.selectors import NameSelector

from banyan.tmf.filters import equals
from banyan.tmf.patching.steps import Parts, Step, read_word, wrong
from banyan.tmf.values import values_at

PATH_MAX: Final = 500
"""Characters of a path."""
PLACES_MAX: Final = 1_000
"""Places one operation may be taken at."""
FILTERS_MAX: Final = 4
"""Filters of one JSONPath: each multiplies the work of those around it."""


def find_steps(document: Any, operation: Any, number: int) -> list[Step]:
    """One operation as steps at single places; refused when its path leads nowhere.

    An ``add`` to a list whose value is no list adds an item at its end, as TM Forum's examples do.
    """
    word = read_word(operation, number)
    value = operation.get("value")
    places = _places(document, operation["path"], number, "path", is_new=word in _NEW)
    source: Parts = ()
    if word in ("move", "copy"):
        sources = _places(document, operation["from"], number, "from")
        if len(sources) != 1:
            reason = f"leads to {len(sources)} places, not to one"
            raise wrong(number, "from", "ambiguous", reason)
        source = sources[0]
        value = _at(document, source)
    if word in _NEW:
        places = [_appended(document, place, value) for place in places]
    # from the last to the first: what is removed shifts nothing that is still to be visited
    return [Step(number, word, place, source, value) for place in reversed(places)]


_NEW: Final = ("add", "copy", "move")


def _appended(document: Any, place: Parts, value: Any) -> Parts:
    if isinstance(value, list) or not isinstance(_at(document, place), list):
        return place
    return (*place, "-")


def _at(document: Any, place: Parts) -> Any:
    """What is at a place, nothing if it is yet to come."""
    found = document
    for part in place:
        if isinstance(found, list):
            found = found[int(part)] if part != "-" else None
        else:
            found = found.get(part) if isinstance(found, dict) else None
    return found


def _places(
    document: Any, path: str, number: int, name: str, *, is_new: bool = False
) -> list[Parts]:
    if len(path) > PATH_MAX:
        raise wrong(number, name, "tooLong", f"a path has at most {PATH_MAX} characters")
    if path.startswith("/"):
        try:
            found = _walked(document, _read_query(path), is_new=is_new)
        except ValueError as error:
            raise wrong(number, name, "pathSyntax", str(error)) from None
    else:
        try:
            found = _matched(document, path, is_new=is_new)
        except (JSONPathError, RecursionError, ValueError) as error:
            raise wrong(number, name, "pathSyntax", f"no JSONPath: {str(error)[:200]}") from None
    places = list(dict.fromkeys(islice(found, PLACES_MAX + 1)))
    if not places:
        raise wrong(number, name, "noSuchPath", f"there is nothing at {path[:200]}")
    if len(places) > PLACES_MAX:
        raise wrong(number, name, "tooMany", f"leads to more than {PLACES_MAX} places")
    return places


class _Condition(NamedTuple):
    """``names`` must have ``value``, seen from the part ``anchor`` of the path it stands in.

    An anchor of -1 is the innermost list item on the way.
    """

    anchor: int
    names: tuple[str, ...]
    value: str


class _Query(NamedTuple):
    """A path of the first form; with ``has_picked``, a list at its end stands for its items."""

    parts: Parts
    conditions: tuple[_Condition, ...]
    has_picked: bool


@lru_cache(maxsize=1_024)
def _read_query(path: str) -> _Query:
    head, _, told = path.partition("?")
    parts = [_name(part) for part in head.split("/")[1:]]
    before = len(parts)
    texts, rest = _split_conditions(told) if told else ([], "")
    if rest:
        parts += [_name(part) for part in rest.split("/")]
    conditions = tuple(_read_condition(text, parts[:before]) for text in texts)
    if not all(parts):
        raise ValueError("a name in the path is empty")
    last = len(parts) - 1
    picked = any(c.anchor < 0 or len(c.names) > last - c.anchor + 1 for c in conditions)
    return _Query(tuple(parts), conditions, picked)


def _name(part: str) -> str:
    return unquote(part).replace("~1", "/").replace("~0", "~")


def _split_conditions(told: str) -> tuple[list[str], str]:
    """The conditions behind a ``?``, and the path that goes on behind them.

    A value ends at ``&`` or ``/``, unless it stands in double quotes or has them as %26 and %2F.
    """
    texts: list[str] = []
    while True:
        name, equal, behind = told.partition("=")
        if not equal:
            raise ValueError(f"a condition reads name=value, not {told[:80]!r}")
        end = _value_end(behind)
        texts.append(f"{name}={behind[:end]}")
        if behind[end : end + 1] != "&":
            return texts, behind[end + 1 :]
        told = behind[end + 1 :]


def _value_end(text: str) -> int:
    start = 0
    if text.startswith('"'):
        start = text.find('"', 1) + 1
        if not start:
            raise ValueError("a quoted value has no end")
    ends = [at for at in (text.find("&", start), text.find("/", start)) if at >= 0]
    return min(ends, default=len(text))


def _read_condition(text: str, parts: list[str]) -> _Condition:
    name, _, value = text.partition("=")
    names = tuple(unquote(part) for part in name.strip("/").replace("/", ".").split("."))
    if not all(names):
        raise ValueError(f"a condition has an empty name: {text[:80]!r}")
    value = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else unquote(value)
    anchor = parts.index(names[0]) if len(names) > 1 and names[0] in parts else -1
    return _Condition(anchor, names, value)


class _Stop(NamedTuple):
    """One step of a way: the key taken, what is there, which part of the path it was.

    ``at`` is None for an item of a list that the path crosses.
    """

    key: str
    value: Any
    at: int | None


_Trail = tuple[_Stop, ...]


def _walked(document: Any, query: _Query, *, is_new: bool) -> Iterator[Parts]:
    """Every place of a path of the first form that meets its conditions, in document order."""
    for trail in _ways(query, document, (), 0, is_new):
        if all(_holds(each, trail, query.parts) for each in query.conditions):
            yield tuple(stop.key for stop in trail)


def _ways(query: _Query, held: Any, trail: _Trail, at: int, is_new: bool) -> Iterator[_Trail]:
    parts = query.parts
    is_end = at == len(parts)
    is_crossed = query.has_picked if is_end else not _is_index(parts[at])
    if isinstance(held, list) and is_crossed:
        for i, item in enumerate(held):
            stop = _Stop(str(i), item, None)
            if is_end:
                yield (*trail, stop)
            else:
                yield from _ways(query, item, (*trail, stop), at, is_new)
        return
    if is_end:
        yield trail
        return
    part, is_last = parts[at], at == len(parts) - 1
    if isinstance(held, dict):
        if part in held or (is_last and is_new):
            stop = _Stop(part, held.get(part), at)
            yield from _ways(query, held.get(part), (*trail, stop), at + 1, is_new)
    elif isinstance(held, list):
        if part == "-" and is_last and is_new:
            yield (*trail, _Stop(part, None, at))
        elif part != "-" and int(part) < len(held):
            stop = _Stop(part, held[int(part)], at)
            yield from _ways(query, held[int(part)], (*trail, stop), at + 1, is_new)


def _is_index(part: str) -> bool:
    return part == "-" or _INDEX.fullmatch(part) is not None


_INDEX: Final = re.compile(r"[0-9]{1,9}", re.ASCII)


def _holds(condition: _Condition, trail: _Trail, parts: Parts) -> bool:
    """Whether a condition holds on the way to one place: seen from where the two part."""
    names, anchor = condition.names, condition.anchor
    if anchor < 0:
        items = [stop.value for stop in trail if stop.at is None]
        return bool(items) and _has(items[-1], names, condition.value)
    shared = 0
    while names[shared : shared + 1] == parts[anchor + shared : anchor + shared + 1] != ():
        shared += 1
    seen = None
    for stop in trail:
        if stop.at == anchor + shared:
            break
        seen = stop.value
    return _has(seen, names[shared:], condition.value)


def _has(seen: Any, names: tuple[str, ...], value: str) -> bool:
    return any(equals(found, [value]) for found in values_at(seen, list(names)))


def _environment() -> JSONPathEnvironment:
    """JSONPath without regular expressions: a pattern can take for ever."""
    made = JSONPathEnvironment(strict=True)
    for name in ("match", "search"):
        del made.function_extensions[name]
    return made


_ENVIRONMENT: Final = _environment()


@lru_cache(maxsize=1_024)
def _compiled(path: str) -> JSONPath:
    whole = path if path.startswith("$") else f"$.{path}" if path[:1] != "[" else f"${path}"
    if whole.count("?") > FILTERS_MAX or whole.count("..") > 1 or whole.count("$") > 1:
        raise ValueError(f"at most {FILTERS_MAX} filters, one '..' and no other '$'")
    made = _ENVIRONMENT.compile(whole)
    if not isinstance(made, JSONPath):
        raise ValueError("one path, not several")
    return made


def _matched(document: Any, path: str, *, is_new: bool) -> Iterator[Parts]:
    compiled = _compiled(path)
    found = [tuple(map(str, each.parts)) for each in _some(compiled, document)]
    if found or not is_new or not compiled.segments:
        return iter(found)
    *before, last = compiled.segments
    names = [s.name for s in last.selectors if isinstance(s, NameSelector)]
    if len(names) != 1 or len(last.selectors) != 1 or "Recursive" in type(last).__name__:
        return iter(())
    parents = _some(JSONPath(env=_ENVIRONMENT, segments=before), document)
    return iter(
        [(*map(str, each.parts), names[0]) for each in parents if isinstance(each.obj, dict)]
    )


def _some(path: JSONPath, document: Any) -> list[Any]:
    return list(islice(path.finditer(document), PLACES_MAX + 1))
