"""Pools: the lowest free value, never twice, and back as if it had never been taken."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from banyan.components.inventory.contract import (
    AddResource,
    AmendResource,
    ReleaseValue,
    ReserveValue,
)
from banyan.components.inventory.model import Span, place_back
from banyan.components.inventory.store import RESOURCE
from banyan.kernel.words.errors import Refused
from banyan.kernel.words.ids import ResourceId
from banyan.kernel.words.messages import Call
from tests.inventory.lab import Inventory, codes

RESERVER = Path(__file__).with_name("reserver.py")


def pool(name: str, low: Any = 100, high: Any = 109) -> AddResource:
    """A pool as a client posts it."""
    return AddResource(
        document={
            "@type": "ResourcePool",
            "name": name,
            "resourceCharacteristic": [
                {"name": "low", "value": low},
                {"name": "high", "value": high},
            ],
        }
    )


def test_the_lowest_free_value_goes_first(inventory: Inventory) -> None:
    inventory.put(pool("vlan"))
    taken = [inventory.put(ReserveValue(pool="vlan", holder=h)).value for h in ("a", "b", "c")]
    assert taken == [100, 101, 102]
    inventory.put(ReleaseValue(pool="vlan", holder="b"))
    assert inventory.put(ReserveValue(pool="vlan", holder="d")).value == 101


def test_a_holder_has_at_most_one_value_of_a_pool(inventory: Inventory) -> None:
    inventory.put(pool("vlan"))
    inventory.put(pool("port", 1, 8))
    first = inventory.put(ReserveValue(pool="vlan", holder="a"))
    assert inventory.put(ReserveValue(pool="vlan", holder="a")) == first
    assert inventory.put(ReserveValue(pool="port", holder="a")).value == 1


def test_tenants_do_not_share_pools(inventory: Inventory) -> None:
    inventory.put(pool("vlan"))
    inventory.call = Call("south", "tester")
    with pytest.raises(Refused) as refusal:
        inventory.put(ReserveValue(pool="vlan", holder="a"))
    assert codes(refusal) == {"unknownPool"}
    inventory.put(pool("vlan", 5, 6))
    assert inventory.put(ReserveValue(pool="vlan", holder="a")).value == 5


def test_an_exhausted_pool_refuses_until_a_value_comes_back(inventory: Inventory) -> None:
    inventory.put(pool("vlan", 7, 8))
    for holder in ("a", "b"):
        inventory.put(ReserveValue(pool="vlan", holder=holder))
    with pytest.raises(Refused) as refusal:
        inventory.put(ReserveValue(pool="vlan", holder="c"), key="c")
    assert codes(refusal) == {"poolExhausted"}
    inventory.put(ReleaseValue(pool="vlan", holder="a"))
    assert inventory.put(ReserveValue(pool="vlan", holder="c"), key="c").value == 7


def test_values_come_back_in_any_order_to_the_fewest_ranges(inventory: Inventory) -> None:
    inventory.put(pool("vlan", 1, 6))
    before = inventory.rows()
    for order in [(1, 3, 4, 2, 5), (5, 3, 1, 2, 4), (2, 4, 3, 1, 5), (1, 3, 5, 4, 2)]:
        for number in range(1, 6):
            assert inventory.put(ReserveValue(pool="vlan", holder=str(number))).value == number
        free = {6}
        for number in order[:-1]:
            inventory.put(ReleaseValue(pool="vlan", holder=str(number)))
            free.add(number)
            spans = [Span(low, high) for _, _, low, high in inventory.rows()["pool_free"]]
            assert spans == spans_of(free)
        inventory.put(ReleaseValue(pool="vlan", holder=str(order[-1])))
        assert inventory.rows() == before


def test_releasing_what_was_never_reserved_changes_nothing(inventory: Inventory) -> None:
    inventory.put(pool("vlan"))
    before = inventory.rows()
    inventory.put(ReleaseValue(pool="vlan", holder="nobody"))
    inventory.put(ReleaseValue(pool="nowhere", holder="nobody"))
    assert inventory.rows() == before


def test_a_pool_is_one_number_wide_at_least_and_whole(inventory: Inventory) -> None:
    inventory.put(pool("single", 5, 5))
    assert inventory.put(ReserveValue(pool="single", holder="a")).value == 5
    inventory.put(ReleaseValue(pool="single", holder="a"))
    assert inventory.put(ReserveValue(pool="single", holder="b")).value == 5
    for low, high in ((6, 5), ("1", 5), (True, 5), (1, None), (1, 2**64)):
        with pytest.raises(Refused) as refusal:
            inventory.put(pool("odd", low, high))
        assert codes(refusal) == {"poolRange"}
    with pytest.raises(Refused) as refusal:
        inventory.put(pool(" "))
    assert codes(refusal) == {"missing"}
    with pytest.raises(Refused) as refusal:
        inventory.put(pool("single", 50, 60))
    assert codes(refusal) == {"duplicate"}


def test_a_pool_with_values_out_can_not_be_removed(inventory: Inventory) -> None:
    before = inventory.rows()
    filed = inventory.put(pool("vlan"))
    inventory.put(ReserveValue(pool="vlan", holder="a"))
    with pytest.raises(Refused) as refusal:
        inventory.remove(RESOURCE, filed)
    assert codes(refusal) == {"poolInUse"}
    inventory.put(ReleaseValue(pool="vlan", holder="a"))
    inventory.remove(RESOURCE, filed)
    assert inventory.rows() == before
    with pytest.raises(Refused):
        inventory.put(ReserveValue(pool="vlan", holder="a"))


def test_a_pool_keeps_its_name_and_the_form_of_its_values(inventory: Inventory) -> None:
    filed = inventory.put(pool("vlan"))
    number = ResourceId(filed["id"])
    renamed = {**filed, "name": "other"}
    reformed = {
        **filed,
        "resourceCharacteristic": [
            *filed["resourceCharacteristic"],
            {"name": "kind", "value": "vlan"},
        ],
    }
    for changed in (renamed, reformed):
        with pytest.raises(Refused) as refusal:
            inventory.put(AmendResource(id=number, document=changed, rev=1))
        assert codes(refusal) == {"poolFixed"}
    described = {**filed, "description": "north ring"}
    assert inventory.put(AmendResource(id=number, document=described, rev=1)) == described


def test_threads_never_get_the_same_value(inventory: Inventory) -> None:
    inventory.put(pool("vlan", 1, 64))
    with ThreadPoolExecutor(8) as threads:
        wishes = [ReserveValue(pool="vlan", holder=f"h{n}") for n in range(64)]
        values = sorted(answer.value for answer in threads.map(inventory.put, wishes))
    assert values == list(range(1, 65))
    with ThreadPoolExecutor(8) as threads:
        list(
            threads.map(
                inventory.put, [ReleaseValue(pool="vlan", holder=f"h{n}") for n in range(64)]
            )
        )
    assert [row[1:] for row in inventory.rows()["pool_free"]] == [("vlan", 1, 64)]


def test_processes_never_get_the_same_value(inventory: Inventory, database_url: str) -> None:
    inventory.put(pool("vlan", 1, 60))
    programs = [
        subprocess.Popen(
            [sys.executable, str(RESERVER), database_url, "vlan", name, "30"],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ,
        )
        for name in ("left", "right")
    ]
    told = [program.communicate(timeout=120)[0].split() for program in programs]
    assert [program.returncode for program in programs] == [0, 0]
    assert sorted(int(value) for values in told for value in values) == list(range(1, 61))


class Pool(RuleBasedStateMachine):
    """A pool beside the simplest model of one: a set of free numbers."""

    holders = st.sampled_from("abcdefgh")

    def __init__(self, inventory: Inventory) -> None:
        super().__init__()
        self.inventory = inventory
        inventory.put(pool("vlan", 1, 6))
        self.held: dict[str, int] = {}

    @property
    def free(self) -> list[int]:
        """The numbers nobody has."""
        return [n for n in range(1, 7) if n not in self.held.values()]

    @rule(holder=holders)
    def reserve(self, holder: str) -> None:
        wish = ReserveValue(pool="vlan", holder=holder)
        if holder not in self.held and not self.free:
            with pytest.raises(Refused):
                self.inventory.put(wish)
            return
        expected = self.held.get(holder) or self.free[0]
        assert self.inventory.put(wish).value == expected
        self.held[holder] = expected

    @rule(holder=holders)
    def release(self, holder: str) -> None:
        self.inventory.put(ReleaseValue(pool="vlan", holder=holder))
        self.held.pop(holder, None)

    @rule(holder=holders)
    def reserve_and_release(self, holder: str) -> None:
        if holder in self.held or not self.free:
            return
        before = self.inventory.rows()
        self.inventory.put(ReserveValue(pool="vlan", holder=holder))
        self.inventory.put(ReleaseValue(pool="vlan", holder=holder))
        assert self.inventory.rows() == before

    @invariant()
    def every_number_is_free_or_has_one_holder(self) -> None:
        rows = self.inventory.rows()
        assert {row[3]: row[2] for row in rows["pool_value"]} == self.held
        spans = [(low, high) for _, _, low, high in rows["pool_free"]]
        assert [n for low, high in spans for n in range(low, high + 1)] == self.free
        assert all(high + 1 < low for (_, high), (low, _) in itertools.pairwise(spans))


def test_a_pool_does_what_a_set_of_numbers_does(tmp_path: Path) -> None:
    numbers = itertools.count()

    class FreshPool(Pool):
        def __init__(self) -> None:
            super().__init__(Inventory(f"sqlite:///{tmp_path / str(next(numbers))}"))

        def teardown(self) -> None:
            self.inventory.close()

    effort = settings(max_examples=15, stateful_step_count=20, deadline=None)
    run_state_machine_as_test(FreshPool, settings=effort)


@given(st.sets(st.integers(0, 20), min_size=1), st.data())
def test_what_comes_back_merges_with_what_it_touches(free: set[int], draws: st.DataObject) -> None:
    value = draws.draw(st.sampled_from(sorted(free)))
    merged, replaced = place_back(value, spans_of(free - {value}))
    rest = [span for span in spans_of(free - {value}) if span not in replaced]
    assert sorted([*rest, merged], key=lambda s: s.low) == spans_of(free)


def spans_of(numbers: set[int]) -> list[Span]:
    """The fewest ranges that hold exactly ``numbers``."""
    lows = sorted(n for n in numbers if n - 1 not in numbers)
    highs = sorted(n for n in numbers if n + 1 not in numbers)
    return [Span(low, high) for low, high in zip(lows, highs, strict=True)]


def test_names_longer_than_the_room_can_keep_are_refused(inventory: Inventory) -> None:
    inventory.put(pool("v" * 200))
    assert inventory.put(ReserveValue(pool="v" * 200, holder="h" * 255)).value == 100
    with pytest.raises(Refused) as refusal:
        inventory.put(pool("v" * 201))
    assert codes(refusal) == {"tooLong"}
    with pytest.raises(Refused) as refusal:
        inventory.put(ReserveValue(pool="v" * 200, holder="h" * 256))
    assert codes(refusal) == {"tooLong"}
