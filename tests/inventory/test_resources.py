"""Resources and devices: taken in as the standard says, devices found by name."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from banyan.components.inventory.contract import AddResource, AmendResource, FindDevice
from banyan.components.inventory.store import METADATA
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Refused
from banyan.kernel.words.ids import ResourceId
from banyan.tmf import filing, search
from banyan.tmf.resource import Resource
from banyan.tmf.schema import check_shape
from tests.inventory.lab import Inventory, codes


def device(name: str, **more: Any) -> Document:
    """A device as a client posts it."""
    facts = [{"name": "driver", "value": "file"}, {"name": "address", "value": "olt-1"}]
    return {"@type": "PhysicalResource", "name": name, "resourceCharacteristic": facts, **more}


def test_a_resource_is_installed_and_unlocked_unless_said_otherwise(inventory: Inventory) -> None:
    plain = inventory.put(AddResource(document={"@type": "Resource", "name": "rack"}))
    assert (plain["lifecycleState"], plain["administrativeState"]) == ("installed", "unlocked")
    assert check_shape("Resource", plain) == []
    locked = {"@type": "Resource", "name": "rack", "administrativeState": "locked"}
    assert inventory.put(AddResource(document=locked))["administrativeState"] == "locked"


def test_a_client_may_choose_the_id_of_a_resource_once(inventory: Inventory) -> None:
    chosen = {"@type": "Resource", "name": "rack", "id": "rack-7"}
    assert inventory.put(AddResource(document=chosen))["id"] == "rack-7"
    with pytest.raises(Refused) as refusal:
        inventory.put(AddResource(document=chosen))
    assert codes(refusal) == {"duplicate"}


def test_a_device_is_found_by_its_name(inventory: Inventory) -> None:
    filed = inventory.put(AddResource(document=device("olt-north")))
    found = inventory.ask(FindDevice(name="olt-north"))
    assert found is not None
    assert (found.id, found.name) == (filed["id"], "olt-north")
    assert (found.driver, found.address) == ("file", "olt-1")
    assert found.administrative_state == "unlocked"


def test_what_is_no_device_is_not_found(inventory: Inventory) -> None:
    assert inventory.ask(FindDevice(name="olt-north")) is None
    inventory.put(AddResource(document={"@type": "Resource", "name": "olt-north"}))
    assert inventory.ask(FindDevice(name="olt-north")) is None
    inventory.put(AddResource(document=device("olt-north")))
    assert inventory.ask(FindDevice(name="olt-north")) is not None
    assert inventory.ask(FindDevice(name="olt")) is None


def test_a_device_without_an_address_has_an_empty_one(inventory: Inventory) -> None:
    facts = [{"name": "driver", "value": "null"}]
    document = device("olt", resourceCharacteristic=facts, administrativeState="locked")
    inventory.put(AddResource(document=document))
    found = inventory.ask(FindDevice(name="olt"))
    assert found is not None
    assert (found.driver, found.address, found.administrative_state) == ("null", "", "locked")


def test_no_two_devices_have_one_name(inventory: Inventory) -> None:
    inventory.put(AddResource(document=device("a")))
    with pytest.raises(Refused) as refusal:
        inventory.put(AddResource(document=device("a", id="other")))
    assert codes(refusal) == {"duplicate"}
    second = inventory.put(AddResource(document=device("b")))
    renamed = AmendResource(id=ResourceId(second["id"]), document={**second, "name": "a"}, rev=1)
    with pytest.raises(Refused) as refusal:
        inventory.put(renamed)
    assert codes(refusal) == {"duplicate"}


def test_a_device_names_its_driver_as_text(inventory: Inventory) -> None:
    for name, facts in (
        ("a", [{"name": "driver", "value": 5}]),
        ("a", [{"name": "driver", "value": "file"}, {"name": "address", "value": 5}]),
    ):
        with pytest.raises(Refused) as refusal:
            inventory.put(AddResource(document=device(name, resourceCharacteristic=facts)))
        assert codes(refusal) == {"deviceFacts"}
    with pytest.raises(Refused) as refusal:
        inventory.put(AddResource(document=device("")))
    assert codes(refusal) == {"missing"}


def test_a_locked_device_is_found_locked_after_an_amendment(inventory: Inventory) -> None:
    filed = inventory.put(AddResource(document=device("a")))
    locked = {**filed, "administrativeState": "locked"}
    wish = AmendResource(id=ResourceId(filed["id"]), document=locked, rev=1)
    assert inventory.put(wish) == locked
    found = inventory.ask(FindDevice(name="a"))
    assert found is not None
    assert found.administrative_state == "locked"
    with pytest.raises(Refused) as refusal:
        inventory.put(AmendResource(id=ResourceId(filed["id"]), document=filed, rev=1))
    assert refusal.value.refusal.kind == "stale"


def test_a_device_is_found_without_reading_other_resources(
    inventory: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(50):
        inventory.put(AddResource(document=device(f"olt-{number}")))
        inventory.put(AddResource(document={"@type": "Resource", "name": f"rack-{number}"}))
    read: list[Any] = []

    def restored(resource: Resource, row: Any) -> Document:
        read.append(row)
        return filing.restored(resource, row)

    monkeypatch.setattr(search, "restored", restored)
    inventory.ask(FindDevice(name="olt-7"))
    assert len(read) == 1


def test_the_migrations_make_exactly_the_tables_the_store_expects(inventory: Inventory) -> None:
    with inventory.database.read() as tx:
        looked = sa.inspect(tx)
        for table in METADATA.sorted_tables:
            columns = {column["name"]: column for column in looked.get_columns(table.name)}
            assert set(columns) == {column.name for column in table.columns}
            key = looked.get_pk_constraint(table.name)["constrained_columns"]
            assert key == [column.name for column in table.primary_key.columns]
            assert key[0] == "tenant"
