"""What a published price comes to: flat, in tiers, beyond an allowance, with alterations. Pure.

Integers only, in micro-units; a part that is not whole is rounded once, at the end of each step,
half up (:func:`banyan.kernel.words.money.round_ratio`). Amounts of usage are exact fractions.

Attributes of ours on a TMF620 price: ``tier`` (a list of ``{from, price}``, the first from 0) with
``tierMode`` (``graduated``: each part at its own tier's price; ``volume``: all of it at the price
of the tier reached), and ``allowance`` (a Quantity that is free in each period). An alteration is
a price of ``priceType`` ``discount`` with a ``percentage`` or a ``price``, ``applicationDuration``
(in periods, for ever if left out) and ``condition`` (a list of ``{name, value}`` of
characteristics that must all hold); ``popRelationship`` names the prices it alters, all if none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import msgspec

from banyan.components.catalog.model import read_amount
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, Refused
from banyan.kernel.words.money import Money, round_ratio
from banyan.kernel.words.quantity import Quantity

DISCOUNT: Final = "discount"
USAGE: Final = "usage"
MODES: Final = ("graduated", "volume")
PPM_PER_PERCENT: Final = 10_000
PPM: Final = 1_000_000


class Tier(msgspec.Struct, frozen=True):
    """From this much on (in units of the price) a unit costs so many micro-units."""

    start: Fraction
    micros: int


class Alteration(msgspec.Struct, frozen=True, kw_only=True):
    """What a discount takes off: a share in parts per million, or micro-units.

    It holds for ``periods`` periods (0: for ever), where every condition holds. Empty ``alters``
    stands for all prices.
    """

    id: str
    share_ppm: int = 0
    micros: int = 0
    periods: int = 0
    conditions: Mapping[str, Any] = {}
    alters: tuple[str, ...] = ()

    def applies(self, price_id: str, period: int, values: Mapping[str, Any]) -> bool:
        """Whether it alters this price in this period (the first is 0), given what was chosen."""
        if self.alters and price_id not in self.alters:
            return False
        if self.periods and period >= self.periods:
            return False
        return all(values.get(name) == value for name, value in self.conditions.items())


def compute_tiered(tiers: Sequence[Tier], mode: str, units: Fraction) -> int:
    """What ``units`` come to in tiers (ascending, the first from 0), rounded half up once."""
    if units <= 0:
        return 0
    if mode == "volume":
        reached = [tier for tier in tiers if tier.start < units][-1]
        return _rounded(units * reached.micros)
    ends = [*(tier.start for tier in tiers[1:]), units]
    total = Fraction(0)
    for tier, end in zip(tiers, ends, strict=True):
        part = min(end, units) - tier.start
        total += max(part, Fraction(0)) * tier.micros
    return _rounded(total)


def compute_beyond(allowance: Fraction, units: Fraction) -> Fraction:
    """How much of ``units`` an allowance does not cover."""
    return max(units - allowance, Fraction(0))


def compute_altered(
    price_id: str,
    micros: int,
    alterations: Sequence[Alteration],
    period: int,
    values: Mapping[str, Any],
) -> int:
    """A price after every alteration that applies, in their order; never below nothing.

    Each takes its share of what those before it left.
    """
    for each in alterations:
        if each.applies(price_id, period, values):
            micros -= round_ratio(micros * each.share_ppm, PPM) if each.share_ppm else each.micros
    return max(micros, 0)


def _rounded(exact: Fraction) -> int:
    return round_ratio(exact.numerator, exact.denominator)


def read_tiers(document: Document) -> list[Tier] | list[Finding]:
    """The tiers of a price, or everything that is wrong with them; a flat price is one tier."""
    written = document.get("tier")
    if written is None:
        amount = read_amount(document.get("price"))
        return [Tier(Fraction(0), amount.micros)] if isinstance(amount, Money) else amount
    findings: list[Finding] = []
    tiers: list[Tier] = []
    if not isinstance(written, list) or not written:
        return [Finding("tier", "tiers are a list of {from, price}", "tier")]
    currencies: set[str] = set()
    for at, each in enumerate(written):
        start = each.get("from") if isinstance(each, dict) else None
        amount = read_amount(each.get("price") if isinstance(each, dict) else None)
        if isinstance(start, bool) or not isinstance(start, int | Decimal) or not _is_finite(start):
            findings.append(Finding("tier", "a tier begins from a number", f"tier.{at}.from"))
        if isinstance(amount, list):
            findings += [found.below(f"tier.{at}") for found in amount]
        elif isinstance(start, int | Decimal) and _is_finite(start):
            currencies.add(amount.currency)
            tiers.append(Tier(Fraction(start), amount.micros))
    starts = [tier.start for tier in tiers]
    if not findings and (starts[0] != 0 or sorted(set(starts)) != starts):
        findings.append(Finding("tier", "tiers begin at 0 and rise", "tier"))
    if len(currencies) > 1:
        findings.append(Finding("currency", "all tiers are in one currency", "tier"))
    return findings or tiers


def _is_finite(number: int | Decimal) -> bool:
    return isinstance(number, int) or number.is_finite()


def read_alteration(document: Document, price_id: str) -> Alteration | list[Finding]:
    """A discount, or everything that is wrong with it."""
    findings: list[Finding] = []
    share, micros = document.get("percentage"), 0
    if (share is None) == (document.get("price") is None):
        findings.append(Finding("discount", "a discount is a percentage or a price", "percentage"))
    elif share is None:
        amount = read_amount(document["price"])
        if isinstance(amount, list):
            findings += amount
        elif amount.micros <= 0:
            findings.append(Finding("discount", "a discount takes something off", "price.value"))
        else:
            micros = amount.micros
    elif not _is_share(share):
        reason = f"{share!r} is no discount: percent, above 0, at most 100, with four digits"
        findings.append(Finding("discount", reason, "percentage"))
    periods = _read_periods(document, findings)
    conditions = _read_conditions(document, findings)
    named = document.get("popRelationship") or ()
    if findings:
        return findings
    return Alteration(
        id=price_id,
        share_ppm=0 if share is None else int(Decimal(share) * PPM_PER_PERCENT),
        micros=micros,
        periods=periods,
        conditions=conditions,
        alters=tuple(str(each["id"]) for each in named if isinstance(each, dict) and "id" in each),
    )


def _is_share(share: Any) -> bool:
    if isinstance(share, bool) or not isinstance(share, int | Decimal) or not _is_finite(share):
        return False
    ppm = Decimal(share) * PPM_PER_PERCENT
    return 0 < ppm <= PPM and ppm == int(ppm)


def _read_periods(document: Document, findings: list[Finding]) -> int:
    duration = document.get("applicationDuration")
    amount = duration.get("amount") if isinstance(duration, dict) else duration
    if amount is None and duration is None:
        return 0
    if type(amount) is int and 1 <= amount <= 1_200:
        return amount
    reason = f"{amount!r} is no number of periods (1 to 1200)"
    findings.append(Finding("duration", reason, "applicationDuration"))
    return 0


def _read_conditions(document: Document, findings: list[Finding]) -> dict[str, Any]:
    written = document.get("condition") or []
    if isinstance(written, list) and all(
        isinstance(each, dict) and isinstance(each.get("name"), str) and "value" in each
        for each in written
    ):
        return {each["name"]: each["value"] for each in written}
    reason = "conditions are a list of {name, value} of characteristics"
    findings.append(Finding("condition", reason, "condition"))
    return {}


def check_extras(document: Document) -> Iterator[Finding]:
    """Everything that is wrong with a price of usage, in tiers or with an allowance."""
    tiers = read_tiers(document)
    yield from (each for each in tiers if isinstance(each, Finding))
    if document.get("tier") is not None and document.get("tierMode") not in MODES:
        yield Finding("tier", f"tierMode is {' or '.join(MODES)}", "tierMode")
    units: list[Quantity] = []
    for attribute in ("unitOfMeasure", "allowance"):
        written = document.get(attribute)
        if written is None:
            continue
        try:
            quantity = Quantity.from_tmf(written if isinstance(written, dict) else {})
        except Refused as no:
            yield from (found.below(attribute) for found in no.refusal.findings)
            continue
        if quantity.amount <= 0:
            yield Finding("quantity", "it is more than nothing", f"{attribute}.amount")
        units.append(quantity)
    if document.get("priceType") == USAGE and document.get("unitOfMeasure") is None:
        yield Finding("missing", "a usage price says of how much it is", "unitOfMeasure")
    if len(units) == 2 and units[0].unit.dimension != units[1].unit.dimension:
        yield Finding("unitMismatch", "the allowance is in another kind of unit", "allowance.units")
