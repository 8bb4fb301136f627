"""Whatever legal catalogue is written, it loads, and its terms are what was written, exactly."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from banyan.components.catalog.contract import ImportCatalog, SpecNode
from banyan.kernel.words.money import CURRENCIES, Money
from tests.catalog.shop import Shop

PERIODS = {"monthly": ("recurring", 1), "yearly": ("recurring", 12), "once": ("oneTime", 0)}


@st.composite
def amounts(draw: st.DrawFn) -> Money:
    """An amount a bill can show."""
    currency = draw(st.sampled_from(sorted(CURRENCIES)))
    return Money.from_minor(draw(st.integers(0, 10**9)), currency)


@st.composite
def catalogues(draw: st.DrawFn) -> dict[str, Any]:
    """Services in layers, each naming only later ones, and offerings over the first."""
    count = draw(st.integers(1, 6))
    services = {
        at: sorted(draw(st.sets(st.integers(at + 1, count), max_size=2))) if at < count else []
        for at in range(1, count + 1)
    }
    pools = {at: draw(st.booleans()) for at in services}
    prices = st.dictionaries(st.sampled_from(sorted(PERIODS)), amounts(), max_size=3)
    offerings = draw(st.lists(prices, min_size=1, max_size=4))
    rates = [draw(st.integers(0, 1_000_000)) for _ in offerings]
    return {"services": services, "pools": pools, "offerings": offerings, "rates": rates}


def written(catalogue: dict[str, Any]) -> str:
    lines = ["productSpecifications:", "  p: {services: [s1]}", "productOfferings:"]
    for at, prices in enumerate(catalogue["offerings"]):
        rate = Decimal(catalogue["rates"][at]).scaleb(-4)
        lines += [f"  o{at}:", "    product: p", f"    tax: {rate:f} %"]
        lines += [f"    {word}: {amount}" for word, amount in prices.items()]
    lines += ["serviceSpecifications:"]
    for at, below in catalogue["services"].items():
        named = ", ".join(f"s{each}" for each in below)
        pool = f", resources: [r{at}]" if catalogue["pools"][at] else ""
        lines += [f"  s{at}: {{services: [{named}]{pool}}}"]
    lines += ["resourceSpecifications:"]
    lines += [f"  r{at}: {{pool: pool{at}}}" for at, has in catalogue["pools"].items() if has]
    return "\n".join(lines) + "\n"


def outline(node: SpecNode) -> Any:
    return (node.id, [outline(part) for part in node.parts])


def expected(catalogue: dict[str, Any], at: int) -> Any:
    parts = [expected(catalogue, each) for each in catalogue["services"][at]]
    parts += [(f"r{at}", [])] if catalogue["pools"][at] else []
    return (f"s{at}", parts)


@given(catalogue=catalogues())
@settings(max_examples=25, deadline=None)
def test_any_legal_catalogue_is_sold_as_written(catalogue: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(f"sqlite:///{folder}")
        files = [{"name": "all.yaml", "text": written(catalogue)}]
        job = ImportCatalog(document={"url": "inline:any", "catalogFile": files})
        first, again = shop.put(job)["loaded"], shop.put(job)["loaded"]
        assert again == {"created": 0, "changed": 0, "unchanged": first["created"]}
        found = shop.terms(*(f"o{at}" for at in range(len(catalogue["offerings"]))))
        shop.database.close()
    for terms, prices, ppm in zip(found, catalogue["offerings"], catalogue["rates"], strict=True):
        assert (terms.is_sellable, terms.why_not_sellable) == (True, "")
        assert outline(terms.specification) == ("p", [expected(catalogue, 1)])
        wanted = {
            (*PERIODS[word], amount.currency, amount.micros, ppm) for word, amount in prices.items()
        }
        assert wanted == {
            (p.kind, p.period_length, p.currency, p.amount_micros, p.tax_rate_ppm)
            for p in terms.prices
        }
