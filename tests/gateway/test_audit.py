"""The audit behind the front door: who changed what, over all rooms, for those who may see it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.lab import FrontDoor

EVENTS = "/banyan-api/auditManagement/v1/auditEvent"
PERSONS = "/tmf-api/partyManagement/v5/individual"
RESOURCES = "/tmf-api/resourceInventoryManagement/v5/resource"


@pytest.fixture(scope="module")
def node(front: FrontDoor) -> str:
    """A resource that an engineer of the tenant ``audited`` made, changed and took away."""
    body = {"@type": "PhysicalResource", "id": "olt-9", "name": "olt-9", "category": "shelf"}
    who: dict[str, Any] = {"role": "engineer", "tenant": "audited"}
    assert front.send("POST", RESOURCES, json=body, **who).status_code == 201
    patch = {"@type": "PhysicalResource", "name": "olt nine"}
    headers = {"x-request-id": "thread-9"}
    changed = front.send("PATCH", f"{RESOURCES}/olt-9", json=patch, headers=headers, **who)
    assert changed.status_code == 200, changed.text
    assert front.send("DELETE", f"{RESOURCES}/olt-9", **who).status_code == 204
    person = {"@type": "Individual", "givenName": "Ada", "familyName": "Byron"}
    front.send("POST", PERSONS, "sales", "audited", json=person)
    return "olt-9"


def asked(front: FrontDoor, query: str = "", tenant: str = "audited") -> list[dict[str, Any]]:
    """The audit as the auditor of a tenant sees it."""
    answer = front.send("GET", f"{EVENTS}?{query}", "auditor", tenant)
    assert answer.status_code in (200, 206), answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def test_a_change_says_who_what_when_and_from_what_to_what(front: FrontDoor, node: str) -> None:
    (event,) = asked(front, f"entity.id={node}&action=change")
    assert event["before"] == {"name": "olt-9"}
    assert event["after"] == {"name": "olt nine"}
    assert (event["room"], event["resource"], event["revision"]) == ("inventory", "resource", 2)
    assert (event["actor"], event["role"], event["correlationId"]) == (
        "engineer of audited", ["engineer"], "thread-9",
    )  # fmt: skip
    assert event["entity"] == {"@type": "EntityRef", "id": node, "@referredType": "resource"}
    assert event["eventTime"].endswith("Z")
    path = event["href"].partition("//")[2].partition("/")[2]
    assert front.send("GET", f"/{path}", "auditor", "audited").json() == event


@pytest.mark.parametrize(
    ("query", "actions"),
    [
        ("entity.id=olt-9", ["create", "change", "remove"]),
        ("entity.id=olt-9&sort=-eventTime", ["remove", "change", "create"]),
        ("entity.id=olt-9&offset=1&limit=1", ["change"]),
        ("resource=individual", ["create"]),
        ("actor=engineer of audited&action=create,remove", ["create", "remove"]),
        ("room=party", ["create"]),
        ("correlationId=thread-9", ["change"]),
        ("eventTime.lt=2020-01-01T00:00:00Z", []),
        ("eventTime.gte=2020-01-01T00:00:00%2B01:00&room=party", ["create"]),
    ],
)
def test_changes_are_found_by_who_what_and_when(
    front: FrontDoor, node: str, query: str, actions: list[str]
) -> None:
    assert [event["action"] for event in asked(front, query)] == actions


def test_rooms_are_one_list_in_the_order_of_time(front: FrontDoor, node: str) -> None:
    events = asked(front)
    assert [event["room"] for event in events] == ["inventory"] * 3 + ["party"]
    answer = front.send("GET", f"{EVENTS}?limit=2&offset=1", "auditor", "audited")
    assert answer.status_code == 206
    assert (answer.headers["x-total-count"], answer.headers["x-result-count"]) == ("4", "2")
    assert answer.json() == events[1:3]


def test_another_tenants_changes_are_not_there(front: FrontDoor, node: str) -> None:
    (event,) = asked(front, f"entity.id={node}&action=change")
    assert asked(front, f"entity.id={node}", tenant="curious") == []
    answer = front.send("GET", f"{EVENTS}/{event['id']}", "auditor", "curious")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("query", "status", "path"),
    [
        ("before.name=x", 501, "before.name"),
        ("limit=1001", 400, "limit"),
        ("offset=-1", 400, "offset"),
        ("eventTime.gt=yesterday", 400, "eventTime.gt"),
        ("eventTime.gt=2026-01-01T00:00:00", 400, "eventTime.gt"),
    ],
)
def test_what_can_not_be_asked_is_refused_by_its_name(
    front: FrontDoor, query: str, status: int, path: str
) -> None:
    answer = front.send("GET", f"{EVENTS}?{query}", "auditor")
    assert answer.status_code in (status, 400), answer.text
    assert answer.json()["findings"][0]["path"] == path


@pytest.mark.parametrize("event_id", ["", "party", "party.x.1", "nowhere.x.1", "party.x.1e3"])
def test_an_event_that_is_not_there_is_unknown(front: FrontDoor, event_id: str) -> None:
    answer = front.send("GET", f"{EVENTS}/{event_id or 'none'}", "auditor")
    assert answer.status_code == 404


def test_nobody_changes_the_audit_and_only_some_may_read_it(front: FrontDoor) -> None:
    assert front.send("DELETE", f"{EVENTS}/party.x.1", "admin").status_code == 405
    assert front.send("POST", EVENTS, "admin", json={}).status_code == 405
    assert front.send("GET", EVENTS, "engineer").status_code == 403
    assert front.send("GET", EVENTS, "").status_code == 401
