"""The rooms of the house as the official conformance profiles ask for them, in both generations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from starlette.applications import Starlette

from banyan import wiring
from banyan.kernel.engine.settings import Settings
from banyan.kernel.words.codec import Document
from banyan.tmf.apis import API
from banyan.tmf.errors import exception_handlers
from banyan.tmf.rest import mount
from tests.tmf.lab import Caller, Http

CATALOGUE = """\
productSpecifications:
  line: {resources: [port]}
resourceSpecifications:
  port:
productOfferings:
  one: {product: line, monthly: 9.99 EUR}
"""


def _party(role: str, kind: str, party_id: str, generation: int) -> Document:
    if generation == 4:
        return {"id": party_id, "@referredType": kind, "role": role, "name": "x"}
    ref = "PartyRef" if kind in ("Individual", "Organization") else "PartyRoleRef"
    held = {"@type": ref, "id": party_id, "@referredType": kind}
    return {"@type": "RelatedPartyRefOrPartyRoleRef", "role": role, "partyOrPartyRole": held}


class Whole:
    """Every room of the house behind HTTP; no dispatcher, no runner."""

    def __init__(self, folder: Path, url: str) -> None:
        database = "" if url.startswith("sqlite") else url
        settings = msgspec.convert({"data": str(folder), "database": database}, Settings)
        self.standing = wiring.build(settings, "test")
        rows = [row for part in self.standing.parts.values() for row in part.resources]
        self.rows = {(row.api, row.name): row for row in rows}
        mints = self.standing.house.rooms["party"].mints
        app = Starlette(
            routes=mount(self.standing.house, rows),
            exception_handlers=dict(exception_handlers(mints)),
        )
        self.http = Http(Caller(app))

    def path(self, api: str, name: str, generation: int) -> str:
        """Where a resource is served."""
        number: Any = generation
        facts = API[api]
        return f"{facts.version(number).base_path}/{facts.resource(name).name_in(number)}"

    def add(self, api: str, name: str, generation: int, /, **body: Any) -> Document:
        """A created resource, checked the way every create is."""
        answer = self.http.post(self.path(api, name, generation), json=body)
        assert answer.status_code == 201, answer.text
        made: Document = answer.json()
        assert answer.headers["location"] == made["href"]
        assert self.http.get(made["href"]).json() == made
        return made

    def close(self) -> None:
        """Take the house down."""
        self.http.close()
        self.standing.stop()


@pytest.fixture
def whole(database_url: str, tmp_path: Path) -> Iterator[Whole]:
    """The house with a catalogue loaded."""
    house = Whole(tmp_path, database_url)
    house.add(
        "TMF620",
        "importJob",
        5,
        url="inline:test",
        catalogFile=[{"name": "a.yaml", "text": CATALOGUE}],
    )
    yield house
    house.close()


def _make_all(whole: Whole, generation: int) -> dict[tuple[str, str], Document]:
    """One of everything, from the least a client may send (profiles: client sends at least)."""
    made: dict[tuple[str, str], Document] = {}

    def add(api: str, name: str, /, **body: Any) -> Document:
        made[api, name] = whole.add(api, name, generation, **body)
        return made[api, name]

    person = add("TMF632", "individual", givenName="Anna", familyName="Ast")
    add("TMF632", "organization", tradingName="Ast Ltd", name="Ast Ltd")
    engaged = {"id": person["id"], "@referredType": "Individual", "@type": "PartyRef"}
    customer = add("TMF629", "customer", name="Anna Ast", engagedParty=engaged)
    related = [_party("customer", "Customer", customer["id"], generation)]
    account = add("TMF666", "billingAccount", name="Home", relatedParty=related)
    add("TMF620", "productSpecification", name="Line")
    specification = {"id": made["TMF620", "productSpecification"]["id"]}
    add("TMF620", "productOffering", name="Offer", productSpecification=specification)
    price = {"unit": "EUR", "value": 9.99}
    add(
        "TMF620", "productOfferingPrice", name="Price", isBundle=False, priceType="oneTime",
        price=price,
    )  # fmt: skip
    add("TMF620", "category", name="Category")
    add("TMF620", "productCatalog", name="Catalogue")
    item = {"id": "1", "action": "add", "quantity": 1, "productOffering": {"id": "one"}}
    paid = {"billingAccount": {"id": account["id"]}, "relatedParty": related}
    add("TMF622", "productOrder", productOrderItem=[item], **paid)
    add("TMF637", "product", status="created", name="Line")
    service = {"serviceSpecification": {"id": "s"}, "name": "Access"}
    add("TMF638", "service", state="active", **service)
    add("TMF639", "resource", name="port-1")
    if generation == 4:
        made["TMF633", "serviceSpecification"] = whole.add(
            "TMF633", "serviceSpecification", 4, name="S"
        )
    add("TMF634", "resourceSpecification", name="R")
    return made


MANDATORY: dict[tuple[str, str], str] = {
    ("TMF620", "productSpecification"): "name lifecycleStatus lastUpdate",
    ("TMF620", "productOffering"): "name lifecycleStatus lastUpdate productSpecification",
    ("TMF620", "productOfferingPrice"): "name lifecycleStatus lastUpdate priceType",
    ("TMF622", "productOrder"): "orderDate state productOrderItem relatedParty",
    ("TMF629", "customer"): "name engagedParty @type",
    ("TMF632", "individual"): "givenName familyName",
    ("TMF632", "organization"): "tradingName",
    ("TMF633", "serviceSpecification"): "name @type isBundle lastUpdate lifecycleStatus",
    ("TMF634", "resourceSpecification"): "name isBundle lastUpdate lifecycleStatus",
    ("TMF638", "service"): "state serviceSpecification serviceDate",
    ("TMF639", "resource"): "name",
    ("TMF666", "billingAccount"): "name relatedParty",
}
"""What a full v4 answer must hold beyond id and href."""


def _scalars(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, below in value.items():
            yield from _scalars(below, f"{path}.{name}")
    elif isinstance(value, list):
        for below in value:
            yield from _scalars(below, path)
    elif value is not None:
        yield path, str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("generation", [4, 5])
def test_every_attribute_of_every_answer_can_be_asked_for(whole: Whole, generation: int) -> None:
    for (api, name), made in _make_all(whole, generation).items():
        path = whole.path(api, name, generation)
        for attribute, value in made.items():
            for dotted, text in dict(_scalars(value, attribute)).items():
                asked = f'"{text}"' if "," in text else text
                answer = whole.http.get(path, params={dotted: asked})
                found = [each["id"] for each in answer.json()]
                assert made["id"] in found, f"{path}?{dotted}={asked}"
                nothing = whole.http.get(path, params={dotted: f"{text}-other"})
                assert (nothing.status_code, nothing.json()) == (200, [])


def test_v4_answers_hold_what_the_profiles_demand(whole: Whole) -> None:
    made = _make_all(whole, 4)
    for key, wanted in MANDATORY.items():
        for attribute in wanted.split():
            assert made[key].get(attribute) not in (None, "", [], {}), f"{key}: {attribute}"


def test_what_one_generation_creates_the_other_shows(whole: Whole) -> None:
    for generation, other in ((4, 5), (5, 4)):
        for (api, name), made in _make_all(whole, generation).items():
            if other in API[api].generations:
                answer = whole.http.get(f"{whole.path(api, name, other)}/{made['id']}")
                assert answer.status_code == 200
                assert answer.json()["href"].endswith(f"/{made['id']}")


def test_no_method_beyond_the_tables_is_offered(whole: Whole) -> None:
    letters = {"G": "GET", "C": "POST", "U": "PATCH", "D": "DELETE"}
    for (api, name), row in whole.rows.items():
        facts = API[api].resource(name)
        for generation in API[api].generations:
            if not facts.served_in(generation):
                continue
            path = whole.path(api, name, generation)
            for letter, method in letters.items():
                at = path if letter in "C" else f"{path}/nobody"
                answer: httpx.Response = whole.http.send(method, at, json={})
                is_offered = letter in row.operations and letter in facts.operations
                assert (answer.status_code != 405) is is_offered, f"{method} {at}"


def test_every_api_describes_itself_in_every_generation(whole: Whole) -> None:
    for api in {api for api, _ in whole.rows}:
        for generation in API[api].generations:
            base = API[api].version(generation).base_path
            answer = whole.http.get(f"{base}/openapi.json")
            assert answer.status_code == 200
            assert answer.json()["servers"] == [{"url": base}]
