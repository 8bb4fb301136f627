"""The three error families: a refusal (an expected "no"), an outage (a neighbour failed), a bug.

Bugs are plain exceptions and assertions; nothing below the runner catches them.
Only ``tmf/errors.py`` knows how a family looks over HTTP.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

RefusalKind = Literal[
    "malformed",  # could not be read at all: bad syntax, a wrong type, a missing attribute
    "unauthenticated",
    "forbidden",
    "unknown",  # the addressed thing does not exist
    "method",  # the resource does not offer this operation
    "conflict",  # its state, or somebody else's work, does not allow it
    "stale",  # the caller's revision is not the current one
    "rule",  # well-formed, but breaks a business rule
    "too_large",
    "media_type",
    "not_acceptable",
    "limited",
    "slow",  # it took the caller too long to say it
    "unsupported",
]


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong: a stable code, a reason a person can act on, and where.

    ``path`` is dotted with list positions as numbers (``productOrderItem.0.action``), empty for
    the whole.
    """

    code: str
    reason: str
    path: str = ""

    def below(self, prefix: str) -> Finding:
        """The same finding seen from one level up: its path with ``prefix`` in front."""
        joined = f"{prefix}.{self.path}" if self.path else prefix
        return Finding(self.code, self.reason, joined)


class Refusal(msgspec.Struct, frozen=True):
    """An expected "no": its kind and every finding at once, never only the first."""

    kind: RefusalKind
    findings: tuple[Finding, ...]

    @property
    def reason(self) -> str:
        """All reasons as one sentence, for people and logs."""
        return "; ".join(f"{f.path}: {f.reason}" if f.path else f.reason for f in self.findings)


class Refused(Exception):
    """Carries a :class:`Refusal` up to whoever asked."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.kind}: {refusal.reason}")
        self.refusal = refusal


def refused(kind: RefusalKind, code: str, reason: str, path: str = "") -> Refused:
    """Build the exception for a refusal with one finding; the caller raises it."""
    return Refused(Refusal(kind, (Finding(code, reason, path),)))


def refuse_findings(kind: RefusalKind, findings: Iterable[Finding]) -> None:
    """Raise :class:`Refused` with all findings, or return if there are none."""
    found = tuple(findings)
    if found:
        raise Refused(Refusal(kind, found))


class Outage(Exception):
    """A neighbour (device, partner, database) failed; the subclass says what to do next."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Later(Outage):
    """It may work after ``seconds``: try again then."""

    def __init__(self, seconds: float, reason: str) -> None:
        super().__init__(reason)
        self.seconds = seconds


class NeedsPerson(Outage):
    """Trying again changes nothing until a person has acted: hold, and say so."""


class Never(Outage):
    """It will never work: unwind, or hold for a decision."""
