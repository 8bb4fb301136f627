"""The inventories over HTTP, in both generations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from banyan.components.inventory.contract import FindDevice, ReleaseValue, ReserveValue
from tests.inventory.lab import Inventory
from tests.inventory.test_records import internet
from tests.tmf.lab import Http

PRODUCT_V4 = "/tmf-api/productInventory/v4/product"
PRODUCT_V5 = "/tmf-api/productInventory/v5/product"
SERVICE_V4 = "/tmf-api/serviceInventory/v4/service"
SERVICE_V5 = "/tmf-api/serviceInventory/v5/service"
RESOURCE_V4 = "/tmf-api/resourceInventoryManagement/v4/resource"
RESOURCE_V5 = "/tmf-api/resourceInventoryManagement/v5/resource"
POOL: dict[str, Any] = {
    "@type": "ResourcePool",
    "@baseType": "LogicalResource",
    "name": "vlan-north",
    "category": "pool",
    "resourceCharacteristic": [{"name": "low", "value": 100}, {"name": "high", "value": 101}],
}


@pytest.fixture
def http(inventory: Inventory) -> Iterator[Http]:
    """A client of the inventories."""
    served = inventory.serve()
    yield served
    served.close()


@pytest.mark.parametrize("base", [RESOURCE_V4, RESOURCE_V5])
def test_a_pool_is_opened_used_and_closed_by_its_resource(
    inventory: Inventory, http: Http, base: str
) -> None:
    before = inventory.rows()
    made = http.post(base, json=POOL)
    assert made.status_code == 201, made.text
    assert made.json()["@type"] == "ResourcePool"
    assert inventory.put(ReserveValue(pool="vlan-north", holder="a")).value == 100
    busy = http.delete(made.headers["location"])
    assert (busy.status_code, busy.json()["code"]) == (409, "poolInUse")
    inventory.put(ReleaseValue(pool="vlan-north", holder="a"))
    assert http.delete(made.headers["location"]).status_code == 204
    assert inventory.rows() == before


@pytest.mark.parametrize("base", [RESOURCE_V4, RESOURCE_V5])
def test_a_pool_grows_and_takes_a_description(http: Http, base: str) -> None:
    where = http.post(base, json=POOL).headers["location"]
    wider = [{"name": "low", "value": 1}, {"name": "high", "value": 101}]
    assert http.patch(where, json={"resourceCharacteristic": wider}).status_code == 200
    other = [*wider, {"name": "kind", "value": "vlan"}]
    refused = http.patch(where, json={"resourceCharacteristic": other})
    assert (refused.status_code, refused.json()["code"]) == (409, "poolFixed")
    described = http.patch(where, json={"description": "north ring"})
    assert (described.status_code, described.json()["description"]) == (200, "north ring")
    again = http.post(base, json=POOL)
    assert (again.status_code, again.json()["code"]) == (409, "duplicate")
    backwards = {**POOL, "name": "x", "resourceCharacteristic": wider[::-1]}
    backwards["resourceCharacteristic"] = [
        {"name": "low", "value": 9},
        {"name": "high", "value": 8},
    ]
    refused = http.post(base, json=backwards)
    assert (refused.status_code, refused.json()["code"]) == (422, "poolRange")


def test_a_device_is_locked_over_http(inventory: Inventory, http: Http) -> None:
    facts = [{"name": "driver", "value": "file"}, {"name": "address", "value": "rack 1"}]
    device = {"@type": "PhysicalResource", "name": "olt-1", "resourceCharacteristic": facts}
    where = http.post(RESOURCE_V5, json=device).headers["location"]
    assert http.patch(where, json={"administrativeState": "locked"}).status_code == 200
    found = inventory.ask(FindDevice(name="olt-1"))
    assert found is not None
    assert found.administrative_state == "locked"
    shown = http.get(where.replace(RESOURCE_V5, RESOURCE_V4)).json()
    assert (shown["administrativeState"], shown["resourceStatus"]) == ("locked", "available")


def test_a_chosen_id_is_kept_and_patched(http: Http) -> None:
    made = http.post(RESOURCE_V4, json={"id": "rack-7", "href": "x", "name": "rack"})
    assert (made.status_code, made.json()["id"]) == (201, "rack-7")
    patched = http.patch(f"{RESOURCE_V4}/rack-7", json={"name": "rack seven"})
    assert (patched.status_code, patched.json()["name"]) == (200, "rack seven")


def test_what_was_recorded_is_found_by_filters_in_both_generations(
    inventory: Inventory, http: Http
) -> None:
    ids = inventory.put(internet())
    for base, query, expected in (
        (PRODUCT_V5, "status=active", ids.product_id),
        (PRODUCT_V5, "billingAccount.id=ba-1", ids.product_id),
        (PRODUCT_V5, "productOrderItem.orderId=order-1", ids.product_id),
        (PRODUCT_V4, "productOrderItem.productOrderId=order-1", ids.product_id),
        (PRODUCT_V4, "relatedParty.id=c-1&status=active", ids.product_id),
        (SERVICE_V5, f"supportingResource.id={ids.resources['vlan']}", ids.services["line"]),
        (SERVICE_V4, f"supportingResource.id={ids.resources['vlan']}", ids.services["line"]),
        (SERVICE_V4, "serviceSpecification.id=cfs", ids.services["access"]),
        (RESOURCE_V5, "value=101", ids.resources["vlan"]),
        (RESOURCE_V4, "name=Home%20router", ids.resources["box"]),
    ):
        found = http.get(f"{base}?{query}")
        assert found.status_code == 200
        assert [each["id"] for each in found.json()] == [expected], (base, query)


@pytest.mark.parametrize("base", [PRODUCT_V4, PRODUCT_V5])
def test_a_product_walks_its_lifecycle(http: Http, base: str) -> None:
    where = http.post(base, json={"@type": "Product", "status": "created"}).headers["location"]
    refused = http.patch(where, json={"status": "terminated"})
    assert (refused.status_code, refused.json()["code"]) == (409, "lifecycle")
    for status in ("pendingActive", "active", "suspended", "active", "terminated"):
        assert http.patch(where, json={"status": status}).json()["status"] == status


@pytest.mark.parametrize("base", [SERVICE_V4, SERVICE_V5])
def test_a_service_gets_its_date_and_walks_its_lifecycle(http: Http, base: str) -> None:
    specification = {"@type": "ServiceSpecificationRef", "id": "cfs"}
    body = {"@type": "Service", "state": "designed", "serviceSpecification": specification}
    made = http.post(base, json=body)
    assert (made.status_code, made.json()["serviceDate"]) == (201, "2026-01-31T12:00:00.000Z")
    where = made.headers["location"]
    for state in ("reserved", "active", "terminated"):
        assert http.patch(where, json={"state": state}).json()["state"] == state
    assert http.patch(where, json={"state": "active"}).status_code == 409


@pytest.mark.parametrize("word", ["aborted", "aborted "])
@pytest.mark.parametrize("base", [PRODUCT_V4, PRODUCT_V5])
def test_an_aborted_product_carries_the_standards_trailing_blank(
    http: Http, base: str, word: str
) -> None:
    where = http.post(base, json={"@type": "Product", "status": "created"}).headers["location"]
    aborted = http.patch(where, json={"status": word})
    assert (aborted.status_code, aborted.json()["status"]) == (200, "aborted ")
    refused = http.patch(where, json={"status": "active"})
    assert (refused.status_code, refused.json()["code"]) == (409, "lifecycle")
