"""Who may do what is a table of its own here: a change of the code's must be made twice.

``rights.csv`` has a row for every API the house serves, a column for every role, and in each cell
the letters of get, create, update and delete. A method, API or role that is not in it is denied.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from banyan.gateway.access import ROLES, may
from banyan.gateway.app import PLAN_BASE
from banyan.tmf.apis import API
from banyan.wiring import Standing
from tests.gateway.lab import FrontDoor

LETTERS = {"GET": "G", "HEAD": "G", "POST": "C", "PATCH": "U", "PUT": "U", "DELETE": "D"}
OTHERS = ("OPTIONS", "TRACE", "PROPFIND")


def golden() -> dict[str, dict[str, str]]:
    """API → role → letters."""
    with (Path(__file__).parent / "rights.csv").open(encoding="utf-8") as file:
        return {row.pop("API"): row for row in csv.DictReader(file)}


def bases_of(api: str) -> list[str]:
    """Every path an API is served under, other spellings included."""
    if api not in API:
        return [PLAN_BASE]
    known = API[api]
    return [known.version(each).base_path for each in known.generations] + sorted(known.aliases)


def test_every_api_and_every_role_is_in_the_table(standing: Standing) -> None:
    served = {row.api for part in standing.parts.values() for row in part.resources}
    assert golden().keys() == served | {"BANYAN-Plan"}
    for api, row in golden().items():
        assert row.keys() == ROLES.keys(), api


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_may_do_what_the_table_says_and_nothing_else(front: FrontDoor, role: str) -> None:
    for api, row in golden().items():
        for base in bases_of(api):
            for method, letter in LETTERS.items():
                status = front.send(method, f"{base}/nothing", role).status_code
                allowed = letter in row[role]
                assert (status != 403) == allowed, f"{role} {method} {base}: {status}"


@pytest.mark.parametrize("method", OTHERS)
def test_other_methods_are_denied_to_everybody(front: FrontDoor, method: str) -> None:
    for role in sorted(ROLES):
        for api in golden():
            assert not may(role, api, method)
            assert not may(role, api, "get"), "methods are written in capitals"
    answer = front.send(method, "/tmf-api/productInventory/v5/product", "admin")
    assert answer.status_code == 403


def test_a_role_nobody_has_written_down_may_do_nothing(front: FrontDoor) -> None:
    for api in golden():
        for base in bases_of(api):
            assert front.send("GET", f"{base}/nothing", "janitor").status_code == 403


def test_to_subscribe_is_to_read(front: FrontDoor) -> None:
    hub = "/tmf-api/productOrderingManagement/v5/hub"
    body = {"@type": "Hub", "callback": "http://127.0.0.1:9/events"}
    made = front.send("POST", hub, "auditor", json=body)
    assert made.status_code == 201, made.text
    assert front.send("GET", f"{hub}/{made.json()['id']}", "auditor").status_code == 200
    assert front.send("POST", hub, "planner", json=body).status_code == 403
    assert front.send("DELETE", f"{hub}/{made.json()['id']}", "auditor").status_code == 204


@pytest.mark.parametrize(
    "tail",
    [
        "resource/hub",
        "resource/hub/",
        "resource/hub%2Fx",
        "resource/a/hub",
        "resource/..%2Fhub",
        "resource/..%2Fhub%2Fx",
        "hubs",
        "hub-1",
        "Hub",
    ],
)
def test_a_path_that_only_looks_like_a_hub_opens_nothing(front: FrontDoor, tail: str) -> None:
    base = "/tmf-api/resourceInventoryManagement/v5"
    for method in ("DELETE", "PATCH", "POST"):
        assert front.send(method, f"{base}/{tail}", "auditor").status_code == 403, method


def test_a_resource_whose_id_is_hub_is_not_deleted_by_who_may_only_read(front: FrontDoor) -> None:
    path = "/tmf-api/resourceInventoryManagement/v5/resource"
    body = {"@type": "PhysicalResource", "id": "hub", "name": "a hub", "category": "hub"}
    assert front.send("POST", path, json=body).status_code == 201
    assert front.send("DELETE", f"{path}/hub", "auditor").status_code == 403
    assert front.send("GET", f"{path}/hub", "auditor").status_code == 200
    assert front.send("DELETE", f"{path}/hub", "engineer").status_code == 204
