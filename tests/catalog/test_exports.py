"""A catalogue goes out as files and comes in again as the same catalogue, and differs in words."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banyan.components.catalog import store
from banyan.components.catalog.contract import (
    CompareCatalog,
    ExportCatalog,
    ImportCatalog,
    LoadCatalog,
)
from banyan.components.catalog.model import find_key, without_owned
from banyan.components.catalog.service.loading import as_typed
from banyan.components.catalog.wire import read_catalog
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, Refused
from banyan.kernel.words.messages import Call
from banyan.tmf import documents
from tests.catalog.shop import CALL, Shop

DEMO = Path(__file__).resolve().parents[2] / "src" / "banyan" / "demo" / "catalog"

RICH = r"""
productSpecifications:
  line:
    name: "Line: the good one"
    description: "says \"yes\" and no: # really"
    brand: Ast
    validFrom: 2026-01-01
    characteristics:
      speed: {type: integer, unit: Mbit/s, allowed: [100, 1000], default: 100}
      delay: {type: number, unit: ms, range: 1..20, default: 5}
      colour of it: {pattern: "[a-z0-9]+", required: true, default: "0"}
      price.like: {type: number, allowed: [1.5, 2.25], also: {extensible: true}}
      fixed: {default: one, configurable: false}
      is on: {type: boolean, default: true, description: "on: or off"}
    services:
      access: {takes: {rate: speed}}
    also:
      productNumber: "0042"
      vendorThing: {deep: [1, "1", true, null, {"x y": 0.5}]}
serviceSpecifications:
  access:
    characteristics: {rate: {type: integer, unit: Mbit/s, required: true}}
    resources: [vlan, port]
resourceSpecifications:
  vlan: {pool: vlan}
  port: {kind: physical, category: port, technology: file, operations: [configure, read]}
prices:
  fee: {once: 49.00 EUR, tax: 7.5 %, taxCategory: reduced, status: Active}
  promo: {monthly: 1.00 CHF, version: 2.0-beta, validFrom: "2026-02-01T00:00:00+01:00"}
productOfferings:
  one:
    product: line
    values: {speed: 1000, "colour of it": "17"}
    monthly: 9.99 EUR
    once: 5.00 EUR
    tax: 19 %
    prices: [fee]
  two: {product: line, sellable: false, status: In Design, version: 3}
