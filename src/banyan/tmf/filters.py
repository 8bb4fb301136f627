"""Reads a query string: filters, projection, order, paging (TMF630; clauses 2.2 to 2.4).

The raw string is read before anything is decoded, because ``%2C`` and a quoted comma belong to a
value while a bare comma separates two, and ``%3E`` before the first ``=`` is an operator while one
behind it belongs to the value. Parameters are AND-ed; values of one attribute, and what ``;``
separates, are OR-ed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, Literal, cast
from urllib.parse import unquote_plus

from banyan.kernel.words.errors import Refused, refused
from banyan.tmf.patterns import compile_regex
from banyan.tmf.values import key_of, values_at, wanted_keys

QUERY_MAX: Final = 8_000
"""Characters of a query string; longer ones are refused."""
CONDITIONS_MAX: Final = 50
VALUES_MAX: Final = 500
SORTS_MAX: Final = 5

Operator = Literal["eq", "gt", "gte", "lt", "lte", "regex"]

UNKNOWN_OPERATORS: Final[frozenset[str]] = frozenset(
    re.findall(
        r"\w+",
        "ne neq not in nin like ilike nlike contains startswith endswith exists between isnull"
        " regexp matches ge le goe loe",
    )
)
"""What other query languages have behind a dot: refused, because nothing would be found by it."""

_PART = re.compile(
    r"(?P<name>(?:(?!%3[CDEcde])[^=<>])*)"
    r"(?P<sign>(?:%3[CEce]|[<>])(?:%3[Dd]=?|=)?|%3[Dd](?:~|%7[Ee])=?|=~|%3[Dd]%3[Dd]=?|%3[Dd]=|=="
    r"|%3[Dd]|=)"
    r"(?P<value>.*)",
    re.DOTALL,
)
_SIGNS: Final[dict[str, Operator]] = {
    "<": "lt", "<=": "lte", "<==": "lte", ">": "gt", ">=": "gte", ">==": "gte",
    "=": "eq", "==": "eq", "===": "eq", "=~": "regex", "=~=": "regex",
}  # fmt: skip
"""Decoded; clients that can send names and values only add ``=`` behind an encoded operator."""
_SUFFIX = re.compile(r"\.(eq|gte?|lte?|regex)$")
_PATH = re.compile(r"[^\s!^*|?;,\"'()\[\]{}<>=~]+")
_PLACES: Final = ("before", "after")


@dataclass(frozen=True, slots=True)
class Condition:
    """What one attribute must be to any of ``values`` (as text), or any of ``alternatives``.

    ``eq`` is equal, ``regex`` holds the pattern somewhere; the others compare with values of the
    document's own kind: instants, numbers, booleans or text.
    """

    path: str
    values: tuple[str, ...]
    operator: Operator = "eq"
    alternatives: tuple[Condition, ...] = ()

    def matches(self, document: Any) -> bool:
        """Whether any scalar the path leads to, across arrays, is what is wanted."""
        test = _test(self.operator, self.values)
        if any(map(test, values_at(document, self.path.split(".")))):
            return True
        return any(each.matches(document) for each in self.alternatives)

    def each(self) -> tuple[Condition, ...]:
        """This condition alone, and its alternatives."""
        if not self.alternatives:
            return (self,)
        return (replace(self, alternatives=()), *self.alternatives)


@dataclass(frozen=True, slots=True)
class Sort:
    """One attribute a list is in the order of."""

    path: str
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """A query string, read: which documents, which part of them, in which order, which page."""

    conditions: tuple[Condition, ...] = ()
    fields: list[str] | None = None
    offset: int = 0
    limit: int | None = None
    is_paged: bool = False
    rest: tuple[str, ...] = ()
    """The raw parameters that are not paging, for links to other pages."""
    sort: tuple[Sort, ...] = ()
    jsonpath: str = ""
    """``filter``, not compiled yet."""
    after: str = ""
    before: str = ""
    """Cursors; at most one of them is given, and no offset beside it."""

    @property
    def is_of_lists(self) -> bool:
        """Whether it asks for more than conditions and fields: what only lists have."""
        asked = self.is_paged, self.sort, self.jsonpath, self.after, self.before
        return any(asked)


EVERYTHING: Final = Wish()


@lru_cache(maxsize=1_024)
def read_query(raw: str) -> Wish:
    """Read a raw query string; refuses (``malformed``) what it can't, naming the parameter."""
    if not raw:
        return EVERYTHING
    if len(raw) > QUERY_MAX:
        raise refused("malformed", "queryLength", f"a query has at most {QUERY_MAX} characters")
    reading = _Reading()
    for part in raw.split("&"):
        if part:
            reading.take(part)
    return reading.wish()


