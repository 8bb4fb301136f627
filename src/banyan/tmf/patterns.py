"""Regular expressions of strangers, run in time linear in the text, by RE2.

What RE2 can't do in linear time (lookaround, back-references) is refused when a pattern is read.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import re2

from banyan.kernel.words.errors import refused

PATTERN_MAX: Final = 500
"""Characters of a pattern; longer ones are refused."""
PATTERN_BYTES_MAX: Final = 1_000_000
"""Memory of one compiled pattern; larger ones are refused."""


def _options() -> Any:
    options = re2.Options()
    options.max_mem = PATTERN_BYTES_MAX
    options.log_errors = False
    return options


_OPTIONS: Final = _options()


@lru_cache(maxsize=256)
def compile_regex(pattern: str, *, is_whole: bool = False) -> Callable[[str], bool]:
    """Whether ``pattern`` occurs in a text (or ``is_whole``: is all of it).

    Refuses (``regex``) what is no regular expression, too long, or not possible in linear time.
    """
    if len(pattern) > PATTERN_MAX:
        raise refused("malformed", "regex", f"a pattern has at most {PATTERN_MAX} characters")
    try:
        compiled = re2.compile(pattern, _OPTIONS)
    except re2.error as error:
        reason = f"{pattern[:80]!r} is no regular expression that RE2 can run: {_told(error)}"
        raise refused("malformed", "regex", reason) from None
    run = compiled.fullmatch if is_whole else compiled.search
    return lambda text: run(text) is not None


def _told(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
