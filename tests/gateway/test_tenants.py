"""Tenants: what is one's is not there for another, whatever it is and however it is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from banyan.kernel.engine.plans.contract import StartPlan
from banyan.kernel.words.codec import Document
from banyan.kernel.words.messages import Call
from banyan.tmf.apis import API
from banyan.tmf.faces import Face, bases_of, faces_of
from banyan.tmf.resource import Resource
from banyan.tmf.service import kit_messages
from banyan.wiring import Standing
from tests.gateway.lab import FrontDoor

NORTH = Call("north", "gardener", ("admin",))


def rows_of(standing: Standing) -> list[Resource]:
    """Every resource of the house."""
    return [row for part in standing.parts.values() for row in part.resources]


@pytest.fixture(scope="module")
def planted(standing: Standing) -> list[tuple[Face, str]]:
    """One document of everything the house serves, in the tenant north: its face and its id."""
    found = []
    for row in rows_of(standing):
        if row.view is not None:
            continue
        document: Document = {"@type": row.shape, "name": "northern"}
        if row.state:
            document[row.state] = "done"
        command = kit_messages(row.room).create(resource=row.label, document=document)
        kept = standing.house.rooms[row.room].put(NORTH, command, "")
        found += [(face, str(kept.document["id"])) for face in faces_of(row)]
    return found


def test_no_list_shows_or_counts_what_is_another_tenants(
    front: FrontDoor, planted: list[tuple[Face, str]]
) -> None:
    for face, own_id in planted:
        assert own_id in front.send("GET", face.path, tenant="north").text, face.path
        for query in ("", f"?id={own_id}", "?name=northern", "?limit=0"):
            answer = front.send("GET", f"{face.path}{query}", tenant="south")
            assert answer.json() == [], f"{face.path}{query}"
            assert answer.headers["x-total-count"] == "0"


def test_another_tenants_thing_is_as_absent_as_one_that_never_was(
    front: FrontDoor, planted: list[tuple[Face, str]]
) -> None:
    for face, own_id in planted:
        for method, letter in (("GET", "G"), ("PATCH", "U"), ("DELETE", "D")):
            body: dict[str, Any] = {"json": {"name": "mine"}} if method == "PATCH" else {}
            theirs = front.send(method, f"{face.path}/{own_id}", tenant="south", **body)
            absent = front.send(method, f"{face.path}/none", tenant="south", **body)
            assert theirs.status_code == (404 if letter in face.operations else 405)
            assert theirs.status_code == absent.status_code
            assert theirs.json()["code"] == absent.json()["code"]
        still = front.send("GET", f"{face.path}/{own_id}", tenant="north")
        assert still.status_code == 200
        assert still.json().get("name", "northern") == "northern"


def test_what_is_worked_out_shows_nothing_of_another_tenant(
    front: FrontDoor, standing: Standing, planted: list[tuple[Face, str]]
) -> None:
    for row in (row for row in rows_of(standing) if row.view is not None):
        for face in faces_of(row):
            for _, own_id in planted:
                answer = front.send("GET", f"{face.path}/{own_id}", tenant="south")
                assert answer.status_code == 404, face.path
            shown = front.send("GET", face.path, tenant="south").text
            assert not [own_id for _, own_id in planted if own_id in shown], face.path


def test_another_tenants_subscriptions_are_not_there(front: FrontDoor, standing: Standing) -> None:
    apis = {row.api for row in rows_of(standing)}
    for api in sorted(apis):
        for generation in API[api].generations:
            for base in bases_of(api, generation):
                body = {"callback": f"http://127.0.0.1:9{base}"}
                made = front.send("POST", f"{base}/hub", tenant="north", json=body)
                assert made.status_code == 201, made.text
                own = f"{base}/hub/{made.json()['id']}"
                assert front.send("GET", own, tenant="south").status_code == 404
                assert front.send("DELETE", own, tenant="south").status_code == 404
                assert front.send("GET", f"{base}/hub", tenant="south").json() == []
                assert front.send("GET", own, tenant="north").status_code == 200
                again = front.send("POST", f"{base}/hub", tenant="south", json=body)
                assert again.status_code == 201, "what another has subscribed to is not told"
                assert front.send("DELETE", own, tenant="north").status_code == 204
                gone = f"{base}/hub/{again.json()['id']}"
                assert front.send("DELETE", gone, tenant="south").status_code == 204


def test_another_tenants_plan_is_not_there(front: FrontDoor, standing: Standing) -> None:
    start = StartPlan(journey="order_to_active", subject="productorder-1", params={"order_id": "1"})
    standing.house.command(NORTH, start, "start/1")
    path = "/banyan-api/planManagement/v1/plan/order_to_active/productorder-1"
    assert front.send("GET", path, tenant="north").status_code == 200
    assert front.send("GET", path, tenant="south").status_code == 404


def test_an_idempotency_key_is_its_tenants(front: FrontDoor) -> None:
    path = "/tmf-api/partyManagement/v5/individual"
    body = {"@type": "Individual", "givenName": "Ada", "familyName": "Banks"}
    made = [
        front.send("POST", path, tenant=tenant, json=body, headers={"idempotency-key": "one"})
        for tenant in ("north", "south", "north")
    ]
    assert [answer.status_code for answer in made] == [201, 201, 201]
    ids = [answer.json()["id"] for answer in made]
    assert ids[0] == ids[2]
    assert ids[0] != ids[1]
