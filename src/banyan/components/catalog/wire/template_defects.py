"""Defects of a slice template that only show when its parts are seen together. Pure."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding
from banyan.kernel.words.quantity import Unit, match_unit

NO_UNIT: Final = re.compile(r"priority|\bflows?\b|error rate", re.IGNORECASE)
"""Attributes that count or rank: a unit of time or of rate on them is a mistake."""
DELAY: Final = re.compile(r"delay budget|latency", re.IGNORECASE)
DELAY_S_MAX: Final = 60
"""A delay of a network is below a minute: above, its unit is another than it says."""

_PLACEHOLDER: Final = re.compile(r"(.+\S)\s+[A-Z]")
WORD_LENGTH_MIN: Final = 8
FREQUENT_MIN: Final = 3


@dataclass(frozen=True)
class Place:
    """A part of the template, and where its defects are noted."""

    path: str
    name: str
    findings: list[Finding]

    def note(self, code: str, reason: str, below: str = "") -> None:
        """One more defect, at the part or below it."""
        path = f"{self.path}.{below}" if below else self.path
        self.findings.append(Finding(code, f"{self.name}: {reason}", path))

    def at(self, below: str) -> Place:
        """A part of the part."""
        return Place(f"{self.path}.{below}", self.name, self.findings)


def check_units(place: Place, attribute: str, values: list[Document], is_coded: bool) -> str:
    """The unit of a characteristic's values, as we spell it; empty for none or a wrong one."""
    chosen = ""
    for at, value in enumerate(values):
        said = str(value.get("unitOfMeasure") or "").strip()
        if said.lower() in ("", "n/a", "none"):
            continue
        where = f"{attribute}.{at}.unitOfMeasure"
        unit = match_unit(said)
        if unit is None:
            place.note(
                "unitUnknown", f"{said[:60]!r} is no unit we know; it is kept as text", where
            )
        if is_coded:
            place.note("unitOnCode", f"the values are codes: they have no unit {said[:60]}", where)
            continue
        if NO_UNIT.search(place.name) and (unit is None or unit.dimension != "ratio"):
            place.note("unitImplausible", f"it has no unit, so not {said[:60]} either", where)
            continue
        if DELAY.search(place.name) and unit is not None and _is_slow(value, unit):
            inner = value.get("value")
            number = inner.get("value") if isinstance(inner, dict) else inner
            reason = f"{number} {unit.name} is no delay of a network: its unit can't be right"
            place.note("unitImplausible", reason, where)
            continue
        spelt = unit.name if unit else said
        if chosen and spelt != chosen:
            place.note("unitsDiffer", f"its values are in {chosen} and in {spelt}", where)
        chosen = chosen or spelt
    return chosen


def _is_slow(value: Document, unit: Unit) -> bool:
    inner = value.get("value")
    try:
        number = Decimal(str(inner.get("value") if isinstance(inner, dict) else inner))
    except InvalidOperation:
        return False
    return unit.dimension == "time" and number * Decimal(unit.scale.numerator) > (
        DELAY_S_MAX * Decimal(unit.scale.denominator)
    )


def find_placeholders(place: Place, attribute: str, values: list[Document]) -> None:
    """Values that only differ by a letter at the end stand for others that are not there."""
    stems: dict[str, list[int]] = {}
    for at, value in enumerate(values):
        inner = value.get("value")
        alias = inner.get("alias") if isinstance(inner, dict) else None
        found = _PLACEHOLDER.fullmatch(alias) if isinstance(alias, str) else None
        if found is not None:
            stems.setdefault(found[1], []).append(at)
    for stem, several in stems.items():
        if len(several) > 1:
            reason = f"{len(several)} values are named {stem} A, B …: examples, not values"
            place.note("placeholder", reason, f"{attribute}.{several[0]}.value.alias")


def find_dangling(
    entries: list[tuple[int, Document]], relations: str, attribute: str
) -> Iterator[Finding]:
    """Dependencies on attributes that are not there, or are there under another spelling."""
    names = [entry["name"] for _, entry in entries]
    folded = {_folded(name): name for name in names}
    for at, entry in entries:
        found = entry.get(relations)
        for n, each in enumerate(found if isinstance(found, list) else ()):
            if not isinstance(each, dict) or each.get("relationshipType") != "dependency":
                continue
            wanted = str(each.get("name") or "")
            path = f"{attribute}.{at}.{relations}.{n}.name"
            if wanted in names:
                if each.get("role") and str(each["role"]) not in wanted:
                    reason = f"{entry['name']}: {wanted!r} has the role of another attribute"
                    yield Finding("roleDiffers", reason, f"{path.removesuffix('name')}role")
            elif _folded(wanted) in folded:
                reason = f"{entry['name']}: {wanted!r} is spelt {folded[_folded(wanted)]!r}"
                yield Finding("nameDiffers", reason, path)
            else:
                near = difflib.get_close_matches(wanted, names, n=2, cutoff=0.8)
                advice = f"; near it: {', '.join(near)}" if near else ""
                reason = f"{entry['name']}: there is no attribute {wanted!r}{advice}"
                yield Finding("missingAttribute", reason, path)


def _folded(text: Any) -> str:
    return " ".join(str(text).split()).lower()


def find_misspelt(
    names: set[str], placed: list[tuple[int, str]], attribute: str
) -> Iterator[Finding]:
    """Words that are rare, long, and nearly one that is common: most likely the same word."""
    words = Counter(word for name in names for word in re.findall(r"[A-Za-z]+", name))
    frequent = [w for w, n in words.items() if n >= FREQUENT_MIN and len(w) >= WORD_LENGTH_MIN]
    for at, name in placed:
        for word in re.findall(r"[A-Za-z]+", name):
            if words[word] >= FREQUENT_MIN or len(word) < WORD_LENGTH_MIN:
                continue
            near = difflib.get_close_matches(word, frequent, n=1, cutoff=0.9)
            if near and near[0].lower().rstrip("s") != word.lower().rstrip("s"):
                reason = f"{name}: {word!r} is most likely {near[0]!r}"
                yield Finding("misspelt", reason, f"{attribute}.{at}.name")
