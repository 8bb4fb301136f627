"""Rates, bills and tasks as TMF678 documents in v5 form."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from banyan.components.billing.contract import StartCharging
from banyan.components.billing.model import ROUNDING, BillSum, Line
from banyan.kernel.words.codec import Document
from banyan.kernel.words.money import Money
from banyan.kernel.words.price import PriceTerms
from banyan.kernel.words.quantity import plain_number


def money(minor_units: int, currency: str) -> Document:
    """A TMF Money with exactly the currency's digits."""
    return {"unit": currency, "value": Money.from_minor(minor_units, currency).to_decimal()}


def percent(rate_ppm: int) -> Any:
    """A rate in parts per million as the number of percent documents show."""
    return plain_number(Fraction(rate_ppm, 10_000))


def rate_document(
    line: Line, price: PriceTerms, command: StartCharging, tax_minor: int, dates: tuple[str, ...]
) -> Document:
    """The TMF678 AppliedCustomerBillingRate of a line; its tax is its own, the bill's decides.

    ``dates``: when it was applied, and for a recurring price where its period starts and ends.
    """
    document: Document = {
        "@type": "AppliedCustomerBillingRate",
        "id": line.id,
        "name": price.name,
        "appliedBillingRateType": price.kind,
        "date": dates[0],
        "isBilled": False,
        "billingAccount": account_ref(command.account_id),
        "product": {
            "@type": "ProductRef",
            "id": command.product_id,
            "name": command.product_name,
            "@referredType": "Product",
        },
        "taxExcludedAmount": money(line.net_minor, line.currency),
        "taxIncludedAmount": money(line.net_minor + tax_minor, line.currency),
        "appliedTax": [
            {
                "@type": "AppliedBillingTaxRate",
                "taxCategory": line.tax_category,
                "taxRate": percent(line.tax_rate_ppm),
                "taxAmount": money(tax_minor, line.currency),
            }
        ],
        "characteristic": [
            _text("productOfferingPrice", price.id),
            _text("exactAmount", str(Money(price.currency, price.amount_micros))),
            _text("rounding", ROUNDING.value),
        ],
    }
    if len(dates) > 1:
        document["periodCoverage"] = {"startDateTime": dates[1], "endDateTime": dates[2]}
    return document


def billed_document(rate: Document, bill: Document) -> Document:
    """The rate once it stands on a bill."""
    return {**rate, "isBilled": True, "bill": bill_ref(bill)}


def bill_document(
    total: BillSum, number: str, account: Document, period: Document, at: str
) -> Document:
    """The TMF678 CustomerBill, new, without its id."""
    gross = money(total.gross_minor, total.currency)
    return {
        "@type": "CustomerBill",
        "billNo": number,
        "billDate": at,
        "lastUpdate": at,
        "state": "new",
        "category": "normal",
        "runType": "offCycle",
        "billingAccount": account,
        "billingPeriod": period,
        "taxExcludedAmount": money(total.net_minor, total.currency),
        "taxIncludedAmount": gross,
        "amountDue": gross,
        "remainingAmount": gross,
        "taxItem": [
            {
                "@type": "TaxItem",
                "taxCategory": tax.category,
                "taxRate": percent(tax.rate_ppm),
                "taxAmount": money(tax.tax_minor, total.currency),
            }
            for tax in total.taxes
        ],
    }


def task_document(task: Document, bill: Document, at: str) -> Document:
    """The TMF678 CustomerBillOnDemand once it is done."""
    return {**task, "state": "done", "lastUpdate": at, "customerBill": bill_ref(bill)}


def account_ref(account_id: str) -> Document:
    """A reference to a billing account."""
    return {"@type": "BillingAccountRef", "id": account_id, "@referredType": "BillingAccount"}


def bill_ref(bill: Document) -> Document:
    """A reference to a bill, by its number too."""
    return {
        "@type": "CustomerBillRef",
        "id": bill["id"],
        "name": bill["billNo"],
        "@referredType": "CustomerBill",
    }


def _text(name: str, value: str) -> Document:
    return {
        "@type": "StringCharacteristic",
        "name": name,
        "valueType": "string",
        "value": value,
    }
