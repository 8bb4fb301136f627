"""A bill holds every open rate of its account once, to the cent, under the next number."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from banyan.components.billing.store import RATE, TASK
from banyan.kernel.words.errors import Refused
from banyan.kernel.words.messages import Call
from banyan.tmf.schema import check_shape
from tests.billing.lab import Billing, demand, monthly, once, start


def euros(text: str) -> dict[str, object]:
    """A TMF Money."""
    return {"unit": "EUR", "value": Decimal(text)}


def test_a_bill_holds_all_open_rates_of_its_account(billing: Billing) -> None:
    started = billing.put(start(monthly(29_900_000), once(49_000_000)))
    billing.put(start(once(7_000_000), item_id="2", account_id="ba-2"))
    task = billing.put(demand())
    assert (task["state"], task["lastUpdate"]) == ("done", "2026-01-31T12:00:00.000Z")
    assert check_shape("CustomerBillOnDemand", task) == []
    assert billing.get(TASK, task["id"]) == task
    bill = billing.bill("ba-2")
    assert bill["taxExcludedAmount"] == euros("7.00")
    for rate in started.rates:
        document = billing.get(RATE, rate)
        assert document["isBilled"] is True
        assert document["bill"]["id"] == task["customerBill"]["id"]
        assert check_shape("AppliedCustomerBillingRate", document) == []
    assert len(billing.rates(bill_id=task["customerBill"]["id"])) == 2
    assert billing.rates(isBilled="false") == []


def test_a_bill_says_what_is_due_and_for_which_time(billing: Billing) -> None:
    billing.put(start(monthly(29_900_000), once(49_000_000, tax_rate_ppm=0, tax_category="exempt")))
    bill = billing.bill()
    assert check_shape("CustomerBill", bill) == []
    assert (bill["state"], bill["runType"], bill["billNo"]) == ("new", "offCycle", "00000001")
    assert bill["billDate"] == "2026-01-31T12:00:00.000Z"
    assert bill["billingAccount"]["id"] == "ba-1"
    assert bill["billingPeriod"] == {
        "startDateTime": "2026-01-30T23:00:00.000Z",
        "endDateTime": "2026-02-27T23:00:00.000Z",
    }
    assert bill["taxExcludedAmount"] == euros("78.90")
    assert bill["taxIncludedAmount"] == bill["amountDue"] == bill["remainingAmount"]
    assert bill["amountDue"] == euros("84.58")
    assert [(t["taxCategory"], t["taxRate"], t["taxAmount"]) for t in bill["taxItem"]] == [
        ("VAT", 19, euros("5.68")),
        ("exempt", 0, euros("0.00")),
    ]


def test_tax_is_counted_on_the_sum_not_on_the_lines(billing: Billing) -> None:
    billing.put(start(*[once(30_000)] * 3))
    shown = [rate["appliedTax"][0]["taxAmount"]["value"] for rate in billing.rates()]
    assert shown == [Decimal("0.01")] * 3
    bill = billing.bill()
    assert bill["taxItem"][0]["taxAmount"] == euros("0.02")
    assert bill["amountDue"] == euros("0.11")


def test_a_rate_of_a_broken_percentage_is_shown_exactly(billing: Billing) -> None:
    billing.put(start(once(100_000_000, tax_rate_ppm=55_000)))
    (item,) = billing.bill()["taxItem"]
    assert (item["taxRate"], item["taxAmount"]) == (Decimal("5.5"), euros("5.50"))


def test_nothing_open_means_no_bill_and_no_number(billing: Billing) -> None:
    before = billing.rows()
    with pytest.raises(Refused) as refusal:
        billing.put(demand())
    assert refusal.value.refusal.kind == "rule"
    assert refusal.value.refusal.findings[0].code == "nothingToBill"
    assert billing.rows() == before
    billing.put(start(once(1_000_000)))
    assert billing.bill()["billNo"] == "00000001"
    with pytest.raises(Refused):
        billing.put(demand())


def test_a_repeat_of_the_wish_answers_the_same_bill(billing: Billing) -> None:
    billing.put(start(once(1_000_000)))
    assert billing.put(demand(), key="a") == billing.put(demand(), key="a")


def test_bill_numbers_have_no_gaps_and_are_the_tenants_own(billing: Billing) -> None:
    def charge_and_bill(number: int) -> str:
        account_id = f"ba-{number % 3}"
        billing.put(start(once(1_000_000), item_id=str(number), account_id=account_id))
        try:
            return str(billing.bill(account_id)["billNo"])
        except Refused:  # somebody else's bill holds it already
            return ""

    with ThreadPoolExecutor(4) as threads:
        numbers = sorted(filter(None, threads.map(charge_and_bill, range(12))))
    assert numbers == [f"{n:08d}" for n in range(1, len(numbers) + 1)]
    assert billing.rates(isBilled="false") == []
    assert len(billing.rates()) == 12
    billing.call = Call("south", "tester")
    billing.put(start(once(1_000_000)))
    assert billing.bill()["billNo"] == "00000001"


def test_a_wish_without_an_account_is_malformed(billing: Billing) -> None:
    with pytest.raises(Refused) as refusal:
        billing.put(demand(""))
    assert refusal.value.refusal.kind == "malformed"
