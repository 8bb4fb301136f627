"""Pools beside the simplest model of them: no value in two hands, whatever happens when."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from banyan.components.inventory.contract import (
    AssignValue,
    CountPool,
    FindValue,
    PortValueBack,
    PortValueIn,
    PortValueOut,
    ReleaseValue,
    ReserveValue,
    RetireValue,
    SweepPools,
    ValueReserved,
)
from banyan.kernel.words.errors import Refused
from tests.inventory.lab import Inventory
from tests.inventory.test_pool_values import DAY, HOUR, numbers


class Lives(RuleBasedStateMachine):
    """Pools beside the simplest model of them: who has which number, as what, until when."""

    holders = st.sampled_from("abcd")
    own = st.sampled_from([f"493000{n}" for n in range(1, 6)])
    foreign = st.sampled_from(["4940001", "4940002"])

    def __init__(self, inventory: Inventory) -> None:
        super().__init__()
        self.inventory = inventory
        inventory.put(numbers(high="4930005"))
        self.model: dict[str, tuple[str, str, datetime | None]] = {}

    def live(self) -> dict[str, tuple[str, str, datetime | None]]:
        """What is out by now."""
        now = self.inventory.clock.now()
        self.model = {v: m for v, m in self.model.items() if m[2] is None or m[2] > now}
        return self.model

    def of(self, holder: str) -> str:
        """What a holder has."""
        return next((v for v, (_, who, _) in self.live().items() if who == holder), "")

    def free(self) -> list[str]:
        """The pool's own numbers that nobody has."""
        return [v for v in (f"493000{n}" for n in range(1, 6)) if v not in self.live()]

    def put(self, command: Any, is_fine: bool) -> ValueReserved | None:
        """Run a command that is done, or refused without a trace."""
        if is_fine:
            answer: ValueReserved | None = self.inventory.put(command)
            return answer
        with pytest.raises(Refused):
            self.inventory.put(command)
        return None

    @rule(holder=holders, seconds=st.sampled_from([0, 3600, 7200]))
    def reserve(self, holder: str, seconds: int) -> None:
        had, free = self.of(holder), self.free()
        wish = ReserveValue(pool="numbers", holder=holder, seconds=seconds)
        told = self.put(wish, bool(had or free))
        if told is not None:
            assert told.text == (had or free[0])
            if not had:
                self.note(told.text, holder, seconds)

    @rule(holder=holders, value=own)
    def reserve_by_name(self, holder: str, value: str) -> None:
        had = self.of(holder)
        wish = ReserveValue(pool="numbers", holder=holder, value=value, seconds=3600)
        if self.put(wish, had == value or (not had and value in self.free())) and not had:
            self.note(value, holder, 3600)

    def note(self, value: str, holder: str, seconds: int) -> None:
        until = self.inventory.clock.now() + timedelta(seconds=seconds) if seconds else None
        self.model[value] = ("reserved" if seconds else "assigned", holder, until)

    @rule(holder=holders)
    def assign(self, holder: str) -> None:
        had = self.of(holder)
        is_fine = bool(had) and self.model[had][0] in ("reserved", "assigned")
        if self.put(AssignValue(pool="numbers", holder=holder), is_fine):
            self.model[had] = ("assigned", holder, None)

    @rule(holder=holders)
    def release(self, holder: str) -> None:
        had = self.of(holder)
        self.inventory.put(ReleaseValue(pool="numbers", holder=holder))
        self.model.pop(had, None)

    @rule(holder=holders)
    def retire(self, holder: str) -> None:
        had = self.of(holder)
        self.inventory.put(RetireValue(pool="numbers", holder=holder))
        was = self.model.pop(had, None)
        if was is not None and was[0] == "assigned":
            self.model[had] = ("quarantined", "", self.inventory.clock.now() + 10 * DAY)

    @rule(holder=holders, value=foreign)
    def port_in(self, holder: str, value: str) -> None:
        had = self.of(holder)
        is_fine = had == value or (not had and value not in self.live())
        wish = PortValueIn(pool="numbers", value=value, holder=holder)
        if self.put(wish, is_fine) and not had:
            self.model[value] = ("portedIn", holder, None)

    @rule(holder=holders, value=own)
    def port_out(self, holder: str, value: str) -> None:
        state, who, _ = self.live().get(value, ("free", "", None))
        is_fine = state == "portedOut" or (state == "assigned" and who == holder)
        wish = PortValueOut(pool="numbers", value=value, holder=holder, party="other")
        if self.put(wish, is_fine):
            self.model[value] = ("portedOut", "", None)

    @rule(value=own)
    def port_back(self, value: str) -> None:
        state = self.live().get(value, ("free", "", None))[0]
        wish = PortValueBack(pool="numbers", value=value)
        if self.put(wish, state in ("portedOut", "quarantined")) and state == "portedOut":
            self.model[value] = ("quarantined", "", self.inventory.clock.now() + 10 * DAY)

    @rule(hours=st.sampled_from([1, 2, 24 * 10]))
    def wait(self, hours: int) -> None:
        self.inventory.clock.advance(hours * HOUR)

    @rule()
    def sweep(self) -> None:
        self.inventory.put(SweepPools())

    @invariant()
    def nobody_has_what_the_model_does_not_give_him(self) -> None:
        live = self.live()
        for value in (*(f"493000{n}" for n in range(1, 6)), "4940001", "4940002"):
            found = self.inventory.ask(FindValue(pool="numbers", value=value))
            told = None if found is None else (found.state, found.holder, found.until)
            assert told == live.get(value), value

    @invariant()
    def the_counts_add_up(self) -> None:
        counted = self.inventory.ask(CountPool(pool="numbers"))
        assert sum(counted.values()) - counted.get("portedIn", 0) == 5
        with self.inventory.database.read() as tx:
            spans = tx.exec_driver_sql("SELECT low, high FROM pool_free ORDER BY low").fetchall()
        assert all(high + 1 < low for (_, high), (low, _) in itertools.pairwise(spans))


def test_a_pool_does_what_a_plain_table_of_owners_does(tmp_path: Path) -> None:
    count = itertools.count()

    class FreshLives(Lives):
        def __init__(self) -> None:
            super().__init__(Inventory(f"sqlite:///{tmp_path / str(next(count))}"))

        def teardown(self) -> None:
            self.inventory.close()

    effort = settings(max_examples=12, stateful_step_count=20, deadline=None)
    run_state_machine_as_test(FreshLives, settings=effort)
