"""Submitted, published, retired, rolled back: each one command, with who took it on record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from banyan.components.catalog import migrations, service
from banyan.components.catalog.contract import FindOfferings
from banyan.kernel.words.codec import Document
from banyan.kernel.words.messages import Call
from tests.catalog.shop import ABILITIES
from tests.served import Served

CHANGES = "/banyan-api/catalogManagement/v1/catalogChange"
PRODUCTS = "/tmf-api/productCatalogManagement/v5"

DRAFTS = """\
productSpecifications:
  line: {services: [access], status: In Design}
serviceSpecifications:
  access: {resources: [port], status: In Study}
resourceSpecifications:
  port: {technology: %s, status: In Design}
productOfferings:
  one: {product: line, monthly: 9.99 EUR, status: In Design}
"""


@pytest.fixture
def served(database_url: str) -> Iterator[Served]:
    rows, handlers = service.make_resources(ABILITIES), service.handlers(ABILITIES)
    made = Served("catalog", database_url, rows, handlers, migrations)
    yield made
    made.close()


def load(served: Served, text: str) -> None:
    job = {"url": "inline:", "catalogFile": [{"name": "a.yaml", "text": text}]}
    answer = served.http.post(f"{PRODUCTS}/importJob", json=job)
    assert answer.status_code == 201, answer.text


def decide(served: Served, action: str, entry: str = "one", **more: Any) -> httpx.Response:
    version = {"version": more.pop("version")} if "version" in more else {}
    entity = {"id": entry, "@referredType": "ProductOffering", **version}
    body: Document = {"@type": "CatalogChange", "action": action, "entity": entity, **more}
    return served.http.post(CHANGES, json=body)


def moved(answer: httpx.Response) -> list[tuple[str, str, str]]:
    assert answer.status_code == 201, answer.text
    return [
        (each["entity"]["id"], each["fromStatus"], each["toStatus"])
        for each in answer.json()["changed"]
    ]


def in_force(served: Served) -> tuple[str, bool]:
    (found,) = served.room.ask(Call("north", "tester"), FindOfferings(ids=("one",)))
    return found.version, found.is_sellable


def publish_first(served: Served) -> None:
    load(served, DRAFTS % "file")
    moved(decide(served, "submit"))
    moved(decide(served, "publish"))


def test_an_offer_is_reviewed_and_published_with_all_it_is_made_of(served: Served) -> None:
    load(served, DRAFTS % "file")
    assert in_force(served) == ("1.0", False)
    assert moved(decide(served, "submit")) == [
        ("port", "In Design", "In Test"),
        ("access", "In Study", "In Test"),
        ("line", "In Design", "In Test"),
        ("one-monthly", "In Design", "In Test"),
        ("one", "In Design", "In Test"),
    ]
    answer = decide(served, "publish", reason="summer")
    assert [each[0] for each in moved(answer)] == ["port", "access", "line", "one-monthly", "one"]
    assert served.http.get(answer.json()["href"]).json() == answer.json()
    assert in_force(served) == ("1.0", True)
    history = served.http.get(f"{PRODUCTS}/productOffering/one").json()["lifecycleHistory"]
    assert [each["status"] for each in history] == ["In Design", "In Test", "Active"]
    assert history[-1]["reason"] == "summer"
    assert history[-1]["by"]


def test_a_publication_that_fails_at_one_leaf_changes_nothing(served: Served) -> None:
    load(served, DRAFTS % "xgs-pon")
    moved(decide(served, "submit"))
    answer = decide(served, "publish")
    assert answer.status_code == 422
    assert {each["code"] for each in answer.json()["findings"]} == {"unfulfillable"}
    listed = served.http.get(f"{PRODUCTS}/productSpecification/line").json()
    assert listed["lifecycleStatus"] == "In Test"
    assert served.http.get(CHANGES).headers["x-total-count"] == "1"


def test_a_rollback_is_one_command_and_the_earlier_version_sells_again(served: Served) -> None:
    publish_first(served)
    served.clock.advance(timedelta(days=1))
    load(served, "productOfferings:\n  one: {product: line, version: 2.0, monthly: 12.99 EUR}\n")
    assert in_force(served) == ("2.0", True)
    served.clock.advance(timedelta(days=1))
    assert moved(decide(served, "rollback", version="1.0", reason="too dear")) == [
        ("one", "Active", "Retired"),
        ("one", "Active", "Active"),
    ]
    assert in_force(served) == ("1.0", True)
    again = decide(served, "rollback", version="1.0")
    assert (again.status_code, again.json()["findings"][0]["code"]) == (409, "inForce")
    served.clock.advance(timedelta(days=1))
    moved(decide(served, "rollback", version="2.0"))
    assert in_force(served) == ("2.0", True)


def test_a_rollback_needs_a_version_that_was_published(served: Served) -> None:
    publish_first(served)
    load(served, "productOfferings:\n  one: {product: line, version: 2, status: In Design}\n")
    for version, code in (("2", "lifecycle"), ("9", "unknownReference"), ("", "missing")):
        answer = decide(served, "rollback", **({"version": version} if version else {}))
        assert answer.json()["findings"][0]["code"] == code


def test_the_newest_draft_is_meant_and_retiring_means_the_version_in_force(served: Served) -> None:
    publish_first(served)
    load(served, "productOfferings:\n  one: {product: line, version: 2, status: In Design}\n")
    assert moved(decide(served, "submit")) == [("one", "In Design", "In Test")]
    assert moved(decide(served, "publish")) == [("one", "In Test", "Active")]
    assert in_force(served) == ("2", True)
    assert moved(decide(served, "retire")) == [("one", "Active", "Retired")]
    assert in_force(served) == ("2", False)
    assert decide(served, "publish", "nobody").json()["findings"][0]["code"] == "unknownReference"


def test_a_decision_on_what_a_catalogue_has_not_is_refused(served: Served) -> None:
    entity = {"id": "x", "@referredType": "Customer"}
    body = {"@type": "CatalogChange", "action": "publish", "entity": entity}
    answer = served.http.post(CHANGES, json=body)
    assert answer.json()["findings"][0]["path"] == "entity.@referredType"
