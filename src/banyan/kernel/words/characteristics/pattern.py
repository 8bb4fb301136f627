"""Regular expressions without backtracking, for patterns and values that strangers write.

A pattern (at most 200 characters) becomes an automaton of at most 500 states; a value of more than
1,000 characters is not matched at all. What an automaton can't do (lookaround, back-references,
word boundaries, flags, anchors inside) is refused when the pattern is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from banyan.kernel.words.errors import Refused, refused

PATTERN_LENGTH_MAX = 200
PATTERN_STATES_MAX = 500
VALUE_LENGTH_MAX = 1_000

_Link = Callable[[int], int]
"""A piece of a pattern: given the state that follows, it adds its own and returns its first."""

_COUNTED = re.compile(r"\{([0-9]*)(,?)([0-9]*)\}")
_ATOM = re.compile(
    r"\[\^?\]?(?:\\.|[^\]\\])*\]"  # a class
    r"|\\(?:[dDwWsSnrtfv]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^0-9A-Za-z])"
    r"|[^\\^$()|?*+\[]",
    re.DOTALL,
)
_GROUP = re.compile(r"\((?:\?:|\?P<\w+>)?(?!\?)")


class ValuePattern:
    """A regular expression that whole values match or don't, in time linear in the value."""

    def __init__(self, text: str) -> None:
        """Refuses (``regex``) what is no regular expression, too large, or no automaton."""
        self._text = text
        if len(text) > PATTERN_LENGTH_MAX:
            raise self._refusal(f"is longer than {PATTERN_LENGTH_MAX} characters")
        try:
            re.compile(text)
        except (re.error, OverflowError, RecursionError) as error:
            raise self._refusal(f"is no regular expression: {error}") from error
        self._at = 0
        self._spent = 0
        self._tests: list[re.Pattern[str] | None] = [None]  # state 0 accepts
        self._targets: list[list[int]] = [[]]
        self._start = self._alternatives()(0)

    def matches(self, value: str) -> bool:
        """Whether the whole of ``value`` matches; one of over 1,000 characters never does."""
        if len(value) > VALUE_LENGTH_MAX:
            return False
        here = self._closure([self._start])
        for letter in value:
            ahead: list[int] = []
            for state in here:
                test = self._tests[state]
                if test is not None and test.fullmatch(letter):
                    ahead += self._targets[state]
            here = self._closure(ahead)
            if not here:
                return False
        return 0 in here

    def _closure(self, states: list[int]) -> set[int]:
        seen = set(states)
        while states:
            state = states.pop()
            if self._tests[state] is None:
                fresh = [target for target in self._targets[state] if target not in seen]
                seen.update(fresh)
                states += fresh
        return seen

    def _refusal(self, why: str) -> Refused:
        return refused("rule", "regex", f"the pattern {self._text[:80]!r} {why}")

    def _spend(self) -> None:
        self._spent += 1
        if self._spent > PATTERN_STATES_MAX:
            raise self._refusal(f"needs more than {PATTERN_STATES_MAX} states")

    def _state(self, test: re.Pattern[str] | None, *targets: int) -> int:
        self._spend()
        self._tests.append(test)
        self._targets.append(list(targets))
        return len(self._tests) - 1

    def _alternatives(self) -> _Link:
        links = [self._sequence()]
        while self._text.startswith("|", self._at):
            self._at += 1
            links.append(self._sequence())
        if len(links) == 1:
            return links[0]
        return lambda after: self._state(None, *[link(after) for link in links])

    def _sequence(self) -> _Link:
        links: list[_Link] = []
        last = len(self._text) - 1
        while self._at <= last and self._text[self._at] not in "|)":
            # Whole values are matched anyway: ^ in front and $ behind say nothing.
            if (self._at, self._text[self._at]) in ((0, "^"), (last, "$")):
                self._at += 1
            else:
                links.append(self._repeated(self._piece()))

        def link(after: int) -> int:
            for each in reversed(links):
                after = each(after)
            return after

        return link

    def _piece(self) -> _Link:
        if group := _GROUP.match(self._text, self._at):
            self._at = group.end()
            inner = self._alternatives()
            self._at += 1  # the closing parenthesis: the syntax was checked before
            return inner
        atom = _ATOM.match(self._text, self._at)
        if atom is None:
            raise self._refusal(f"uses {self._text[self._at :][:3]!r}, which no automaton can do")
        self._at = atom.end()
        test = re.compile(atom[0])
        return lambda after: self._state(test, after)

    def _repeated(self, piece: _Link) -> _Link:
        low, high = 1, 1
        sign = self._text[self._at : self._at + 1]
        counted = _COUNTED.match(self._text, self._at)
        if sign and sign in "*+?":
            low, high = int(sign == "+"), 1 if sign == "?" else -1
            self._at += 1
        elif counted and (counted[1] or counted[2]):
            low = int(counted[1] or 0)
            high = low if not counted[2] else int(counted[3] or -1)
            self._at = counted.end()
        else:
            return piece
        if self._text.startswith("?", self._at):
            self._at += 1  # lazy or greedy: the same whole values match

        def link(after: int) -> int:
            start = after
            if high < 0:
                start = self._state(None)
                self._targets[start] = [piece(start), after]
            for _ in range(high - low):
                start = self._state(None, piece(start), after)
            for _ in range(low):
                self._spend()
                start = piece(start)
            return start

        return link


@lru_cache(maxsize=1_024)
def compile_pattern(text: str) -> ValuePattern:
    """The :class:`ValuePattern` of ``text``, kept for the next value."""
    return ValuePattern(text)
