"""Quantities: exact in every unit, never mixed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from banyan.kernel.words.codec import from_json, to_json
from banyan.kernel.words.errors import Refused
from banyan.kernel.words.quantity import UNITS, Quantity, find_unit, match_unit, plain_number

unhurried = settings(deadline=None)
amounts = st.fractions() | st.integers() | st.decimals(-(10**9), 10**9, places=4)
units = st.sampled_from(sorted(UNITS))
quantities = st.builds(Quantity, amounts, units)


def alike(quantity: Quantity) -> st.SearchStrategy[str]:
    """The units of the same dimension."""
    return st.sampled_from(
        [n for n, unit in UNITS.items() if unit.dimension == quantity.unit.dimension]
    )


def code_of(caught: pytest.ExceptionInfo[Refused]) -> tuple[str, str]:
    return caught.value.refusal.kind, caught.value.refusal.findings[0].code


@pytest.mark.parametrize(
    ("given_text", "wanted", "shown"),
    [
        ("100 Mbps", "Gbps", "0.1 Gbit/s"),
        ("100 Mbps", "bit/s", "100000000 bit/s"),
        ("1 GiB", "MB", "1073.741824 MB"),
        ("1 MB", "bit", "8000000 bit"),
        ("2 TB", "GB", "2000 GB"),
        ("3 kB", "B", "3000 B"),
        ("4 KiB", "B", "4096 B"),
        ("5 MiB", "KiB", "5120 KiB"),
        ("640 kbit/s", "bit/s", "640000 bit/s"),
        ("7 kHz", "Hz", "7000 Hz"),
        ("8 km", "m", "8000 m"),
        ("90 min", "h", "1.5 h"),
        ("20 s", "min", "1/3 min"),
        ("1.5 d", "s", "129600 s"),
        ("250us", "ms", "0.25 ms"),
        ("3.5 GHz", "MHz", "3500 MHz"),
        ("1200 mm", "m", "1.2 m"),
        ("99.95 %", "permille", "999.5 permille"),
        ("5 percent", "1", "0.05 1"),
        ("20 W", "mW", "20000 mW"),
    ],
)
def test_conversions_give_what_a_hand_would_compute(
    given_text: str, wanted: str, shown: str
) -> None:
    assert str(Quantity.parse(given_text).to(wanted)) == shown


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("kbps", "kbit/s"),
        ("Gbps", "Gbit/s"),
        ("Seconds", "s"),
        ("millisecond", "ms"),
        ("Bytes", "B"),
        ("meter", "m"),
        ("Percentage", "percent"),
        ("\u00b5s", "us"),
        (" dBm ", "dBm"),
        ("units", "unit"),
    ],
)
def test_other_spellings_find_the_unit(text: str, name: str) -> None:
    assert find_unit(text).name == name


@unhurried
@given(st.data())
def test_there_and_back_is_the_identity(draws: st.DataObject) -> None:
    quantity = draws.draw(quantities)
    there = quantity.to(draws.draw(alike(quantity)))
    assert there == quantity
    assert hash(there) == hash(quantity)
    back = there.to(quantity.unit)
    assert (back.amount, back.unit) == (quantity.amount, quantity.unit)


@unhurried
@given(st.data())
def test_sums_and_order_do_not_depend_on_the_unit(draws: st.DataObject) -> None:
    one = draws.draw(quantities)
    two = Quantity(draws.draw(amounts), draws.draw(alike(one)))
    other = two.to(draws.draw(alike(one)))
    assert (one < two, one <= two, one > two, one >= two) == (
        one < other,
        one <= other,
        one > other,
        one >= other,
    )
    assert (one < two) + (one == two) + (one > two) == 1
    assume(one.unit.name != "dBm")
    assert one + two == one + other == two + one
    assert (one + two) - two == one
    assert one.times(3) == one + one + one


@unhurried
@given(quantities, quantities)
def test_dimensions_never_mix(one: Quantity, two: Quantity) -> None:
    assume(one.unit.dimension != two.unit.dimension)
    assert one != two
    attempts: tuple[Callable[[], object], ...] = (
        lambda: one + two,
        lambda: one - two,
        lambda: one < two,
        lambda: one >= two,
        lambda: one.to(two.unit),
    )
    for mixed in attempts:
        with pytest.raises(Refused) as caught:
            mixed()
        assert code_of(caught) == ("rule", "unitMismatch")
        reason = caught.value.refusal.reason
        assert one.unit.name in reason
        assert two.unit.name in reason


def test_levels_are_compared_but_neither_added_nor_scaled() -> None:
    weak, strong = Quantity.parse("-97 dBm"), Quantity.parse("-60 dBm")
    assert weak < strong
    attempts: tuple[Callable[[], object], ...] = (
        lambda: weak + strong,
        lambda: weak - strong,
        lambda: weak.times(2),
    )
    for sum_of_levels in attempts:
        with pytest.raises(Refused) as caught:
            sum_of_levels()
        assert code_of(caught) == ("rule", "unitNotAdditive")
    with pytest.raises(Refused):
        weak.to("W")


@pytest.mark.parametrize(
    ("text", "near"), [("Mpbs", "Mbps"), ("secnds", "second"), ("Mb", "MB"), ("GHZ", "GHz")]
)
def test_an_unknown_unit_is_refused_with_those_near_it(text: str, near: str) -> None:
    assert match_unit(text) is None
    with pytest.raises(Refused) as caught:
        Quantity(1, text)
    assert code_of(caught) == ("rule", "unitUnknown")
    assert near in caught.value.refusal.reason


@pytest.mark.parametrize(
    "text", ["", "100", "11", "10.5", "Mbps", "1,5 GB", "NaN s", "inf s", "1 \n", "5" * 99 + " s"]
)
def test_what_is_no_amount_with_a_unit_is_refused(text: str) -> None:
    with pytest.raises(Refused) as caught:
        Quantity.parse(text)
    assert code_of(caught) == ("malformed", "quantityFormat")


def test_giants_are_refused_before_they_are_computed() -> None:
    with pytest.raises(Refused) as caught:
        Quantity(Decimal("1E+999999999999"), "s")
    assert code_of(caught) == ("rule", "quantityRange")
    assert Quantity(Decimal("0E+999999999999"), "s").amount == 0


@pytest.mark.parametrize("amount", [0.1, True, "5"])
def test_a_float_is_no_exact_amount(amount: Any) -> None:
    with pytest.raises(TypeError, match="amount"):
        Quantity(amount, "s")


def test_a_quantity_does_not_go_with_a_bare_number() -> None:
    five: Any = 5
    with pytest.raises(TypeError, match="quantity only"):
        Quantity(5, "s") + five
    assert Quantity(5, "s") != five


def test_a_quantity_does_not_change() -> None:
    changing: Any = Quantity(5, "s")
    with pytest.raises(AttributeError):
        changing.amount = Fraction(6)


@unhurried
@given(st.decimals(-(10**9), 10**9, places=4) | st.integers(), units)
def test_the_tmf_form_comes_back_exactly(amount: Decimal | int, unit: str) -> None:
    quantity = Quantity(amount, unit)
    travelled = from_json(to_json(quantity.to_tmf()))
    assert Quantity.from_tmf(travelled) == quantity


def test_a_number_without_end_is_told_in_the_base_unit() -> None:
    assert Quantity.parse("20 s").to("min").to_tmf() == {"amount": 20, "units": "s"}
    assert Quantity.parse("1.5 Mbps").to_tmf() == {"amount": Decimal("1.5"), "units": "Mbit/s"}
    with pytest.raises(Refused) as caught:
        Quantity(Fraction(1, 7), "s").to_tmf()
    assert code_of(caught) == ("rule", "quantityInexact")


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"units": "s"}, "amount"),
        ({"amount": "5", "units": "s"}, "amount"),
        ({"amount": True, "units": "s"}, "amount"),
        ({"amount": 5}, "units"),
    ],
)
def test_another_form_than_tmfs_is_refused_at_its_attribute(
    document: dict[str, Any], path: str
) -> None:
    with pytest.raises(Refused) as caught:
        Quantity.from_tmf(document)
    assert caught.value.refusal.findings[0].path == path


@unhurried
@given(st.fractions())
def test_a_plain_number_is_the_fraction_or_there_is_none(fraction: Fraction) -> None:
    plain = plain_number(fraction)
    endless = fraction.denominator
    for factor in (2, 5):
        while endless % factor == 0:
            endless //= factor
    assert (plain is None) == (endless != 1)
    if plain is not None:
        assert Fraction(plain) == fraction
