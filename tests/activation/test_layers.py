"""Changes, crashes and undos in any order: a device holds what the changes left on it say."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from banyan.components.activation.adapters.device import Device, DriverSettings
from banyan.components.activation.adapters.null import NullDriver
from banyan.components.activation.contract import Configure, RestoreConfiguration
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Later, Refused
from tests.activation.lab import Lost, Network

OLT = Device("north", "olt-1", "rack 1")
CHANGES = st.sampled_from(["a", "b"])
NUMBERS = st.integers(1, 2)
Death = Literal["", "before", "after"]


class MortalDriver(NullDriver):
    """The caller dies before or after the next word to the device, or not at all."""

    def __init__(self) -> None:
        super().__init__(DriverSettings(Path()))
        self.death: Death = ""

    def configure(self, device: Device, service: str, configuration: Document, ticket: int) -> None:
        if self.death == "before":
            raise Lost
        super().configure(device, service, configuration, ticket)
        if self.death:
            raise Lost

    def remove(self, device: Device, service: str, ticket: int) -> None:
        if self.death == "before":
            raise Lost
        super().remove(device, service, ticket)
        if self.death:
            raise Lost

    def fence(self, device: Device, service: str, ticket: int) -> None:
        super().fence(device, service, ticket)
        if self.death:
            raise Lost


@dataclass
class Change:
    """One change in the model: what it wants, and whether its last attempt came to an end."""

    name: str
    wanted: Document
    is_certain: bool
    is_undoing: bool = False


class Layers(RuleBasedStateMachine):
    """A stack of changes over what the device held at first."""

    def __init__(self, url: str, folder: Path) -> None:
        super().__init__()
        self.driver = MortalDriver()
        self.network = Network(url, folder, {"mortal": self.driver})
        self.network.add_device("olt-1", "mortal")
        self.rows = self.network.rows()
        self.stack: list[Change] = []
        self.first: Document | None = None

    @initialize(number=st.none() | NUMBERS)
    def begin(self, number: int | None) -> None:
        if number is not None:
            self.first = {"first": number}
            self.driver.configure(OLT, "access", self.first, 0)

    @rule(name=CHANGES, number=NUMBERS, death=st.sampled_from(["", "", "before", "after"]))
    def configure(self, name: str, number: int, death: Death) -> None:
        wish = Configure(device="olt-1", service="access", change=name, configuration={"n": number})
        own = next((change for change in self.stack if change.name == name), None)
        top = self.stack[-1] if self.stack else None
        if top is not None and top is not own and not top.is_certain:
            with pytest.raises(Later):
                self.network.put(wish)
            return
        if own is not None and (own is not top or own.is_undoing):
            with pytest.raises(Refused):
                self.network.put(wish)
            return
        self.driver.death = death
        if death:
            with pytest.raises(Lost):
                self.network.put(wish)
        else:
            self.network.put(wish)
        self.driver.death = ""
        if own is None:
            own = Change(name, {}, is_certain=False)
            self.stack.append(own)
        own.wanted, own.is_certain = {"n": number}, not death

    @rule(name=CHANGES, death=st.sampled_from(["", "", "before", "after"]))
    def restore(self, name: str, death: Death) -> None:
        wish = RestoreConfiguration(device="olt-1", service="access", change=name)
        own = next((change for change in self.stack if change.name == name), None)
        top = self.stack[-1] if self.stack else None
        if own is None:
            self.network.put(wish)
        elif own is not top:
            assert top is not None
            if not top.is_certain:
                with pytest.raises(Later):
                    self.network.put(wish)
                return
            self.network.put(wish)
            self.stack.remove(own)
        elif death:
            self.driver.death = death
            with pytest.raises(Lost):
                self.network.put(wish)
            self.driver.death = ""
            own.is_certain, own.is_undoing = False, True
        else:
            self.network.put(wish)
            self.stack.pop()

    @invariant()
    def the_device_holds_what_the_changes_say(self) -> None:
        if all(change.is_certain for change in self.stack):
            expected = self.stack[-1].wanted if self.stack else self.first
            assert self.driver.read(OLT, "access").configuration == expected

    @invariant()
    def the_rows_are_the_changes(self) -> None:
        rows = self.network.rows()
        assert {row[3] for row in rows["configuration"]} == {c.name for c in self.stack}
        if not self.stack:
            assert rows == self.rows

    def teardown(self) -> None:
        for change in reversed(self.stack):
            self.network.put(
                RestoreConfiguration(device="olt-1", service="access", change=change.name)
            )
        self.stack.clear()
        self.the_device_holds_what_the_changes_say()
        self.the_rows_are_the_changes()
        self.network.close()


def test_whatever_happens_in_between_undoing_all_leads_back(tmp_path: Path) -> None:
    numbers = itertools.count()

    class FreshLayers(Layers):
        def __init__(self) -> None:
            super().__init__(f"sqlite:///{tmp_path / str(next(numbers))}", tmp_path / "devices")

    effort = settings(max_examples=30, stateful_step_count=10, deadline=None)
    run_state_machine_as_test(FreshLayers, settings=effort)
