"""Catalogue files: every mistake is told at its file and line, and then nothing is loaded."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

import banyan.demo
from banyan.components.catalog import store
from banyan.components.catalog.contract import ImportCatalog
from banyan.components.catalog.wire.nodes import DEPTH_MAX, TEXT_LENGTH_MAX
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Refused
from banyan.tmf import documents
from tests.catalog.shop import Shop

DEMO = Path(banyan.demo.__file__).parent / "catalog"

SOUND = """\
productOfferings:
  fast:
    product: line
    monthly: 29.99 EUR
    tax: 19 %
productSpecifications:
  line:
    characteristics:
      speed: {type: integer, unit: Mbit/s, allowed: [50, 100], default: 50}
      node: {default: olt-1}
    services:
      access: {takes: {rate: speed}}
serviceSpecifications:
  access:
    characteristics:
      rate: {type: integer, unit: Mbit/s, required: true}
      node:
    resources: [vlan]
resourceSpecifications:
  vlan: {pool: vlan}
"""


def job(**files: str) -> ImportCatalog:
    named = [{"name": f"{name}.yaml", "text": text} for name, text in files.items()]
    return ImportCatalog(document={"url": "inline:test", "catalogFile": named})


def told(shop: Shop, **files: str) -> list[tuple[str, str]]:
    """Where what was found; and nothing may have been loaded."""
    with pytest.raises(Refused) as no:
        shop.put(job(**files))
    assert no.value.refusal.kind == "malformed"
    assert all(each.reason for each in no.value.refusal.findings)
    assert shop.within(count_documents) == 0
    return [(each.path, each.code) for each in no.value.refusal.findings]


def count_documents(work: Any) -> int:
    return sum(documents.find(work, row).total for row in store.RESOURCES)


def replaced(old: str, new: str) -> str:
    assert SOUND.count(old) == 1, f"{old!r} stands {SOUND.count(old)} times in the file"
    return SOUND.replace(old, new)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_a_sound_file_is_loaded_and_the_job_says_so(shop: Shop) -> None:
    done: Document = shop.put(job(a=SOUND))
    assert done["status"] == "Succeeded"
    assert done["loaded"] == {"created": 5, "changed": 0, "unchanged": 0}
    assert done["catalogFile"] == [{"name": "a.yaml"}]
    (terms,) = shop.terms("fast")
    assert (terms.is_sellable, terms.why_not_sellable) == (True, "")
    assert (terms.prices[0].amount_micros, terms.prices[0].tax_rate_ppm) == (29_990_000, 190_000)
    assert terms.specification.parts[0].takes == {"rate": "speed"}
    (pool,) = terms.specification.parts[0].parts[0].characteristics
    assert pool["characteristicValueSpecification"][0]["value"] == "vlan"
    again = shop.put(job(a=SOUND))
    assert again["loaded"] == {"created": 0, "changed": 0, "unchanged": 5}


MISTAKES = [
    # what is written, instead of what, what is told, at the line of which part
    ("    product: line", "    produkt: line", "unknownKey", "produkt"),
    ("    product: line", "    product: lime", "unknownReference", "lime"),
    ("    product: line", "    product: [line]", "wrongType", "[line]"),
    ("29.99 EUR", "29.999 EUR", "badMoney", "29.999"),
    ("29.99 EUR", "29.99 EURO", "badMoney", "29.99"),
    ("29.99 EUR", "-1 EUR", "badMoney", "-1 EUR"),
    ("29.99 EUR", "29,99 EUR", "badMoney", "29,99"),
    ("29.99 EUR", "29.99", "badMoney", "29.99"),
    ("29.99 EUR", "1000000000000000 JPY", "badMoney", "10000"),
    ("19 %", "19", "badTax", "tax"),
    ("19 %", "190 %", "badTax", "tax"),
    ("    tax: 19 %", "    status: Activ", "unknownWord", "Activ"),
    ("    tax: 19 %", "    validFrom: 2026-02-30", "badDate", "validFrom"),
    ("    tax: 19 %", "    sellable: maybe", "wrongType", "maybe"),
    ("    tax: 19 %", "    values: {speed: 70}", "valueNotAllowed", "speed: 70"),
    ("    tax: 19 %", "    values: {pace: 50}", "characteristicUnknown", "pace"),
    ("    tax: 19 %", "    prices: [fee]", "unknownReference", "fee"),
    ("    tax: 19 %", "    product: line", "duplicateKey", "    product: line\nproductSpec"),
    ("unit: Mbit/s, allowed", "unit: Mbix/s, allowed", "badUnit", "Mbix"),
    ("default: olt-1", "default: olt-1, unit: GB", "badUnit", "unit: GB"),
    ("default: 50", "default: 70", "badDefault", "default: 70"),
    ("allowed: [50, 100]", "range: 60..100", "badDefault", "default: 50"),
    ("allowed: [50, 100]", "range: 100..60", "badRange", "100..60"),
    ("allowed: [50, 100]", "allowed: [50, fast]", "wrongType", "[50, fast]"),
    ("{default: olt-1}", "{default: olt-1, pattern: '['}", "regex", "pattern"),
    ("{default: olt-1}", "{default: olt-1, pattern: '[a-z]+'}", "valuePattern", "pattern"),
    ("{type: integer, unit: Mbit/s, allowed", "{type: int, allowed", "unknownWord", "type: int,"),
    ("takes: {rate: speed}", "takes: {rate: pace}", "characteristicUnknown", "pace"),
    ("takes: {rate: speed}", "takes: {tempo: speed}", "characteristicUnknown", "tempo"),
    ("{takes: {rate: speed}}", "", "notSupplied", "      access:"),
    ("resources: [vlan]", "resources: [wlan]", "unknownReference", "wlan"),
    ("resources: [vlan]", "services: [access]", "circle", "services: [access]"),
    ("{pool: vlan}", "{pool: [vlan]}", "wrongType", "pool: [vlan]"),
    ("{pool: vlan}", "{pool: &a vlan}", "yaml", "&a"),
    ("{pool: vlan}", "{pool: *a}", "yaml", "*a"),
    ("{pool: vlan}", "{pool: !!python/name:os.system vlan}", "yaml", "!!python"),
    ("{pool: vlan}", "{pool: vlan", "yaml", "{pool: vlan"),
    ("  vlan: {pool: vlan}", "  v/lan: {}", "badKey", "v/lan"),
    ("serviceSpecifications:", "serviceSpecification:", "unknownKey", "serviceSpecification:"),
    ("resourceSpecifications:", "---\nresourceSpecifications:", "yaml", "---"),
]


@pytest.mark.parametrize(("old", "new", "code", "part"), MISTAKES)
def test_a_mistake_is_told_at_its_line(
    shop: Shop, old: str, new: str, code: str, part: str
) -> None:
    text = replaced(old, new)
    found = told(shop, a=text)
    lines = [(path.rsplit(":", 1)[0], each) for path, each in found]
    line = line_of(text, part) + (1 if new == "{pool: vlan" else 0)
    assert (f"a.yaml:{line}", code) in lines


def test_a_mistake_is_told_once_and_brings_no_others_about(shop: Shop) -> None:
    counts = {new: len(told(shop, a=replaced(old, new))) for old, new, _, _ in MISTAKES}
    two_at_once = {"    produkt: line", "  v/lan: {}", "takes: {tempo: speed}"}
    assert {new for new, count in counts.items() if count != 1} == two_at_once


def test_the_column_is_told_too(shop: Shop) -> None:
    assert told(shop, a=replaced("29.99 EUR", "9,9 EUR")) == [("a.yaml:4:14", "badMoney")]


def test_files_name_each_other_and_all_their_mistakes_are_told_in_order(shop: Shop) -> None:
    offers = textwrap.dedent("""\
        productOfferings:
          one:
            product: line
            monthly: 1.234 EUR
          two:
            product: nowhere
        """)
    parts = textwrap.dedent("""\
        productSpecifications:
          line:
            services: [up]
        serviceSpecifications:
          up: {services: [down]}
          down:
            services: [up]
            colour: red
        """)
    assert told(shop, offers=offers, parts=parts) == [
        ("offers.yaml:4:14", "badMoney"),
        ("offers.yaml:6:14", "unknownReference"),
        ("parts.yaml:7:16", "circle"),
        ("parts.yaml:8:5", "unknownKey"),
    ]


def test_a_key_is_described_once_in_all_files(shop: Shop) -> None:
    twice = "resourceSpecifications:\n  vlan: {pool: vlan}\n"
    assert told(shop, a=SOUND, b=twice) == [("b.yaml:2:3", "duplicateKey")]
    own = "prices:\n  fast-monthly: {once: 1 EUR}\n"
    assert told(shop, a=SOUND, b=own) == [("b.yaml:2:3", "duplicateKey")]


def test_a_price_is_due_in_exactly_one_way(shop: Shop) -> None:
    assert told(shop, a="prices:\n  p: {once: 1 EUR, monthly: 1 EUR}\n") == [
        ("a.yaml:2:3", "missing")
    ]
    assert ("a.yaml:2:3", "missing") in told(shop, a="prices:\n  p: {tax: 1 %}\n")


def test_deep_and_wide_files_are_refused_not_suffered(shop: Shop) -> None:
    deep = "[" * 5_000
    assert [code for _, code in told(shop, a=deep)] == ["yaml"]
    nested = "a: " + "[" * DEPTH_MAX + "]" * DEPTH_MAX
    assert [code for _, code in told(shop, a=nested)] == ["yaml"]
    assert [code for _, code in told(shop, a="x" * (TEXT_LENGTH_MAX + 1))] == ["tooLarge"]
    assert [code for _, code in told(shop, a="a: \x00")] == ["yaml"]


def test_a_new_reference_to_what_is_stored_already_is_sound(shop: Shop) -> None:
    shop.put(job(a=SOUND))
    more = "productOfferings:\n  slow: {product: line, values: {speed: 50}, monthly: 9 EUR}\n"
    assert shop.put(job(b=more))["loaded"] == {"created": 2, "changed": 0, "unchanged": 0}
    assert shop.terms("slow")[0].is_sellable


def test_a_circle_through_what_is_stored_is_found(shop: Shop) -> None:
    shop.put(job(a="serviceSpecifications:\n  up: {services: [down]}\n  down:\n"))
    with pytest.raises(Refused) as no:
        shop.put(job(b="serviceSpecifications:\n  down: {version: 2, services: [up]}\n"))
    assert [each.code for each in no.value.refusal.findings] == ["circle"]
    assert "down → up → down" in no.value.refusal.reason
    assert no.value.refusal.findings[0].path == "b.yaml:2:33"


@pytest.mark.parametrize("files", [None, [], ["text"], [{"name": "a"}], "text"])
def test_a_job_without_texts_is_refused(shop: Shop, files: Any) -> None:
    with pytest.raises(Refused) as no:
        shop.put(ImportCatalog(document={"url": "https://example.org", "catalogFile": files}))
    assert no.value.refusal.kind == "malformed"
    assert no.value.refusal.findings[0].path.startswith("catalogFile")


def test_the_demo_catalogue_can_be_sold(shop: Shop) -> None:
    files = [{"name": p.name, "text": p.read_text()} for p in sorted(DEMO.glob("*.yaml"))]
    shop.put(ImportCatalog(document={"url": "inline:demo", "catalogFile": files}))
    for offering, speed, cents in (("fibre-100", 100, 3990), ("fibre-1000", 1000, 5990)):
        (terms,) = shop.terms(offering)
        assert (terms.is_sellable, terms.why_not_sellable) == (True, "")
        prices = [(p.kind, p.amount_micros, p.tax_rate_ppm) for p in terms.prices]
        assert prices == [
            ("recurring", cents * 10_000, 190_000),
            ("oneTime", 49_000_000, 190_000),
        ]
        fixed = terms.specification.characteristics[0]
        assert fixed["characteristicValueSpecification"][0]["value"] == speed
        access = terms.specification.parts[0].parts[0]
        assert [part.id for part in access.parts] == ["vlan", "access-port"]
        assert access.parts[1].takes == {"device": "accessNode"}
