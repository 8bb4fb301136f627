"""How billing counts: calendar months, amounts in minor units, tax. Integers only.

An amount is rounded once, when a price becomes a line. A bill's net is the sum of its lines; its
tax is counted on that sum per category and rate. The tax a line shows is its own, so the lines'
taxes need not add up to the bill's.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from banyan.components.billing.contract import StartCharging
from banyan.components.billing.model import ROUNDING, BillSum, Line, TaxSum
from banyan.kernel.words.errors import Finding, refused
from banyan.kernel.words.money import CURRENCIES, MICROS, Money, round_ratio
from banyan.kernel.words.price import PriceTerms

PPM = 1_000_000
"""Parts per million in one whole."""

PERIOD_MONTHS_MAX = 1_200
AMOUNT_MICROS_MAX = 10**12 * MICROS
"""Far above any price; in minor units it still fits a 64-bit column."""

ID_MAX = 128
CATEGORY_MAX = 64
YEARS = range(1900, 9_000)
TAX_RATE_PPM_MAX = 10 * PPM

_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
)


def find_start(text: str) -> datetime:
    """The instant an RFC 3339 text with an offset names; refuses (``start``) any other."""
    try:
        start = datetime.fromisoformat(text.upper()) if _INSTANT.fullmatch(text.upper()) else None
    except ValueError:
        start = None
    if start is None or start.year not in YEARS:
        reason = f"{text[:40]!r} is no RFC 3339 instant of the years 1900 to 8999"
        raise refused("malformed", "start", reason, "start")
    return start


def compute_months_after(anchor: datetime, months: int) -> datetime:
    """The same day and hour ``months`` calendar months later, or the month's last day if shorter.

    Always counted from the anchor, so a chain from 31 January is 28 February, then 31 March. The
    offset of the anchor is kept.
    """
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    last_day = calendar.monthrange(year, month + 1)[1]
    return anchor.replace(year=year, month=month + 1, day=min(anchor.day, last_day))


def compute_period(start: datetime, price: PriceTerms) -> tuple[datetime, datetime]:
    """What the first charge of ``price`` covers from ``start`` on; the end is exclusive.

    A one-time price covers the instant.
    """
    if price.kind == "oneTime":
        return start, start
    return start, compute_months_after(start, price.period_length)


def check_prices(command: StartCharging, open_currency: str) -> Iterator[Finding]:
    """What is wrong with the prices; ``open_currency`` is that of the account's open rates."""
    for name, text in (("item_id", command.item_id), ("account_id", command.account_id)):
        if len(text) > ID_MAX:
            yield Finding("tooLong", f"has {len(text)} characters, at most {ID_MAX} fit", name)
    expected = open_currency
    for at, price in enumerate(command.prices):
        path = f"prices.{at}"
        if price.currency not in CURRENCIES:
            reason = f"{price.currency!r} is no active ISO 4217 currency code"
            yield Finding("currency", reason, f"{path}.currency")
        elif expected and price.currency != expected:
            reason = f"{price.currency} can't go on one bill with {expected}"
            yield Finding("currency", reason, f"{path}.currency")
        else:
            expected = price.currency
        if price.kind == "recurring":
            if price.period != "month":
                reason = f"{price.period!r} is no period: prices recur by the month"
                yield Finding("period", reason, f"{path}.period")
            if not 1 <= price.period_length <= PERIOD_MONTHS_MAX:
                reason = f"a period has 1 to {PERIOD_MONTHS_MAX} months"
                yield Finding("period", reason, f"{path}.period_length")
        if not 0 <= price.tax_rate_ppm <= TAX_RATE_PPM_MAX:
            yield Finding("taxRate", "a tax rate is 0 to 1000 percent", f"{path}.tax_rate_ppm")
        if len(price.tax_category) > CATEGORY_MAX:
            reason = f"a tax category has at most {CATEGORY_MAX} characters"
            yield Finding("tooLong", reason, f"{path}.tax_category")
        if abs(price.amount_micros) > AMOUNT_MICROS_MAX:
            reason = "an amount is below a million million of the currency"
            yield Finding("amountRange", reason, f"{path}.amount_micros")


def compute_net(price: PriceTerms) -> tuple[int, int]:
    """The price in whole minor units, and the micro-units that rounding left behind."""
    exact = Money(price.currency, price.amount_micros)
    return exact.minor_units(ROUNDING), exact.residue(ROUNDING)


def compute_tax(net_minor: int, rate_ppm: int) -> int:
    """The tax on ``net_minor`` in whole minor units."""
    return round_ratio(net_minor * rate_ppm, PPM, ROUNDING)


def compute_bill(lines: Sequence[Line]) -> BillSum:
    """The sum of lines of one currency (at least one), with tax per category and rate."""
    currency = lines[0].currency
    assert all(line.currency == currency for line in lines), "two currencies on one bill"
    nets: dict[tuple[str, int], int] = {}
    for line in lines:
        kind = (line.tax_category, line.tax_rate_ppm)
        nets[kind] = nets.get(kind, 0) + line.net_minor
    taxes = tuple(
        TaxSum(category=category, rate_ppm=rate, net_minor=net, tax_minor=compute_tax(net, rate))
        for (category, rate), net in sorted(nets.items())
    )
    net_minor = sum(nets.values())
    return BillSum(
        currency=currency,
        net_minor=net_minor,
        gross_minor=net_minor + sum(tax.tax_minor for tax in taxes),
        taxes=taxes,
        start_us=min(line.start_us for line in lines),
        end_us=max(line.end_us for line in lines),
    )