class _Reading:
    """What has been read so far."""

    def __init__(self) -> None:
        self._equal: dict[str, list[str]] = {}
        self._others: list[Condition] = []
        self._fields: list[str] = []
        self._sort: list[Sort] = []
        self._paging: dict[str, int] = {}
        self._texts: dict[str, str] = {}
        self._rest: list[str] = []
        self._count = 0

    def take(self, part: str) -> None:
        """Read one parameter."""
        name, sign, value = _split_part(part)
        if sign == "eq" and name in ("offset", "limit"):
            self._paging[name] = _count(name, value)
            return
        if sign == "eq" and name in _PLACES:
            self._texts[name] = _need(name, unquote_plus(value))
            return
        self._rest.append(part)
        if sign == "eq" and name == "fields":
            self._fields.append(unquote_plus(value))
        elif sign == "eq" and name == "sort":
            self._sort += _sorts(unquote_plus(value))
        elif sign == "eq" and name == "filter":
            self._texts[name] = _need(name, unquote_plus(value))
        else:
            self._want(part)

    def _want(self, part: str) -> None:
        found = _conditions(part)
        self._count += len(found)
        if len(found) == 1 and found[0].operator == "eq":
            self._equal.setdefault(found[0].path, []).extend(found[0].values)
        else:
            self._others.append(replace(found[0], alternatives=tuple(found[1:])))

    def wish(self) -> Wish:
        """All of it."""
        if self._count > CONDITIONS_MAX:
            raise refused("malformed", "filter", f"a query has at most {CONDITIONS_MAX} filters")
        conditions = [Condition(path, tuple(each)) for path, each in self._equal.items()]
        for each in [*conditions, *self._others]:
            _check_values(each)
        if len(self._sort) > SORTS_MAX:
            raise refused("malformed", "sort", f"at most {SORTS_MAX} attributes", "sort")
        after, before = (self._texts.get(name, "") for name in ("after", "before"))
        if (after or before) and ((after and before) or "offset" in self._paging):
            reason = "a page is named by one of offset, after and before"
            raise refused("malformed", "paging", reason, "after" if after else "before")
        return Wish(
            conditions=(*conditions, *self._others),
            fields=self._fields or None,
            offset=self._paging.get("offset", 0),
            limit=self._paging.get("limit"),
            is_paged=bool(self._paging),
            rest=tuple(self._rest),
            sort=tuple(self._sort),
            jsonpath=self._texts.get("filter", ""),
            after=after,
            before=before,
        )


def _need(name: str, text: str) -> str:
    if not text.strip():
        raise refused("malformed", name, "may not be empty", name)
    return text


def _check_values(condition: Condition) -> None:
    for each in condition.each():
        if len(each.values) > VALUES_MAX:
            raise refused("malformed", "filter", f"at most {VALUES_MAX} values", each.path)
        if each.operator == "regex":
            try:
                _test("regex", each.values)
            except Refused as error:
                reason = error.refusal.findings[0].reason
                raise refused("malformed", "regex", reason, each.path) from None


def _conditions(part: str) -> list[Condition]:
    """What one parameter asks for: alternatives, where ``;`` separates several."""
    found: list[Condition] = []
    for piece in _split(part, ";"):
        is_value = _PART.fullmatch(piece) is None
        if found and is_value:
            last = found[-1]
            found[-1] = replace(last, values=last.values + _values(last.operator, piece))
            continue
        name, operator, raw = _split_part(piece)
        read = Condition(name, _values(operator, raw), operator)
        if found and (found[-1].path, found[-1].operator) == (name, operator):
            read = replace(read, values=found.pop().values + read.values)
        found.append(read)
    return found


