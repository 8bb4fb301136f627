"""Prices as authors write them (``monthly: 39.90 EUR``), to ProductOfferingPrice (TMF620)."""

from __future__ import annotations

import re
from decimal import Decimal

from banyan.components.catalog.model import PRODUCT_OFFERING_PRICE
from banyan.components.catalog.wire.nodes import Mark
from banyan.components.catalog.wire.sheet import Draft, Fields
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Refused
from banyan.kernel.words.money import Money

PERIODS = {"monthly": "month", "yearly": "year", "once": ""}
"""The words for how often a price is due, and the standard's period."""

TAX_CATEGORY = "VAT"

_AMOUNT = re.compile(r"(-?[0-9]{1,15}(?:\.[0-9]{1,15})?)\s+(\S{1,20})")
_RATE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,4})?)\s*%")


def read_price(fields: Fields, word: str, price_id: str, name: str, mark: Mark) -> Draft | None:
    """The price under the key ``word``; None where its amount can't be read."""
    amount = _read_amount(fields, word)
    if amount is None:
        return None
    draft = Draft(
        PRODUCT_OFFERING_PRICE,
        mark,
        {
            "@type": "ProductOfferingPrice",
            "id": price_id,
            "name": name,
            "lifecycleStatus": "Active",
            "priceType": "recurring" if PERIODS[word] else "oneTime",
            "price": amount,
        },
    )
    if PERIODS[word]:
        draft.put("recurringChargePeriodType", PERIODS[word])
        draft.put("recurringChargePeriodLength", 1)
    rate = _read_rate(fields)
    if rate is not None:
        category = fields.text("taxCategory") or TAX_CATEGORY
        tax = {"@type": "TaxItem", "taxCategory": category, "taxRate": rate}
        draft.add("tax", tax, mark)
    return draft


def _read_amount(fields: Fields, word: str) -> Document | None:
    """An amount a bill can show: of an ISO 4217 currency, with no more digits than it has."""
    form = "an amount with its currency, such as 39.90 EUR"
    written = fields.scalar(word, form)
    if written is None:
        return None
    parts = _AMOUNT.fullmatch(written.text.strip())
    if parts is None:
        fields.wrong(word, "badMoney", f"{written.text[:80]!r} is no amount: {form}")
        return None
    try:
        amount = Money.from_decimal(parts[1], parts[2])
    except Refused as no:
        fields.wrong(word, "badMoney", no.refusal.findings[0].reason)
        return None
    if amount.residue():
        reason = f"{amount.currency} has {amount.digits} digits after the point, not more"
        fields.wrong(word, "badMoney", reason)
    if amount.micros < 0:
        fields.wrong(word, "badMoney", "a price is not negative")
    return {"unit": amount.currency, "value": amount.to_decimal()}


def _read_rate(fields: Fields) -> int | Decimal | None:
    written = fields.scalar("tax", "a rate in percent, such as 19 %")
    if written is None:
        return None
    parts = _RATE.fullmatch(written.text.strip())
    if parts is None or Decimal(parts[1]) > 100:
        reason = f"{written.text[:80]!r} is no tax rate: percent, at most 100, such as 19 %"
        fields.wrong("tax", "badTax", reason)
        return None
    return Decimal(parts[1]) if "." in parts[1] else int(parts[1])
