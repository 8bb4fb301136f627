"""Months, amounts and tax, as pure counting."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banyan.components.billing.model import Line
from banyan.components.billing.policy import (
    compute_bill,
    compute_months_after,
    compute_net,
    compute_tax,
    find_start,
)
from banyan.kernel.words.ids import AppliedRateId
from banyan.kernel.words.money import CURRENCIES
from tests.billing.lab import once

OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
ANCHORS = st.datetimes(
    datetime.fromisoformat("1970-01-01"), datetime.fromisoformat("2200-01-01"), timezones=OFFSETS
)
LINES = st.lists(
    st.tuples(
        st.integers(-(10**9), 10**9),
        st.sampled_from([("VAT", 190_000), ("VAT", 70_000), ("exempt", 0), ("odd", 55_555)]),
    ),
    min_size=1,
    max_size=40,
)


def day(text: str) -> datetime:
    """Midnight of a day, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("anchor", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-01-31", 2, "2026-03-31"),
        ("2026-01-31", 3, "2026-04-30"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2028-02-29", 48, "2032-02-29"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-05-30", 9, "2027-02-28"),
        ("2026-05-30", 0, "2026-05-30"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last(anchor: str, months: int, end: str) -> None:
    assert compute_months_after(day(anchor), months) == day(end)


@given(ANCHORS, st.integers(0, 1_200))
def test_months_are_counted_from_the_anchor(anchor: datetime, months: int) -> None:
    end = compute_months_after(anchor, months)
    assert (end.year - anchor.year) * 12 + end.month - anchor.month == months
    assert end.day == min(anchor.day, calendar.monthrange(end.year, end.month)[1])
    assert end.timetz() == anchor.timetz()


@given(ANCHORS, st.integers(1, 400))
def test_periods_follow_each_other_without_gap_or_overlap(anchor: datetime, months: int) -> None:
    ends = [compute_months_after(anchor, n * months) for n in range(4)]
    assert ends == sorted(set(ends))


@given(ANCHORS)
def test_a_start_is_read_back_exactly(anchor: datetime) -> None:
    assert find_start(anchor.isoformat()) == anchor


@given(st.integers(-(10**15), 10**15), st.sampled_from(sorted(CURRENCIES)))
def test_a_line_and_its_residue_are_the_price(amount_micros: int, currency: str) -> None:
    net_minor, residue_micros = compute_net(once(amount_micros, currency=currency))
    per_minor = CURRENCIES[currency].micros_per_minor
    assert net_minor * per_minor + residue_micros == amount_micros
    assert 2 * abs(residue_micros) <= per_minor


@given(st.integers(-(10**12), 10**12), st.integers(0, 10_000_000))
def test_tax_is_the_nearest_cent_and_mirrors(net_minor: int, rate_ppm: int) -> None:
    tax = compute_tax(net_minor, rate_ppm)
    exact = Fraction(net_minor * rate_ppm, 1_000_000)
    assert abs(tax - exact) <= Fraction(1, 2)
    assert compute_tax(-net_minor, rate_ppm) == -tax


@given(LINES)
def test_a_bill_is_its_net_lines_and_tax_on_their_sums(
    drawn: list[tuple[int, tuple[str, int]]],
) -> None:
    lines = [line(net, category, rate) for net, (category, rate) in drawn]
    total = compute_bill(lines)
    assert total.net_minor == sum(net for net, _ in drawn)
    assert sum(tax.net_minor for tax in total.taxes) == total.net_minor
    assert total.gross_minor == total.net_minor + sum(tax.tax_minor for tax in total.taxes)
    assert len({(tax.category, tax.rate_ppm) for tax in total.taxes}) == len(total.taxes)
    for tax in total.taxes:
        own = [net for net, kind in drawn if kind == (tax.category, tax.rate_ppm)]
        assert tax.net_minor == sum(own)
        assert tax.tax_minor == compute_tax(sum(own), tax.rate_ppm)
        apart = sum(compute_tax(net, tax.rate_ppm) for net in own)
        assert abs(apart - tax.tax_minor) <= len(own)
    assert compute_bill(lines[::-1]) == total


def line(net_minor: int, category: str, rate_ppm: int) -> Line:
    """An open line."""
    return Line(
        id=AppliedRateId("rate"), currency="EUR", net_minor=net_minor, residue_micros=0,
        tax_rate_ppm=rate_ppm, tax_category=category, start_us=0, end_us=1,
    )  # fmt: skip
