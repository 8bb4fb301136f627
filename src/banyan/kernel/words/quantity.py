"""Quantities: an exact amount in a known unit; converted, compared and added in one dimension.

No floats anywhere: amounts are fractions, so a conversion there and back is the identity
(20 s is exactly 1/3 min). Decimal prefixes are powers of 1,000, KiB, MiB and GiB of 1,024.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import msgspec

from banyan.kernel.words.errors import refused

Amount = int | Decimal | Fraction

Dimension = Literal[
    "bit rate",
    "volume",
    "time",
    "frequency",
    "length",
    "power",
    "power level",  # dBm: logarithmic, so levels are compared but never added or scaled
    "ratio",
    "count",
]

MAGNITUDE_MAX = 60
"""The largest power of ten an amount from outside may reach, up or down."""


class Unit(msgspec.Struct, frozen=True):
    """A unit: its one name, its dimension, and how many of the dimension's base unit it is."""

    name: str
    dimension: Dimension
    scale: Fraction

    def __str__(self) -> str:
        return self.name


_SCALES: dict[Dimension, dict[str, Amount]] = {
    "bit rate": {"bit/s": 1, "kbit/s": 10**3, "Mbit/s": 10**6, "Gbit/s": 10**9},
    "volume": {
        "B": 1,
        "bit": Fraction(1, 8),
        "kB": 10**3,
        "MB": 10**6,
        "GB": 10**9,
        "TB": 10**12,
        "KiB": 2**10,
        "MiB": 2**20,
        "GiB": 2**30,
    },
    "time": {
        "s": 1,
        "us": Fraction(1, 10**6),
        "ms": Fraction(1, 10**3),
        "min": 60,
        "h": 3_600,
        "d": 86_400,
    },
    "frequency": {"Hz": 1, "kHz": 10**3, "MHz": 10**6, "GHz": 10**9},
    "length": {"m": 1, "mm": Fraction(1, 1000), "km": 1000},
    "power": {"W": 1, "mW": Fraction(1, 1000)},
    "power level": {"dBm": 1},
    "ratio": {"1": 1, "percent": Fraction(1, 100), "permille": Fraction(1, 1000)},
    "count": {"unit": 1},
}
"""Each dimension's units by name, the base unit first."""

UNITS: dict[str, Unit] = {
    name: Unit(name, dimension, Fraction(scale))
    for dimension, scales in _SCALES.items()
    for name, scale in scales.items()
}

# Symbols count letter by letter: "Mb" and "MB" differ by a factor of eight, so neither is guessed.
_SYMBOLS = {
    "bps": "bit/s",
    "kbps": "kbit/s",
    "Kbps": "kbit/s",
    "Mbps": "Mbit/s",
    "Gbps": "Gbit/s",
    "KB": "kB",
    "\u00b5s": "us",
    "\u03bcs": "us",
    "sec": "s",
    "hr": "h",
    "%": "percent",
    "\u2030": "permille",
}
_WORDS = {
    "bit": "bit",
    "byte": "B",
    "kilobyte": "kB",
    "megabyte": "MB",
    "gigabyte": "GB",
    "terabyte": "TB",
    "microsecond": "us",
    "millisecond": "ms",
    "second": "s",
    "minute": "min",
    "hour": "h",
    "day": "d",
    "hertz": "Hz",
    "metre": "m",
    "meter": "m",
    "kilometre": "km",
    "kilometer": "km",
    "millimetre": "mm",
    "millimeter": "mm",
    "watt": "W",
    "percent": "percent",
    "percentage": "percent",
    "permille": "permille",
    "unit": "unit",
    "each": "unit",
    "piece": "unit",
}
"""Spelled-out names, singular; case and a plural s don't matter."""


def match_unit(text: str) -> Unit | None:
    """The unit that ``text`` names (symbol, alias or word), or None."""
    spelled = text.strip()
    word = spelled.lower()
    name = _SYMBOLS.get(spelled) or _WORDS.get(word) or _WORDS.get(word.removesuffix("s"))
    return UNITS.get(name or spelled)


def find_unit(text: str) -> Unit:
    """Like :func:`match_unit`; refuses (``unitUnknown``) with the known ones near it."""
    found = match_unit(text)
    if found is None:
        spellings = {name.lower(): name for name in [*_WORDS, *_SYMBOLS, *UNITS]}
        close = difflib.get_close_matches(text.strip().lower()[:40], spellings, n=5, cutoff=0.5)
        near = ", ".join(spellings[each] for each in close)
        advice = f"; near it: {near}" if near else ""
        raise refused("rule", "unitUnknown", f"{text[:40]!r} is no known unit{advice}")
    return found


def exact_fraction(amount: Amount) -> Fraction:
    """``amount`` without loss; refuses NaN, infinity and powers of ten beyond reason.

    A float is a bug (``TypeError``): it has lost its digits already.
    """
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal | Fraction):
        raise TypeError(f"an amount is an int, a Decimal or a Fraction, not {amount!r}")
    if isinstance(amount, Decimal):
        if not amount.is_finite():
            raise refused("malformed", "quantityFormat", f"{amount} is no amount")
        if not amount:
            return Fraction(0)
        if abs(amount.adjusted()) > MAGNITUDE_MAX:
            raise refused("rule", "quantityRange", f"{amount} is beyond 10^{MAGNITUDE_MAX}")
    return Fraction(amount)


