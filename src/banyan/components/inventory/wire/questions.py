"""Query parameters of the room's own collections, which are worked out and not filtered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from banyan.kernel.words.errors import Finding, refuse_findings, refused
from banyan.tmf.filters import Condition


class Question:
    """The parameters of one request, all of them known ones; refuses (``malformed``) any other."""

    def __init__(self, conditions: Sequence[Condition], known: Collection[str]) -> None:
        self._given = {each.path: each.values for each in conditions}
        reason = f"there is no such parameter here; there are {', '.join(sorted(known))}"
        odd = [each.path for each in conditions if each.operator != "eq" or each.alternatives]
        refuse_findings(
            "malformed",
            [Finding("unsupported_operator", "only equals is asked here", p) for p in odd],
        )
        unknown = [path for path in self._given if path not in known]
        refuse_findings("malformed", [Finding("unknownParameter", reason, p) for p in unknown])

    def several(self, name: str) -> tuple[str, ...]:
        """All values of a parameter; none if it was not given."""
        return self._given.get(name, ())

    def one(self, name: str) -> str:
        """The only value of a parameter, empty if it was not given; refuses several."""
        values = self.several(name)
        if len(values) > 1:
            raise refused("malformed", "oneValue", "takes one value", name)
        return values[0] if values else ""

    def count(self, name: str) -> int:
        """The only value of a parameter as a whole number, 0 if it was not given."""
        value = self.one(name)
        if value and not (value.isascii() and value.isdigit() and len(value) <= 9):
            raise refused("malformed", "wrong_type", "is a whole number", name)
        return int(value or 0)

    def instant(self, name: str) -> datetime | None:
        """The only value of a parameter as an instant with its offset from UTC, None if not given.

        A plus sign that came as a blank, as it does where nobody escaped it, is a plus sign.
        """
        text = self.one(name)
        return read_instant(text.replace(" ", "+"), name) if text else None


def read_instant(text: str, path: str) -> datetime:
    """An RFC 3339 instant; refuses (``malformed``) one without an offset."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        reason = f"{text[:40]!r} is no instant like 2026-01-31T12:00:00Z"
        raise refused("malformed", "wrong_type", reason, path)
    return found
