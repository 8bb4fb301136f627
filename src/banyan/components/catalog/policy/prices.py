"""A published price (TMF620 ProductOfferingPrice) as exact terms, or why it can't be charged."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from banyan.components.catalog.model import read_amount
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding
from banyan.kernel.words.price import PriceTerms

_RECURRING = "recurring"
_ONE_TIME = ("onetime", "onetimecharge", "nonrecurring")
_MONTHS = {
    **dict.fromkeys(("month", "months", "monthly"), 1),
    **dict.fromkeys(("year", "years", "yearly", "annual", "annually"), 12),
}
PPM_PER_PERCENT = 10_000


def compute_price(document: Document, price_id: str) -> PriceTerms | list[Finding]:
    """The terms of a price, or everything for which it can't be charged.

    ``tax`` holds at most one TaxItem, its ``taxRate`` in percent.
    """
    findings: list[Finding] = []
    for attribute in ("percentage", "bundledPopRelationship", "tier", "allowance"):
        if document.get(attribute):
            findings.append(Finding("unsupported", "can't be charged yet", attribute))
    amount = read_amount(document.get("price"))
    if isinstance(amount, list):
        findings += amount
    word = re.sub(r"[^a-z]", "", str(document.get("priceType") or "").lower())
    if word != _RECURRING and word not in _ONE_TIME:
        reason = f"{document.get('priceType')!r} is neither recurring nor oneTime"
        findings.append(Finding("priceType", reason, "priceType"))
    months = _read_months(document) if word == _RECURRING else 0
    if isinstance(months, Finding):
        findings.append(months)
    tax = _read_tax(document.get("tax") or [])
    if isinstance(tax, Finding):
        findings.append(tax)
    if isinstance(amount, list) or isinstance(months, Finding) or isinstance(tax, Finding):
        return findings
    return findings or PriceTerms(
        id=price_id,
        name=str(document.get("name") or price_id),
        kind="recurring" if word == _RECURRING else "oneTime",
        currency=amount.currency,
        amount_micros=amount.micros,
        period="month" if word == _RECURRING else "",
        period_length=months,
        tax_rate_ppm=tax[0],
        tax_category=tax[1],
    )


def _read_months(document: Document) -> int | Finding:
    said = document.get("recurringChargePeriodType")
    months = _MONTHS.get(str(said or "").lower())
    if months is None:
        reason = f"a recurring price is per month or year, not {said!r}"
        return Finding("period", reason, "recurringChargePeriodType")
    length = document.get("recurringChargePeriodLength", 1)
    if type(length) is not int or not 1 <= length <= 120:
        reason = f"{length!r} is no number of periods (1 to 120)"
        return Finding("period", reason, "recurringChargePeriodLength")
    return months * length


def _read_tax(tax: Any) -> tuple[int, str] | Finding:
    if not isinstance(tax, list) or not all(isinstance(each, dict) for each in tax):
        return Finding("tax", "tax is a list of tax items", "tax")
    if not tax:
        return 0, ""
    if len(tax) > 1:
        return Finding("tax", "more than one tax on a price can't be charged yet", "tax")
    rate = tax[0].get("taxRate", 0)
    if isinstance(rate, bool) or not isinstance(rate, int | Decimal):
        return Finding("tax", f"{rate!r} is no tax rate in percent", "tax.0.taxRate")
    ppm = Decimal(rate) * PPM_PER_PERCENT
    if not 0 <= ppm <= 100 * PPM_PER_PERCENT or ppm != int(ppm):
        reason = f"{rate} is no tax rate from 0 to 100 percent with at most four digits behind"
        return Finding("tax", reason, "tax.0.taxRate")
    return int(ppm), str(tax[0].get("taxCategory") or "")
