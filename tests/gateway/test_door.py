"""The front door: what it answers to those it does not let in, and what it tells of everybody."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from typing import Any

import httpx
import pytest

from banyan.wiring import Standing
from tests.gateway.lab import FrontDoor

PARTY = "/tmf-api/partyManagement/v5/individual"
PARTY_V4 = "/tmf-api/party/v4/individual"
ADA = {"@type": "Individual", "givenName": "Ada", "familyName": "Banks"}


def check_error(answer: httpx.Response, status: int, code: str) -> None:
    """The answer is a TMF630 Error of this status and code."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    body = answer.json()
    assert body["@type"] == "Error"
    assert body["code"] == code
    assert body["status"] == str(status)
    assert body["reason"]
    assert body["message"]


@pytest.mark.parametrize("path", [PARTY, PARTY_V4, "/nowhere", "/healthz/", "/healthz/x"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_without_a_token_there_is_no_telling_what_is_here(
    front: FrontDoor, path: str, method: str
) -> None:
    answer = front.send(method, path, "")
    check_error(answer, 401, "missingToken")
    assert answer.headers.get_list("www-authenticate") == ['Bearer realm="banyan"']


@pytest.mark.parametrize(
    "sent", ["Bearer nonsense", "Bearer", "Basic YWRtaW46YWRtaW4=", "Bearer \u00e9", "banyan_x"]
)
def test_a_token_nobody_was_given_opens_nothing(front: FrontDoor, sent: str) -> None:
    headers = {"authorization": sent.encode("latin-1")}
    answer = front.http.send("GET", PARTY, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["@type"] == "Error"
    (challenge,) = answer.headers.get_list("www-authenticate")
    assert challenge.startswith('Bearer realm="banyan"')
    assert ('error="invalid_token"' in challenge) == sent.startswith("Bearer ")
    assert sent.partition(" ")[2] not in answer.text or not sent.partition(" ")[2]


def test_a_good_token_of_another_scheme_opens_nothing(front: FrontDoor) -> None:
    headers = {"authorization": f"Basic {front.token('admin')}"}
    check_error(front.http.send("GET", PARTY, headers=headers), 401, "missingToken")


def test_the_scheme_is_read_in_any_case(front: FrontDoor) -> None:
    headers = {"authorization": f"bEARER {front.token('admin')}"}
    assert front.http.send("GET", PARTY, headers=headers).status_code == 200


def test_what_a_role_may_not_do_is_answered_403_in_the_form_of_the_standard(
    front: FrontDoor,
) -> None:
    answer = front.send("POST", PARTY, "auditor", json=ADA)
    check_error(answer, 403, "forbidden")
    assert "www-authenticate" not in answer.headers
    assert front.send("GET", PARTY, "auditor").json() == []


def test_what_is_not_there_is_404_to_those_who_may_come_in(front: FrontDoor) -> None:
    check_error(front.send("GET", "/nowhere"), 404, "notFound")
    assert front.send("GET", f"{PARTY}/individual-none").status_code == 404
    assert front.send("GET", "/tmf-api/partyManagement/v5/nothing").status_code == 404
    plan = "/banyan-api/planManagement/v1/plan/order_to_active/none"
    check_error(front.send("GET", plan), 404, "notFound")


def test_another_tenants_document_is_not_there(front: FrontDoor) -> None:
    made = front.send("POST", PARTY, tenant="north", json=ADA)
    assert made.status_code == 201
    own = f"{PARTY}/{made.json()['id']}"
    assert front.send("GET", own, tenant="north").status_code == 200
    for method in ("GET", "PATCH", "DELETE"):
        body: dict[str, Any] = {"json": {"@type": "Individual"}} if method == "PATCH" else {}
        assert front.send(method, own, tenant="south", **body).status_code == 404, method
    assert front.send("GET", PARTY, tenant="south").json() == []
    assert front.send("GET", own, tenant="north").json()["givenName"] == "Ada"


def test_every_answer_carries_the_id_of_its_request(front: FrontDoor) -> None:
    given = {"x-request-id": "shop-4711.a_b~c"}
    assert front.send("GET", PARTY, headers=given).headers["x-request-id"] == "shop-4711.a_b~c"
    assert front.send("GET", PARTY, "", headers=given).headers["x-request-id"] == "shop-4711.a_b~c"
    first, second = (front.send("GET", PARTY).headers["x-request-id"] for _ in range(2))
    assert first != second
    assert front.send("GET", "/").headers["x-request-id"]


@pytest.mark.parametrize("bad", ["", "x" * 65, "a b", "a\tb", "<script>", "\u00e9"])
def test_a_request_id_that_could_hurt_a_log_is_replaced(front: FrontDoor, bad: str) -> None:
    answer = front.send("GET", PARTY, headers={"x-request-id": bad.encode("latin-1")})
    assert re.fullmatch(r"[0-9a-z]{26}", answer.headers["x-request-id"])


def test_the_welcome_page_needs_no_token_and_names_every_api(
    standing: Standing, front: FrontDoor
) -> None:
    answer = front.send("GET", "/", "")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    for row in (row for part in standing.parts.values() for row in part.resources):
        assert row.api in answer.text
    assert "http://house.example/tmf-api/productCatalogManagement" in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert front.send("POST", "/", "").status_code == 405


def test_the_page_of_the_apis_lists_every_document_and_runs_its_own_script_only(
    front: FrontDoor,
) -> None:
    answer = front.send("GET", "/docs", role="")
    assert answer.status_code == 200
    listed = json.loads(re.findall(r'id="apis">(.*?)</script>', answer.text, re.DOTALL)[0])
    for _, base in listed:
        document = front.send("GET", f"{base}/openapi.json", role="technician")
        assert document.status_code == 200, base
    assert {base for _, base in listed} >= {"/tmf-api/party/v4", "/tmf-api/partyManagement/v5"}
    (script,) = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    mark = b64encode(sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{mark}'" in answer.headers["content-security-policy"]
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", answer.text)


def test_the_welcome_page_can_not_be_made_to_say_what_the_visitor_sends(front: FrontDoor) -> None:
    answer = front.send("GET", "/", "", headers={"host": 'x"><script>alert(1)</script>'})
    assert "<script" not in answer.text