def _split_part(part: str) -> tuple[str, Operator, str]:
    """The attribute path, the operator and the raw value of one comparison."""
    match = _PART.fullmatch(part)
    name = unquote_plus(match["name"] if match else part).strip()
    if match is None or not name:
        raise refused("malformed", "filter", f"{unquote_plus(part)[:80]!r} is no name=value")
    operator = _SIGNS[unquote_plus(match["sign"])]
    value = match["value"]
    is_plain = match["sign"] == "="
    if not _PATH.fullmatch(name) or (not is_plain and value[:1] in ("<", ">", "=", "~")):
        shown = unquote_plus(part)[:80]
        raise _unknown_operator(name[:80], f"{shown!r} has no operator that is known here")
    suffix = _SUFFIX.search(name)
    if suffix is not None:
        if not is_plain:
            raise _unknown_operator(name, "one operator is enough")
        return name[: suffix.start()], cast("Operator", suffix[1]), value
    last = name.rpartition(".")[2]
    if last.lower() in UNKNOWN_OPERATORS and "." in name:
        raise _unknown_operator(name, f"{last!r} is no operator; eq, gt, gte, lt, lte, regex are")
    return name, operator, value


def _unknown_operator(name: str, reason: str) -> Refused:
    return refused("malformed", "operator", reason, name)


def _values(operator: Operator, raw: str) -> tuple[str, ...]:
    """Alternatives behind an operator; a pattern has ``|`` for them, and its commas are its own."""
    if operator == "regex":
        return (_decoded(raw),)
    return tuple(map(_decoded, _split(raw, ",")))


def _sorts(text: str) -> list[Sort]:
    found = []
    for word in text.split(","):
        path = word.strip().removeprefix("+")
        is_descending = path.startswith("-")
        path = path.removeprefix("-")
        if not _PATH.fullmatch(path):
            raise refused("malformed", "sort", f"{word[:80]!r} is no attribute", "sort")
        found.append(Sort(path, is_descending))
    return found


def _split(raw: str, separator: str) -> list[str]:
    """Split at separators outside double quotes (bare or ``%22``); nothing is decoded yet."""
    if separator not in raw:
        return [raw]
    if '"' not in raw and "%22" not in raw:
        return raw.split(separator)
    parts = [""]
    is_quoted = False
    for piece in re.split(f'("|%22|{separator})', raw):
        if piece == separator and not is_quoted:
            parts.append("")
            continue
        if piece in ('"', "%22"):
            is_quoted = not is_quoted
        parts[-1] += piece
    return parts


def _decoded(raw: str) -> str:
    text = unquote_plus(raw)
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return text[1:-1]
    return text


def _count(name: str, raw: str) -> int:
    text = unquote_plus(raw)
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise refused("malformed", "paging", f"{name} is a whole number from 0 on", name)
    return int(text)


def equals(value: Any, wanted: Sequence[str]) -> bool:
    """Whether a scalar equals any wanted text: as instant, number, boolean, or else as text."""
    return _test("eq", tuple(wanted))(value)


@lru_cache(maxsize=1_024)
def _test(operator: Operator, values: tuple[str, ...]) -> Callable[[Any], bool]:
    """The test of one scalar of a document."""
    if operator == "regex":
        tests = [compile_regex(value) for value in values]
        return lambda value: value is not None and any(test(_shown(value)) for test in tests)
    if operator == "eq":
        keys = frozenset(key for text in values for key in wanted_keys(text).values())
        return lambda value: key_of(value) in keys
    wanted = [item for text in values for item in wanted_keys(text).items()]
    return lambda value: _compares(key_of(value), operator, wanted)


def _compares(key: str | None, operator: Operator, wanted: list[tuple[str, str]]) -> bool:
    if key is None:
        return False
    kind = key[0]
    for other_kind, other in wanted:
        if kind == other_kind:
            if key == other:
                if operator in ("gte", "lte"):
                    return True
            elif (key > other) is (operator in ("gt", "gte")):
                return True
    return False


def _shown(value: Any) -> str:
    """A scalar as JSON writes it, text without its quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
