"""Versions side by side: drafted, reviewed, published, in force by the clock, never edited."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from banyan.components.catalog import migrations, service
from banyan.components.catalog.contract import FindOfferings, OfferingTerms
from banyan.components.catalog.model import find_in_force, find_turn
from banyan.kernel.words.codec import Document
from banyan.kernel.words.messages import Call
from tests.catalog.shop import ABILITIES
from tests.served import Served

PRODUCTS = "/tmf-api/productCatalogManagement/v5"
OFFERINGS = f"{PRODUCTS}/productOffering"
RESOURCES = "/tmf-api/resourceCatalog/v5/resourceSpecification"
SERVICES = "/tmf-api/serviceCatalogManagement/v4/serviceSpecification"

FIRST = """\
productSpecifications:
  line:
productOfferings:
  one: {product: line, monthly: 9.99 EUR}
"""
SECOND = """\
productOfferings:
  one: {product: line, version: 2.0, monthly: 12.99 EUR, validFrom: 2026-02-01}
"""


@pytest.fixture
def served(database_url: str) -> Iterator[Served]:
    rows, handlers = service.make_resources(ABILITIES), service.handlers(ABILITIES)
    made = Served("catalog", database_url, rows, handlers, migrations)
    yield made
    made.close()


def load(served: Served, text: str) -> httpx.Response:
    job = {"url": "inline:", "catalogFile": [{"name": "a.yaml", "text": text}]}
    return served.http.post(f"{PRODUCTS}/importJob", json=job)


def move(served: Served, path: str, *statuses: str) -> Document:
    for status in statuses:
        answer = served.http.patch(path, json={"lifecycleStatus": status})
        assert answer.status_code == 200, answer.text
    document: Document = answer.json()
    return document


def terms(served: Served, *addresses: str) -> tuple[OfferingTerms, ...]:
    return served.room.ask(Call("north", "tester"), FindOfferings(ids=addresses))


def monthly(served: Served, address: str = "one") -> tuple[str, int]:
    (found,) = terms(served, address)
    assert found.is_sellable, found.why_not_sellable
    return found.version, found.prices[0].amount_micros


def codes(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(each["code"], each["path"]) for each in answer.json()["findings"]]


def test_the_bare_id_stands_for_the_version_that_the_clock_has_in_force(served: Served) -> None:
    assert load(served, FIRST).status_code == 201
    assert load(served, SECOND).json()["loaded"] == {"created": 2, "changed": 0, "unchanged": 0}
    assert monthly(served) == ("1.0", 9_990_000)
    assert served.http.get(f"{OFFERINGS}/one").json()["version"] == "1.0"
    served.clock.advance(timedelta(days=31))
    assert monthly(served) == ("2.0", 12_990_000)
    shown = served.http.get(f"{OFFERINGS}/one").json()
    assert (shown["id"], shown["version"]) == ("one:(version=2.0)", "2.0")
    assert shown["href"].endswith("/productOffering/one:(version=2.0)")
    assert served.http.get(shown["href"]).json() == shown
    assert served.http.get(f"{OFFERINGS}/one:(version=1.0)").json()["id"] == "one"
    assert served.http.get(f"{OFFERINGS}/one:(version=3.0)").status_code == 404


def test_a_named_version_is_sold_as_long_as_it_is_published_and_valid(served: Served) -> None:
    load(served, FIRST)
    load(served, SECOND)
    served.clock.advance(timedelta(days=31))
    assert monthly(served, "one:(version=1.0)") == ("1.0", 9_990_000)
    move(served, f"{OFFERINGS}/one:(version=1.0)", "Retired")
    (first,) = terms(served, "one:(version=1.0)")
    assert first.why_not_sellable.startswith("its lifecycle status is Retired")
    assert monthly(served) == ("2.0", 12_990_000)


def test_a_published_version_is_not_edited_only_ended(served: Served) -> None:
    load(served, FIRST)
    edited = served.http.patch(f"{OFFERINGS}/one", json={"name": "Another", "isSellable": False})
    assert edited.status_code == 409
    assert codes(edited) == [("published", "isSellable"), ("published", "name")]
    assert "new version" in edited.json()["findings"][0]["reason"]
    end = {"validFor": {"endDateTime": "2026-01-02T00:00:00Z"}}
    assert served.http.patch(f"{OFFERINGS}/one", json=end).status_code == 200
    served.clock.advance(timedelta(days=1))
    (over,) = terms(served, "one")
    assert over.why_not_sellable.startswith("it is not valid since")
    assert load(served, FIRST.replace("9.99", "8.99")).status_code == 400


def test_a_changed_file_says_where_it_needs_a_new_version(served: Served) -> None:
    load(served, FIRST)
    answer = load(served, FIRST.replace("9.99", "8.99"))
    assert answer.status_code == 400
    assert codes(answer) == [("published", "a.yaml:4:33")]
    assert "say it in a new version of one-monthly" in answer.json()["findings"][0]["reason"]


def test_a_new_version_is_drafted_reviewed_and_published_by_somebody(served: Served) -> None:
    load(served, FIRST)
    first = served.http.get(f"{OFFERINGS}/one").json()
    draft = {**first, "version": "2.0", "name": "Better", "lifecycleStatus": "In Design"}
    answer = served.http.post(OFFERINGS, json=draft)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["id"], made["editionOf"], made["version"]) == ("one:(version=2.0)", "one", "2.0")
    assert served.http.get(f"{OFFERINGS}/one").json() == first
    better = served.http.patch(made["href"], json={"name": "Best"})
    assert better.json()["name"] == "Best"
    assert served.http.patch(made["href"], json={"version": "3.0"}).status_code == 409
    skipped = served.http.patch(made["href"], json={"lifecycleStatus": "Active"})
    assert skipped.status_code == 409
    assert codes(skipped) == [("lifecycle", "lifecycleStatus")]
    served.clock.advance(timedelta(hours=1))
    shown = move(served, made["href"], "In Test", "Active")
    steps = [(each["status"], each["by"]) for each in shown["lifecycleHistory"]]
    actor = first["lifecycleHistory"][0]["by"]
    assert steps == [("In Design", actor), ("In Test", actor), ("Active", actor)]
    assert shown["lifecycleHistory"][2]["date"] == "2026-01-01T01:00:00.000Z"
    assert monthly(served)[0] == "2.0"
    again = served.http.post(OFFERINGS, json=draft)
    assert (again.status_code, codes(again)) == (409, [("duplicate", "version")])


def test_the_history_is_the_servers_own(served: Served) -> None:
    body = {"name": "P", "lifecycleHistory": [{"by": "somebody else"}], "editionOf": "x"}
    made = served.http.post(f"{PRODUCTS}/productSpecification", json=body).json()
    assert "editionOf" not in made
    assert [each["status"] for each in made["lifecycleHistory"]] == ["In Study"]
    forged = served.http.patch(made["href"], json={"lifecycleHistory": []})
    assert forged.status_code == 400


def test_what_is_published_is_made_of_published_parts(served: Served) -> None:
    load(served, "serviceSpecifications:\n  s: {status: In Design}\n")
    draft = {"id": "p", "name": "P", "serviceSpecification": [{"id": "s"}]}
    made = served.http.post(f"{PRODUCTS}/productSpecification", json=draft).json()
    move(served, made["href"], "In Test")
    refused = served.http.patch(made["href"], json={"lifecycleStatus": "Active"})
    assert codes(refused) == [("partNotPublished", "serviceSpecification.0")]
    move(served, f"{SERVICES}/s", "In Test", "Active")
    move(served, made["href"], "Active")


CHAIN = """\
productSpecifications:
  p: {services: [s]}
