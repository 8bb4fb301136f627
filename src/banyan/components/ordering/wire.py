"""What was sold, as TMF622 shows it: the prices of an item and of the whole order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from banyan.components.ordering.model import SoldOffering, find_terms
from banyan.kernel.words.codec import Document
from banyan.kernel.words.money import Money, round_ratio
from banyan.kernel.words.price import PriceTerms
from banyan.kernel.words.quantity import plain_number

MILLION = 1_000_000

Kind = tuple[str, str, str]
"""When prices may be added up: same ``priceType``, period and currency."""


def show_terms(order: Document, offerings: Mapping[str, SoldOffering]) -> Document:
    """The order with what it was sold for: offering names and versions, ``itemPrice``, totals.

    Whatever prices the order came with are replaced: prices are the catalogue's. Amounts are in
    whole minor units, rounded half up; tax of a total is on its sum, as on a bill.
    """
    items = [
        _show_item(item, terms)
        for item in order["productOrderItem"]
        if (terms := find_terms(offerings, item["productOffering"])) is not None
    ]
    sold = [
        price
        for item in items
        if (terms := find_terms(offerings, item["productOffering"])) is not None
        for price in terms.prices
    ]  # fmt: skip
    shown = {**order, "productOrderItem": items}
    shown.pop("orderTotalPrice", None)
    totals = _totals(sold)
    return {**shown, "orderTotalPrice": totals} if totals else shown


def _show_item(item: Document, terms: SoldOffering) -> Document:
    offering = {"name": terms.name, "version": terms.version, **item["productOffering"]}
    shown = {**item, "productOffering": offering}
    for name in ("itemPrice", "itemTotalPrice"):
        shown.pop(name, None)
    if terms.prices:
        shown["itemPrice"] = [_item_price(price) for price in terms.prices]
        shown["itemTotalPrice"] = _totals(terms.prices)
    return shown


def _item_price(price: PriceTerms) -> Document:
    return {
        "@type": "OrderPrice",
        "name": price.name,
        **_frame(_kind(price)),
        "price": _price([price]),
        "productOfferingPrice": {
            "@type": "ProductOfferingPriceRef",
            "id": price.id,
            "name": price.name,
        },
    }


def _totals(prices: Iterable[PriceTerms]) -> list[Document]:
    by_kind: dict[Kind, list[PriceTerms]] = {}
    for price in prices:
        by_kind.setdefault(_kind(price), []).append(price)
    return [
        {"@type": "OrderPrice", "name": _total_name(kind), **_frame(kind), "price": _price(several)}
        for kind, several in by_kind.items()
    ]


def _kind(price: PriceTerms) -> Kind:
    period = price.period
    if price.period_length > 1:
        period = f"{price.period_length} {price.period}s"
    return price.kind, period, price.currency


def _frame(kind: Kind) -> Document:
    price_type, period, _ = kind
    return {"priceType": price_type, **({"recurringChargePeriod": period} if period else {})}


def _total_name(kind: Kind) -> str:
    return f"Total per {kind[1]}" if kind[1] else "Total once"


def _price(prices: Iterable[PriceTerms]) -> Document:
    """The sum of prices of one kind, net and with tax: each tax rate on its own sum."""
    net_of_rate: dict[int, int] = {}
    currency = ""
    for price in prices:
        currency = price.currency
        net = Money(currency, price.amount_micros).minor_units()
        net_of_rate[price.tax_rate_ppm] = net_of_rate.get(price.tax_rate_ppm, 0) + net
    net = sum(net_of_rate.values())
    tax = sum(round_ratio(sum_ * rate, MILLION) for rate, sum_ in net_of_rate.items())
    shown: Document = {
        "@type": "Price",
        "dutyFreeAmount": _money(net, currency),
        "taxIncludedAmount": _money(net + tax, currency),
    }
    if len(net_of_rate) == 1:
        shown["taxRate"] = plain_number(Fraction(next(iter(net_of_rate)), MILLION // 100))
    return shown


def _money(minor_units: int, currency: str) -> Document:
    return {"unit": currency, "value": Money.from_minor(minor_units, currency).to_decimal()}
