"""The form in which two spellings of one address are equal. Pure.

Spellings are contracted, not expanded: ``Straße``, ``Strasse`` and ``Str.`` all become ``str``, and
``Street``, ``Saint`` and ``St.`` all become ``st``, so nobody has to know which one was meant.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any, Final, Literal, cast

import msgspec
import pycountry

from banyan.kernel.words.codec import Document

_WORDS: Final[dict[str, str]] = {
    "avenida": "av", "avenue": "av", "ave": "av", "boulevard": "blvd", "bvd": "blvd", "bd": "blvd",
    "calle": "c", "chaussee": "ch", "close": "cl", "corso": "c so", "court": "ct", "crescent": "cr",
    "drive": "dr", "gardens": "gdns", "highway": "hwy", "lane": "ln", "mount": "mt", "parkway":
    "pkwy", "piazza": "p za", "place": "pl", "platz": "pl", "plaza": "pl", "road": "rd", "route":
    "rte", "rua": "r", "rue": "r", "saint": "st", "sainte": "st", "sankt": "st", "square": "sq",
    "strada": "str", "strasse": "str", "straat": "str", "street": "st", "terrace": "ter", "ulica":
    "ul", "via": "v", "viale": "vle", "north": "n", "south": "s", "east": "e", "west": "w",
}  # fmt: skip
"""Words of street names, and the short form they are compared in."""
_ENDINGS: Final = (("strasse", "str"), ("straat", "str"), ("platz", "pl"))
"""Endings that stand for a word of their own where a language joins them: Hauptstraße."""
_LETTERS: Final = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe"})
_NOT_WORD: Final = re.compile(r"[\W_]+")
_NUMBER: Final = re.compile(r"(\d+)\s*([a-z]?)\s*(?:[-/\u2013]\s*(\d+)\s*[a-z]?)?")
_LAST_NUMBER: Final = re.compile(r"(.*\D)\s(\d+\s*[A-Za-z]?(?:\s*[-/]\s*\d+\s*[A-Za-z]?)?)\s*")
_FIRST_NUMBER: Final = re.compile(r"\s*(\d+\s?[A-Za-z]?),?\s+([^\d\s].*)")


Way = Literal["house", "townHouse", "street", "townStreet", "postcode", "town"]
EXACT_WAYS: Final[tuple[Way, ...]] = ("house", "townHouse")
WAYS: Final[tuple[Way, ...]] = (*EXACT_WAYS, "street", "townStreet", "postcode", "town")
"""Ways to look for an address, the sharpest first."""


class Norm(msgspec.Struct, frozen=True):
    """An address as it is compared; an attribute that was not given is empty (numbers: 0).

    ``number`` to ``last`` are the house numbers it covers, both included; ``last`` is ``number``
    for a single house.
    """

    country: str
    region: str
    postcode: str
    city: str
    street: str
    number: int
    suffix: str
    last: int

    @property
    def has_number(self) -> bool:
        """Whether it names a house."""
        return self.number > 0 or self.suffix != ""


def compute_norm(address: Document) -> Norm:
    """The compared form of a TMF673 address, complete or not.

    A house number written into the street (``Main Street 12b``, ``12 Main Street``) is found there.
    """
    street = " ".join(_text(address, n) for n in ("streetName", "streetType", "streetSuffix"))
    number = " ".join(_text(address, n) for n in ("streetNr", "streetNrSuffix"))
    if not number.strip():
        street, number = _split_street(street.strip())
    first, suffix, last = _house(number)
    if address.get("streetNrLast"):
        last = max(first, _house(_text(address, "streetNrLast"))[0])
    town = _text(address, "city") or _text(address, "locality")
    return Norm(
        country=find_country(_text(address, "country")),
        region=fold(_text(address, "stateOrProvince")),
        postcode=fold(_text(address, "postcode")).replace(" ", ""),
        city=_contracted(town),
        street=_contracted(street),
        number=first,
        suffix=suffix,
        last=last,
    )


def _text(address: Document, name: str) -> str:
    value: Any = address.get(name)
    return value if isinstance(value, str) else ""


def _split_street(street: str) -> tuple[str, str]:
    behind = _LAST_NUMBER.fullmatch(street)
    if behind is not None:
        return behind[1], behind[2]
    before = _FIRST_NUMBER.fullmatch(street)
    return (before[2], before[1]) if before is not None else (street, "")


def _house(number: str) -> tuple[int, str, int]:
    """First number, its letter, last number; a text without digits is a letter of its own."""
    text = number.strip().lower()
    found = _NUMBER.match(text)
    if found is None or len(found[1]) > 9:
        return 0, fold(text), 0
    first, last = int(found[1]), int((found[3] or "0")[:9])
    rest = fold(text[found.end() :])
    return first, found[2] or rest, max(first, last)


def _contracted(text: str) -> str:
    words = []
    for word in fold(text).split():
        for ending, short in _ENDINGS:
            if word.endswith(ending) and word != ending:
                words += [word.removesuffix(ending), short]
                break
        else:
            if word.endswith("str") and len(word) > 5:  # Hauptstr.
                words += [word.removesuffix("str"), "str"]
            else:
                words.append(_WORDS.get(word, word))
    return " ".join(words)


def fold(text: str) -> str:
    """Lower case without accents, marks and double blanks: ``Übergroß-Straße`` → ``ubergross``…"""
    plain = text
    for _ in range(2):  # what compatibility forms unfold to has cases of its own
        plain = unicodedata.normalize("NFKD", plain.casefold())
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    letters = letters.translate(_LETTERS)
    return _NOT_WORD.sub(" ", letters).strip()


@lru_cache(maxsize=1_024)
def find_country(text: str) -> str:
    """The ISO 3166-1 alpha-2 code of a country's code or English name; folded text if unknown."""
    if not text.strip():
        return ""
    try:
        found: Any = pycountry.countries.lookup(text.strip())
    except LookupError:
        return fold(text)
    code: str = found.alpha_2
    return code


def find_keys(address: Document) -> dict[Way, str]:
    """Under which keys an address is filed, and looked for; only those it has enough for."""
    norm = compute_norm(address)
    found: dict[Way, str] = {}
    for held, street, house in (
        (norm.postcode, "street", "house"),
        (norm.city, "townStreet", "townHouse"),
    ):
        if held and norm.street:
            found[cast("Way", street)] = f"{held}|{norm.street}"
            if norm.has_number:
                named = f"{held}|{norm.street}|{norm.number}{norm.suffix}"
                found[cast("Way", house)] = named
    if norm.postcode:
        found["postcode"] = norm.postcode
    if norm.city:
        found["town"] = norm.city
    return {way: found[way] for way in WAYS if way in found}
