"""Values of pools through their lives: reserved, assigned, resting, ported; asked for over HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from banyan.components.inventory.contract import (
    AddResource,
    AmendResource,
    AssignValue,
    CountPool,
    ExtendValue,
    FindValue,
    PortValueBack,
    PortValueIn,
    PortValueOut,
    ReleaseValue,
    ReserveValue,
    RetireValue,
    SweepPools,
)
from banyan.components.inventory.store import RESOURCE
from banyan.kernel.engine.clock import to_wire
from banyan.kernel.words.errors import Refused
from banyan.kernel.words.ids import ResourceId
from banyan.tmf import documents
from tests.inventory.lab import Inventory, codes
from tests.tmf.lab import Http

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
VALUES = "/banyan-api/resourcePool/v1/poolValue"
POOLS = "/banyan-api/resourcePool/v1/pool"
HOLDER = "/banyan-api/valueHolder/v1/queryValueHolder"
RESERVER = Path(__file__).with_name("reserver.py")


def pool(name: str, **facts: Any) -> AddResource:
    """A pool as a client posts it."""
    given = [{"name": fact, "value": value} for fact, value in facts.items()]
    document = {"@type": "ResourcePool", "name": name, "resourceCharacteristic": given}
    return AddResource(document=document)


def numbers(name: str = "numbers", low: str = "4930001", high: str = "4930009") -> AddResource:
    """A pool of telephone numbers that rest for ten days."""
    return pool(name, kind="msisdn", low=low, high=high, quarantineDays=10)


def state(inventory: Inventory, value: str, name: str = "numbers") -> str:
    """The state of a value."""
    found = inventory.ask(FindValue(pool=name, value=value))
    return "free" if found is None else found.state


@pytest.fixture
def http(inventory: Inventory) -> Iterator[Http]:
    """A client of the inventories."""
    served = inventory.serve()
    yield served
    served.close()


@pytest.mark.parametrize(
    ("facts", "first", "second"),
    [
        ({"kind": "iccid", "low": "8949000000000000000", "high": "8949000000000009993"},
         "8949000000000000000", "8949000000000000018"),
        ({"kind": "imsi", "low": "001010000000001", "high": "001010000000009"},
         "001010000000001", "001010000000002"),
        ({"kind": "ipv4", "network": "192.0.2.0/29"}, "192.0.2.1", "192.0.2.2"),
        ({"kind": "ipv6", "network": "2001:db8::/64"}, "2001:db8::1", "2001:db8::2"),
        ({"kind": "ipv6Prefix", "network": "2001:db8::/32", "prefixLength": 56},
         "2001:db8::/56", "2001:db8:0:100::/56"),
        ({"kind": "snssai", "low": "1-000001", "high": "1-00FFFF"}, "1-000001", "1-000002"),
        ({"kind": "serial", "low": "BX-0001", "high": "BX-9999", "prefix": "BX-", "digits": 4},
         "BX-0001", "BX-0002"),
        ({"kind": "vlan", "low": 100, "high": 4094}, "100", "101"),
    ],
)  # fmt: skip
def test_every_kind_of_pool_hands_out_its_values(
    inventory: Inventory, facts: dict[str, Any], first: str, second: str
) -> None:
    inventory.put(pool("p", **facts))
    taken = [inventory.put(ReserveValue(pool="p", holder=h)).text for h in ("a", "b")]
    assert taken == [first, second]
    with pytest.raises(Refused) as refusal:
        inventory.put(ReserveValue(pool="p", holder="c", value=first))
    assert codes(refusal) == {"valueTaken"}


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"kind": "colour", "low": 1, "high": 2}, "poolKind"),
        ({"kind": "vlan", "low": 0, "high": 2}, "poolRange"),
        ({"kind": "msisdn", "low": 4930001, "high": 4930009}, "poolRange"),
        ({"kind": "ipv4"}, "poolRange"),
        ({"kind": "ipv4", "network": "192.0.2.1/24"}, "poolRange"),
        ({"kind": "ipv4", "network": "192.0.2.0/24", "low": "192.0.2.0"}, "poolRange"),
        ({"kind": "ipv6Prefix", "network": "2001:db8::/64", "prefixLength": 56}, "poolRange"),
        ({"low": 1, "high": 2, "network": "10.0.0.0/8"}, "poolRange"),
        ({"low": 1, "high": 2, "quarantineDays": -1}, "poolFacts"),
        ({"low": 1, "high": 2, "prefix": 7}, "poolFacts"),
        ({"low": -(2**62), "high": 2**62}, "poolRange"),
    ],
)
def test_a_pool_that_makes_no_sense_is_refused(
    inventory: Inventory, facts: dict[str, Any], code: str
) -> None:
    before = inventory.rows()
    with pytest.raises(Refused) as refusal:
        inventory.put(pool("p", **facts))
    assert codes(refusal) == {code}
    assert inventory.rows() == before


def test_a_reservation_ends_by_the_clock(inventory: Inventory) -> None:
    inventory.put(numbers())
    first = inventory.put(ReserveValue(pool="numbers", holder="a", seconds=3600))
    assert (first.text, first.state, first.until) == ("4930001", "reserved", NOON + HOUR)
    inventory.clock.advance(HOUR - timedelta(seconds=1))
    assert state(inventory, "4930001") == "reserved"
    longer = inventory.put(ExtendValue(pool="numbers", holder="a", seconds=7200))
    inventory.clock.advance(HOUR)
    assert longer.until == NOON + HOUR - timedelta(seconds=1) + 2 * HOUR
    assert state(inventory, "4930001") == "reserved"
    inventory.clock.advance(HOUR)
    assert state(inventory, "4930001") == "free"
    for late in (AssignValue(pool="numbers", holder="a"),
                 ExtendValue(pool="numbers", holder="a", seconds=9)):  # fmt: skip
        with pytest.raises(Refused) as refusal:
            inventory.put(late)
        assert codes(refusal) == {"nothingHeld"}
    assert inventory.put(ReserveValue(pool="numbers", holder="b")).text == "4930001"


def test_a_reservation_that_is_assigned_has_no_end(inventory: Inventory) -> None:
    inventory.put(numbers())
    inventory.put(ReserveValue(pool="numbers", holder="a", seconds=60))
    for _ in range(2):
        assert inventory.put(AssignValue(pool="numbers", holder="a")).state == "assigned"
    inventory.clock.advance(30 * DAY)
    assert state(inventory, "4930001") == "assigned"
    with pytest.raises(Refused) as refusal:
        inventory.put(ExtendValue(pool="numbers", holder="a", seconds=9))
    assert codes(refusal) == {"lifecycle"}


def test_a_value_is_asked_for_by_name(inventory: Inventory) -> None:
    inventory.put(numbers())
    wish = ReserveValue(pool="numbers", holder="a", value="+4930005")
    assert inventory.put(wish).text == "4930005"
    assert inventory.put(wish).text == "4930005", "a repeat gets it again"
    for other, code in (
        (ReserveValue(pool="numbers", holder="a", value="4930006"), "holderHasOther"),
        (ReserveValue(pool="numbers", holder="b", value="4930005"), "valueTaken"),
        (ReserveValue(pool="numbers", holder="b", value="4930010"), "notInPool"),
        (ReserveValue(pool="numbers", holder="b", value="number"), "notInPool"),
        (ReserveValue(pool="numbers", holder=""), "missing"),
        (ReserveValue(pool="numbers", holder="b", seconds=-1), "period"),
    ):
        with pytest.raises(Refused) as refusal:
            inventory.put(other)
        assert codes(refusal) == {code}
    inventory.put(ReleaseValue(pool="numbers", holder="a"))
    spans = [row[2:] for row in inventory.rows()["pool_free"]]
    assert spans == [(4930001, 4930009)]


def test_a_pool_is_picked_by_kind_and_traits(inventory: Inventory) -> None:
    for name, low, region in (("a", 1, "north"), ("b", 11, "south"), ("c", 21, "south")):
        inventory.put(pool(name, kind="vlan", low=low, high=low, region=region))
    south = {"region": "south"}

    def wish(holder: str, kind: str = "vlan", traits: dict[str, str] = south) -> ReserveValue:
        return ReserveValue(holder=holder, kind=kind, traits=traits)

    first = inventory.put(wish("x"))
    assert (first.pool, first.value) == ("b", 11)
    assert inventory.put(wish("x")) == first
    assert inventory.put(wish("y")).pool == "c", "the first one is empty"
    for other, code in (
        (wish("z", kind="port"), "unknownPool"),
        (wish("z", traits={"region": "east"}), "unknownPool"),
        (wish("z", kind=""), "unknownPool"),
        (wish("z"), "poolExhausted"),
    ):
        with pytest.raises(Refused) as refusal:
            inventory.put(other)
        assert codes(refusal) == {code}


def test_a_number_that_is_given_up_rests_before_it_is_free(inventory: Inventory) -> None:
    inventory.put(numbers(high="4930001"))
    inventory.put(ReserveValue(pool="numbers", holder="a"))
    for _ in range(2):
        inventory.put(RetireValue(pool="numbers", holder="a"))
    assert state(inventory, "4930001") == "quarantined"
    with pytest.raises(Refused) as refusal:
        inventory.put(ReserveValue(pool="numbers", holder="b"))
    assert codes(refusal) == {"poolExhausted"}
    assert inventory.ask(CountPool(pool="numbers")) == {"free": 0, "quarantined": 1}
    inventory.clock.advance(10 * DAY)
    assert inventory.put(SweepPools()) == 1
    assert inventory.put(SweepPools()) == 0
    assert inventory.ask(CountPool(pool="numbers")) == {"free": 1}
    assert inventory.put(ReserveValue(pool="numbers", holder="b")).text == "4930001"


def test_a_number_goes_out_and_comes_back(inventory: Inventory) -> None:
    inventory.put(numbers())
    inventory.put(ReserveValue(pool="numbers", holder="a"))
    out = PortValueOut(pool="numbers", value="4930001", holder="a", party="Other Telecom")
    for _ in range(2):
        told = inventory.put(out)
        assert (told.state, told.holder, told.party) == ("portedOut", "", "Other Telecom")
    assert inventory.put(ReserveValue(pool="numbers", holder="a")).text == "4930002"
    with pytest.raises(Refused) as refusal:
        inventory.put(ReserveValue(pool="numbers", holder="b", value="4930001"))
    assert codes(refusal) == {"valueTaken"}
    for _ in range(2):
        back = inventory.put(PortValueBack(pool="numbers", value="4930001"))
        assert back.state == "quarantined"
    with pytest.raises(Refused) as refusal:
        inventory.put(PortValueOut(pool="numbers", value="4930002", holder="b", party="x"))
    assert codes(refusal) == {"nothingHeld"}


def test_a_number_from_elsewhere_comes_in_and_goes_home(inventory: Inventory) -> None:
    inventory.put(numbers())
    before = inventory.rows()
    wish = PortValueIn(pool="numbers", value="4940777", holder="a", party="Other Telecom")
    for _ in range(2):
        assert inventory.put(wish).state == "portedIn"
    for other, code in (
        (PortValueIn(pool="numbers", value="4940777", holder="b"), "valueTaken"),
        (PortValueIn(pool="numbers", value="4930005", holder="b"), "ownNumber"),
        (PortValueIn(pool="numbers", value="4940778", holder="a"), "holderHasOther"),
    ):
        with pytest.raises(Refused) as refusal:
            inventory.put(other)
        assert codes(refusal) == {code}
    inventory.put(RetireValue(pool="numbers", holder="a"))
    assert inventory.rows() == before


def test_no_number_is_in_two_pools(inventory: Inventory) -> None:
    inventory.put(numbers())
    inventory.put(PortValueIn(pool="numbers", value="4940777", holder="a"))
    for low, high in (("4930005", "4930020"), ("4940700", "4940800")):
        with pytest.raises(Refused) as refusal:
            inventory.put(numbers("more", low, high))
        assert codes(refusal) == {"poolOverlap"}
    inventory.put(numbers("more", "4930010", "4930020"))
    filed = inventory.put(pool("vlan", kind="vlan", low=1, high=9))
    assert inventory.put(pool("vlan-south", kind="vlan", low=1, high=9)) != filed


def resize(inventory: Inventory, filed: dict[str, Any], low: int, high: int) -> dict[str, Any]:
    """Give a pool another range."""
    facts = [{"name": "low", "value": low}, {"name": "high", "value": high}]
    changed = {**filed, "resourceCharacteristic": facts}
    with inventory.database.read() as tx:
        rev = tx.exec_driver_sql(f"SELECT rev FROM document WHERE id = '{filed['id']}'").scalar()
    assert isinstance(rev, int)
    return inventory.put(AmendResource(id=ResourceId(filed["id"]), document=changed, rev=rev))


def test_a_pool_grows_and_shrinks_by_what_is_free(inventory: Inventory) -> None:
    filed = inventory.put(pool("p", low=10, high=19))
    inventory.put(ReserveValue(pool="p", holder="a", value="15"))
    filed = resize(inventory, filed, 5, 30)
    assert [row[2:] for row in inventory.rows()["pool_free"]] == [(5, 14), (16, 30)]
    filed = resize(inventory, filed, 12, 17)
    assert [row[2:] for row in inventory.rows()["pool_free"]] == [(12, 14), (16, 17)]
    for low, high in ((16, 20), (1, 14), (100, 200)):
        before = inventory.rows()
        with pytest.raises(Refused) as refusal:
            resize(inventory, filed, low, high)
        assert codes(refusal) == {"poolInUse"}
        assert "15 is a's" in refusal.value.refusal.reason
        assert inventory.rows() == before
    filed = resize(inventory, filed, 15, 15)
    assert inventory.rows()["pool_free"] == []
    inventory.put(ReleaseValue(pool="p", holder="a"))
    resize(inventory, filed, 1, 3)
    assert [row[2:] for row in inventory.rows()["pool_free"]] == [(1, 3)]


def test_the_same_number_asked_for_by_two_hundred_is_one_ones(inventory: Inventory) -> None:
    inventory.put(numbers())
    gate = ThreadPoolExecutor(200)

    def ask(caller: int) -> str:
        wish = ReserveValue(pool="numbers", holder=f"caller-{caller}", value="4930005")
        try:
            return inventory.put(wish).holder
        except Refused as error:
            return error.refusal.findings[0].code

    with gate:
        told = list(gate.map(ask, range(200)))
    assert sorted(told)[-199:] == ["valueTaken"] * 199
    assert len({each for each in told if each != "valueTaken"}) == 1


def test_the_same_number_asked_for_by_processes_is_one_ones(
    inventory: Inventory, database_url: str
) -> None:
    inventory.put(pool("vlan", kind="vlan", low=1, high=60))
    programs = [
        subprocess.Popen(
            [sys.executable, str(RESERVER), database_url, "vlan", name, "50", "7"],
            stdout=subprocess.PIPE, text=True, env=os.environ,
        )
        for name in ("left", "right", "middle", "last")
    ]  # fmt: skip
    told = [word for program in programs for word in program.communicate(timeout=120)[0].split()]
    assert [program.returncode for program in programs] == [0, 0, 0, 0]
    assert (told.count("7"), told.count("valueTaken")) == (1, 199)


def test_values_are_asked_for_and_moved_over_http(inventory: Inventory, http: Http) -> None:
    inventory.put(numbers())
    body = {"@type": "PoolValue", "pool": "numbers", "holder": "cart-7", "state": "reserved",
            "validUntil": to_wire(NOON + HOUR)}  # fmt: skip
    made = http.post(VALUES, json=body)
    assert made.status_code == 201, made.text
    shown = made.json()
    assert (shown["value"], shown["state"], shown["kind"]) == ("4930001", "reserved", "msisdn")
    where = made.headers["location"]
    assert http.get(where).json() == shown
    longer = http.patch(where, json={"validUntil": to_wire(NOON + 2 * HOUR)})
    assert longer.json()["validUntil"] == to_wire(NOON + 2 * HOUR)
    assigned = http.patch(where, json={"state": "assigned"}).json()
    assert (assigned["state"], "validUntil" in assigned) == ("assigned", False)
    refused = http.patch(where, json={"state": "reserved"})
    assert (refused.status_code, refused.json()["code"]) == (409, "lifecycle")
    assert http.patch(where, json={"state": "portedOut"}).status_code == 422
    out = http.patch(where, json={"state": "portedOut", "party": "Other"}).json()
    assert (out["state"], out["party"]) == ("portedOut", "Other")
    assert http.patch(where, json={"state": "quarantined"}).json()["state"] == "quarantined"
    revived = http.patch(where, json={"state": "assigned", "holder": "cart-8"}).json()
    assert (revived["state"], revived["holder"]) == ("assigned", "cart-8")
    assert http.patch(where, json={"state": "free"}).json()["state"] == "free"
    assert http.get(where).json()["state"] == "free"
    assert http.patch(where, json={"state": "assigned"}).status_code == 409
    assert http.delete(where).status_code == 405


def test_pools_and_their_values_are_listed(inventory: Inventory, http: Http) -> None:
    inventory.put(numbers())
    inventory.put(pool("vlan", kind="vlan", low=1, high=9, region="north"))
    for holder in ("a", "b", "c"):
        inventory.put(ReserveValue(pool="numbers", holder=holder, seconds=60 * (holder == "c")))
    page = http.get(f"{VALUES}?pool=numbers&limit=2&offset=1")
    assert (page.status_code, page.headers["x-total-count"]) == (206, "3")
    assert [each["holder"] for each in page.json()] == ["b", "c"]
    assert [v["holder"] for v in http.get(f"{VALUES}?pool=numbers&state=reserved").json()] == ["c"]
    assert [v["value"] for v in http.get(f"{VALUES}?pool=numbers&holder=b").json()] == ["4930002"]
    assert http.get(f"{VALUES}?pool=numbers&value=4930009").json()[0]["state"] == "free"
    assert http.get(f"{VALUES}?pool=numbers&value=555").json() == []
    assert http.get(VALUES).json() == []
    shown = {each["name"]: each for each in http.get(POOLS).json()}
    told = shown["numbers"]
    assert (told["size"], told["free"], told["assigned"], told["reserved"]) == (9, 6, 2, 1)
    assert (told["low"], told["quarantineDays"]) == ("4930001", 10)
    assert shown["vlan"]["characteristic"][0]["value"] == "north"
    assert http.get(f"{POOLS}/vlan").json() == shown["vlan"]
    assert [each["name"] for each in http.get(f"{POOLS}?kind=msisdn").json()] == ["numbers"]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"validUntil": to_wire(NOON)}, 422, "period"),
        ({"validUntil": None}, 422, "missing"),
        ({"pool": "nowhere"}, 422, "unknownPool"),
        ({"state": "quarantined"}, 422, "wrongState"),
        ({"state": "lost"}, 400, ""),
        ({"holder": "h" * 256}, 422, "tooLong"),
        ({"value": "4930099"}, 422, "notInPool"),
    ],
)
def test_a_wrong_wish_for_a_value_is_refused(
    inventory: Inventory, http: Http, change: dict[str, Any], status: int, code: str
) -> None:
    inventory.put(numbers())
    body: dict[str, Any] = {
        "@type": "PoolValue", "pool": "numbers", "holder": "a", "state": "reserved",
        "validUntil": to_wire(NOON + HOUR),
    }  # fmt: skip
    wish = {name: value for name, value in (body | change).items() if value is not None}
    answer = http.post(VALUES, json=wish)
    assert answer.status_code == status, answer.text
    assert not code or answer.json()["code"] == code


def ask_holder(http: Http, at: datetime, **more: Any) -> Any:
    """Who held the first number at that time?"""
    body = {
        "@type": "QueryValueHolder", "value": "4930001", "kind": "msisdn", "atTime": to_wire(at),
        "purpose": "order of the court", "caseReference": "12/26", **more,
    }  # fmt: skip
    return http.post(HOLDER, json={name: value for name, value in body.items() if value})


def test_who_held_a_number_is_a_question_on_record(inventory: Inventory, http: Http) -> None:
    inventory.put(numbers())
    inventory.put(ReserveValue(pool="numbers", holder="ada", seconds=3600))
    inventory.clock.advance(30 * DAY)
    inventory.put(ReserveValue(pool="numbers", holder="bob"))
    inventory.clock.advance(HOUR)
    inventory.put(RetireValue(pool="numbers", holder="bob"))
    inventory.clock.advance(HOUR)

    def held(at: datetime, **more: Any) -> list[str]:
        answer = ask_holder(http, at, **more)
        assert answer.status_code == 201, answer.text
        return [each.get("holder", each["state"]) for each in answer.json().get("holding", ())]

    assert held(NOON - HOUR) == []
    assert held(NOON) == ["ada"]
    assert held(NOON + HOUR) == [], "free by the clock, whenever it was swept"
    assert held(NOON + 30 * DAY) == ["bob"]
    assert held(NOON + 30 * DAY, asOf=to_wire(NOON + DAY)) == []
    assert held(NOON + 30 * DAY + HOUR) == ["quarantined"]
    assert held(NOON + 30 * DAY, kind="", pool="numbers") == ["bob"]
    kept = http.get(HOLDER).json()
    assert len(kept) == 7
    assert kept[1]["purpose"] == "order of the court"
    with inventory.database.read() as tx:
        told = tx.exec_driver_sql("SELECT actor, after FROM audit ORDER BY 1").fetchall()
    asked = [row for row in told if "order of the court" in str(row[1])]
    assert len(asked) == 7
    assert {row[0] for row in asked} == {"tester"}


def test_who_held_a_number_is_not_told_without_a_purpose(inventory: Inventory, http: Http) -> None:
    inventory.put(numbers())
    assert ask_holder(http, NOON, purpose="").status_code == 400
    assert ask_holder(http, NOON, purpose=" ").status_code == 422
    assert ask_holder(http, NOON, kind="").status_code == 422
    assert ask_holder(http, NOON, kind="", pool="nowhere").status_code == 422


def test_a_pool_opens_however_its_resource_comes(inventory: Inventory) -> None:
    document = {**numbers().document, "lifecycleState": "installed"}
    inventory.database.write(lambda tx: documents.create(inventory.work(tx), RESOURCE, document))
    assert inventory.put(ReserveValue(pool="numbers", holder="a")).text == "4930001"
    with pytest.raises(Refused) as refusal:
        inventory.put(numbers())
    assert codes(refusal) == {"duplicate"}
