"""Tiers, allowances and alterations come to whole micro-units; what is wrong has its place."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banyan.components.catalog.policy.bundles import check_bundle
from banyan.components.catalog.policy.charges import (
    Alteration,
    Tier,
    check_extras,
    compute_altered,
    compute_beyond,
    compute_tiered,
    read_alteration,
    read_tiers,
)
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Refused
from tests.catalog.shop import Shop

TIERS = [Tier(Fraction(0), 100), Tier(Fraction(10), 50), Tier(Fraction(20), 10)]


@pytest.mark.parametrize(
    ("mode", "units", "micros"),
    [
        ("graduated", 0, 0), ("graduated", 5, 500), ("graduated", 10, 1000),
        ("graduated", 11, 1050), ("graduated", 25, 1550), ("volume", 10, 1000),
        ("volume", 11, 550), ("volume", 25, 250), ("volume", 0, 0),
    ],
)  # fmt: skip
def test_a_tier_is_for_its_part_or_for_all(mode: str, units: int, micros: int) -> None:
    assert compute_tiered(TIERS, mode, Fraction(units)) == micros


tiers = st.lists(st.tuples(st.integers(1, 50), st.integers(0, 10**9)), min_size=1, max_size=5)
amounts = st.fractions(0, 500, max_denominator=1000)


def as_tiers(steps: list[tuple[int, int]]) -> list[Tier]:
    start, made = 0, []
    for step, micros in steps:
        made.append(Tier(Fraction(start), micros))
        start += step
    return made


@given(steps=tiers, units=amounts)
def test_graduated_tiers_are_the_sum_of_their_parts(
    steps: list[tuple[int, int]], units: Fraction
) -> None:
    made = as_tiers(steps)
    exact = Fraction(0)
    for at, tier in enumerate(made):
        end = made[at + 1].start if at + 1 < len(made) else units
        exact += max(min(end, units) - tier.start, Fraction(0)) * tier.micros
    assert abs(compute_tiered(made, "graduated", units) - exact) <= Fraction(1, 2)


@given(steps=tiers, less=amounts, more=amounts)
def test_more_never_costs_less_in_graduated_tiers(
    steps: list[tuple[int, int]], less: Fraction, more: Fraction
) -> None:
    made = as_tiers(steps)
    small, large = sorted((less, more))
    assert compute_tiered(made, "graduated", small) <= compute_tiered(made, "graduated", large)


@given(allowance=amounts, units=amounts)
def test_an_allowance_covers_what_it_says_and_no_more(allowance: Fraction, units: Fraction) -> None:
    beyond = compute_beyond(allowance, units)
    assert beyond == 0 or beyond + allowance == units


HALF = Alteration(id="half", share_ppm=500_000, periods=3, alters=("fee",))
OFF = Alteration(id="off", micros=300, conditions={"speed": 100})


@pytest.mark.parametrize(
    ("price", "period", "values", "micros"),
    [
        ("fee", 0, {"speed": 100}, 201), ("fee", 2, {}, 501), ("fee", 3, {}, 1001),
        ("fee", 3, {"speed": 100}, 701), ("other", 0, {"speed": 100}, 701), ("other", 0, {}, 1001),
    ],
)  # fmt: skip
def test_an_alteration_holds_for_its_prices_its_periods_and_its_conditions(
    price: str, period: int, values: dict[str, Any], micros: int
) -> None:
    found = compute_altered(price, 1001, [HALF, OFF], period, values)
    assert found == {201: 200, 501: 500}.get(micros, micros)


@given(micros=st.integers(0, 10**12), ppm=st.integers(1, 10**6), off=st.integers(1, 10**12))
def test_a_price_is_never_altered_below_nothing(micros: int, ppm: int, off: int) -> None:
    both = [Alteration(id="a", share_ppm=ppm), Alteration(id="b", micros=off)]
    assert 0 <= compute_altered("p", micros, both, 0, {}) <= micros


def euro(value: Any) -> Document:
    return {"unit": "EUR", "value": value}


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"percentage": 0}, "percentage"),
        ({"percentage": Decimal("100.1")}, "percentage"),
        ({"percentage": 10, "price": euro(1)}, "percentage"),
        ({}, "percentage"),
        ({"price": euro(-1)}, "price.value"),
        ({"percentage": 10, "applicationDuration": {"amount": 0}}, "applicationDuration"),
        ({"percentage": 10, "condition": [{"name": "x"}]}, "condition"),
    ],
)
def test_a_wrong_discount_says_where(document: Document, path: str) -> None:
    found = read_alteration(document, "d")
    assert isinstance(found, list)
    assert [each.path for each in found] == [path]


def test_a_discount_is_read_exactly() -> None:
    document = {
        "percentage": Decimal("12.5"), "applicationDuration": {"amount": 6, "units": "month"},
        "condition": [{"name": "speed", "value": 100}], "popRelationship": [{"id": "fee"}],
    }  # fmt: skip
    assert read_alteration(document, "d") == Alteration(
        id="d", share_ppm=125_000, periods=6, conditions={"speed": 100}, alters=("fee",)
    )


GB = {"amount": 1, "units": "GB"}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"unitOfMeasure": None}, "unitOfMeasure"),
        ({"unitOfMeasure": {"amount": 1, "units": "parsec"}}, "unitOfMeasure"),
        ({"allowance": {"amount": 0, "units": "GB"}}, "allowance.amount"),
        ({"allowance": {"amount": 5, "units": "min"}}, "allowance.units"),
        ({"tier": [{"from": 1, "price": euro(1)}], "tierMode": "volume"}, "tier"),
        ({"tier": [{"from": 0, "price": euro(1)}]}, "tierMode"),
        ({"tier": [], "tierMode": "volume"}, "tier"),
        ({"tier": [{"from": 0, "price": None}], "tierMode": "volume"}, "tier.0.price"),
        ({"tier": [{"from": "a", "price": euro(1)}], "tierMode": "volume"}, "tier.0.from"),
    ],
)
def test_a_wrong_usage_price_says_where(change: Document, path: str) -> None:
    sound = {"priceType": "usage", "price": euro(1), "unitOfMeasure": GB}
    assert list(check_extras(sound)) == []
    assert [each.path for each in check_extras({**sound, **change})] == [path]


def test_a_flat_price_is_one_tier() -> None:
    assert read_tiers({"price": euro(2)}) == [Tier(Fraction(0), 2_000_000)]


@pytest.mark.parametrize(
    ("option", "path"),
    [
        (
            {"numberRelOfferLowerLimit": 2, "numberRelOfferUpperLimit": 1},
            "numberRelOfferUpperLimit",
        ),
        ({"numberRelOfferUpperLimit": 2, "numberRelOfferDefault": 3}, "numberRelOfferDefault"),
        ({"numberRelOfferLowerLimit": -1}, "numberRelOfferLowerLimit"),
    ],
)
def test_a_bundle_has_a_possible_number_of_each_part(option: Document, path: str) -> None:
    bundle = {
        "isBundle": True,
        "bundledProductOffering": [{"id": "a", "bundledProductOfferingOption": option}],
    }
    found = [each.path for each in check_bundle("productOffering", bundle)]
    assert found == [f"bundledProductOffering.0.bundledProductOfferingOption.{path}"]


FILE = """\
productSpecifications:
  line:
