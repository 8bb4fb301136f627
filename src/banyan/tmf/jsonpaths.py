"""``filter=`` as JSONPath (RFC 9535): which documents of a list an expression finds something in.

``$`` is a document, unless the expression begins with ``$[`` or ``[``: then it is the list of
them. TMF630's short forms are understood: ``attachment[?(@size==300)]`` is
``$.attachment[?(@.size==300)]``. Expressions come from strangers, so none runs longer than a few
walks over a document: one ``..``, few alternatives, nothing absolute inside, patterns by RE2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from jsonpath import CompoundJSONPath, JSONPath, JSONPathEnvironment
from jsonpath.exceptions import JSONPathError
from jsonpath.filter import BaseExpression, FilterQuery, RelativeFilterQuery
from jsonpath.function_extensions import ExpressionType, FilterFunction
from jsonpath.segments import JSONPathRecursiveDescentSegment
from jsonpath.selectors import Filter

from banyan.kernel.words.errors import Refused, refused
from banyan.tmf.patterns import compile_regex

EXPRESSION_MAX: Final = 1_000
"""Characters of an expression."""
STEPS_MAX: Final = 30
"""Segments of an expression, those inside its filters too."""
WAYS_MAX: Final = 16
"""Ways an expression may lead to one value: the product of the alternatives in its brackets."""

_SHORT = re.compile(r"\.@(\w+)|@(?=[^\W\d])")
_QUOTED = re.compile(r"""('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")""")


class _Pattern(FilterFunction):
    """``match()`` and ``search()``, in linear time."""

    arg_types: Final = [ExpressionType.VALUE, ExpressionType.VALUE]
    return_type: Final = ExpressionType.LOGICAL

    def __init__(self, *, is_whole: bool) -> None:
        self._is_whole = is_whole

    def __call__(self, value: object, pattern: object) -> bool:
        """Whether it matches; what is no text, or no pattern, doesn't (RFC 9535, 2.4.6)."""
        if not isinstance(value, str) or not isinstance(pattern, str):
            return False
        try:
            return compile_regex(pattern, is_whole=self._is_whole)(value)
        except Refused:
            return False


class _Environment(JSONPathEnvironment):
    def setup_function_extensions(self) -> None:
        super().setup_function_extensions()
        self.function_extensions["match"] = _Pattern(is_whole=True)
        self.function_extensions["search"] = _Pattern(is_whole=False)


_ENVIRONMENT: Final = _Environment(filter_caching=False, strict=True)


@lru_cache(maxsize=256)
def compile_jsonpath(text: str) -> Callable[[Mapping[str, Any]], bool]:
    """Whether the expression finds anything in a document.

    Refuses what is no JSONPath (``malformed``) and what could run too long (``unsupported``).
    """
    if len(text) > EXPRESSION_MAX:
        reason = f"a JSONPath has at most {EXPRESSION_MAX} characters"
        raise refused("malformed", "jsonpath", reason, "filter")
    try:
        path = _ENVIRONMENT.compile(_whole(text))
    except (JSONPathError, RecursionError, ValueError, ArithmeticError) as error:
        said = str(error).partition("\n")[0][:200]
        raise refused("malformed", "jsonpath", f"is no JSONPath: {said}", "filter") from None
    if isinstance(path, CompoundJSONPath):
        raise _unsupported("one path at a time")
    _check(path)
    is_of_list = _whole(text).startswith("$[")

    def finds(document: Mapping[str, Any]) -> bool:
        plain = _plain(document)
        found = path.finditer([plain] if is_of_list else plain)
        try:
            return next(iter(found), None) is not None
        except (JSONPathError, RecursionError):
            return False  # nested deeper than anybody's resource

    return finds


def _whole(text: str) -> str:
    """The expression as RFC 9535 wants it."""
    text = text.strip()
    pieces = _QUOTED.split(text)
    for at in range(0, len(pieces), 2):
        pieces[at] = _SHORT.sub(_in_full, pieces[at])
    text = "".join(pieces)
    if text.startswith("$"):
        return text
    return f"${text}" if text.startswith("[") else f"$.{text}"


def _in_full(short: re.Match[str]) -> str:
    return f"['@{short[1]}']" if short[1] else "@."


def _check(path: JSONPath) -> None:
    steps = list(_steps(path))
    if len(steps) > STEPS_MAX:
        raise _unsupported(f"at most {STEPS_MAX} steps")
    if sum(isinstance(step, JSONPathRecursiveDescentSegment) for step in steps) > 1:
        raise _unsupported("'..' may stand once")
    ways = 1
    for step in steps:
        ways *= max(1, len(step.selectors))
    if ways > WAYS_MAX:
        raise _unsupported(f"at most {WAYS_MAX} ways to a value")


def _steps(path: JSONPath) -> Iterable[Any]:
    for segment in path.segments:
        yield segment
        for selector in segment.selectors:
            if isinstance(selector, Filter):
                yield from _steps_below(selector.expression)


def _steps_below(expression: BaseExpression) -> Iterable[Any]:
    if isinstance(expression, FilterQuery):
        if not isinstance(expression, RelativeFilterQuery):
            raise _unsupported("inside a filter only '@' can be asked")
        yield from _steps(expression.path)
        return
    for child in expression.children():
        yield from _steps_below(child)


def _unsupported(reason: str) -> Refused:
    return refused(
        "unsupported", "jsonpath", f"such a JSONPath is not supported: {reason}", "filter"
    )


def _plain(value: Any) -> Any:
    """A document whose numbers are those JSONPath compares with."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value
