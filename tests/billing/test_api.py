"""Rates and bills over HTTP, in both generations."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.billing.lab import Billing, monthly, once, start
from tests.tmf.lab import Http

V4 = "/tmf-api/customerBillManagement/v4"
V5 = "/tmf-api/customerBillManagement/v5"
BOTH = pytest.mark.parametrize("base", [V4, V5])


@pytest.fixture
def http(billing: Billing) -> Iterator[Http]:
    """A client of billing."""
    served = billing.serve()
    yield served
    served.close()


def wish(base: str, account_id: str = "ba-1") -> dict[str, object]:
    """A bill on demand as a client of this generation posts it."""
    ref = {"id": account_id}
    if base == V4:
        return {"billingAccount": ref}
    return {
        "@type": "CustomerBillOnDemand",
        "billingAccount": {"@type": "BillingAccountRef", **ref},
    }


@BOTH
def test_a_bill_is_asked_for_and_read(billing: Billing, http: Http, base: str) -> None:
    billing.put(start(monthly(29_900_000), once(49_000_000)))
    asked = http.post(f"{base}/customerBillOnDemand", json=wish(base))
    assert asked.status_code == 201, asked.text
    assert asked.json()["state"] == "done"
    assert http.get(asked.headers["location"]).json() == asked.json()
    bill_id = asked.json()["customerBill"]["id"]
    bill = http.get(f"{base}/customerBill/{bill_id}").json()
    assert bill["amountDue"] == {"unit": "EUR", "value": 93.89}
    assert [each["id"] for each in http.get(f"{base}/customerBill?billNo=00000001").json()] == [
        bill_id
    ]
    rates = http.get(f"{base}/appliedCustomerBillingRate?bill.id={bill_id}").json()
    kind = "type" if base == V4 else "appliedBillingRateType"
    assert [rate[kind] for rate in rates] == ["recurring", "oneTime"]
    assert all(rate["isBilled"] for rate in rates)


@BOTH
def test_nothing_to_bill_is_a_broken_rule(http: Http, base: str) -> None:
    asked = http.post(f"{base}/customerBillOnDemand", json=wish(base))
    assert (asked.status_code, asked.json()["code"]) == (422, "nothingToBill")
    assert http.get(f"{base}/customerBillOnDemand").json() == []


@BOTH
def test_a_client_decides_neither_state_nor_bill(billing: Billing, http: Http, base: str) -> None:
    billing.put(start(once(1_000_000)))
    forged = {**wish(base), "state": "rejected", "customerBill": {"id": "mine"}}
    made = http.post(f"{base}/customerBillOnDemand", json=forged).json()
    assert made["state"] == "done"
    assert made["customerBill"]["id"] != "mine"


@BOTH
def test_a_bill_changes_its_state_and_nothing_else(billing: Billing, http: Http, base: str) -> None:
    billing.put(start(once(1_000_000)))
    made = http.post(f"{base}/customerBillOnDemand", json=wish(base)).json()
    where = f"{base}/customerBill/{made['customerBill']['id']}"
    assert http.patch(where, json={"amountDue": {"unit": "EUR", "value": 0}}).status_code == 400
    assert http.patch(where, json={"state": "settled"}).status_code == 409
    for state in ("validated", "sent", "partiallyPaid", "settled"):
        patched = http.patch(where, json={"state": state})
        assert (patched.status_code, patched.json()["state"]) == (200, state)
    assert http.delete(where).status_code == 405
    assert http.post(f"{base}/customerBill", json={}).status_code == 405
    assert http.post(f"{base}/appliedCustomerBillingRate", json={}).status_code == 405


def test_billing_twice_needs_something_new(billing: Billing, http: Http) -> None:
    billing.put(start(once(1_000_000)))
    first = http.post(f"{V5}/customerBillOnDemand", json=wish(V5), headers={"idempotency-key": "k"})
    again = http.post(f"{V5}/customerBillOnDemand", json=wish(V5), headers={"idempotency-key": "k"})
    assert first.json() == again.json()
    assert http.post(f"{V5}/customerBillOnDemand", json=wish(V5)).status_code == 422