productOfferings:
  fibre: {product: line, monthly: 30.00 EUR, prices: [data, summer]}
  tv: {product: line, monthly: 10.00 EUR}
  both:
    also:
      isBundle: true
      bundledProductOffering:
        - id: fibre
        - id: tv
          bundledProductOfferingOption: {numberRelOfferUpperLimit: %s, numberRelOfferDefault: 1}
prices:
  data:
    also:
      priceType: usage
      price: {unit: EUR, value: 0.50}
      unitOfMeasure: {amount: 1, units: GB}
      allowance: {amount: 10, units: %s}
  summer:
    also:
      priceType: discount
      percentage: %s
      popRelationship: [{id: fibre-monthly, relationshipType: alters}]
"""


def test_bundles_usage_and_discounts_are_loaded_and_say_why_they_are_not_sold(shop: Shop) -> None:
    shop.load_text(FILE % (2, "GB", 50))
    fibre, both = shop.terms("fibre", "both")
    assert "price data: priceType" in fibre.why_not_sellable
    assert "price summer: percentage" in fibre.why_not_sellable
    assert "it is a bundle" in both.why_not_sellable


def test_every_mistake_in_them_is_told_at_its_place(shop: Shop) -> None:
    with pytest.raises(Refused) as no:
        shop.load_text(FILE % (0, "min", 500))
    found = {(each.code, each.path) for each in no.value.refusal.findings}
    assert {code for code, _ in found} == {"bundle", "unitMismatch", "discount"}
    assert all(path.startswith("a.yaml:") for _, path in found)
