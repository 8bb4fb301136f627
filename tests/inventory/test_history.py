"""History in two times: what was so, and what was known of it when."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from banyan.components.inventory.contract import (
    AddResource,
    AmendResource,
    CorrectHistory,
    FindHistory,
    FindVersion,
    TrimHistory,
    UnrecordProduct,
)
from banyan.components.inventory.store import PRODUCT, RESOURCE, SERVICE
from banyan.kernel.engine.clock import to_us, to_wire
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Refused
from banyan.kernel.words.ids import ResourceId
from banyan.tmf import documents
from tests.inventory.lab import Inventory, codes
from tests.inventory.test_records import ORDER, internet
from tests.tmf.lab import Http

VERSIONS = "/banyan-api/inventoryHistory/v1/inventoryVersion"
CORRECTIONS = "/banyan-api/inventoryHistory/v1/inventoryCorrection"
RESOURCES = "/tmf-api/resourceInventoryManagement/v5/resource"
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def http(inventory: Inventory) -> Iterator[Http]:
    """A client of the inventories."""
    served = inventory.serve()
    yield served
    served.close()


def describe(inventory: Inventory, text: str, number: str = "rack") -> None:
    """Say something of a resource, which is taken in if it is not there."""
    with inventory.room.desk(inventory.call, "").look() as look:
        stored = documents.get(look, RESOURCE, number)
    if stored is None:
        new = {"@type": "Resource", "id": number, "name": number, "description": text}
        inventory.put(AddResource(document=new))
        return
    changed = {**stored.document, "description": text}
    inventory.put(AmendResource(id=ResourceId(number), document=changed, rev=stored.rev))


def said(inventory: Inventory, at: datetime, as_of: datetime | None = None) -> str | None:
    """What was said of the rack; "gone" if it was not there, None if nothing is recorded."""
    found = inventory.ask(FindVersion(subject="resource:rack", at=at, as_of=as_of))
    if found is None:
        return None
    return "gone" if found.document is None else str(found.document["description"])


def test_every_write_is_remembered_for_the_time_it_was_so(inventory: Inventory) -> None:
    describe(inventory, "new")
    inventory.clock.advance(HOUR)
    describe(inventory, "used")
    inventory.clock.advance(HOUR)
    inventory.remove(RESOURCE, inventory.get(RESOURCE, "rack"))
    inventory.clock.advance(HOUR)
    moments = [NOON + timedelta(minutes=minutes) for minutes in (-1, 0, 59, 60, 119, 120, 180)]
    assert [said(inventory, at) for at in moments] == [
        None, "new", "new", "used", "used", "gone", "gone",
    ]  # fmt: skip
    told = inventory.ask(FindHistory(subject="resource:rack"))
    assert [(each.start, each.end, each.actor) for each in told] == [
        (NOON, NOON + HOUR, "tester"),
        (NOON + HOUR, NOON + 2 * HOUR, "tester"),
        (NOON + 2 * HOUR, None, "tester"),
    ]


def test_what_was_known_stays_known_after_a_correction(inventory: Inventory) -> None:
    describe(inventory, "shelf 1")
    inventory.clock.advance(10 * HOUR)
    known = inventory.clock.now()
    inventory.clock.advance(HOUR)
    wish = CorrectHistory(
        subject="resource:rack", change={"description": "shelf 2"},
        start=NOON + 2 * HOUR, end=NOON + 4 * HOUR,
    )  # fmt: skip
    (recorded,) = inventory.put(wish)
    assert (recorded.start, recorded.end) == (wish.start, wish.end)
    at = NOON + 3 * HOUR
    assert said(inventory, at) == "shelf 2"
    assert said(inventory, at, as_of=known) == "shelf 1"
    assert said(inventory, NOON + 4 * HOUR) == "shelf 1"
    assert inventory.get(RESOURCE, "rack")["description"] == "shelf 1"
    assert inventory.put(wish) == (), "it is so already"


def test_a_correction_keeps_what_it_does_not_speak_of(inventory: Inventory) -> None:
    describe(inventory, "a")
    inventory.clock.advance(HOUR)
    describe(inventory, "b")
    inventory.clock.advance(HOUR)
    inventory.put(
        CorrectHistory(subject="resource:rack", change={"category": "x"}, start=NOON, end=None)
    )
    told = inventory.ask(FindHistory(subject="resource:rack"))
    shown = [(each.document or {}) for each in told]
    assert [(d["description"], d.get("category")) for d in shown] == [
        ("a", "x"), ("b", "x"), ("b", None),
    ]  # fmt: skip


def test_only_what_is_over_is_corrected(inventory: Inventory) -> None:
    describe(inventory, "a")
    inventory.clock.advance(HOUR)
    for start, end in ((NOON + 2 * HOUR, None), (NOON, NOON), (NOON, NOON + 9 * HOUR)):
        with pytest.raises(Refused) as refusal:
            inventory.put(CorrectHistory(subject="resource:rack", change={}, start=start, end=end))
        assert codes(refusal) == {"correctionPeriod"}
    with pytest.raises(Refused) as refusal:
        inventory.put(CorrectHistory(subject="resource:x", change={}, start=NOON, end=None))
    assert codes(refusal) == {"unknownNode"}


def test_what_was_taken_back_has_been(inventory: Inventory) -> None:
    ids = inventory.put(internet())
    inventory.clock.advance(HOUR)
    inventory.put(UnrecordProduct(order_id=ORDER, item_id="1"))
    for kind, number in (("product", ids.product_id), ("service", ids.services["line"])):
        periods = inventory.ask(FindHistory(subject=f"{kind}:{number}"))
        assert [each.document is None for each in periods] == [False, True]
        assert (periods[0].start, periods[0].end) == (NOON, NOON + HOUR)


def test_history_is_asked_over_http(inventory: Inventory, http: Http) -> None:
    body = {"@type": "PhysicalResource", "id": "olt", "name": "olt", "description": "north"}
    assert http.post(RESOURCES, json=body).status_code == 201
    inventory.clock.advance(HOUR)
    http.patch(f"{RESOURCES}/olt", json={"description": "south"})
    inventory.clock.advance(HOUR)
    of = f"{VERSIONS}?of=resource:olt"
    shown = http.get(of).json()
    assert [each["document"]["description"] for each in shown] == ["north", "south"]
    assert shown[0]["validFor"] == {
        "startDateTime": to_wire(NOON), "endDateTime": to_wire(NOON + HOUR)
    }  # fmt: skip
    assert "endDateTime" not in shown[1]["validFor"]
    then = http.get(of, params={"of": "resource:olt", "atTime": "2026-01-31T13:30:00+01:00"})
    assert [each["document"]["description"] for each in then.json()] == ["north"]
    correction = {
        "@type": "InventoryCorrection",
        "of": "resource:olt",
        "validFor": {"startDateTime": to_wire(NOON), "endDateTime": to_wire(NOON + HOUR / 2)},
        "change": {"description": "east"},
        "reason": "found by the technician",
    }
    made = http.post(CORRECTIONS, json=correction)
    assert made.status_code == 201, made.text
    assert made.json()["version"][0]["document"]["description"] == "east"
    assert http.get(made.headers["location"]).json()["reason"] == "found by the technician"
    at = f"&atTime={to_wire(NOON)}"
    assert http.get(of + at).json()[0]["document"]["description"] == "east"
    before = f"{of}{at}&asOf={to_wire(NOON + HOUR)}"
    assert http.get(before).json()[0]["document"]["description"] == "north"
    every = http.get(f"{of}&recorded=all").json()
    assert [each["number"] for each in every] == [1, 2, 3]
    assert http.get(every[0]["href"]).json()["document"]["description"] == "north"
    paged = http.get(f"{of}&limit=1&offset=1")
    assert (paged.status_code, len(paged.json()), paged.headers["x-total-count"]) == (206, 1, "3")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("of=value:msisdn/49301", "wrongNode"),
        ("of=resource", "wrongNode"),
        ("of=resource:a&atTime=Tuesday", "wrong_type"),
        ("of=resource:a&asOf=2026-01-31T12:00:00", "wrong_type"),
        ("of=resource:a&recorded=some", "wrong_value"),
        ("of=resource:a&when=now", "unknownParameter"),
    ],
)
def test_a_wrong_question_about_the_past_is_refused(http: Http, query: str, code: str) -> None:
    answer = http.get(f"{VERSIONS}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_correction_without_a_reason_or_out_of_shape_is_refused(
    inventory: Inventory, http: Http
) -> None:
    describe(inventory, "a")
    inventory.clock.advance(HOUR)
    body: dict[str, Any] = {
        "@type": "InventoryCorrection", "of": "resource:rack", "reason": "seen",
        "validFor": {"startDateTime": to_wire(NOON)}, "change": {"name": "r2"},
    }  # fmt: skip
    unreasoned = {name: value for name, value in body.items() if name != "reason"}
    assert http.post(CORRECTIONS, json=unreasoned).status_code == 400
    answer = http.post(CORRECTIONS, json=body | {"change": {"name": 5}})
    assert (answer.status_code, answer.json()["@type"]) == (400, "Error")
    assert http.post(CORRECTIONS, json=body | {"of": "planet:x"}).status_code == 400
    assert http.post(CORRECTIONS, json=body | {"validFor": {}}).status_code == 422
    assert http.post(CORRECTIONS, json=body).status_code == 201
    assert http.get(VERSIONS).json() == []
    assert http.delete(f"{VERSIONS}/resource:rack~1").status_code == 405


def test_an_older_database_begins_its_history_with_what_there_is(database_url: str) -> None:
    older = Inventory(database_url, before="m0003")
    filed = {"@type": "Service", "id": "s", "state": "active", "name": "line"}

    def silently(tx: Any) -> None:
        row = replace(SERVICE, admit=lambda *told: told[-1])
        documents.create(older.work(tx), row, filed, "s")

    older.database.write(silently)
    older.close()
    now = Inventory(database_url)
    found = now.ask(FindVersion(subject="service:s", at=NOON))
    assert found is not None
    assert (found.document, found.start) == (filed, NOON)
    now.close()


def test_only_what_no_kept_question_comes_upon_is_forgotten(inventory: Inventory) -> None:
    day = timedelta(days=1)
    describe(inventory, "first")
    inventory.clock.advance(day)
    describe(inventory, "second")
    inventory.clock.advance(day)
    inventory.put(
        CorrectHistory(
            subject="resource:rack", change={"description": "old"}, start=NOON, end=NOON + HOUR
        )
    )
    describe(inventory, "short", number="gone")
    inventory.remove(RESOURCE, inventory.get(RESOURCE, "gone"))
    inventory.clock.advance(8 * day)
    describe(inventory, "third")
    assert inventory.put(TrimHistory(keep_days=30)) == 0
    assert inventory.put(TrimHistory(keep_days=7)) == 3
    assert inventory.put(TrimHistory(keep_days=7)) == 1, "the end of what is gone"
    assert said(inventory, inventory.clock.now() - 7 * day) == "second"
    assert said(inventory, inventory.clock.now()) == "third"
    assert inventory.ask(FindHistory(subject="resource:gone")) == ()


class Past(RuleBasedStateMachine):
    """History beside the simplest model of one: what is believed of every hour, at every hour."""

    texts = st.sampled_from(["a", "b", "c"])

    def __init__(self, inventory: Inventory) -> None:
        super().__init__()
        self.inventory = inventory
        self.hour = 0
        self.believed: list[str | None] = [None]
        self.known: list[list[str | None]] = []

    def learn(self, text: str) -> None:
        self.believed[self.hour] = text

    @rule()
    def wait(self) -> None:
        self.inventory.clock.advance(HOUR)
        self.known.append(list(self.believed))
        self.hour += 1
        self.believed.append(self.today)

    @property
    def today(self) -> str | None:
        """What is so now."""
        return self.believed[-1]

    @rule(text=texts)
    def write(self, text: str) -> None:
        describe(self.inventory, text)
        self.learn(text)

    @rule()
    def remove(self) -> None:
        if self.today not in (None, "gone"):
            self.inventory.remove(RESOURCE, self.inventory.get(RESOURCE, "rack"))
            self.learn("gone")

    @rule(text=texts, draws=st.data())
    def correct(self, text: str, draws: st.DataObject) -> None:
        if not self.hour or all(each is None for each in self.believed):
            return
        start = draws.draw(st.integers(0, self.hour - 1))
        end = draws.draw(st.integers(start + 1, self.hour))
        change: Document = {"@type": "Resource", "name": "rack", "description": text}
        self.inventory.put(
            CorrectHistory(
                subject="resource:rack", change=change, start=NOON + start * HOUR,
                end=NOON + end * HOUR,
            )
        )  # fmt: skip
        self.believed[start:end] = [text] * (end - start)

    @invariant()
    def every_question_gets_the_models_answer(self) -> None:
        for hour, believed in enumerate(self.believed):
            at = NOON + hour * HOUR
            assert said(self.inventory, at) == believed
        if self.known:
            as_of = NOON + self.hour * HOUR - timedelta(microseconds=1)
            for hour, believed in enumerate(self.known[-1]):
                at = NOON + hour * HOUR
                assert said(self.inventory, at, as_of=as_of) == believed
        periods = self.inventory.ask(FindHistory(subject="resource:rack"))
        for one, other in itertools.pairwise(periods):
            assert one.end is not None
            assert one.end <= other.start


def test_history_answers_what_a_plain_table_of_hours_answers(tmp_path: Path) -> None:
    numbers = itertools.count()

    class FreshPast(Past):
        def __init__(self) -> None:
            super().__init__(Inventory(f"sqlite:///{tmp_path / str(next(numbers))}"))

        def teardown(self) -> None:
            self.inventory.close()

    effort = settings(max_examples=20, stateful_step_count=15, deadline=None)
    run_state_machine_as_test(FreshPast, settings=effort)


def test_a_write_costs_history_one_insert(inventory: Inventory) -> None:
    describe(inventory, "a")
    ids = inventory.put(internet())
    with inventory.database.read() as tx:
        count = tx.exec_driver_sql("SELECT count(*) FROM version").scalar()
    assert count == 1 + 1 + len(ids.services) + len(ids.resources)
    product = inventory.get(PRODUCT, ids.product_id)
    found = inventory.ask(FindVersion(subject=f"product:{ids.product_id}", at=NOON))
    assert found is not None
    assert found.document == product
    assert to_us(found.recorded) == to_us(NOON)
