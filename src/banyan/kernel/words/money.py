"""Money as integers: an ISO 4217 currency and a count of micro-units.

A micro-unit is 10^-6 of the MAJOR unit (1 EUR = 1,000,000), whatever the currency's minor unit:
every ISO 4217 currency has at most four digits, so rating keeps at least two below the smallest
amount a document can show. Ledgers and rating count micro-units; documents show minor units.
Every rounding in the house goes through :func:`round_ratio`, by a named rule.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from enum import Enum

import msgspec

from banyan.kernel.words.errors import refused

MICROS = 1_000_000
"""Micro-units in one major unit."""

MICRO_DIGITS = 6
MICROS_MAX = 2**63 - 1
"""The largest amount read from outside, in micro-units: what a 64-bit column holds."""

_CODES_BY_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD "
    "CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL "
    "GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR "
    "LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD "
    "PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC "
    "SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR "
    "ZMW ZWG",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}


class Currency(msgspec.Struct, frozen=True):
    """An ISO 4217 currency: its alphabetic code and how many digits its minor unit has."""

    code: str
    digits: int

    @property
    def micros_per_minor(self) -> int:
        """Micro-units in one minor unit (a cent, a yen, a fils)."""
        return int(10 ** (MICRO_DIGITS - self.digits))


CURRENCIES: dict[str, Currency] = {
    code: Currency(code, digits)
    for digits, codes in _CODES_BY_DIGITS.items()
    for code in codes.split()
}
"""Every active code with a minor unit; metals, SDR and test codes (digits "N.A.") are no money."""


def find_currency(code: str) -> Currency:
    """The currency of an ISO 4217 code from outside; refuses (``currency``) an unknown one."""
    found = CURRENCIES.get(code)
    if found is None:
        raise refused("malformed", "currency", f"{code!r} is no active ISO 4217 currency code")
    return found


class Rounding(Enum):
    """What becomes of a part that is not whole. All rules treat -x as the mirror of x."""

    HALF_UP = "half_up"  # to the nearest; the exact half away from zero
    HALF_EVEN = "half_even"  # to the nearest; the exact half to the even neighbour
    UP = "up"  # away from zero
    DOWN = "down"  # towards zero


def round_ratio(numerator: int, denominator: int, rounding: Rounding = Rounding.HALF_UP) -> int:
    """``numerator / denominator`` as a whole number, by ``rounding``, on integers only.

    A denominator below one is a bug (``ValueError``).
    """
    if denominator <= 0:
        raise ValueError(f"a denominator is positive, not {denominator}")
    # Divide the size, not the signed number: // on negatives goes away from zero.
    whole, rest = divmod(abs(numerator), denominator)
    match rounding:
        case Rounding.UP:
            further = rest > 0
        case Rounding.DOWN:
            further = False
        case Rounding.HALF_UP:
            further = 2 * rest >= denominator
        case Rounding.HALF_EVEN:
            further = 2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1)
    size = whole + 1 if further else whole
    return -size if numerator < 0 else size


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """``total`` in whole parts in proportion to ``weights``; the parts sum to ``total`` exactly.

    Largest remainder: what whole parts leave over goes, one each, to the parts that lost most by
    rounding down, the earlier first. Negative weights, or none above zero, are a bug.
    """
    if any(weight < 0 for weight in weights) or sum(weights) <= 0:
        raise ValueError(f"weights are not negative and not all zero: {list(weights)}")
    size, scale = abs(total), sum(weights)
    parts = [size * weight // scale for weight in weights]
    lost = [size * weight % scale for weight in weights]
    neediest = sorted(range(len(parts)), key=lambda at: (-lost[at], at))
    for at in neediest[: size - sum(parts)]:
        parts[at] += 1
    return [-part for part in parts] if total < 0 else parts


class MixedCurrencies(TypeError):
    """Two currencies in one sum or comparison: a bug, nobody converted."""


_DIGITS_MAX = 100
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")


class Money(msgspec.Struct, frozen=True):
    """An amount of one currency in micro-units (10^-6 of the major unit), negative or not.

    Sums and comparisons stay within one currency (:class:`MixedCurrencies` otherwise); equality
    of two currencies is false. An unknown code or a fractional count is a bug (``ValueError``,
    ``TypeError``): what comes from outside enters by :meth:`from_decimal`.
    """

    currency: str
    micros: int

    def __post_init__(self) -> None:
        if self.currency not in CURRENCIES:
            raise ValueError(f"{self.currency!r} is no active ISO 4217 currency code")
        if type(self.micros) is not int:
            raise TypeError(f"micro-units are whole, not {self.micros!r}")

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Nothing, in ``currency``: where a sum starts."""
        return cls(currency, 0)

    @classmethod
    def from_minor(cls, minor_units: int, currency: str) -> Money:
        """A whole number of minor units (cents, yen, fils); refuses an unknown currency."""
        return cls(currency, minor_units * find_currency(currency).micros_per_minor)

    @classmethod
    def from_decimal(cls, value: Decimal | int | str, currency: str) -> Money:
        """An amount in major units as documents write it (``"12.34"``), kept exactly.

        Refuses text that is no number, NaN and infinity (``amountFormat``), digits below a
        micro-unit (``amountPrecision``), and what a 64-bit column can't hold (``amountRange``).
        A float is a bug: it has lost its digits already.
        """
        code = find_currency(currency).code
        return cls(code, _micros_of(_decimal_of(value)))

    @property
    def digits(self) -> int:
        """How many digits the currency's minor unit has."""
        return CURRENCIES[self.currency].digits

    def __add__(self, other: Money) -> Money:
        return Money(self.currency, self.micros + self._micros_alike(other))

    def __sub__(self, other: Money) -> Money:
        return Money(self.currency, self.micros - self._micros_alike(other))

    def __neg__(self) -> Money:
        return Money(self.currency, -self.micros)

    def __abs__(self) -> Money:
        return Money(self.currency, abs(self.micros))

    def __lt__(self, other: Money) -> bool:
        return self.micros < self._micros_alike(other)

    def __le__(self, other: Money) -> bool:
        return self.micros <= self._micros_alike(other)

    def __gt__(self, other: Money) -> bool:
        return self.micros > self._micros_alike(other)

    def __ge__(self, other: Money) -> bool:
        return self.micros >= self._micros_alike(other)

    def __str__(self) -> str:
        sign = "-" if self.micros < 0 else ""
        major, below = divmod(abs(self.micros), MICROS)
        shown = f"{below:06}".rstrip("0").ljust(self.digits, "0")
        return f"{sign}{major}{'.' if shown else ''}{shown} {self.currency}"

    def _micros_alike(self, other: Money) -> int:
        if not isinstance(other, Money):
            raise TypeError(f"money goes with money only, not with {other!r}")
        if other.currency != self.currency:
            raise MixedCurrencies(f"{self} and {other} are not of one currency")
        return other.micros

    def times(
        self, numerator: int, denominator: int = 1, rounding: Rounding = Rounding.HALF_UP
    ) -> Money:
        """``numerator / denominator`` of it (19 % is ``times(19, 100)``), in whole micro-units."""
        return Money(self.currency, round_ratio(self.micros * numerator, denominator, rounding))

    def minor_units(self, rounding: Rounding = Rounding.HALF_UP) -> int:
        """The amount in whole minor units: what a document can show."""
        return round_ratio(self.micros, CURRENCIES[self.currency].micros_per_minor, rounding)

    def rounded(self, rounding: Rounding = Rounding.HALF_UP) -> Money:
        """The nearest amount in whole minor units, by ``rounding``."""
        return Money.from_minor(self.minor_units(rounding), self.currency)

    def residue(self, rounding: Rounding = Rounding.HALF_UP) -> int:
        """Micro-units that :meth:`rounded` leaves behind (negative if it went up).

        ``rounded().micros + residue()`` is the amount again; whoever rounds books the residue.
        """
        return self.micros - self.rounded(rounding).micros

    def to_decimal(self, rounding: Rounding = Rounding.HALF_UP) -> Decimal:
        """Document form: major units with exactly the currency's digits (``Decimal("12.30")``)."""
        # From text: arithmetic on Decimal would round to the context's precision.
        return Decimal(f"{self.minor_units(rounding)}E-{self.digits}")

    def split(self, weights: Sequence[int]) -> list[Money]:
        """Parts in proportion to ``weights`` in micro-units; they sum to the amount exactly.

        Same weights, same parts: see :func:`apportion`.
        """
        return [Money(self.currency, part) for part in apportion(self.micros, weights)]

    def split_minor(self, weights: Sequence[int]) -> list[Money]:
        """Like :meth:`split` in whole minor units, for documents whose lines must add up.

        An amount that is not of whole minor units is a bug (``ValueError``).
        """
        if self.residue():
            raise ValueError(f"{self} is not of whole minor units")
        parts = apportion(self.minor_units(), weights)
        return [Money.from_minor(part, self.currency) for part in parts]


