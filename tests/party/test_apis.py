"""Party over HTTP: TMF632, TMF629 and TMF666 in both generations."""

from __future__ import annotations

import json

import httpx

from banyan.kernel.words.codec import Document
from tests.reals import SPECS, note_missing
from tests.served import Served

PARTY_V4, PARTY_V5 = "/tmf-api/party/v4", "/tmf-api/partyManagement/v5"
CUSTOMER_V4, CUSTOMER_V5 = "/tmf-api/customerManagement/v4", "/tmf-api/customer/v5"
ROLE_V4, ROLE_V5 = "/tmf-api/partyRoleManagement/v4", "/tmf-api/partyRoleManagement/v5"
AGREEMENT_V4, RIGHTS_V4 = "/tmf-api/agreementManagement/v4", "/rolesAndPermissions/v4"
ACCOUNT_V4, ACCOUNT_V5 = "/tmf-api/accountManagement/v4", "/tmf-api/accountManagement/v5"


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


def test_every_resource_holds_and_is_found_by_what_is_mandatory(served: Served) -> None:
    """The official conformance profiles: present in the answer, and an equality filter on each."""
    person = made(
        served.http.post(f"{PARTY_V4}/individual", json={"givenName": "Anna", "familyName": "Ast"})
    )
    owner = {
        "id": person["id"], "name": "Anna", "role": "owner", "@referredType": "Individual"
    }  # fmt: skip
    customer = made(
        served.http.post(f"{CUSTOMER_V4}/customer", json={"name": "Anna", "engagedParty": owner})
    )
    buyer = {**owner, "id": customer["id"], "@referredType": "Customer"}
    asset = {"id": "1", "@referredType": "Product"}
    bodies: list[tuple[str, Document]] = [
        (f"{PARTY_V4}/organization", {"tradingName": "Coffee"}),
        (f"{ROLE_V4}/partyRole", {"name": "partner", "engagedParty": owner}),
        (f"{ACCOUNT_V4}/partyAccount", {"name": "Home", "relatedParty": [owner]}),
        (f"{ACCOUNT_V4}/billingAccount", {"name": "Home", "relatedParty": [buyer]}),
        (f"{ACCOUNT_V4}/settlementAccount", {"name": "Home", "relatedParty": [owner]}),
        (f"{ACCOUNT_V4}/financialAccount", {"name": "Ledger"}),
        (f"{ACCOUNT_V4}/billingCycleSpecification", {"name": "monthly"}),
        (f"{ACCOUNT_V4}/billFormat", {"name": "paper"}),
        (f"{ACCOUNT_V4}/billPresentationMedia", {"name": "post"}),
        (
            f"{AGREEMENT_V4}/agreement",
            {
                "name": "Frame",
                "agreementType": "commercial",
                "engagedParty": [owner],
                "agreementItem": [{"termOrCondition": [{"id": "1"}]}],
            },
        ),
        (
            f"{AGREEMENT_V4}/agreementSpecification",
            {"name": "Frame", "attachment": [{"name": "terms.pdf"}]},
        ),
        (
            f"{RIGHTS_V4}/userRole",
            {"entitlement": [{"action": "read", "function": "bills"}], "involvementRole": "payer"},
        ),
        (
            f"{RIGHTS_V4}/permission",
            {
                "user": owner,
                "validFor": {"startDateTime": "2026-01-01T00:00:00Z"},
                "privilege": [{"action": "read", "function": "f", "manageableAsset": asset}],
            },
        ),
    ]
    for url, body in bodies:
        other = made(served.http.post(url, json=body))
        shown = served.http.get(f"{url}/{other['id']}").json()
        assert {"id", "href", "@type", *body} <= shown.keys(), url
        for path, value in leaves(body):
            query = {path: f'"{value}"'}
            found = served.http.get(url, params=query)
            assert other["id"] in [each["id"] for each in found.json()], f"{url} {query}"
            assert served.http.get(url, params={path: '"nothing"'}).json() == [], f"{url} {path}"


def leaves(value: object, path: str = "") -> list[tuple[str, object]]:
    """Dotted path and value of every scalar in a body."""
    if isinstance(value, dict):
        return [leaf for key, v in value.items() for leaf in leaves(v, f"{path}.{key}".strip("."))]
    if isinstance(value, list):
        return [leaf for each in value for leaf in leaves(each, path)]
    return [(path, value)]


def test_roles_and_permissions_answer_under_every_name_and_are_never_deleted(
    served: Served,
) -> None:
    role = made(served.http.post(f"{RIGHTS_V4}/userRole", json={"entitlement": [{"action": "x"}]}))
    for alias in (
        "/userrolepermission/v4",
        "/tmf-api/rolesAndPermissions/v4",
        "/tmf-api/userRolePermission/v4",
    ):
        shown = served.http.get(f"{alias}/userRole/{role['id']}").json()
        assert shown["href"].endswith(f"{RIGHTS_V4}/userRole/{role['id']}")
    refused = served.http.delete(f"{RIGHTS_V4}/userRole/{role['id']}")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, PATCH, HEAD")


def test_an_agreement_specification_and_a_role_specification_begin_in_study(
    served: Served,
) -> None:
    body = {"@type": "PartyRoleSpecification", "name": "Dealer"}
    role = made(served.http.post(f"{ROLE_V5}/partyRoleSpecification", json=body))
    assert (role["lifecycleStatus"], role["version"]) == ("In Study", "1.0")
    named = {"@type": "PartyRoleSpecificationRef", "id": role["id"]}
    firm = made(served.http.post(f"{PARTY_V4}/organization", json={"tradingName": "Shop"}))
    dealer = {
        "@type": "PartyRole", "name": "Shop", "partyRoleSpecification": named,
        "engagedParty": {"@type": "PartyRef", "id": firm["id"], "@referredType": "Organization"},
    }  # fmt: skip
    made(served.http.post(f"{ROLE_V5}/partyRole", json=dealer))
    url = f"{ROLE_V5}/partyRoleSpecification/{role['id']}"
    assert served.http.delete(url).status_code == 409
    for status, answer in (("In Design", 200), ("Retired", 409), ("Active", 200)):
        patch = {"@type": "PartyRoleSpecification", "lifecycleStatus": status}
        assert served.http.patch(url, json=patch).status_code == answer, status


def test_the_hierarchy_is_seen_from_both_ends_in_v4(served: Served) -> None:
    group = made(served.http.post(f"{PARTY_V4}/organization", json={"tradingName": "Group"}))
    link = {"relationshipType": "ownedBy", "organization": {"id": group["id"]}}
    body = {"tradingName": "Shop", "organizationParentRelationship": link}
    shop = made(served.http.post(f"{PARTY_V4}/organization", json=body))
    seen = served.http.get(f"{PARTY_V4}/organization/{group['id']}").json()
    (child,) = seen["organizationChildRelationship"]
    assert (child["organization"]["id"], child["relationshipType"]) == (shop["id"], "ownedBy")
    patch = {"organizationParentRelationship": {"organization": {"id": shop["id"]}}}
    refused = served.http.patch(f"{PARTY_V4}/organization/{group['id']}", json=patch)
    assert (refused.status_code, refused.json()["code"]) == (422, "circle")


def test_a_legal_entity_lacking_what_bills_need_is_refused_by_its_shape(served: Served) -> None:
    body = {"@type": "LegalEntity", "@baseType": "PartyRole", "name": "O"}
    refused = served.http.post(f"{ROLE_V5}/partyRole", json=body)
    assert refused.status_code == 400
    paths = {each["path"] for each in refused.json()["findings"]}
    assert {"taxId", "currency", "engagedParty"} <= paths