def plain_number(amount: Fraction) -> int | Decimal | None:
    """An int, or a Decimal with every digit; None when the digits never end (1/3)."""
    if amount.denominator == 1:
        return amount.numerator
    digits, rest = 0, amount.denominator
    while rest % 10 == 0:
        rest, digits = rest // 10, digits + 1
    for factor in (2, 5):
        while rest % factor == 0:
            rest, digits = rest // factor, digits + 1
    if rest != 1:
        return None
    return Decimal(f"{amount.numerator * 10**digits // amount.denominator}E-{digits}")


_WRITTEN = re.compile(
    r"([+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,2})?)"
    r"(?:\s{1,9}|(?![0-9.,]))(\S.{0,40})"
)


@dataclass(frozen=True, slots=True, init=False, eq=False)
class Quantity:
    """An exact amount in a unit, equal to the same quantity in another unit of its dimension.

    Mixing dimensions in a sum, an order or a conversion is refused (``rule``, ``unitMismatch``);
    equality across dimensions is false. Sums are in the left side's unit.
    """

    amount: Fraction
    unit: Unit

    def __init__(self, amount: Amount, unit: Unit | str) -> None:
        """``unit`` by any name it goes by; refuses an unknown one and an amount that is none."""
        object.__setattr__(self, "amount", exact_fraction(amount))
        object.__setattr__(self, "unit", unit if isinstance(unit, Unit) else find_unit(unit))

    @classmethod
    def parse(cls, text: str) -> Quantity:
        """Read ``"100 Mbps"``, ``"1.5GB"``, ``"-97 dBm"``; refuses (``quantityFormat``) others."""
        written = _WRITTEN.fullmatch(text.strip())
        if written is None:
            reason = f"{text[:80]!r} is no amount with a unit, such as '100 Mbit/s'"
            raise refused("malformed", "quantityFormat", reason)
        return cls(Decimal(written[1]), written[2])

    @classmethod
    def from_tmf(cls, document: Mapping[str, Any]) -> Quantity:
        """Read the TMF Quantity ``{"amount": 100, "units": "Mbps"}``; refuses another form."""
        amount, units = document.get("amount"), document.get("units")
        if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
            reason = f"an amount is a number, not {amount!r}"
            raise refused("malformed", "quantityFormat", reason, "amount")
        if not isinstance(units, str):
            raise refused("malformed", "quantityFormat", "units is missing", "units")
        return cls(amount, units)

    def to_tmf(self) -> dict[str, Any]:
        """The TMF Quantity form, exact: a number whose digits never end goes in the base unit.

        Refuses (``quantityInexact``) what has no finite digits there either.
        """
        for shown in (self, self.to(self.base)):
            amount = plain_number(shown.amount)
            if amount is not None:
                return {"amount": amount, "units": shown.unit.name}
        raise refused("rule", "quantityInexact", f"{self} has no finite decimal form")

    @property
    def base(self) -> Unit:
        """The base unit of its dimension."""
        return UNITS[next(iter(_SCALES[self.unit.dimension]))]

    @property
    def in_base(self) -> Fraction:
        """The amount in the base unit of its dimension."""
        return self.amount * self.unit.scale

    def to(self, unit: Unit | str) -> Quantity:
        """The same quantity in another unit of its dimension, exactly."""
        wanted = unit if isinstance(unit, Unit) else find_unit(unit)
        self._refuse_mixing(wanted)
        return Quantity(self.in_base / wanted.scale, wanted)

    def _refuse_mixing(self, unit: Unit) -> None:
        if unit.dimension != self.unit.dimension:
            reason = (
                f"{self.unit} ({self.unit.dimension}) does not go with {unit} ({unit.dimension})"
            )
            raise refused("rule", "unitMismatch", reason)

    def _refuse_sums(self) -> None:
        if self.unit.dimension == "power level":
            reason = f"{self.unit} is logarithmic: levels can't be added or scaled"
            raise refused("rule", "unitNotAdditive", reason)

    def _in_base_alike(self, other: Quantity) -> Fraction:
        if not isinstance(other, Quantity):
            raise TypeError(f"a quantity goes with a quantity only, not with {other!r}")
        self._refuse_mixing(other.unit)
        return other.in_base

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Quantity):
            return NotImplemented
        return (self.unit.dimension, self.in_base) == (other.unit.dimension, other.in_base)

    def __hash__(self) -> int:
        return hash((self.unit.dimension, self.in_base))

    def __lt__(self, other: Quantity) -> bool:
        return self.in_base < self._in_base_alike(other)

    def __le__(self, other: Quantity) -> bool:
        return self.in_base <= self._in_base_alike(other)

    def __gt__(self, other: Quantity) -> bool:
        return self.in_base > self._in_base_alike(other)

    def __ge__(self, other: Quantity) -> bool:
        return self.in_base >= self._in_base_alike(other)

    def __add__(self, other: Quantity) -> Quantity:
        total = self.in_base + self._in_base_alike(other)
        self._refuse_sums()
        return Quantity(total / self.unit.scale, self.unit)

    def __sub__(self, other: Quantity) -> Quantity:
        rest = self.in_base - self._in_base_alike(other)
        self._refuse_sums()
        return Quantity(rest / self.unit.scale, self.unit)

    def times(self, factor: Amount) -> Quantity:
        """``factor`` times it, exactly."""
        self._refuse_sums()
        return Quantity(self.amount * exact_fraction(factor), self.unit)

    def __str__(self) -> str:
        amount = plain_number(self.amount)
        shown = format(amount, "f") if isinstance(amount, Decimal) else str(self.amount)
        return f"{shown} {self.unit}"
