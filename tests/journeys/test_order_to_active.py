"""Journey A through the front door: what is said in which order, and every way it can turn."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from banyan.journeys import JOURNEYS
from banyan.journeys.order_to_active import JOURNEY, NAME
from banyan.kernel.engine.plans.journey import Journeys, Step
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Later
from tests.journeys.books import Books
from tests.journeys.conftest import MakeLab
from tests.journeys.faults import Faults
from tests.journeys.lab import Lab, changed, wait_for
from tests.journeys.shop import CANCELLATIONS, ORDERS, Shop, cancellation, open_shop
from tests.tmf.receiver import Receiver


@pytest.fixture
def lab(make_lab: MakeLab) -> Lab:
    return make_lab().work()


@pytest.fixture
def shop(lab: Lab) -> Shop:
    return open_shop(lab)


@pytest.fixture
def books(database_url: str, tmp_path: Path) -> Iterator[Books]:
    found = Books(database_url, tmp_path / "home")
    yield found
    found.close()


def is_quiet(lab: Lab) -> bool:
    """Whether everything that was said has been told."""
    return lab.untold() == 0


def wait_state(shop: Shop, order_id: str, *states: str) -> Document:
    """The order once it is in one of these states."""

    def look() -> Document | None:
        order = shop.shown(order_id)
        return order if order["state"] in states else None

    return wait_for(look, lambda: f"{states}: {shop.shown(order_id)}")


def wait_held(shop: Shop, order_id: str) -> Document:
    """The only held step of an order, once the order is held."""
    wait_state(shop, order_id, "held")
    (fallout,) = shop.fallouts(order_id)
    return fallout


def apis(lab: Lab) -> list[str]:
    """Every API that is served."""
    return sorted({row.api for part in lab.standing.parts.values() for row in part.resources})


SAID = {
    "party": [],
    "place": [],
    "catalog": [],
    "ordering": [
        ("TMF622.productOrder.Create", "order"),
        ("ordering.ProductOrderCaptured", "order"),
        ("TMF622.productOrder.StateChange", "order"),
        ("TMF622.productOrder.AttributeValueChange", "order"),
        ("TMF622.productOrder.StateChange", "order"),
    ],
    "inventory": [
        ("TMF639.resource.Create", "resource"),
        ("TMF639.resource.Create", "resource"),
        ("TMF638.service.Create", "service"),
        ("TMF638.service.Create", "service"),
        ("TMF637.product.Create", "product"),
    ],
    "activation": [("TMF702.resource.Create", "resource")],
    "billing": [
        ("TMF678.appliedCustomerBillingRate.Create", "appliedrate"),
        ("TMF678.appliedCustomerBillingRate.Create", "appliedrate"),
    ],
    "plans": [],
}
"""Everything the rooms say for one order of one item, in order: an event more or less fails."""

HEARD = {
    "order": [
        "ProductOrderCreateEvent",
        "ProductOrderStateChangeEvent",
        "ProductOrderAttributeValueChangeEvent",
        "ProductOrderStateChangeEvent",
    ],
    "product": ["ProductCreateEvent"],
    "service": ["ServiceCreateEvent", "ServiceCreateEvent"],
    "resource": ["ResourceCreateEvent", "ResourceCreateEvent", "ResourceCreateEvent"],
}
"""What a subscriber to everything is told of it. TMF678 has no events for rates."""


def test_an_order_says_exactly_this_and_its_subscribers_hear_exactly_that(
    lab: Lab, shop: Shop
) -> None:
    receiver = Receiver()
    try:
        for api in apis(lab):
            lab.subscribe(api, receiver.url)
        before = {room: len(lab.said(room)) for room in lab.house.rooms}
        order_id = shop.order()
        wait_state(shop, order_id, "completed")
        wait_for(partial(is_quiet, lab), lambda: "everything to be told")
        said = {
            room: [
                (kind, _whose(subject, order_id))
                for kind, subject in lab.said(room)[before[room] :]
            ]
            for room in lab.house.rooms
        }
        assert said == SAID
        heard: dict[str, list[str]] = {}
        for event in receiver.events:
            ((_, told),) = event["event"].items()
            heard.setdefault(_whose(told["id"], order_id), []).append(event["eventType"])
        assert heard == HEARD
        ids = [event["eventId"] for event in receiver.events]
        assert len(ids) == len(set(ids)), "told twice"
    finally:
        receiver.close()


def _whose(subject: str, order_id: str) -> str:
    return "order" if subject == order_id else subject.partition("-")[0]


def test_an_order_at_a_locked_device_is_held_with_its_reason_and_goes_on_when_unlocked(
    lab: Lab, shop: Shop, books: Books
) -> None:
    shop.lock("olt-1")
    order_id = shop.order()
    fallout = wait_held(shop, order_id)
    assert fallout["obstacle"] == "needsPerson"
    assert "olt-1 is locked" in fallout["reason"]
    assert fallout["step"].startswith("1/configure/")
    (message,) = shop.shown(order_id)["productOrderErrorMessage"]
    assert "olt-1 is locked" in message["reason"]
    assert lab.devices() == {}
    shop.lock("olt-1", "unlocked")
    shop.resolve(fallout, "retry")
    wait_state(shop, order_id, "completed")
    assert shop.fallouts(order_id) == []
    assert len(shop.fallouts(order_id, "resolved")) == 1
    lab.wait_plan(NAME, order_id, "completed")
    books.check()


def test_cancelling_a_held_order_leaves_nothing_behind(lab: Lab, shop: Shop, books: Books) -> None:
    shop.lock("olt-2")
    before = lab.snapshot("ordering")
    order_id = shop.order(("fibre-100", "olt-1"), ("fibre-1000", "olt-2"))
    wait_held(shop, order_id)
    task = shop.cancel(order_id)
    order = wait_state(shop, order_id, "cancelled")
    assert order["cancellationReason"] == "changed my mind"
    assert {item["state"] for item in order["productOrderItem"]} == {"cancelled"}
    assert lab.get(f"{CANCELLATIONS}/{task['id']}")["state"] == "done"
    lab.wait_plan(NAME, order_id, "unwound")
    assert changed(before, lab.snapshot("ordering")) == {}
    books.check()


def test_cancelling_a_completed_order_is_refused_and_changes_nothing(lab: Lab, shop: Shop) -> None:
    order_id = shop.order()
    wait_state(shop, order_id, "completed")
    lab.wait_plan(NAME, order_id, "completed")
    before = lab.snapshot()
    answer = lab.send("POST", CANCELLATIONS, cancellation(order_id))
    assert answer.status_code == 409
    assert changed(before, lab.snapshot()) == {}


def test_a_cancellation_before_the_point_of_no_return_wins(make_lab: MakeLab, books: Books) -> None:
    faults, gate, reached = Faults(), threading.Event(), threading.Event()
    lab = make_lab(faults.builders()).work()
    shop = open_shop(lab)
    before = lab.snapshot("ordering")

    def wait() -> None:
        reached.set()
        assert gate.wait(20)

    faults.planned = {(_step("verify"), "look.before"): wait}
    order_id = shop.order()
    assert reached.wait(20)
    task = shop.cancel(order_id)
    gate.set()
    wait_state(shop, order_id, "cancelled")
    assert lab.get(f"{CANCELLATIONS}/{task['id']}")["state"] == "done"
    lab.wait_plan(NAME, order_id, "unwound")
    assert changed(before, lab.snapshot("ordering")) == {}
    books.check()


def test_a_cancellation_after_the_point_of_no_return_loses(make_lab: MakeLab, books: Books) -> None:
    faults, reached = Faults(), threading.Event()
    lab = make_lab(faults.builders()).work()
    shop = open_shop(lab)

    def not_yet() -> None:
        reached.set()
        raise Later(0.1, "wait until somebody has cancelled")

    faults.planned = {("complete", "handle.before"): not_yet}
    order_id = shop.order()
    assert reached.wait(20)
    task = shop.cancel(order_id)
    faults.planned = {}
    wait_state(shop, order_id, "completed")
    assert lab.get(f"{CANCELLATIONS}/{task['id']}")["state"] == "terminatedWithError"
    lab.wait_plan(NAME, order_id, "completed")
    books.check()


def test_a_cancellation_that_races_with_completion_ends_in_one_of_the_two(
    lab: Lab, shop: Shop, books: Books
) -> None:
    bell, refused = threading.Event(), []
    orders = []
    for number in range(16):
        orders.append(shop.order())
        bell.wait(0.02 * number)
        answer = lab.send("POST", CANCELLATIONS, cancellation(orders[-1]))
        if answer.status_code == 409:
            refused.append(orders[-1])
    for order_id in orders:
        state = wait_state(shop, order_id, "completed", "cancelled")["state"]
        assert state == "completed" or order_id not in refused
        lab.wait_plan(NAME, order_id, "completed", "unwound")
        tasks = lab.get(CANCELLATIONS, **{"productOrder.id": order_id})
        ends = {"completed": "terminatedWithError", "cancelled": "done"}
        assert [task["state"] for task in tasks] == [ends[state]] * len(tasks)
    wait_for(partial(is_quiet, lab), lambda: "everything to be told")
    books.check()


def test_a_held_step_is_skipped_with_a_reason(
    make_lab: MakeLab, books: Books, tmp_path: Path
) -> None:
    faults = Faults()
    lab = make_lab(faults.builders()).work()
    shop = open_shop(lab)
    device = tmp_path / "home" / "devices" / "default" / "olt-1.json"

    def tamper() -> None:
        text = device.read_text("utf-8")
        device.write_text(text.replace('"downloadSpeed":100', '"downloadSpeed":7'), "utf-8")

    faults.planned = {(_step("verify"), "look.before"): tamper}
    order_id = shop.order()
    fallout = wait_held(shop, order_id)
    assert fallout["step"].startswith("1/verify/")
    assert "downloadSpeed is 7, told was 100" in fallout["reason"]
    shop.resolve(fallout, "skip")
    wait_state(shop, order_id, "completed")
    plan = lab.wait_plan(NAME, order_id, "completed")
    (skipped,) = [step for step in plan.steps if step.state == "skipped"]
    assert (skipped.name, skipped.reason) == (fallout["step"], "skip was decided")
    books.check()


def test_an_order_with_a_skipped_step_can_still_be_cancelled(
    make_lab: MakeLab, books: Books
) -> None:
    faults = Faults()
    lab = make_lab(faults.builders()).work()
    shop = open_shop(lab)
    shop.lock("olt-1")
    before = lab.snapshot("ordering")
    order_id = shop.order()
    fallout = wait_held(shop, order_id)
    shop.resolve(fallout, "skip")
    verify = wait_for(
        lambda: [f for f in shop.fallouts(order_id) if f["step"].startswith("1/verify/")],
        lambda: "the verification to be held: nothing is configured",
    )
    assert verify[0]["obstacle"] == "refused"
    shop.cancel(order_id)
    wait_state(shop, order_id, "cancelled")
    lab.wait_plan(NAME, order_id, "unwound")
    assert changed(before, lab.snapshot("ordering")) == {}
    books.check()


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_a_held_step_is_repaired_with_a_changed_characteristic(
    lab: Lab, shop: Shop, books: Books, is_cancelled: bool
) -> None:
    shop.lock("olt-2")
    before = lab.snapshot("ordering")
    order_id = shop.order(("fibre-100", "olt-9"))
    fallout = wait_held(shop, order_id)
    assert "no device 'olt-9'" in fallout["reason"]
    shop.resolve(fallout, "retry", accessNode="olt-2")
    again = wait_for(
        lambda: [f for f in shop.fallouts(order_id) if "olt-2 is locked" in f["reason"]],
        lambda: f"olt-2 to be asked: {shop.fallouts(order_id)}",
    )
    shop.lock("olt-2", "unlocked")
    if is_cancelled:
        shop.cancel(order_id)
        wait_state(shop, order_id, "cancelled")
        lab.wait_plan(NAME, order_id, "unwound")
    else:
        shop.resolve(again[0], "retry")
        wait_state(shop, order_id, "completed")
        lab.wait_plan(NAME, order_id, "completed")
        assert list(lab.devices()) == ["olt-2"]
    shop.lock("olt-2")
    after = lab.snapshot("ordering")
    left = {table for table in changed(before, after) if not table.startswith("inventory.doc")}
    assert bool(left) is not is_cancelled
    books.check()


def test_all_that_is_wrong_with_an_order_is_said_at_once_and_nothing_is_kept(
    lab: Lab, shop: Shop
) -> None:
    before = lab.snapshot()
    body = shop.body(("no-such", "olt-1"), ("fibre-100", "olt-1"), ("fibre-100", "olt-1"))
    body["productOrderItem"][2] |= {
        "id": "1",
        "quantity": 2,
        "product": {
            "@type": "Product",
            "productCharacteristic": [
                {"@type": "IntegerCharacteristic", "name": "downloadSpeed", "value": 7},
                {"@type": "StringCharacteristic", "name": "colour", "value": "red"},
            ],
        },
    }
    body["billingAccount"]["id"] = "billingaccount-nobody"
    body["relatedParty"] = []
    answer = lab.send("POST", ORDERS, body)
    assert answer.status_code == 422
    third = "productOrderItem.2"
    assert {(f["code"], f["path"]) for f in answer.json()["findings"]} == {
        ("unknownOffering", "productOrderItem.0.productOffering.id"),
        ("duplicateItem", f"{third}.id"),
        ("quantity", f"{third}.quantity"),
        ("notConfigurable", f"{third}.product.productCharacteristic.0.value"),
        ("characteristicUnknown", f"{third}.product.productCharacteristic.1.name"),
        ("missingCustomer", "relatedParty"),
        ("unknownAccount", "billingAccount.id"),
    }
    assert changed(before, lab.snapshot()) == {}


def test_an_order_begun_under_an_old_version_finishes_after_the_upgrade(
    make_lab: MakeLab, books: Books
) -> None:
    old = make_lab().work()
    shop = open_shop(old)
    shop.lock("olt-1")
    order_id = shop.order()
    fallout = wait_held(shop, order_id)
    old.close()
    second = dataclasses.replace(JOURNEY, version=JOURNEY.version + 1, begin=_renamed)
    new = make_lab(journeys=Journeys((*JOURNEYS.all(), second))).work()
    shop = Shop(new, shop.customer_id, shop.account_id)
    shop.lock("olt-1", "unlocked")
    shop.resolve(fallout, "retry")
    wait_state(shop, order_id, "completed")
    assert new.wait_plan(NAME, order_id, "completed").version == JOURNEY.version
    later = shop.order()
    wait_state(shop, later, "completed")
    plan = new.wait_plan(NAME, later, "completed")
    assert plan.version == second.version
    assert plan.steps[0].name == "prelude"
    books.check()


def _renamed(params: Any) -> tuple[Step, ...]:
    """The second version begins with a step the first does not know."""
    (first,) = JOURNEY.begin(params)
    prelude = Step(name="prelude", do=first.do, why_no_undo=first.why_no_undo)
    return (prelude, msgspec.structs.replace(first, needs=("prelude",)))


def _step(what: str) -> str:
    """A step of the first item of the demo catalogue's fibre line."""
    keys = {
        "reserve": "vlan.1.1.1",
        "configure": "access-port.1.1.2",
        "verify": "access-port.1.1.2",
    }
    return f"1/{what}/{keys[what]}"