"""


def load(shop: Shop, *files: tuple[str, str], call: Call = CALL) -> Any:
    written = [{"name": name, "text": text} for name, text in files]
    return shop.put(ImportCatalog(document={"url": "inline:", "catalogFile": written}), call)


def exported(shop: Shop, call: Call = CALL) -> list[tuple[str, str]]:
    answer = shop.put(ExportCatalog(document={}), call)
    return [(file["name"], file["text"]) for file in answer["catalogFile"]]


def filed(shop: Shop, call: Call = CALL) -> dict[Any, Document]:
    def read(work: Any) -> dict[Any, Document]:
        return {
            (row.name, stored.document["id"]): without_owned(stored.document)
            for row in store.RESOURCES
            if row.name in store.find_defaults(work.now)
            for stored in documents.find(work, row).found
        }

    found: dict[Any, Document] = shop.within(read, call)
    return found


def assert_comes_back(shop: Shop, folder: Path) -> None:
    files = exported(shop)
    again = Shop(f"sqlite:///{folder}")
    try:
        load(again, *files)
        assert filed(again) == filed(shop)
        assert exported(again) == files
    finally:
        again.database.close()
    loaded = load(shop, *files)["loaded"]
    assert (loaded["created"], loaded["changed"]) == (0, 0)


def test_the_demo_catalogue_comes_back(shop: Shop, tmp_path: Path) -> None:
    load(shop, *[(p.name, p.read_text()) for p in sorted(DEMO.glob("*.yaml"))])
    assert_comes_back(shop, tmp_path)
    ((name, text),) = exported(shop)
    assert name == "catalog.yaml"
    assert "also" not in text
    assert "    monthly: 39.90 EUR\n    tax: 19 %\n    prices: [activation-fee]\n" in text


def test_everything_an_author_can_say_comes_back(shop: Shop, tmp_path: Path) -> None:
    load(shop, ("rich.yaml", RICH))
    assert_comes_back(shop, tmp_path)


def test_versions_of_a_thing_stand_in_files_of_their_own(shop: Shop, tmp_path: Path) -> None:
    load(shop, ("rich.yaml", RICH))
    load(
        shop, ("next.yaml", "productOfferings:\n  one: {product: line, version: 2, once: 1 EUR}\n")
    )
    assert [name for name, _ in exported(shop)] == ["catalog.yaml", "catalog-2.yaml"]
    assert_comes_back(shop, tmp_path)


def test_what_came_in_by_the_api_goes_out_with_every_attribute(shop: Shop, tmp_path: Path) -> None:
    load(shop, ("rich.yaml", RICH))

    odd = {
        "id": "odd", "name": "Odd", "isBundle": True, "lifecycleStatus": "In Design",
        "@type": "ResourceFacingServiceSpecification", "@baseType": "ServiceSpecification",
        "vendorAttribute": [{"a": Decimal("1.10")}],
        "specCharacteristic": [
            {
                "name": "x", "valueType": "object", "isUnique": True,
                "characteristicValueSpecification": [{"value": {"y": [1]}, "alias": "why"}],
            }
        ],
        "serviceSpecRelationship": [{"id": "access", "relationshipType": "substitution"}],
    }  # fmt: skip
    shop.load({"serviceSpecification": [odd]})
    assert_comes_back(shop, tmp_path)


def differences(shop: Shop, **document: Any) -> list[Any]:
    answer = shop.put(CompareCatalog(document=document))
    return [
        (each["change"], each["entity"]["id"], [a["path"] for a in each.get("attribute", ())])
        for each in answer["difference"]
    ]


def as_files(*texts: str) -> list[Document]:
    return [{"name": f"{at}.yaml", "text": text} for at, text in enumerate(texts)]


def test_files_and_catalogue_differ_attribute_by_attribute(shop: Shop) -> None:
    load(shop, ("rich.yaml", RICH))
    assert differences(shop, catalogFile=as_files(RICH)) == []
    changed = RICH.replace("allowed: [100, 1000]", "allowed: [100, 2000]")
    changed = changed.replace("speed: 1000", "speed: 2000")
    changed = changed.replace("  promo: {monthly: 1.00 CHF", "  other: {monthly: 1.00 CHF")
    assert differences(shop, catalogFile=as_files(changed)) == [
        (
            "changed", "one",
            ["prodSpecCharValueUse.speed.productSpecCharacteristicValue.0.value"],
        ),
        ("added", "other", []),
        ("removed", "promo", []),
        (
            "changed", "line",
            ["productSpecCharacteristic.speed.characteristicValueSpecification.1.value"],
        ),
    ]  # fmt: skip


def test_a_wrong_file_is_not_compared_but_refused_with_its_places(shop: Shop) -> None:
    with pytest.raises(Refused) as no:
        differences(shop, catalogFile=as_files("productOfferings:\n  a: {product: b}\n"))
    assert [each.path for each in no.value.refusal.findings] == ["0.yaml:2:16"]


def test_two_versions_differ_attribute_by_attribute(shop: Shop) -> None:
    load(shop, ("rich.yaml", RICH))
    load(shop, ("n.yaml", "prices:\n  fee: {once: 59.00 EUR, tax: 7.5 %, version: 2}\n"))
    entity = {"id": "fee", "@referredType": "ProductOfferingPrice"}
    found = differences(shop, entity=entity, fromVersion="1.0", toVersion="2")
    assert found == [("changed", "fee", ["price.value", "tax.0.taxCategory", "version"])]
    with pytest.raises(Refused) as no:
        differences(shop, entity=entity, fromVersion="1.0", toVersion="9")
    assert no.value.refusal.findings[0].path == "toVersion"


names = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)
keys = st.sampled_from(["a", "b", "c-1", "d.2", "e"])
scalars = st.one_of(
    st.booleans(), st.integers(-(10**17), 10**17), names, st.none(),
    st.decimals(-1000, 1000, places=3).filter(lambda d: d.is_finite()),
)  # fmt: skip
raw = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@st.composite
def things(draw: st.DrawFn) -> tuple[str, Document]:
    """A document of any kind with attributes of the standard, of a vendor's, or of nobody's."""
    kind = draw(st.sampled_from(sorted(store.ROWS.keys() & set(KINDS))))
    document: Document = {
        "id": draw(keys),
        "name": draw(names),
        "description": draw(names),
        "version": draw(st.sampled_from(["1.0", "2", "2.0-rc.1"])),
        "lifecycleStatus": draw(st.sampled_from(["In Study", "In Design", "In Test"])),
        "vendorAttribute": [draw(raw)],
        "validFor": {"startDateTime": draw(st.sampled_from(["2026-01-01T00:00:00Z", NOON]))},
    }
    if kind in KINDS[:3]:
        attribute = {
            "productSpecification": "productSpecCharacteristic",
            "serviceSpecification": "specCharacteristic",
            "resourceSpecification": "resourceSpecCharacteristic",
        }[kind]
        document[attribute] = draw(st.lists(characteristics(), max_size=2))
    return kind, document


KINDS = (
    "productSpecification", "resourceSpecification", "serviceSpecification",
    "productOfferingPrice", "productOffering",
)  # fmt: skip
NOON = "2026-03-01T12:00:00+02:00"


@st.composite
def characteristics(draw: st.DrawFn) -> Document:
    """A characteristic as anybody may write it."""
    entries = draw(st.lists(st.dictionaries(names.filter(bool), raw, max_size=2), max_size=2))
    values = [{"value": draw(scalars), **each} for each in entries]
    return {
        "name": draw(names), "valueType": draw(st.sampled_from(["string", "integer", "odd"])),
        "characteristicValueSpecification": values, **draw(st.dictionaries(names, raw, max_size=1)),
    }  # fmt: skip


def tenants() -> Iterator[Call]:
    """Nobody's catalogue, again and again."""
    return (Call(f"t{number}", "tester") for number in itertools.count())


