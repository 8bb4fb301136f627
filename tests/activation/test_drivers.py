"""What every driver of kind ``device`` does: one conformance test for all that are installed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest

from banyan.components.activation.adapters.device import (
    Device,
    DeviceDriver,
    DriverSettings,
    Held,
    StaleTicket,
    find_drivers,
)
from banyan.components.activation.adapters.file import FileDriver
from banyan.kernel.words.errors import Later, NeedsPerson

TELLER = Path(__file__).with_name("teller.py")
NAMES = sorted(find_drivers(DriverSettings(Path())))
OLT = Device("north", "olt-1", "rack 1")
OLD = {"profile": "old", "lanes": [1], "power": Decimal("-2.5")}
NEW = {"profile": "new", "lanes": [1, 2, 3]}


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """Each installed driver in turn."""
    return str(request.param)


@pytest.fixture
def driver(name: str, tmp_path: Path) -> DeviceDriver:
    """The driver, opened over an empty folder."""
    return find_drivers(DriverSettings(tmp_path))[name]


def test_both_drivers_of_the_house_are_found_by_entry_point() -> None:
    assert {"file", "null"} <= set(NAMES)


def test_a_driver_declares_what_it_can_do(driver: DeviceDriver) -> None:
    assert driver.abilities.technologies
    assert set(driver.abilities.operations) == {"configure", "read", "list", "remove", "fence"}


def test_what_a_device_was_told_is_read_back_exactly(driver: DeviceDriver) -> None:
    assert driver.read(OLT, "access") == Held(None, 0)
    driver.configure(OLT, "access", OLD, 3)
    assert driver.read(OLT, "access") == Held(OLD, 3)


def test_everything_a_device_holds_is_listed(driver: DeviceDriver) -> None:
    assert driver.list(OLT) == {}
    driver.configure(OLT, "access", OLD, 1)
    driver.configure(OLT, "uplink", NEW, 2)
    driver.configure(Device("north", "olt-2", ""), "other", NEW, 1)
    driver.remove(OLT, "access", 3)
    driver.fence(OLT, "never told", 4)
    assert driver.list(OLT) == {"uplink": NEW}


def test_the_previous_configuration_can_be_brought_back(driver: DeviceDriver) -> None:
    for ticket, configuration in ((1, OLD), (2, NEW), (3, OLD)):
        driver.configure(OLT, "access", configuration, ticket)
    assert driver.read(OLT, "access") == Held(OLD, 3)


def test_a_removed_service_is_gone_and_its_ticket_stays(driver: DeviceDriver) -> None:
    driver.configure(OLT, "access", OLD, 1)
    driver.remove(OLT, "access", 2)
    assert driver.read(OLT, "access") == Held(None, 2)
    driver.remove(OLT, "never there", 3)
    assert driver.read(OLT, "never there") == Held(None, 3)


def test_a_repeat_under_the_same_ticket_is_done_once(driver: DeviceDriver) -> None:
    for _ in range(2):
        driver.configure(OLT, "access", OLD, 1)
        assert driver.read(OLT, "access") == Held(OLD, 1)
    for _ in range(2):
        driver.remove(OLT, "access", 2)
        assert driver.read(OLT, "access") == Held(None, 2)


def test_a_stale_ticket_is_refused_and_changes_nothing(driver: DeviceDriver) -> None:
    driver.configure(OLT, "access", OLD, 5)
    with pytest.raises(StaleTicket):
        driver.configure(OLT, "access", NEW, 4)
    with pytest.raises(StaleTicket):
        driver.remove(OLT, "access", 4)
    with pytest.raises(StaleTicket):
        driver.fence(OLT, "access", 4)
    assert driver.read(OLT, "access") == Held(OLD, 5)
    driver.remove(OLT, "access", 6)
    with pytest.raises(StaleTicket):
        driver.configure(OLT, "access", NEW, 5)
    assert driver.read(OLT, "access") == Held(None, 6)


def test_a_fence_keeps_the_configuration_and_refuses_what_is_older(driver: DeviceDriver) -> None:
    driver.configure(OLT, "access", OLD, 1)
    driver.fence(OLT, "access", 7)
    assert driver.read(OLT, "access") == Held(OLD, 7)
    driver.fence(OLT, "other", 8)
    with pytest.raises(StaleTicket):
        driver.configure(OLT, "other", NEW, 7)
    assert driver.read(OLT, "other") == Held(None, 8)


def test_services_devices_and_tenants_are_apart(driver: DeviceDriver) -> None:
    driver.configure(OLT, "access", OLD, 9)
    others = [
        (OLT, "voice"),
        (Device("north", "olt-2", "rack 1"), "access"),
        (Device("south", "olt-1", "rack 1"), "access"),
        (Device("north", "../north/olt-1", ""), "access"),
        (Device("north", "olt/1." * 60, ""), "access"),
        (Device("north", "olt/1." * 60 + "b", ""), "access"),
    ]
    for ticket, (device, service) in enumerate(others, 1):
        assert driver.read(device, service) == Held(None, 0)
        driver.configure(device, service, {"n": ticket}, ticket)
    assert driver.read(OLT, "access") == Held(OLD, 9)
    for ticket, (device, service) in enumerate(others, 1):
        assert driver.read(device, service) == Held({"n": ticket}, ticket)


def test_threads_do_not_lose_each_others_services(driver: DeviceDriver) -> None:
    with ThreadPoolExecutor(4) as threads:
        told = [threads.submit(driver.configure, OLT, f"s{n}", {"n": n}, n) for n in range(1, 25)]
        for each in told:
            each.result()
    assert [driver.read(OLT, f"s{n}") for n in range(1, 25)] == [
        Held({"n": n}, n) for n in range(1, 25)
    ]


def test_who_reads_while_others_write_meets_the_old_or_the_new(driver: DeviceDriver) -> None:
    large = [{"table": [f"{word} {n}" for n in range(20_000)]} for word in ("old", "new")]
    driver.configure(OLT, "access", large[0], 2)

    def tell() -> None:
        for ticket in range(3, 30):
            driver.configure(OLT, "access", large[ticket % 2], ticket)

    with ThreadPoolExecutor(1) as threads:
        told = threads.submit(tell)
        while not told.done():
            held = driver.read(OLT, "access")
            assert held.configuration == large[held.ticket % 2]
        told.result()


def test_of_racing_tickets_the_highest_wins(driver: DeviceDriver) -> None:
    def tell(ticket: int) -> None:
        try:
            driver.configure(OLT, "access", {"n": ticket}, ticket)
        except StaleTicket:
            return

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(tell, range(1, 25)))
    assert driver.read(OLT, "access") == Held({"n": 24}, 24)


def test_a_teller_killed_anywhere_leaves_the_old_or_the_new(
    name: str, driver: DeviceDriver, tmp_path: Path
) -> None:
    driver.configure(OLT, "access", OLD, 1)
    killed = 0
    for kill_at in range(1, 50):
        told = [sys.executable, str(TELLER), name, str(tmp_path), "access", "1", str(kill_at)]
        ended = subprocess.run(told, timeout=60, check=False).returncode
        assert driver.read(OLT, "access") in (Held(OLD, 1), Held(NEW, 10))
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
        killed += 1
    assert killed < 49
    driver.configure(OLT, "access", OLD, 11)
    assert driver.read(OLT, "access") == Held(OLD, 11)


@pytest.mark.parametrize("bytes_written", [1, 20, 100])
def test_a_teller_killed_in_the_middle_of_a_write_leaves_no_half(
    name: str, driver: DeviceDriver, tmp_path: Path, bytes_written: int
) -> None:
    driver.configure(OLT, "access", OLD, 1)
    told = [sys.executable, str(TELLER), name, str(tmp_path), "access", "1", str(-bytes_written)]
    ended = subprocess.run(told, timeout=60, check=False).returncode
    assert ended in (0, -signal.SIGXFSZ)
    assert driver.read(OLT, "access") in (Held(OLD, 1), Held(NEW, 10))
    driver.configure(OLT, "access", OLD, 11)
    assert driver.read(OLT, "access") == Held(OLD, 11)


# The driver ``file`` alone: what only files can do wrong.


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    """Killed at the rename, the old file is still there, and the new one beside it."""
    driver = FileDriver(DriverSettings(tmp_path))
    driver.configure(OLT, "access", OLD, 1)
    path = tmp_path / "north" / "olt-1.json"
    before = path.read_bytes()
    seen: set[bytes] = set()
    for kill_at in range(1, 20):
        told = [sys.executable, str(TELLER), "file", str(tmp_path), "access", "1", str(kill_at)]
        subprocess.run(told, timeout=60, check=False)
        seen.add(path.read_bytes())
        if path.read_bytes() != before:
            break
    assert len(seen) == 2
    assert json.loads(path.read_bytes())["services"] == {"access": NEW}


def test_processes_do_not_lose_each_others_services(tmp_path: Path) -> None:
    tellers = [
        subprocess.Popen([sys.executable, str(TELLER), "file", str(tmp_path), name, "40", "0"])
        for name in ("left", "right")
    ]
    assert [teller.wait(60) for teller in tellers] == [0, 0]
    driver = FileDriver(DriverSettings(tmp_path))
    for name in ("left", "right"):
        for number in range(40):
            assert driver.read(OLT, f"{name}-{number}") == Held(NEW, 10 + number)


def test_an_unreachable_folder_means_later(tmp_path: Path) -> None:
    driver = FileDriver(DriverSettings(tmp_path))
    (tmp_path / "north").write_text("a file where the folder should be")
    with pytest.raises(Later, match="olt-1 can't be reached"):
        driver.configure(OLT, "access", NEW, 1)
    with pytest.raises(Later, match="olt-1 can't be reached"):
        driver.read(OLT, "access")
    with pytest.raises(Later, match="olt-1 can't be reached"):
        driver.remove(OLT, "access", 1)


def test_a_busy_device_means_later(tmp_path: Path) -> None:
    import fcntl

    driver = FileDriver(DriverSettings(tmp_path, 0.05))
    driver.configure(OLT, "access", OLD, 1)
    with (tmp_path / "north" / "olt-1.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Later, match="busy"):
            driver.configure(OLT, "access", NEW, 2)
        assert driver.read(OLT, "access") == Held(OLD, 1)
    driver.configure(OLT, "access", NEW, 2)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"services": []}'])
def test_a_broken_file_needs_a_person_and_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    driver = FileDriver(DriverSettings(tmp_path))
    path = tmp_path / "north" / "olt-1.json"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(NeedsPerson, match=r"olt-1\.json"):
        driver.configure(OLT, "access", NEW, 1)
    with pytest.raises(NeedsPerson, match=r"olt-1\.json"):
        driver.read(OLT, "access")
    assert path.read_text() == text
