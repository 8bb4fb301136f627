"""Configure, verify, restore: each once, undone without a trace, never overtaken unnoticed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from banyan.components.activation.adapters.device import Device
from banyan.components.activation.contract import (
    Configure,
    RestoreConfiguration,
    VerifyConfiguration,
)
from banyan.components.inventory.store import RESOURCE
from banyan.kernel.engine.work import Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Later, NeedsPerson, Refused
from banyan.tmf import documents
from banyan.tmf.schema import check_shape
from tests.activation.lab import DyingDriver, Lost, Network, SlowDriver

OLT = Device("north", "olt-1", "rack 1")
BOTH = pytest.mark.parametrize("driver", ["null", "file"])
WANTED: Document = {"vlan": 101, "profile": {"down_kbps": 100_000, "lanes": [1, 2]}}
OTHER: Document = {"vlan": 7}
FOREIGN: Document = {"set": "by hand"}


def configure(configuration: Document = WANTED, change: str = "") -> Configure:
    """The wish for the service ``access`` of ``olt-1``."""
    return Configure(device="olt-1", service="access", configuration=configuration, change=change)


def restore(change: str = "") -> RestoreConfiguration:
    """Its undo."""
    return RestoreConfiguration(device="olt-1", service="access", change=change)


VERIFY = VerifyConfiguration(device="olt-1", service="access")


def code(refusal: pytest.ExceptionInfo[Refused]) -> str:
    """The code of what was refused."""
    return refusal.value.refusal.findings[0].code


@BOTH
def test_a_device_holds_what_it_was_told_and_that_is_verified(
    network: Network, driver: str
) -> None:
    network.add_device("olt-1", driver)
    told = network.put(configure())
    assert (told.device, told.service, told.configuration) == ("olt-1", "access", WANTED)
    assert network.held("olt-1", driver).configuration == WANTED
    assert network.held("olt-1", driver).ticket == told.ticket
    assert network.put(VERIFY).configuration == WANTED


@BOTH
def test_undone_twice_is_undone_once_and_leaves_no_row(network: Network, driver: str) -> None:
    network.add_device("olt-1", driver)
    before = network.rows()
    network.put(configure())
    assert network.rows() != before
    for _ in range(2):
        network.put(restore())
        assert network.rows() == before
        assert network.held("olt-1", driver).configuration is None


@BOTH
def test_a_repeat_sets_the_same_again_and_remembers_what_was_before(
    network: Network, driver: str
) -> None:
    network.add_device("olt-1", driver)
    network.drivers[driver].configure(OLT, "access", FOREIGN, 0)
    first = network.put(configure(), key="a")
    assert network.put(configure(), key="a") == first
    again = network.put(configure(), key="b")
    assert again.ticket > first.ticket
    repaired = network.put(configure(OTHER), key="c")
    assert network.held("olt-1", driver).configuration == repaired.configuration == OTHER
    network.put(restore())
    assert network.held("olt-1", driver).configuration == FOREIGN


def test_undoing_what_was_never_done_does_nothing(network: Network) -> None:
    before = network.rows()
    network.put(restore())
    assert network.rows() == before
    network.add_device("olt-1", "null")
    network.put(restore())
    assert network.rows() == before
    assert network.held("olt-1", "null").ticket == 0


def test_an_unknown_device_needs_a_person_and_the_undo_leaves_nothing(network: Network) -> None:
    before = network.rows()
    with pytest.raises(NeedsPerson, match="knows no device 'olt-1'"):
        network.put(configure(), key="a")
    assert network.rows() == before
    network.put(restore())
    assert network.rows() == before
    network.add_device("olt-1", "null")
    assert network.put(configure(), key="a").configuration == WANTED


@pytest.mark.parametrize("state", ["locked", "shuttingDown"])
def test_a_locked_device_needs_a_person_and_is_not_touched(network: Network, state: str) -> None:
    device = network.add_device("olt-1", "null", state)
    before = network.rows()
    with pytest.raises(NeedsPerson, match=f"{state}: set its administrativeState"):
        network.put(configure(), key="a")
    assert network.rows() == before
    assert network.held("olt-1", "null").configuration is None
    network.put(restore())
    assert network.rows() == before
    network.set_state(device, "unlocked", rev=1)
    network.put(configure(), key="a")
    network.set_state(device, state, rev=2)
    with pytest.raises(NeedsPerson, match=state):
        network.put(restore(), key="b")
    assert network.held("olt-1", "null").configuration == WANTED
    network.set_state(device, "unlocked", rev=3)
    network.put(restore(), key="b")
    assert network.rows() == before


def test_a_driver_that_is_not_installed_needs_a_person(network: Network) -> None:
    network.add_device("olt-1", "netconf")
    before = network.rows()
    with pytest.raises(NeedsPerson, match=r"'netconf', which is not installed \(.*file, null"):
        network.put(configure())
    assert network.rows() == before


def test_a_device_locked_while_it_was_unreachable_is_remembered_and_undone(
    network: Network, tmp_path: Path
) -> None:
    device = network.add_device("olt-1", "file")
    before = network.rows()
    folder = tmp_path / "devices" / "north"
    folder.parent.mkdir(parents=True)
    folder.write_text("in the way")
    with pytest.raises(Later):
        network.put(configure(), key="a")
    assert network.rows() != before  # it may have been told
    network.set_state(device, "locked", rev=1)
    with pytest.raises(NeedsPerson):
        network.put(configure(), key="a")
    assert network.rows() != before
    folder.unlink()
    network.put(restore())
    assert network.rows() == before


def test_an_unreachable_device_means_later_both_ways(network: Network, tmp_path: Path) -> None:
    network.add_device("olt-1", "file")
    before = network.rows()
    folder = tmp_path / "devices" / "north"
    folder.parent.mkdir(parents=True)
    folder.write_text("in the way")
    with pytest.raises(Later, match="can't be reached"):
        network.put(configure(), key="a")
    with pytest.raises(Later, match="can't be reached"):
        network.put(restore(), key="b")
    folder.unlink()
    network.put(restore(), key="b")
    assert network.rows() == before
    network.put(configure(), key="c")
    assert network.held("olt-1", "file").configuration == WANTED


def test_a_device_gone_from_the_inventory_after_it_was_told_needs_a_person(
    network: Network,
) -> None:
    device = network.add_device("olt-1", "null")
    network.put(configure())
    inventory = network.house.rooms["inventory"]

    def remove(tx: Connection) -> None:
        work = Work(tx, network.call, network.clock.now(), "k", inventory.mints, {})
        documents.remove(work, RESOURCE, device["id"])

    inventory.database.write(remove)
    with pytest.raises(NeedsPerson, match="knows no device"):
        network.put(restore())


def test_a_difference_needs_a_person_who_is_told_each_path(network: Network) -> None:
    network.add_device("olt-1", "null")
    told = network.put(configure())
    odd = {"profile": {"down_kbps": 50_000, "lanes": [1, 3]}, "extra": True}
    network.drivers["null"].configure(OLT, "access", odd, told.ticket)
    with pytest.raises(NeedsPerson) as outage:
        network.put(VERIFY)
    for part in (
        "extra is true, nothing was told",
        "profile.down_kbps is 50000, told was 100000",
        "profile.lanes.1 is 3, told was 2",
        "vlan is missing, told was 101",
    ):
        assert part in outage.value.reason
    network.drivers["null"].remove(OLT, "access", told.ticket)
    with pytest.raises(NeedsPerson, match="holds nothing for access"):
        network.put(VERIFY)


def test_what_was_not_configured_can_not_be_verified(network: Network) -> None:
    with pytest.raises(Refused) as refusal:
        network.put(VERIFY)
    assert code(refusal) == "notConfigured"


def test_names_longer_than_the_room_can_keep_are_refused(network: Network) -> None:
    before = network.rows()
    with pytest.raises(Refused) as refusal:
        network.put(Configure(device="d" * 201, service="s" * 256, configuration={}))
    assert [f.path for f in refusal.value.refusal.findings] == ["device", "service"]
    assert network.rows() == before


# Crashes and races


@pytest.mark.parametrize("there", [None, FOREIGN])
def test_a_crash_after_the_device_took_it_forgets_nothing(
    network: Network, there: Document | None
) -> None:
    network.add_device("olt-1", "dying")
    dying = network.drivers["dying"]
    assert isinstance(dying, DyingDriver)
    if there is not None:
        dying.lives = 1
        dying.configure(OLT, "access", there, 0)
        dying.lives = 0
    before = network.rows()
    for _ in range(2):
        with pytest.raises(Lost):
            network.put(configure(), key="a")
        assert network.held("olt-1", "dying").configuration == WANTED
    dying.lives = 1
    network.put(configure(), key="a")
    network.put(VERIFY)
    network.put(restore())
    assert network.held("olt-1", "dying").configuration == there
    assert network.rows() == before


@pytest.mark.parametrize("there", [None, FOREIGN])
def test_a_crash_that_is_never_repeated_is_undone_all_the_same(
    network: Network, there: Document | None
) -> None:
    network.add_device("olt-1", "dying")
    dying = network.drivers["dying"]
    assert isinstance(dying, DyingDriver)
    if there is not None:
        dying.lives = 1
        dying.configure(OLT, "access", there, 0)
        dying.lives = 0
    before = network.rows()
    with pytest.raises(Lost):
        network.put(configure(), key="a")
    dying.lives = 1
    network.put(restore())
    assert network.held("olt-1", "dying").configuration == there
    assert network.rows() == before


def test_a_zombie_can_not_overwrite_a_later_undo(network: Network) -> None:
    network.add_device("olt-1", "slow")
    slow = network.drivers["slow"]
    assert isinstance(slow, SlowDriver)
    before = network.rows()
    with ThreadPoolExecutor(1) as threads:
        zombie = threads.submit(network.put, configure(), "a")
        assert slow.arrived.wait(20)
        network.put(restore())
        assert network.rows() == before
        slow.go.set()
        with pytest.raises(Refused) as refusal:
            zombie.result(20)
    assert code(refusal) == "overtaken"
    assert network.held("olt-1", "slow").configuration is None
    assert network.rows() == before


@pytest.mark.parametrize("is_written_first", [False, True])
def test_a_zombie_can_not_pass_for_a_later_repair(network: Network, is_written_first: bool) -> None:
    network.add_device("olt-1", "slow")
    slow = network.drivers["slow"]
    assert isinstance(slow, SlowDriver)
    slow.is_written_first = is_written_first
    with ThreadPoolExecutor(1) as threads:
        zombie = threads.submit(network.put, configure(), "a")
        assert slow.arrived.wait(20)
        network.put(configure(OTHER), key="b")
        slow.go.set()
        with pytest.raises(Refused) as refusal:
            zombie.result(20)
    assert code(refusal) == "overtaken"
    assert network.held("olt-1", "slow").configuration == OTHER
    assert network.put(VERIFY).configuration == OTHER


def test_no_transaction_is_open_while_a_device_is_spoken_to(network: Network) -> None:
    network.add_device("olt-1", "slow")
    slow = network.drivers["slow"]
    assert isinstance(slow, SlowDriver)
    seen: list[bool] = []
    slow.waits = False

    def watch() -> None:
        seen.append(network.room.database.is_writing)
        network.room.database.write(lambda tx: None)  # would wait for ever on an open one

    slow.watch = watch
    network.put(configure())
    assert seen == [False]


# Several changes of one service


def test_changes_are_undone_in_the_order_they_came(network: Network) -> None:
    network.add_device("olt-1", "null")
    network.put(configure(WANTED, "order-1"))
    between = network.rows()["configuration"]
    network.put(configure(OTHER, "order-2"))
    assert network.put(VERIFY).configuration == OTHER
    for _ in range(2):
        network.put(restore("order-2"))
        assert network.held("olt-1", "null").configuration == WANTED
        assert network.rows()["configuration"] == between
    assert network.put(VERIFY).configuration == WANTED
    network.put(restore("order-1"))
    assert network.held("olt-1", "null").configuration is None
    assert network.rows()["configuration"] == []
    assert network.shown() == []


def test_a_change_is_taken_out_from_under_a_later_one(network: Network) -> None:
    network.add_device("olt-1", "null")
    network.drivers["null"].configure(OLT, "access", FOREIGN, 0)
    before = network.rows()
    for change, configuration in (("a", WANTED), ("b", OTHER), ("c", {"vlan": 9})):
        network.put(configure(configuration, change))
    network.put(restore("b"))
    network.put(restore("a"))
    assert network.put(VERIFY).configuration == {"vlan": 9}
    network.put(restore("c"))
    assert network.held("olt-1", "null").configuration == FOREIGN
    assert network.rows() == before


def test_one_change_of_a_service_is_under_way_at_a_time(network: Network) -> None:
    network.add_device("olt-1", "slow")
    slow = network.drivers["slow"]
    assert isinstance(slow, SlowDriver)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(network.put, configure(WANTED, "a"))
        assert slow.arrived.wait(20)
        with pytest.raises(Later, match="under way"):
            network.put(configure(OTHER, "b"))
        slow.go.set()
        first.result(20)
    network.put(configure(OTHER, "b"))
    with pytest.raises(Refused) as refusal:
        network.put(configure(WANTED, "a"))
    assert code(refusal) == "changedSince"


# What is shown


def test_what_is_configured_is_shown_as_a_resource_and_gone_after_the_undo(
    network: Network,
) -> None:
    device = network.add_device("olt-1", "null")
    network.put(configure())
    (shown,) = network.shown()
    assert shown["name"] == "access"
    assert shown["resourceRelationship"][0]["resource"]["id"] == device["id"]
    assert shown["resourceCharacteristic"][0]["value"] == WANTED
    assert check_shape("Resource", shown) == []
    network.put(configure(OTHER))
    (changed,) = network.shown()
    assert changed["id"] == shown["id"]
    assert changed["resourceCharacteristic"][0]["value"] == OTHER
    network.put(restore())
    assert network.shown() == []
