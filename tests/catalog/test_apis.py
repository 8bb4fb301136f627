"""Catalog over HTTP: TMF620, TMF633 and TMF634 in both generations, and the import job."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from banyan.components.catalog import migrations, service
from banyan.components.catalog.contract import FindOfferings
from banyan.kernel.words.codec import Document
from banyan.kernel.words.messages import Call
from tests.catalog.shop import ABILITIES
from tests.reals import SPECS, note_missing
from tests.served import Served

PRODUCTS_V4 = "/tmf-api/productCatalogManagement/v4"
PRODUCTS_V5 = "/tmf-api/productCatalogManagement/v5"
SERVICES = "/tmf-api/serviceCatalogManagement/v4"
RESOURCES = "/tmf-api/resourceCatalog/v4"
MINIMUM = """\
productSpecifications:
  line: {resources: [port]}
resourceSpecifications:
  port:
productOfferings:
  one: {product: line, monthly: 9.99 EUR}
"""


@pytest.fixture
def served(database_url: str) -> Iterator[Served]:
    rows, handlers = service.make_resources(ABILITIES), service.handlers(ABILITIES)
    made = Served("catalog", database_url, rows, handlers, migrations)
    yield made
    made.close()


def made(answer: httpx.Response) -> Document:
    assert answer.status_code == 201, answer.text
    document: Document = answer.json()
    return document


def job(text: str) -> Document:
    return {
        "@type": "ImportJob",
        "url": "inline:test",
        "catalogFile": [{"name": "a.yaml", "text": text}],
    }


@pytest.mark.parametrize("base", [PRODUCTS_V4, PRODUCTS_V5])
def test_an_import_job_loads_what_it_holds(served: Served, base: str) -> None:
    done = made(served.http.post(f"{base}/importJob", json=job(MINIMUM)))
    assert done["status"] == "Succeeded"
    assert done["loaded"] == {"created": 4, "changed": 0, "unchanged": 0}
    assert served.http.get(done["href"]).json()["loaded"] == done["loaded"]
    for url in (
        f"{PRODUCTS_V4}/productOffering/one",
        f"{PRODUCTS_V5}/productOffering/one",
        f"{PRODUCTS_V5}/productOfferingPrice/one-monthly",
        f"{RESOURCES}/resourceSpecification/port",
    ):
        assert served.http.get(url).status_code == 200


def test_a_bad_file_is_answered_with_every_mistake_and_its_place(served: Served) -> None:
    text = MINIMUM.replace("9.99", "9.999").replace("[port]", "[prot]")
    answer = served.http.post(f"{PRODUCTS_V4}/importJob", json=job(text))
    assert answer.status_code == 400
    assert [each["path"] for each in answer.json()["findings"]] == ["a.yaml:2:22", "a.yaml:6:33"]
    assert served.http.get(f"{PRODUCTS_V4}/importJob").json() == []
    assert served.http.get(f"{RESOURCES}/resourceSpecification").json() == []


def test_a_catalogue_made_call_by_call_can_be_sold(served: Served) -> None:
    post = served.http.post
    port = made(post(f"{RESOURCES}/resourceSpecification", json={"name": "Port"}))
    access = {"name": "Access", "resourceSpecification": [{"id": port["id"]}]}
    service_spec = made(post(f"{SERVICES}/serviceSpecification", json=access))
    line = {"name": "Line", "serviceSpecification": [{"id": service_spec["id"]}]}
    product = made(post(f"{PRODUCTS_V4}/productSpecification", json=line))
    price = made(
        post(
            f"{PRODUCTS_V4}/productOfferingPrice",
            json={
                "name": "Monthly",
                "priceType": "recurring",
                "recurringChargePeriodType": "monthly",
                "price": {"unit": "EUR", "value": 9.99},
            },
        )
    )
    offering = made(
        post(
            f"{PRODUCTS_V4}/productOffering",
            json={
                "name": "Line",
                "productSpecification": {"id": product["id"]},
                "productOfferingPrice": [{"id": price["id"]}],
            },
        )
    )
    for filled in (port, service_spec, product, price, offering):
        assert filled["lifecycleStatus"] == "In Study"
        assert (filled["version"], filled["isBundle"]) == ("1.0", False)
        assert filled["lastUpdate"] == "2026-01-01T00:00:00.000Z"
    served.clock.advance(timedelta(hours=1))
    for part in (port, service_spec, product, price, offering):
        tested = served.http.patch(part["href"], json={"lifecycleStatus": "In Test"})
        assert tested.status_code == 200, tested.text
    for part in (port, service_spec, product, price):
        published = served.http.patch(part["href"], json={"lifecycleStatus": "Active"})
        assert published.status_code == 200, published.text
    changed = served.http.patch(offering["href"], json={"lifecycleStatus": "Active"}).json()
    assert changed["lastUpdate"] == "2026-01-01T01:00:00.000Z"
    wanted = FindOfferings(ids=(offering["id"],))
    (terms,) = served.room.ask(Call("north", "tester"), wanted)
    assert (terms.is_sellable, terms.why_not_sellable) == (True, "")
    assert terms.specification.parts[0].parts[0].id == port["id"]
    assert terms.prices[0].amount_micros == 9_990_000


def test_a_price_in_no_currency_is_refused(served: Served) -> None:
    body = {"name": "P", "priceType": "recurring", "price": {"unit": "EURO", "value": 1}}
    answer = served.http.post(f"{PRODUCTS_V4}/productOfferingPrice", json=body)
    assert answer.status_code in (400, 422)
    assert [each["path"] for each in answer.json()["findings"]] == ["price.unit"]


def test_what_is_named_is_not_deleted(served: Served) -> None:
    made(served.http.post(f"{PRODUCTS_V5}/importJob", json=job(MINIMUM)))
    for url, status in (
        (f"{RESOURCES}/resourceSpecification/port", 409),
        (f"{PRODUCTS_V5}/productSpecification/line", 409),
        (f"{PRODUCTS_V5}/productOfferingPrice/one-monthly", 409),
        (f"{PRODUCTS_V5}/productOffering/one", 204),
        (f"{PRODUCTS_V5}/productSpecification/line", 204),
        (f"{RESOURCES}/resourceSpecification/port", 204),
    ):
        assert served.http.delete(url).status_code == status


def test_the_official_bodies_are_taken(served: Served) -> None:
    if SPECS is None:
        note_missing("official examples of TMF620")
        return
    for name in ("ProductSpecification", "ProductOfferingPrice"):
        body = json.loads((SPECS / "examples" / f"TMF620-v5-{name}_FVO.json").read_text())
        resource = name[0].lower() + name[1:]
        shown = made(served.http.post(f"{PRODUCTS_V5}/{resource}", json=body))
        assert shown["id"] == body["id"]


RESOURCES_V5 = "/tmf-api/resourceCatalog/v5"


@pytest.mark.parametrize(
    ("base", "part"),
    [(SERVICES, "service"), (RESOURCES, "resource"), (RESOURCES_V5, "resource")],
)
def test_candidates_stand_in_categories_and_categories_in_catalogs(
    served: Served, base: str, part: str
) -> None:
    post, mark = served.http.post, {} if "v4" in base else {"@type": "X"}
    specification = made(post(f"{base}/{part}Specification", json={"name": "S"} | mark))
    named = {f"{part}Specification": {"id": specification["id"]}}
    category = made(post(f"{base}/{part}Category", json={"name": "Cat", "isRoot": True} | mark))
    inside = {"category": [{"id": category["id"]}]}
    candidate = made(post(f"{base}/{part}Candidate", json={"name": "C"} | named | inside | mark))
    catalog = made(post(f"{base}/{part}Catalog", json={"name": "All"} | inside | mark))
    for one in (specification, category, candidate, catalog):
        assert served.http.get(one["href"]).json() == one
        for attribute in ("name", "lifecycleStatus", "version", "lastUpdate"):
            listed = served.http.get(
                one["href"].rpartition("/")[0], params={attribute: one[attribute]}
            )
            assert [each["id"] for each in listed.json()] == [one["id"]]
    renamed = served.http.patch(candidate["href"], json={"name": "D"})
    assert renamed.json()["name"] == "D"
    for url, status in (
        (specification["href"], 409), (category["href"], 409), (candidate["href"], 204),
        (specification["href"], 204), (catalog["href"], 204), (category["href"], 204),
    ):  # fmt: skip
        assert served.http.delete(url).status_code == status
