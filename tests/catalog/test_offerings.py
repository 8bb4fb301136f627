"""An offering's terms: its whole tree, exact prices, and everything that forbids selling it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banyan.components.catalog import store
from banyan.components.catalog.contract import CatalogLoaded, SpecNode
from banyan.components.catalog.model import Key
from banyan.components.catalog.policy.prices import compute_price
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, Refused
from banyan.kernel.words.messages import Call
from banyan.kernel.words.money import CURRENCIES
from banyan.kernel.words.price import PriceTerms
from banyan.tmf import documents
from tests.catalog.shop import Shop

OTHER = Call("t2", "tester")


def text(name: str, *values: Any, **more: Any) -> Document:
    entries = [{"value": value} for value in values]
    return {
        "name": name,
        "valueType": "string",
        "characteristicValueSpecification": entries,
        **more,
    }


def price(price_id: str, value: Any, **more: Any) -> Document:
    return {
        "id": price_id,
        "name": price_id,
        "priceType": "recurring",
        "recurringChargePeriodType": "month",
        "price": {"unit": "EUR", "value": value},
        "tax": [{"taxCategory": "VAT", "taxRate": 19}],
        **more,
    }


def fibre() -> dict[str, list[Document]]:
    """A whole small catalogue: one offering, three layers."""
    return {
        "productOffering": [
            {
                "id": "fibre-100",
                "name": "Fibre 100",
                "version": "2.0",
                "lifecycleStatus": "Active",
                "productSpecification": {"id": "fibre"},
                "productOfferingPrice": [{"id": "monthly"}, {"id": "fee"}],
            }
        ],
        "productOfferingPrice": [
            price("monthly", Decimal("39.90")),
            price("fee", 49, priceType="oneTime"),
        ],
        "productSpecification": [
            {
                "id": "fibre",
                "name": "Fibre access",
                "lifecycleStatus": "Active",
                "productSpecCharacteristic": [text("speed", "100"), text("node", "olt-1")],
                "serviceSpecification": [{"id": "internet", "takes": {"rate": "speed"}}],
            }
        ],
        "serviceSpecification": [
            {
                "id": "internet",
                "name": "Internet",
                "specCharacteristic": [text("rate", minCardinality=1), text("node")],
                "serviceSpecRelationship": [
                    {"id": "access", "relationshipType": "reliesOn"},
                    {"id": "old-internet", "relationshipType": "substitution"},
                ],
            },
            {"id": "old-internet", "name": "Old"},
            {
                "id": "access",
                "name": "Access",
                "specCharacteristic": [text("node")],
                "resourceSpecification": [
                    {"id": "vlan"},
                    {"id": "port", "takes": {"device": "node"}},
                ],
            },
        ],
        "resourceSpecification": [
            {
                "id": "vlan",
                "name": "VLAN",
                "@type": "LogicalResourceSpecification",
                "resourceSpecCharacteristic": [text("pool", "vlan")],
            },
            {
                "id": "port",
                "name": "Port",
                "targetResourceSchema": {"@type": "AccessPort", "@schemaLocation": "x"},
                "resourceSpecCharacteristic": [text("device", minCardinality=1)],
            },
        ],
    }


def outline(node: SpecNode) -> Any:
    return (node.id, node.layer, node.schema_type, [outline(part) for part in node.parts])


def test_an_offering_has_its_whole_tree_and_its_exact_prices(shop: Shop) -> None:
    assert shop.load(fibre()) == CatalogLoaded(created=9, changed=0, unchanged=0)
    (terms,) = shop.terms("fibre-100")
    assert (terms.name, terms.version, terms.lifecycle_status) == ("Fibre 100", "2.0", "Active")
    assert (terms.is_sellable, terms.why_not_sellable) == (True, "")
    resources: Any = [
        ("vlan", "resource", "LogicalResource", []),
        ("port", "resource", "AccessPort", []),
    ]
    access = ("access", "resourceFacing", "Service", resources)
    internet = ("internet", "customerFacing", "Service", [access])
    assert outline(terms.specification) == ("fibre", "product", "Product", [internet])
    assert terms.specification.parts[0].takes == {"rate": "speed"}
    assert terms.specification.parts[0].parts[0].parts[1].takes == {"device": "node"}
    assert [each["name"] for each in terms.specification.characteristics] == ["speed", "node"]
    monthly, fee = terms.prices
    assert monthly == PriceTerms(
        id="monthly",
        name="monthly",
        kind="recurring",
        currency="EUR",
        amount_micros=39_900_000,
        period="month",
        period_length=1,
        tax_rate_ppm=190_000,
        tax_category="VAT",
    )
    assert (fee.kind, fee.amount_micros, fee.period, fee.period_length) == (
        "oneTime", 49_000_000, "", 0,
    )  # fmt: skip


def test_offerings_come_in_the_order_asked_once_each_without_the_unknown(shop: Shop) -> None:
    two = fibre()
    two["productOffering"].append({**two["productOffering"][0], "id": "b"})
    shop.load(two)
    found = shop.terms("b", "nobody", "fibre-100", "b")
    assert [each.id for each in found] == ["b", "fibre-100"]
    assert shop.terms() == ()
    assert shop.terms("fibre-100", call=OTHER) == ()


def test_loading_twice_changes_nothing_and_a_new_version_adds_one_document(shop: Shop) -> None:
    shop.load(fibre())

    def state(work: Any) -> dict[Key, Any]:
        return {
            (row.name, stored.document["id"]): (stored.rev, stored.document)
            for row in store.RESOURCES
            for stored in documents.find(work, row).found
        }

    before = shop.within(state)
    shop.clock.advance(timedelta(hours=1))
    assert shop.load(fibre()) == CatalogLoaded(created=0, changed=0, unchanged=9)
    assert shop.within(state) == before
    dearer = fibre()
    dearer["productOfferingPrice"][0]["price"]["value"] = Decimal("41.90")
    dearer["productOfferingPrice"][0]["version"] = "1.1"
    assert shop.load(dearer) == CatalogLoaded(created=1, changed=0, unchanged=8)
    after = shop.within(state)
    address = "monthly:(version=1.1)"
    assert {key for key in after if after[key] != before.get(key)} == {
        ("productOfferingPrice", address)
    }
    added = after["productOfferingPrice", address][1]
    assert (added["lastUpdate"], added["editionOf"]) == ("2026-01-01T01:00:00.000Z", "monthly")
    assert shop.terms("fibre-100")[0].prices[0].amount_micros == 41_900_000


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"lifecycleStatus": "Retired"}, "its lifecycle status is Retired"),
        ({"isSellable": False}, "it is not sold by itself"),
        ({"validFor": {"startDateTime": "2026-02-01T00:00:00Z"}}, "not valid before 2026-02-01"),
        ({"validFor": {"endDateTime": "2026-01-01T00:00:00Z"}}, "not valid since 2026-01-01"),
    ],
)
def test_what_forbids_selling_is_said(shop: Shop, change: Document, why: str) -> None:
    catalogue = fibre()
    catalogue["productOffering"][0].update(change)
    shop.load(catalogue)
    (terms,) = shop.terms("fibre-100")
    assert not terms.is_sellable
    assert why in terms.why_not_sellable


def test_an_offering_is_sold_within_its_time_only(shop: Shop) -> None:
    catalogue = fibre()
    catalogue["productOffering"][0]["validFor"] = {
        "startDateTime": "2026-01-02T00:00:00+01:00",
        "endDateTime": "2026-01-03T00:00:00Z",
    }
    shop.load(catalogue)
    sold = []
    for _ in range(3):
        sold.append(shop.terms("fibre-100")[0].is_sellable)
        shop.clock.advance(timedelta(hours=23))
    shop.clock.advance(timedelta(hours=3))
    sold.append(shop.terms("fibre-100")[0].is_sellable)
    assert sold == [False, True, True, False]


def test_a_price_counts_while_it_is_valid(shop: Shop) -> None:
    catalogue = fibre()
    catalogue["productOfferingPrice"] += [
        price("next", 45, validFor={"startDateTime": "2026-07-01T00:00:00Z"}),
    ]
    catalogue["productOfferingPrice"][0]["validFor"] = {"endDateTime": "2026-07-01T00:00:00Z"}
    catalogue["productOffering"][0]["productOfferingPrice"] += [{"id": "next"}]
    shop.load(catalogue)
    assert [each.id for each in shop.terms("fibre-100")[0].prices] == ["monthly", "fee"]
    shop.clock.advance(timedelta(days=181))
    assert [each.id for each in shop.terms("fibre-100")[0].prices] == ["fee", "next"]


def test_a_draft_that_names_what_is_not_there_can_not_be_sold(shop: Shop) -> None:
    draft = {
        "name": "Draft",
        "lifecycleStatus": "Active",
        "productSpecification": {"id": "ghost"},
        "productOfferingPrice": [{"id": "free"}],
    }

    def make(work: Any) -> None:
        row = store.PRODUCT_OFFERING
        documents.create(work, row, row.fill(draft, work.now), "draft")

    shop.within(make)
    (terms,) = shop.terms("draft")
    assert terms.why_not_sellable == (
        "there is no productSpecification ghost; there is no productOfferingPrice free"
    )
    assert (terms.specification.id, terms.prices) == ("", ())


def test_a_circle_made_behind_the_loaders_back_is_survived(shop: Shop) -> None:
    shop.load(fibre())

    def bend(work: Any) -> None:
        row = store.SERVICE_SPECIFICATION
        access = documents.need(work, row, "access").document
        back = [{"id": "internet", "relationshipType": "reliesOn"}]
        documents.change(work, row, {**access, "serviceSpecRelationship": back})

    shop.within(bend)
    (terms,) = shop.terms("fibre-100")
    assert terms.why_not_sellable == "serviceSpecification internet is made of itself"


def test_an_offering_fixes_a_value_of_its_product(shop: Shop) -> None:
    catalogue = fibre()
    speed = text("speed", "100", "1000", unitOfMeasure="Mbit/s")
    speed["valueType"] = "string"
    catalogue["productSpecification"][0]["productSpecCharacteristic"][0] = speed
    use = {"name": "speed", "productSpecCharacteristicValue": [{"value": "1000"}]}
    catalogue["productOffering"][0]["prodSpecCharValueUse"] = [use]
    shop.load(catalogue)
    first = shop.terms("fibre-100")[0].specification.characteristics[0]
    assert (first["configurable"], first["unitOfMeasure"]) == (False, "Mbit/s")
    values = first["characteristicValueSpecification"]
    assert [(each["value"], each["isDefault"]) for each in values] == [("1000", True)]


def test_a_price_may_stand_in_its_offering(shop: Shop) -> None:
    catalogue = fibre()
    embedded = price("inside", 5)
    catalogue["productOffering"][0]["productOfferingPrice"] = [
        {**embedded, "@type": "ProductOfferingPrice"}
    ]
    shop.load(catalogue)
    assert [each.amount_micros for each in shop.terms("fibre-100")[0].prices] == [5_000_000]


@pytest.mark.parametrize("kind", ["productSpecification", "resourceSpecification"])
def test_what_is_still_named_can_not_be_removed(shop: Shop, kind: str) -> None:
    shop.load(fibre())
    row = store.ROWS[kind]
    named = {"productSpecification": "fibre", "resourceSpecification": "vlan"}[kind]
    with pytest.raises(Refused) as no:
        shop.within(lambda work: row.guard_removal(work, {"id": named}))
    assert (no.value.refusal.kind, no.value.refusal.findings[0].code) == ("conflict", "inUse")
    shop.within(lambda work: store.PRODUCT_OFFERING.guard_removal(work, {"id": "fibre-100"}))


@given(
    micros=st.integers(-(10**12), 10**12),
    currency=st.sampled_from(sorted(CURRENCIES)),
    ppm=st.integers(0, 1_000_000),
    years=st.booleans(),
    length=st.integers(1, 120),
)
def test_a_price_becomes_exactly_its_micro_units(
    micros: int, currency: str, ppm: int, years: bool, length: int
) -> None:
    document = {
        "name": "p",
        "priceType": "recurring",
        "recurringChargePeriodType": "year" if years else "month",
        "recurringChargePeriodLength": length,
        "price": {"unit": currency, "value": Decimal(micros).scaleb(-6)},
        "tax": [{"taxRate": Decimal(ppm).scaleb(-4)}],
    }
    terms = compute_price(document, "p")
    assert isinstance(terms, PriceTerms)
    assert (terms.amount_micros, terms.currency, terms.tax_rate_ppm) == (micros, currency, ppm)
    assert terms.period_length == length * (12 if years else 1)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"price": {"unit": "EUR", "value": Decimal("0.0000001")}}, "price.value"),
        ({"price": {"unit": "XXX", "value": 1}}, "price.unit"),
        ({"price": None}, "price"),
        ({"price": {"unit": "EUR", "value": True}}, "price.value"),
        ({"priceType": "usage"}, "priceType"),
        ({"recurringChargePeriodType": "week"}, "recurringChargePeriodType"),
        ({"recurringChargePeriodLength": 0}, "recurringChargePeriodLength"),
        ({"tax": [{"taxRate": 101}]}, "tax.0.taxRate"),
        ({"tax": [{"taxRate": Decimal("0.00001")}]}, "tax.0.taxRate"),
        ({"tax": [{"taxRate": 1}, {"taxRate": 1}]}, "tax"),
        ({"percentage": 5}, "percentage"),
    ],
)
def test_a_price_that_can_not_be_charged_says_where(change: Document, path: str) -> None:
    found = compute_price({**price("p", 1), **change}, "p")
    assert isinstance(found, list)
    assert [each.path for each in found] == [path]
    assert all(isinstance(each, Finding) and each.reason for each in found)