def _decimal_of(value: Decimal | int | str) -> Decimal:
    if isinstance(value, str):
        if _PLAIN_NUMBER.fullmatch(value) is None:
            raise refused("malformed", "amountFormat", f"{value[:80]!r} is no amount")
        return Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError(f"an amount is a Decimal, an int or text, not {value!r}")
    exact = Decimal(value)
    if not exact.is_finite():
        raise refused("malformed", "amountFormat", f"{exact} is no amount")
    return exact


def _micros_of(exact: Decimal) -> int:
    if not exact:
        return 0
    # Bounds come first: a short text such as 1E+999999999 must not become a giant integer.
    if exact.adjusted() > len(str(MICROS_MAX)):
        raise refused("rule", "amountRange", f"{exact} is more than a ledger holds")
    sign, digits, exponent = exact.as_tuple()
    assert isinstance(exponent, int), "finite by now"
    micros, below = 0, 1
    if exact.adjusted() >= -MICRO_DIGITS and len(digits) <= _DIGITS_MAX:
        size, shift = int("".join(map(str, digits))), exponent + MICRO_DIGITS
        micros, below = (size * 10**shift, 0) if shift >= 0 else divmod(size, 10**-shift)
    if below:
        reason = f"an amount has at most {MICRO_DIGITS} digits after the point"
        raise refused("rule", "amountPrecision", reason)
    if micros > MICROS_MAX:
        raise refused("rule", "amountRange", f"{exact} is more than a ledger holds")
    return -micros if sign else micros
