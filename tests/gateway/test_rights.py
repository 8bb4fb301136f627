"""Who may do what is a table of its own here: a change of the policies' must be made twice.

``rights.csv`` has a row for every API and noun the house serves, a column for every role, and in
each cell letters: get, create, update, delete, hub; small ones for one's own things only, which
does not let them to many at once (``bulk``).
``python tools/rights.py tests/gateway/rights.csv`` prints the rows that it lacks.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from banyan.gateway.access import Access
from banyan.gateway.app import addresses_of
from banyan.gateway.rights import Served, find_served, letters_of
from banyan.kernel.words.errors import Refused
from banyan.wiring import Standing
from tests.gateway.lab import FrontDoor

METHODS = {"GET": "G", "POST": "C", "PATCH": "U", "DELETE": "D"}
OTHERS = ("TRACE", "PROPFIND")

Table = dict[tuple[str, str], dict[str, str]]
"""(API, noun) → role → letters."""


def golden() -> Table:
    """The table."""
    with (Path(__file__).parent / "rights.csv").open(encoding="utf-8") as file:
        return {(row.pop("API"), row.pop("resource")): row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def served(standing: Standing, front: FrontDoor) -> Served:
    """What the house serves at all."""
    own = standing.front(front.tokens)
    return find_served(standing.app(front.tokens).routes, addresses_of(own))


@pytest.fixture(scope="module")
def access(standing: Standing, front: FrontDoor) -> Access:
    """The house's policies."""
    return standing.front(front.tokens).access


def test_what_is_served_is_in_the_table_and_nothing_else(served: Served, access: Access) -> None:
    assert sorted(golden()) == sorted(served)
    for place, row in golden().items():
        assert sorted(row) == sorted(access.roles), place


def test_every_method_that_is_served_is_one_the_table_has_a_letter_for(served: Served) -> None:
    for place, letters in served.items():
        assert "?" not in letters, (place, letters["?"])
        assert set(golden()[place]["admin"]) == set(letters), f"{place}: an admin may do all"


def test_the_policies_say_what_the_table_says(served: Served, access: Access) -> None:
    for place, row in golden().items():
        for role, letters in row.items():
            found = letters_of(access, role, place, served[place])
            assert found == letters, f"{role} at {place}"


@pytest.mark.parametrize("role", sorted(Access().roles))
def test_a_role_may_do_what_the_table_says_and_nothing_else(
    front: FrontDoor, served: Served, role: str
) -> None:
    for place, row in golden().items():
        for letter, ways in served[place].items():
            for method, path in (ways[0], ways[-1]):
                may_own = letter.lower() in row[role] and "/bulk/" not in path
                may = letter in row[role] or may_own
                status = front.send(method, path, role).status_code
                assert (status != 403) == may, f"{role} {method} {path}: {status}"
                assert status < 500


@pytest.mark.parametrize("role", sorted(Access().roles))
def test_no_role_may_do_to_a_thing_what_its_row_does_not_have(
    front: FrontDoor, served: Served, role: str
) -> None:
    paths = {place: next(iter(ways.values()))[0][1] for place, ways in served.items()}
    for place, row in golden().items():
        for method, letter in METHODS.items():
            wanted = "H" if place[1] == "hub" else letter
            if wanted in row[role].upper():
                continue
            status = front.send(method, paths[place], role).status_code
            denied = (403,) if wanted not in served[place] and role != "admin" else (403, 405)
            assert status in (*denied, 405), f"{role} {method} {paths[place]}: {status}"


@pytest.mark.parametrize("method", OTHERS)
def test_other_methods_are_denied_to_everybody(front: FrontDoor, method: str) -> None:
    for path in ("/tmf-api/productInventory/v5/product", "/tmf-api/productInventory/v5/hub"):
        assert front.send(method, path, "admin").status_code == 403


def test_a_role_nobody_has_written_down_may_do_nothing(front: FrontDoor, served: Served) -> None:
    for ways in served.values():
        for method, path in (way for several in ways.values() for way in several):
            assert front.send(method, path, "janitor").status_code == 403


def test_to_subscribe_is_to_read(access: Access) -> None:
    for (api, noun), row in golden().items():
        for role, letters in row.items():
            if noun == "hub" and "H" in letters:
                readable = {n for a, n in golden() if a == api and "G" in golden()[a, n][role]}
                assert readable - {"openapi.json"}, f"{role} hears of {api} and may not read it"


@pytest.mark.parametrize(
    "tail",
    [
        "resource/hub",
        "resource/hub/",
        "resource/hub%2Fx",
        "resource/a/hub",
        "resource/..%2Fhub",
        "resource/..%2Fhub%2Fx",
        "/hub",
        "hub;x",
        "%68ub",
        "hub%2f",
        "hubs",
        "hub-1",
        "Hub",
    ],
)
def test_a_path_that_only_looks_like_a_hub_opens_nothing(front: FrontDoor, tail: str) -> None:
    base = "/tmf-api/resourceInventoryManagement/v5"
    for method in ("DELETE", "PATCH", "POST"):
        assert front.send(method, f"{base}/{tail}", "auditor").status_code in (403, 405), method


def test_a_resource_whose_id_is_hub_is_not_deleted_by_who_may_only_read(front: FrontDoor) -> None:
    path = "/tmf-api/resourceInventoryManagement/v5/resource"
    body = {"@type": "PhysicalResource", "id": "hub", "name": "a hub", "category": "hub"}
    assert front.send("POST", path, json=body).status_code == 201
    assert front.send("DELETE", f"{path}/hub", "auditor").status_code == 403
    assert front.send("GET", f"{path}/hub", "auditor").status_code == 200
    assert front.send("DELETE", f"{path}/hub", "engineer").status_code == 204


def test_an_operators_own_policies_add_and_forbid(tmp_path: Path) -> None:
    (tmp_path / "courier.cedar").write_text(
        '// Couriers look.\npermit (principal in Role::"courier", action == Action::"read", '
        'resource in Api::"TMF673");\n'
        'forbid (principal, action == Action::"delete", resource in Api::"TMF639")\n'
        'when { principal.tenant == "north" };',
        "utf-8",
    )
    own = Access(tmp_path)
    assert own.roles["courier"] == "Couriers look."
    assert own.grant(("courier",), "north", "TMF673", "geographicAddress", "read") == "all"
    assert own.grant(("courier",), "north", "TMF673", "geographicAddress", "update") == "nothing"
    assert own.grant(("admin",), "north", "TMF639", "resource", "delete") == "nothing"
    assert own.grant(("admin",), "south", "TMF639", "resource", "delete") == "all"


@pytest.mark.parametrize(
    "text",
    [
        "permit (principal",
        'permit (principal, action == Action::"fly", resource);',
        'permit (principal, action, resource) when { principal.actor == "eve" };',
        'permit (principal == Person::"eve", action, resource);',
        "permit (principal, action, resource) when { context.own > 1 };",
    ],
)
def test_a_policy_that_is_wrong_refuses_to_start_and_names_its_file(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "odd.cedar").write_text(text, "utf-8")
    with pytest.raises(Refused, match=r"odd\.cedar"):
        Access(tmp_path)


def test_a_folder_of_policies_that_is_not_there_refuses_to_start(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is no folder"):
        Access(tmp_path / "none")


def test_several_roles_may_do_what_any_of_them_may(access: Access) -> None:
    both = ("marketing", "technician")
    assert access.grant(both, "t", "TMF620", "productOffering", "delete") == "all"
    assert access.grant(both, "t", "TMF639", "resource", "update") == "all"
    assert access.grant(both, "t", "TMF639", "resource", "delete") == "nothing"