def test_whatever_is_filed_goes_out_and_comes_in_again_equal(tmp_path: Path) -> None:
    shop, fresh = Shop(f"sqlite:///{tmp_path}"), tenants()

    @given(several=st.lists(things(), min_size=1, max_size=4))
    @settings(max_examples=60, deadline=None)
    def holds(several: list[tuple[str, Document]]) -> None:
        one, two = next(fresh), next(fresh)
        unique = {find_key(kind, document): (kind, document) for kind, document in several}
        items = [as_typed(store.as_item(*each)) for each in unique.values()]
        shop.within(lambda work: store.load(work, items), one)
        authored = read_catalog(exported(shop, one))
        assert authored.findings == []
        again = [as_typed(item) for item in authored.items]
        shop.within(lambda work: store.load(work, again), two)
        assert filed(shop, two) == filed(shop, one)

    holds()
    shop.database.close()


pieces = st.text(st.characters(codec="ascii"), max_size=12)


def test_any_file_loads_and_comes_back_or_every_finding_has_its_place(tmp_path: Path) -> None:
    shop, fresh = Shop(f"sqlite:///{tmp_path}"), tenants()

    @given(
        cuts=st.lists(st.tuples(st.integers(0, len(RICH)), st.integers(0, 12), pieces), max_size=3)
    )
    @settings(max_examples=60, deadline=None)
    def holds(cuts: list[tuple[int, int, str]]) -> None:
        text, one, two = RICH, next(fresh), next(fresh)
        for at, length, piece in cuts:
            text = text[:at] + piece + text[at + length :]
        findings = findings_of(shop, text, one)
        for found in findings:
            file, line, column = found.path.rsplit(":", 2)
            assert (file, int(line) > 0, int(column) > 0) == ("a.yaml", True, True)
        if findings:
            assert filed(shop, one) == {}
        else:
            load(shop, *exported(shop, one), call=two)
            assert filed(shop, two) == filed(shop, one)

    holds()
    shop.database.close()


def findings_of(shop: Shop, text: str, call: Call) -> tuple[Finding, ...]:
    """Load a file; what was wrong with it."""
    try:
        load(shop, ("a.yaml", text), call=call)
    except Refused as no:
        return no.refusal.findings
    return ()


def test_an_item_names_its_version_by_its_address_too(shop: Shop) -> None:
    document = {"id": "p:(version=2)", "name": "P"}
    item = store.as_item("productSpecification", document)
    shop.put(LoadCatalog(items=(item,)))
    assert [(key, each["version"]) for key, each in filed(shop).items()] == [
        (("productSpecification", "p"), "2")
    ]
