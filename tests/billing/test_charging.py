"""Charging starts once per order item, in exact amounts, and is taken back without a trace."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
import sqlalchemy as sa

from banyan.components.billing.contract import StopCharging
from banyan.components.billing.store import LINE, METADATA, RATE
from banyan.kernel.words.errors import Refused
from banyan.kernel.words.ids import ProductOrderId
from banyan.tmf.schema import check_shape
from tests.billing.lab import Billing, monthly, once, start

STOP = StopCharging(order_id=ProductOrderId("order-1"), item_id="1")


def codes(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    """The codes of what was refused, in order."""
    return [finding.code for finding in refusal.value.refusal.findings]


def test_each_price_becomes_one_rate_of_the_standards_shape(billing: Billing) -> None:
    started = billing.put(start(monthly(29_900_000), once(49_000_000)))
    assert len(started.rates) == 2
    recurring, one_time = (billing.get(RATE, rate) for rate in started.rates)
    assert check_shape("AppliedCustomerBillingRate", recurring) == []
    assert check_shape("AppliedCustomerBillingRate", one_time) == []
    assert recurring["appliedBillingRateType"] == "recurring"
    assert recurring["isBilled"] is False
    assert recurring["date"] == "2026-01-31T12:00:00.000Z"
    assert recurring["taxExcludedAmount"] == {"unit": "EUR", "value": Decimal("29.90")}
    assert recurring["taxIncludedAmount"] == {"unit": "EUR", "value": Decimal("35.58")}
    (tax,) = recurring["appliedTax"]
    assert (tax["taxCategory"], tax["taxRate"]) == ("VAT", 19)
    assert tax["taxAmount"] == {"unit": "EUR", "value": Decimal("5.68")}
    assert recurring["billingAccount"]["id"] == "ba-1"
    assert recurring["product"]["id"] == "product-1"
    assert one_time["appliedBillingRateType"] == "oneTime"
    assert "periodCoverage" not in one_time


def test_a_recurring_price_covers_its_first_full_period_in_the_customers_offset(
    billing: Billing,
) -> None:
    (rate,) = billing.put(start(monthly(1_000_000))).rates
    assert billing.get(RATE, rate)["periodCoverage"] == {
        "startDateTime": "2026-01-30T23:00:00.000Z",
        "endDateTime": "2026-02-27T23:00:00.000Z",
    }


@pytest.mark.parametrize(
    ("amount_micros", "currency", "net", "residue_micros"),
    [
        (1_005_000, "EUR", "1.01", -5_000),
        (1_004_999, "EUR", "1.00", 4_999),
        (-1_005_000, "EUR", "-1.01", 5_000),
        (1_500_000, "JPY", "2", -500_000),
        (1_234_567, "KWD", "1.235", -433),
        (0, "EUR", "0.00", 0),
    ],
)
def test_an_amount_is_rounded_once_and_the_rest_is_kept(
    billing: Billing, amount_micros: int, currency: str, net: str, residue_micros: int
) -> None:
    (rate,) = billing.put(start(once(amount_micros, currency=currency))).rates
    document = billing.get(RATE, rate)
    assert str(document["taxExcludedAmount"]["value"]) == net
    told = {each["name"]: each["value"] for each in document["characteristic"]}
    assert told["rounding"] == "half_up"
    with billing.database.read() as tx:
        assert tx.execute(sa.select(LINE.c.residue_micros)).scalar() == residue_micros


def test_an_item_is_charged_once_whatever_the_key(billing: Billing) -> None:
    first = billing.put(start(monthly(1), once(2)), key="a")
    before = billing.rows()
    assert billing.put(start(monthly(1), once(2)), key="a") == first
    assert billing.put(start(monthly(1), once(2)), key="b") == first
    assert billing.rows() == before
    assert billing.put(start(monthly(1), once(2), item_id="2")).rates != first.rates


def test_threads_charge_an_item_once(billing: Billing) -> None:
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(billing.put, [start(monthly(1), once(2))] * 8))
    assert len(set(answers)) == 1
    assert len(billing.rates()) == 2


def test_a_product_without_prices_is_charged_nothing(billing: Billing) -> None:
    before = billing.rows()
    assert billing.put(start()).rates == ()
    assert billing.rows() == before


def test_taking_back_leaves_nothing_behind(billing: Billing) -> None:
    billing.put(start(monthly(3_000_000), item_id="other"))
    before = billing.rows()
    billing.put(start(monthly(1_000_000), once(2_000_000)))
    for _ in range(2):
        billing.put(STOP)
        assert billing.rows() == before


def test_taking_back_what_was_never_charged_does_nothing(billing: Billing) -> None:
    before = billing.rows()
    billing.put(STOP)
    assert billing.rows() == before


def test_what_stands_on_a_bill_is_not_taken_back(billing: Billing) -> None:
    billing.put(start(monthly(1_000_000)))
    billing.bill()
    before = billing.rows()
    with pytest.raises(Refused) as refusal:
        billing.put(STOP)
    assert codes(refusal) == ["billedAlready"]
    assert billing.rows() == before


@pytest.mark.parametrize(
    "at",
    [
        "",
        "2026-01-31",
        "2026-01-31T00:00:00",
        "31 Jan",
        "2026-02-30T00:00:00Z",
        "0001-01-01T00:00:00Z",
    ],
)
def test_a_start_is_an_instant_with_an_offset(billing: Billing, at: str) -> None:
    with pytest.raises(Refused) as refusal:
        billing.put(start(once(1), at=at))
    assert codes(refusal) == ["start"]


def test_prices_that_can_not_be_charged_are_refused_with_every_reason(billing: Billing) -> None:
    before = billing.rows()
    with pytest.raises(Refused) as refusal:
        billing.put(
            start(
                once(1),
                once(1, currency="USD"),
                once(1, currency="XXX"),
                monthly(1, months=0),
                once(1, tax_rate_ppm=-1),
                once(10**19, tax_category="x" * 65),
                item_id="i" * 129,
            )
        )
    assert [(f.code, f.path) for f in refusal.value.refusal.findings] == [
        ("tooLong", "item_id"),
        ("currency", "prices.1.currency"),
        ("currency", "prices.2.currency"),
        ("period", "prices.3.period_length"),
        ("taxRate", "prices.4.tax_rate_ppm"),
        ("tooLong", "prices.5.tax_category"),
        ("amountRange", "prices.5.amount_micros"),
    ]
    assert billing.rows() == before


def test_an_account_has_open_rates_of_one_currency(billing: Billing) -> None:
    billing.put(start(once(1_000_000)))
    with pytest.raises(Refused) as refusal:
        billing.put(start(once(1_000_000, currency="USD"), item_id="2"))
    assert codes(refusal) == ["currency"]
    billing.bill()
    billing.put(start(once(1_000_000, currency="USD"), item_id="2"))


def test_the_migrations_make_exactly_the_tables_the_store_expects(billing: Billing) -> None:
    with billing.database.read() as tx:
        looked = sa.inspect(tx)
        for table in METADATA.sorted_tables:
            columns = {column["name"] for column in looked.get_columns(table.name)}
            assert columns == {column.name for column in table.columns}
            key = looked.get_pk_constraint(table.name)["constrained_columns"]
            assert key == [column.name for column in table.primary_key.columns]
            indexes = {index["name"] for index in looked.get_indexes(table.name)}
            assert indexes == {index.name for index in table.indexes}