serviceSpecifications:
  s: {resources: [vlan, port]}
resourceSpecifications:
  vlan: {pool: vlan}
  port: {technology: xgs-pon, characteristics: {device: {default: olt-1}}}
"""


def test_a_leaf_that_no_driver_can_fulfil_is_not_loaded_as_published(served: Served) -> None:
    answer = load(served, CHAIN)
    assert answer.status_code == 400
    found = {each["path"]: each["reason"] for each in answer.json()["findings"]}
    assert sorted(found) == ["a.yaml:2:18", "a.yaml:4:25", "a.yaml:7:3"]
    way = found["a.yaml:2:18"]
    assert way.startswith("p → s → port: no installed driver offers technology 'xgs-pon' with")
    assert "configure, read, remove" in way
    assert "file: file (configure, read, remove); probe: otdr (read)" in way
    assert load(served, CHAIN.replace("xgs-pon", "file")).status_code == 201


def test_a_leaf_that_no_driver_can_fulfil_is_not_published_step_by_step(served: Served) -> None:
    drafts = CHAIN.replace("{services: [s]}", "{services: [s], status: In Test}")
    drafts = drafts.replace("[vlan, port]}", "[vlan, port], status: In Test}")
    drafts = drafts.replace("{technology", "{status: In Test, technology")
    assert load(served, drafts).status_code == 201
    for path, where in ((f"{RESOURCES}/port", ""), (f"{SERVICES}/s", "resourceSpecification.1")):
        answer = served.http.patch(path, json={"lifecycleStatus": "Active"})
        assert answer.status_code == 422
        assert ("unfulfillable", where) in codes(answer)


def test_the_technology_alone_needs_a_driver_and_operations_may_be_fewer(served: Served) -> None:
    text = "resourceSpecifications:\n  probe: {technology: otdr, operations: [read]}\n"
    assert load(served, text).status_code == 201
    answer = load(served, text.replace("probe:", "other:").replace(", operations: [read]", ""))
    assert codes(answer) == [("unfulfillable", "a.yaml:2:3")]


def test_a_draft_version_may_go_while_the_thing_is_in_use(served: Served) -> None:
    load(served, FIRST)
    base = f"{PRODUCTS}/productSpecification"
    made = served.http.post(base, json={"id": "line", "version": "2", "name": "L"}).json()
    assert served.http.delete(f"{base}/line").status_code == 409
    assert served.http.delete(made["href"]).status_code == 204
    assert served.http.get(made["href"]).status_code == 404
    assert served.http.get(f"{base}/line").json()["version"] == "1.0"


def test_terms_are_computed_anew_for_every_change_and_not_in_between(served: Served) -> None:
    load(served, FIRST)
    (first,) = terms(served, "one")
    (same,) = terms(served, "one")
    assert same is first
    load(served, "productSpecifications:\n  another:\n")
    (fresh,) = terms(served, "one")
    assert fresh is not first
    assert fresh == first
    move(served, f"{OFFERINGS}/one", "Retired")
    (over,) = terms(served, "one")
    assert not over.is_sellable
    assert served.http.delete(f"{OFFERINGS}/one").status_code == 204
    assert terms(served, "one") == ()


def version(name: str, status: str, published: str, **valid_for: str) -> Document:
    history = [{"status": "Active", "date": published}] if published else []
    return {
        "version": name, "lifecycleStatus": status, "lifecycleHistory": history,
        "validFor": valid_for,
    }  # fmt: skip


NOON = "2026-01-01T12:00:00Z"


@pytest.mark.parametrize(
    ("versions", "wanted"),
    [
        ([("1", "Active", "2025-01-01", {}), ("2", "Active", "2025-06-01", {})], "2"),
        ([("1", "Active", "2025-07-01", {}), ("2", "Active", "2025-06-01", {})], "1"),
        ([("1", "Active", "2025-01-01", {}), ("2", "In Design", "", {})], "1"),
        ([("1", "In Test", "", {}), ("2", "In Design", "", {})], "2"),
        ([("1", "Active", "2025-01-01", {}), ("2", "Retired", "2025-06-01", {})], "2"),
        (
            [
                ("1", "Active", "2025-01-01", {}),
                ("2", "Active", "2025-06-01", {"endDateTime": "2025-12-31T00:00:00Z"}),
            ],
            "1",
        ),
        (
            [
                ("1", "Active", "2025-01-01", {}),
                ("2", "Active", "2025-06-01", {"startDateTime": "2026-02-01T00:00:00Z"}),
            ],
            "1",
        ),
        (
            [
                ("1", "Active", "2025-01-01", {"startDateTime": "2026-03-01T00:00:00Z"}),
                ("2", "Active", "2025-06-01", {"startDateTime": "2026-02-01T00:00:00Z"}),
            ],
            "2",
        ),
    ],
)
def test_in_force_is_the_valid_version_whose_turn_began_last(
    versions: list[tuple[str, str, str, dict[str, str]]], wanted: str
) -> None:
    documents = [version(name, status, at, **valid) for name, status, at, valid in versions]
    now: Any = find_turn(version("x", "Active", NOON))
    found = find_in_force(documents, now)
    assert found is not None
    assert found["version"] == wanted
