"""Money: nothing is lost, and every rounding has a name."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banyan.kernel.words.errors import Refused
from banyan.kernel.words.money import (
    CURRENCIES,
    MICROS,
    MICROS_MAX,
    MixedCurrencies,
    Money,
    Rounding,
    apportion,
    find_currency,
    round_ratio,
)

unhurried = settings(deadline=None)
amounts = st.integers(-(10**18), 10**18)
codes = st.sampled_from(sorted(CURRENCIES))
moneys = st.builds(Money, codes, amounts)
roundings = st.sampled_from(Rounding)
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any)


def refusal_of(value: Any, currency: str = "EUR") -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        Money.from_decimal(value, currency)
    return caught.value.refusal.kind, caught.value.refusal.findings[0].code


# Rounding.


@pytest.mark.parametrize(
    ("numerator", "half_up", "half_even", "up", "down"),
    [
        (25, 3, 2, 3, 2),
        (35, 4, 4, 4, 3),
        (24, 2, 2, 3, 2),
        (26, 3, 3, 3, 2),
        (20, 2, 2, 2, 2),
        (1, 0, 0, 1, 0),
        (5, 1, 0, 1, 0),
        (0, 0, 0, 0, 0),
    ],
)
def test_tenths_round_by_the_named_rule_and_their_negatives_mirror_them(
    numerator: int, half_up: int, half_even: int, up: int, down: int
) -> None:
    by_rule = {
        Rounding.HALF_UP: half_up,
        Rounding.HALF_EVEN: half_even,
        Rounding.UP: up,
        Rounding.DOWN: down,
    }
    for rounding, expected in by_rule.items():
        assert round_ratio(numerator, 10, rounding) == expected
        assert round_ratio(-numerator, 10, rounding) == -expected


def test_half_up_is_the_rule_when_none_is_named() -> None:
    assert round_ratio(5, 2) == 3
    assert round_ratio(-5, 2) == -3  # floor would say -3 and truncation -2; -2.5 goes away from 0
    assert round_ratio(-4, 3) == -1  # floor division would say -2
    assert round_ratio(-5, 3) == -2  # truncation would say -1


@unhurried
@given(amounts, st.integers(1, 10**9), roundings)
def test_rounding_is_symmetric_and_within_its_bound(
    numerator: int, denominator: int, rounding: Rounding
) -> None:
    rounded, exact = (
        round_ratio(numerator, denominator, rounding),
        Fraction(numerator, denominator),
    )
    assert round_ratio(-numerator, denominator, rounding) == -rounded
    if rounding in (Rounding.HALF_UP, Rounding.HALF_EVEN):
        assert abs(rounded - exact) <= Fraction(1, 2)
    elif rounding is Rounding.UP:
        assert 0 <= abs(rounded) - abs(exact) < 1
    else:
        assert 0 <= abs(exact) - abs(rounded) < 1


@unhurried
@given(amounts, st.integers(1, 10**9))
def test_half_even_agrees_with_the_language(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    assert round_ratio(numerator, denominator, Rounding.HALF_EVEN) == round(exact)


@pytest.mark.parametrize("denominator", [0, -1])
def test_a_denominator_that_is_not_positive_is_a_bug(denominator: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        round_ratio(1, denominator)


# Currencies.


def test_minor_units_have_the_digits_of_iso_4217() -> None:
    assert len(CURRENCIES) == 165
    digits = {code: find_currency(code).digits for code in ("EUR", "JPY", "KWD", "CLF", "UYW")}
    assert digits == {"EUR": 2, "JPY": 0, "KWD": 3, "CLF": 4, "UYW": 4}
    assert find_currency("KWD").micros_per_minor == 1_000
    assert all(len(code) == 3 and code.isupper() for code in CURRENCIES)


@pytest.mark.parametrize("code", ["", "eur", "EURO", "XAU", "DEM"])
def test_a_code_that_is_no_active_currency_is_refused_or_a_bug(code: str) -> None:
    assert refusal_of("1", code) == ("malformed", "currency")
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(code, 1)


def test_micro_units_are_whole() -> None:
    fraction: Any = 1.5
    with pytest.raises(TypeError, match="whole"):
        Money("EUR", fraction)


# Sums and comparisons.


def test_a_month_of_eight_ninety_nine_plus_tax_is_ten_seventy() -> None:
    net = Money.from_decimal("8.99", "EUR")
    gross = net + net.times(19, 100)
    assert gross.micros == 10_698_100
    assert gross.minor_units() == 1_070
    assert gross.residue() == -1_900
    assert str(gross.to_decimal()) == "10.70"
    assert str(gross) == "10.6981 EUR"


@unhurried
@given(codes, amounts, amounts)
def test_sums_and_comparisons_are_those_of_integers(code: str, one: int, two: int) -> None:
    left, right = Money(code, one), Money(code, two)
    assert (left + right).micros == one + two
    assert (left - right).micros == one - two
    assert (left + right) - right == left
    assert left + -left == Money.zero(code)
    assert abs(left).micros == abs(one)
    assert (left < right, left <= right, left > right, left >= right, left == right) == (
        one < two,
        one <= two,
        one > two,
        one >= two,
        one == two,
    )
    assert sum([left, right], start=Money.zero(code)) == left + right


def test_two_currencies_never_meet() -> None:
    euro, yen = Money("EUR", 5), Money("JPY", 5)
    assert euro != yen
    for mixed in (
        lambda: euro + yen,
        lambda: euro - yen,
        lambda: euro < yen,
        lambda: euro <= yen,
        lambda: euro > yen,
        lambda: euro >= yen,
    ):
        with pytest.raises(MixedCurrencies, match=r"EUR.*JPY"):
            mixed()


def test_money_does_not_add_to_a_bare_number() -> None:
    five: Any = 5
    with pytest.raises(TypeError, match="money only"):
        Money("EUR", 5) + five


@unhurried
@given(moneys, st.integers(-(10**6), 10**6), st.integers(1, 10**6), roundings)
def test_times_is_within_one_micro_unit_of_the_exact_product(
    money: Money, numerator: int, denominator: int, rounding: Rounding
) -> None:
    product = money.times(numerator, denominator, rounding)
    assert abs(product.micros - Fraction(money.micros * numerator, denominator)) < 1
    assert (-money).times(numerator, denominator, rounding) == -product


# Documents.


@unhurried
@given(moneys, roundings)
def test_what_rounding_leaves_is_the_residue(money: Money, rounding: Rounding) -> None:
    rounded = money.rounded(rounding)
    assert rounded.micros + money.residue(rounding) == money.micros
    assert rounded.residue() == 0
    per_minor = CURRENCIES[money.currency].micros_per_minor
    assert abs(money.residue(rounding)) < per_minor
    if rounding in (Rounding.HALF_UP, Rounding.HALF_EVEN):
        assert 2 * abs(money.residue(rounding)) <= per_minor
    assert (-money).residue(rounding) == -money.residue(rounding)


@unhurried
@given(codes, amounts)
def test_minor_units_and_decimals_come_back_as_they_were(code: str, minor: int) -> None:
    money = Money.from_minor(minor, code)
    assert money.minor_units() == minor
    shown = money.to_decimal()
    assert shown == Fraction(minor, 10**money.digits)
    assert -int(shown.as_tuple().exponent) == money.digits
    if abs(money.micros) <= MICROS_MAX:
        assert Money.from_decimal(shown, code) == money
        assert Money.from_decimal(str(shown), code) == money


@unhurried
@given(moneys)
def test_a_micro_amount_read_from_its_text_is_itself(money: Money) -> None:
    amount, code = str(money).split()
    assert Money.from_decimal(amount, code) == money


@pytest.mark.parametrize(
    ("written", "micros"),
    [
        ("12.34", 12_340_000),
        ("-0.000001", -1),
        ("1.5000000000", 1_500_000),
        ("+1e3", 1_000 * MICROS),
        (7, 7 * MICROS),
        (Decimal("0.1"), 100_000),
        (Decimal("0E+999999"), 0),
        ("9223372036854.775807", MICROS_MAX),
    ],
)
def test_amounts_are_read_exactly(written: Decimal | int | str, micros: int) -> None:
    assert Money.from_decimal(written, "EUR").micros == micros


@pytest.mark.parametrize(
    ("written", "kind", "code"),
    [
        ("", "malformed", "amountFormat"),
        ("12,34", "malformed", "amountFormat"),
        ("1_000", "malformed", "amountFormat"),
        (" 1", "malformed", "amountFormat"),
        ("NaN", "malformed", "amountFormat"),
        ("Infinity", "malformed", "amountFormat"),
        (Decimal("NaN"), "malformed", "amountFormat"),
        (Decimal("sNaN"), "malformed", "amountFormat"),
        (Decimal("-Infinity"), "malformed", "amountFormat"),
        ("0.0000001", "rule", "amountPrecision"),
        (Decimal("1E-999999"), "rule", "amountPrecision"),
        (Decimal("0." + "1" * 5_000), "rule", "amountPrecision"),
        ("9223372036854.775808", "rule", "amountRange"),
        (Decimal("1E+999999"), "rule", "amountRange"),
    ],
)
def test_amounts_that_cannot_be_kept_are_refused(
    written: Decimal | str, kind: str, code: str
) -> None:
    assert refusal_of(written) == (kind, code)


@pytest.mark.parametrize("value", [0.1, True, None])
def test_a_float_is_no_amount(value: Any) -> None:
    with pytest.raises(TypeError):
        Money.from_decimal(value, "EUR")


# Splitting.


def test_ten_euro_split_in_three_gives_the_odd_cent_to_the_first() -> None:
    ten = Money.from_minor(1_000, "EUR")
    assert [part.minor_units() for part in ten.split_minor([1, 1, 1])] == [334, 333, 333]
    assert [part.micros for part in ten.split([1, 1, 1])] == [3_333_334, 3_333_333, 3_333_333]
    assert [part.minor_units() for part in (-ten).split_minor([1, 1, 1])] == [-334, -333, -333]


def test_the_largest_remainder_gets_what_is_left() -> None:
    assert apportion(100, [1, 2, 3]) == [17, 33, 50]
    assert apportion(7, [0, 1, 1]) == [0, 4, 3]
    assert apportion(1, [1, 5, 1]) == [0, 1, 0]


@unhurried
@given(moneys, weights)
def test_parts_sum_to_the_whole_and_stay_within_one_of_their_share(
    money: Money, shares: list[int]
) -> None:
    parts = money.split(shares)
    assert sum(parts, start=Money.zero(money.currency)) == money
    for part, share in zip(parts, shares, strict=True):
        assert abs(part.micros - Fraction(money.micros * share, sum(shares))) < 1
    assert [-part for part in parts] == (-money).split(shares)


@unhurried
@given(moneys, weights)
def test_lines_in_minor_units_add_up(money: Money, shares: list[int]) -> None:
    parts = money.rounded().split_minor(shares)
    assert sum(part.minor_units() for part in parts) == money.minor_units()
    assert all(part.residue() == 0 for part in parts)


@pytest.mark.parametrize("shares", [[], [0, 0], [2, -1]])
def test_weights_that_share_nothing_are_a_bug(shares: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        Money("EUR", 1).split(shares)


def test_half_a_cent_cannot_be_split_in_cents() -> None:
    with pytest.raises(ValueError, match="minor units"):
        Money("EUR", 5_000).split_minor([1])
