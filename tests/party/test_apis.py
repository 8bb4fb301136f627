"""Party over HTTP: TMF632, TMF629 and TMF666 in both generations."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from banyan.components.party import api, service
from banyan.kernel.words.codec import Document
from tests.reals import SPECS, note_missing
from tests.served import Served

PARTY_V4, PARTY_V5 = "/tmf-api/party/v4", "/tmf-api/partyManagement/v5"
CUSTOMER_V4, CUSTOMER_V5 = "/tmf-api/customerManagement/v4", "/tmf-api/customer/v5"
ACCOUNT_V4, ACCOUNT_V5 = "/tmf-api/accountManagement/v4", "/tmf-api/accountManagement/v5"


@pytest.fixture
def served(database_url: str) -> Iterator[Served]:
    made = Served("party", database_url, api.RESOURCES, service.HANDLERS)
    yield made
    made.close()


def made(answer: httpx.Response) -> Document:
    assert answer.status_code == 201, answer.text
    document: Document = answer.json()
    return document


def walk_v4(served: Served) -> tuple[Document, Document, Document]:
    person = made(
        served.http.post(f"{PARTY_V4}/individual", json={"givenName": "Anna", "familyName": "Ast"})
    )
    engaged = {"id": person["id"], "@referredType": "Individual"}
    customer = made(
        served.http.post(
            f"{CUSTOMER_V4}/customer", json={"name": "Anna Ast", "engagedParty": engaged}
        )
    )
    related = {
        "id": customer["id"],
        "name": "Anna Ast",
        "@referredType": "Customer",
        "role": "customer",
    }
    account = made(
        served.http.post(
            f"{ACCOUNT_V4}/billingAccount", json={"name": "Home", "relatedParty": [related]}
        )
    )
    return person, customer, account


def test_from_a_person_to_an_account_in_v4(served: Served) -> None:
    person, customer, account = walk_v4(served)
    assert (person["status"], customer["status"]) == ("initialized", "created")
    assert (account["state"], account["currency"]) == ("active", "EUR")
    assert account["lastModified"] == "2026-01-01T00:00:00.000Z"
    found = served.http.get(f"{ACCOUNT_V4}/billingAccount?relatedParty.id={customer['id']}")
    assert [each["id"] for each in found.json()] == [account["id"]]
    shown = served.http.get(f"{ACCOUNT_V5}/billingAccount/{account['id']}").json()
    assert shown["relatedParty"][0]["partyOrPartyRole"]["id"] == customer["id"]


def test_an_organization_has_both_names_whichever_was_given(served: Served) -> None:
    firm = made(served.http.post(f"{PARTY_V4}/organization", json={"tradingName": "Coffee"}))
    shown = served.http.get(f"{PARTY_V5}/organization/{firm['id']}").json()
    assert (shown["name"], shown["tradingName"]) == ("Coffee", "Coffee")


def test_an_unknown_reference_is_refused_at_its_path(served: Served) -> None:
    body = {"name": "N", "engagedParty": {"id": "ghost", "@referredType": "Individual"}}
    answer = served.http.post(f"{CUSTOMER_V4}/customer", json=body)
    assert answer.status_code in (400, 422)
    assert [each["path"] for each in answer.json()["findings"]] == ["engagedParty.id"]


def test_a_status_moves_along_its_lifecycle_only(served: Served) -> None:
    _, customer, _ = walk_v4(served)
    url = f"{CUSTOMER_V4}/customer/{customer['id']}"
    assert served.http.patch(url, json={"status": "active"}).json()["status"] == "active"
    assert served.http.patch(url, json={"status": "created"}).status_code == 409
    assert served.http.patch(url, json={"name": "Anna B"}).json()["name"] == "Anna B"


def test_what_is_named_is_not_deleted(served: Served) -> None:
    person, customer, account = walk_v4(served)
    for url, status in (
        (f"{PARTY_V4}/individual/{person['id']}", 409),
        (f"{CUSTOMER_V4}/customer/{customer['id']}", 409),
        (f"{ACCOUNT_V4}/billingAccount/{account['id']}", 204),
        (f"{CUSTOMER_V4}/customer/{customer['id']}", 204),
        (f"{PARTY_V4}/individual/{person['id']}", 204),
    ):
        assert served.http.delete(url).status_code == status


def test_the_official_bodies_are_taken(served: Served) -> None:
    if SPECS is None:
        note_missing("official examples of TMF629 and TMF632")
        return
    examples = SPECS / "examples"

    def body(name: str) -> Document:
        read: Document = json.loads((examples / name).read_text())
        return read

    made(served.http.post(f"{PARTY_V5}/individual", json=body("TMF632-v5-Individual_FVO.json")))
    firm = made(
        served.http.post(f"{PARTY_V5}/organization", json=body("TMF632-v5-Organization_FVO.json"))
    )
    customer = body("TMF629-v5-Customer_FVO.json")
    assert served.http.post(f"{CUSTOMER_V5}/customer", json=customer).status_code != 201
    customer["engagedParty"]["id"] = firm["id"]
    customer["relatedParty"][0]["partyOrPartyRole"]["id"] = firm["id"]
    made(served.http.post(f"{CUSTOMER_V5}/customer", json=customer))
