"""Which address of the gazetteer a submitted one is, and which are like it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Final, Literal

import msgspec

from banyan.components.place.model.norm import Norm, compute_norm
from banyan.kernel.words.codec import Document

ALIKE_MIN: Final = 72
"""Percent of likeness from which on a street counts as a misspelling of another."""


class Match(msgspec.Struct, frozen=True):
    """What the candidates say: the verdict, the address itself, what is like it, best first.

    ``differences`` names the attributes in which the nearest address differs from the submitted
    one, or which it has beyond it.
    """

    verdict: Literal["success", "partial", "fail"]
    found: Document | None
    alternatives: tuple[Document, ...]
    differences: tuple[str, ...] = ()


def match_addresses(submitted: Document, candidates: Iterable[Document], most: int) -> Match:
    """Compare a submitted address with candidates of the gazetteer.

    It is found (``success``) when nothing it says contradicts exactly one address, its house
    number included; a range of house numbers covers every house in it. A house the gazetteer
    lacks in a street it has, several addresses that fit, or something like it, are ``partial``.
    """
    wanted = compute_norm(submitted)
    ranked = sorted(
        ((compute_norm(each), each) for each in candidates),
        key=lambda pair: (-_likeness(wanted, pair[0]), str(pair[1].get("id", ""))),
    )
    fitting = [pair for pair in ranked if not _contradictions(wanted, pair[0])]
    exact = [each for norm, each in fitting if norm.has_number == wanted.has_number]
    if len(exact) == 1:
        return Match("success", exact[0], ())
    alike = [(n, each) for n, each in ranked if _likeness(wanted, n) >= ALIKE_MIN]
    shown = tuple(each for _, each in alike[:most])
    if not alike:
        return Match("fail", None, ())
    nearest = alike[0][0]
    open_ones = ("streetNr",) if nearest.has_number and not wanted.has_number else ()
    return Match("partial", None, shown, (*_contradictions(wanted, nearest), *open_ones))


def _contradictions(wanted: Norm, held: Norm) -> tuple[str, ...]:
    """Attributes both have, differently; a wanted house outside the held one's numbers."""
    found = [
        name
        for name, (asked, there) in {
            "country": (wanted.country, held.country),
            "stateOrProvince": (wanted.region, held.region),
            "postcode": (wanted.postcode, held.postcode),
            "city": (wanted.city, held.city),
            "streetName": (wanted.street, held.street),
        }.items()
        if asked and there and asked != there
    ]
    if wanted.has_number and not _covers(held, wanted):
        found.append("streetNr")
    return tuple(found)


def _covers(held: Norm, wanted: Norm) -> bool:
    if not held.has_number:
        return False
    if held.last > held.number:
        return held.number <= wanted.number <= held.last
    return (held.number, held.suffix) == (wanted.number, wanted.suffix)


def _likeness(wanted: Norm, held: Norm) -> int:
    """Percent: the street counts most, then the place, then how near the house is."""
    street = _alike(wanted.street, held.street)
    place = max(
        100 * (wanted.postcode != "" and wanted.postcode == held.postcode),
        _alike(wanted.city, held.city),
    )
    if not (wanted.postcode or wanted.city):
        place = 100
    if wanted.country and held.country and wanted.country != held.country:
        return 0
    gap = abs(wanted.number - held.number) if wanted.number and held.number else 0
    near = max(0, 100 - 4 * gap - (5 if wanted.suffix != held.suffix else 0))
    if street < ALIKE_MIN and wanted.street:
        return min(street, place)
    return (55 * street + 30 * place + 15 * near) // 100


def _alike(one: str, other: str) -> int:
    if one == other:
        return 100
    if not one or not other:
        return 0
    return int(100 * SequenceMatcher(None, one, other, autojunk=False).ratio())


def write_line(address: Document) -> str:
    """An address on one line for people: ``Main Street 12b, 10115 Berlin, DE``."""
    street = _joined(address, ("streetName", "streetType", "streetSuffix"))
    house = "".join(str(address.get(n) or "") for n in ("streetNr", "streetNrSuffix"))
    if address.get("streetNrLast"):
        last = "".join(str(address.get(n) or "") for n in ("streetNrLast", "streetNrLastSuffix"))
        house = f"{house}-{last}"
    town = _joined(address, ("postcode", "city" if address.get("city") else "locality"))
    whole = (f"{street} {house}".strip(), town, *_each(address, ("stateOrProvince", "country")))
    return ", ".join(part for part in whole if part)


def _joined(address: Document, names: Sequence[str]) -> str:
    return " ".join(_each(address, names))


def _each(address: Document, names: Sequence[str]) -> list[str]:
    return [str(address[name]) for name in names if address.get(name)]


def is_same(one: Document, other: Document) -> bool:
    """Whether two addresses are one in two spellings; names and sub-addresses don't count."""
    return compute_norm(one) == compute_norm(other)
