"""What becomes of an order: amended, held, cancelled, completed, deleted, each by its rules."""

from __future__ import annotations

import pytest

from banyan.components.ordering.contract import (
    CompleteOrder,
    DecomposeOrder,
    NoteHeld,
    NoteResumed,
    NoteUnwinding,
    NoteUnwound,
    RefuseCancellation,
    ReopenItem,
)
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Later, Refused
from banyan.kernel.words.ids import ProductOrderId
from tests.journeys.shop import CANCELLATIONS, RESOLUTIONS, cancellation
from tests.ordering.desk import ORDERS_V4, Desk, findings

TWO = (("fibre-100", "olt-1"), ("fibre-100", "olt-2"))


def test_notes_and_wishes_for_dates_of_an_open_order_may_change(desk: Desk) -> None:
    order_id = desk.begun()
    note = {"@type": "Note", "text": "ring twice"}
    changed = desk.patch(
        order_id, note=[note], priority="1", requestedCompletionDate="2030-01-01T00:00:00Z",
        externalId=[{"@type": "ExternalIdentifier", "id": "crm-9"}], sideNote="ours",
    )  # fmt: skip
    assert changed.status_code == 409, "an attribute we don't know may mean anything"
    changed = desk.patch(order_id, note=[note], priority="1", description="for the shop")
    assert changed.status_code == 200, changed.text
    shown = desk.shop.shown(order_id)
    assert (shown["note"][0]["text"], shown["priority"]) == ("ring twice", "1")
    old = desk.lab.send("PATCH", f"{ORDERS_V4}/{order_id}", {"externalId": "crm-8"})
    assert old.json()["externalId"] == "crm-8"
    assert desk.shop.shown(order_id)["externalId"][0]["id"] == "crm-8"


def test_everything_else_is_refused_where_it_stands(desk: Desk) -> None:
    order_id = desk.begun()
    account = {"@type": "BillingAccountRef", "id": desk.account()}
    refused = desk.patch(order_id, billingAccount=account, productOrderItem=[
        {"@type": "ProductOrderItem", "id": "1", "action": "delete"}])  # fmt: skip
    assert refused.status_code == 409
    assert findings(refused) == {
        ("notAmendable", "billingAccount"), ("notAmendable", "productOrderItem"),
    }  # fmt: skip
    assert desk.patch(order_id, completionDate="2030-01-01T00:00:00Z").status_code == 400
    by_hand = desk.patch(order_id, state="completed")
    assert by_hand.status_code == 409
    assert "cancelProductOrder" in desk.patch(order_id, state="held").text
    assert desk.states(order_id) == ("inProgress", ["inProgress"])


def test_an_order_that_is_over_is_a_record(desk: Desk) -> None:
    order_id = desk.completed()
    assert findings(desk.patch(order_id, description="late")) == {("orderOver", "description")}
    kept = desk.delete(order_id)
    assert (kept.status_code, findings(kept)) == (409, {("orderKept", "")})


def test_only_an_order_that_left_nothing_can_be_deleted(desk: Desk) -> None:
    order_id = desk.begun()
    assert desk.delete(order_id).status_code == 409
    desk.shop.cancel(order_id)
    assert desk.delete(order_id).status_code == 409
    desk.put(NoteUnwound(order_id=order_id, reason="changed my mind"))
    assert desk.delete(order_id).status_code == 204
    assert desk.delete(order_id).status_code == 404
    with desk.room.database.read() as tx:
        left = tx.exec_driver_sql("SELECT count(*) FROM sold").scalar()
    assert left == 0, "what it was sold on goes with it"


def test_an_order_is_done_when_all_its_items_are(desk: Desk) -> None:
    order_id = desk.begun(*TWO)
    desk.complete(order_id, "1")
    assert desk.states(order_id) == ("inProgress", ["completed", "inProgress"])
    with pytest.raises(Refused, match="item 2 is inProgress"):
        desk.put(CompleteOrder(order_id=order_id))
    desk.complete(order_id, "2")
    for _ in range(2):
        desk.put(CompleteOrder(order_id=order_id))
    assert desk.states(order_id) == ("completed", ["completed", "completed"])
    products = [item["product"]["id"] for item in desk.shop.shown(order_id)["productOrderItem"]]
    assert products == ["product-of-1", "product-of-2"]


def test_only_the_held_item_is_held_and_goes_on_when_its_last_step_does(desk: Desk) -> None:
    order_id = desk.held(*TWO)
    second = NoteHeld(order_id=order_id, step="1/verify/port", reason="dark", obstacle="never")
    desk.put(second)
    desk.put(NoteHeld(order_id=order_id, step="2/record", reason="full", obstacle="refused"))
    assert desk.states(order_id) == ("held", ["held", "held"])
    desk.put(NoteResumed(order_id=order_id, step="1/configure/port"))
    assert desk.states(order_id) == ("held", ["held", "held"])
    desk.put(NoteResumed(order_id=order_id, step="1/verify/port"))
    assert desk.states(order_id) == ("held", ["inProgress", "held"])
    desk.put(NoteResumed(order_id=order_id, step="2/record"))
    assert desk.states(order_id) == ("inProgress", ["inProgress", "inProgress"])
    said = [
        (each["reason"], each["productOrderItem"][0]["productOrderItemId"])
        for each in desk.shop.shown(order_id)["productOrderErrorMessage"]
    ]
    assert said == [("no light", "1"), ("dark", "1"), ("full", "2")]


def test_an_order_waits_with_its_completion_until_it_is_resumed(desk: Desk) -> None:
    order_id = desk.held(step="1/complete")
    desk.complete(order_id, "1")
    with pytest.raises(Later):
        desk.put(CompleteOrder(order_id=order_id))
    desk.put(NoteResumed(order_id=order_id, step="1/complete"))
    desk.put(CompleteOrder(order_id=order_id))
    assert desk.states(order_id) == ("completed", ["completed"])


@pytest.mark.parametrize("when", ["acknowledged", "inProgress", "held"])
def test_a_cancellation_ends_done_when_all_is_undone(desk: Desk, when: str) -> None:
    order_id = {"acknowledged": desk.order, "inProgress": desk.begun, "held": desk.held}[when]()
    task = desk.shop.cancel(order_id)
    assert (task["state"], desk.states(order_id)) == (
        "acknowledged", ("assessingCancellation", ["assessingCancellation"]),
    )  # fmt: skip
    for _ in range(2):
        desk.put(NoteUnwinding(order_id=order_id))
    assert desk.states(order_id) == ("pendingCancellation", ["pendingCancellation"])
    assert desk.cancellations(order_id)[0]["state"] == "inProgress"
    desk.put(NoteUnwound(order_id=order_id, reason="changed my mind"))
    assert desk.states(order_id) == ("cancelled", ["cancelled"])
    shown = desk.shop.shown(order_id)
    assert shown["cancellationReason"] == "changed my mind"
    (ended,) = desk.cancellations(order_id)
    assert ended["state"] == "done"
    assert ended["effectiveCancellationDate"] == shown["cancellationDate"]
    assert ended["cancellationReason"] == "changed my mind"
    assert desk.shop.fallouts(order_id) == []


def test_a_cancellation_past_the_point_of_no_return_ends_with_an_error(desk: Desk) -> None:
    order_id = desk.begun()
    desk.complete(order_id, "1")
    desk.shop.cancel(order_id)
    with pytest.raises(Later):
        desk.put(CompleteOrder(order_id=order_id))
    desk.put(RefuseCancellation(order_id=order_id, reason="changed my mind"))
    (task,) = desk.cancellations(order_id)
    assert task["state"] == "terminatedWithError"
    assert task["errorMessage"]["code"] == "pastNoReturn"
    assert desk.states(order_id) == ("inProgress", ["completed"])
    desk.put(CompleteOrder(order_id=order_id))
    assert desk.states(order_id) == ("completed", ["completed"])


def test_a_held_order_is_held_again_when_its_cancellation_is_refused(desk: Desk) -> None:
    order_id = desk.held(*TWO)
    desk.shop.cancel(order_id)
    desk.put(RefuseCancellation(order_id=order_id, reason="changed my mind"))
    assert desk.states(order_id) == ("held", ["held", "inProgress"])


def test_what_can_not_be_cancelled_is_refused_with_why(desk: Desk) -> None:
    over, twice = desk.completed(), desk.begun()
    desk.shop.cancel(twice)
    for order_id, words in ((over, "it is final"), (twice, "refuse_cancellation")):
        refused = desk.post(CANCELLATIONS, cancellation(order_id))
        assert (refused.status_code, refused.json()["code"]) == (409, "lifecycle")
        assert words in refused.json()["reason"]
    unknown = desk.post(CANCELLATIONS, cancellation("ghost"))
    assert (unknown.status_code, findings(unknown)) == (422, {("unknownOrder", "productOrder.id")})
    assert len(desk.cancellations(twice)) == 1


def test_an_order_that_is_undone_without_being_cancelled_has_failed(desk: Desk) -> None:
    order_id = desk.held(*TWO)
    desk.put(NoteUnwinding(order_id=order_id))
    assert desk.states(order_id) == ("held", ["held", "inProgress"])
    desk.put(NoteUnwound(order_id=order_id, reason="burnt down"))
    assert desk.states(order_id) == ("failed", ["failed", "failed"])


def test_undoing_a_completed_item_leaves_the_order_as_it_was_before(desk: Desk) -> None:
    order_id = desk.begun(*TWO)
    before = desk.shop.shown(order_id)
    desk.complete(order_id, "1")
    for _ in range(2):
        desk.put(ReopenItem(order_id=order_id, item_id="1"))
    assert desk.shop.shown(order_id) == before
    desk.put(ReopenItem(order_id=order_id, item_id="2"))
    assert desk.shop.shown(order_id) == before, "undoing what was not done changes nothing"


def test_an_item_undone_for_a_cancellation_is_where_its_order_is(desk: Desk) -> None:
    order_id = desk.begun()
    desk.complete(order_id, "1")
    desk.shop.cancel(order_id)
    desk.put(NoteUnwinding(order_id=order_id))
    assert desk.states(order_id) == ("pendingCancellation", ["completed"])
    desk.put(ReopenItem(order_id=order_id, item_id="1"))
    assert desk.states(order_id) == ("pendingCancellation", ["pendingCancellation"])


def decision(fallout: Document, action: str = "retry", **characteristics: object) -> Document:
    """A decision on a held step."""
    return {
        "@type": "ResolveOrderFallout",
        "action": action,
        "reason": "decided",
        "orderFallout": {"@type": "OrderFalloutRef", "id": fallout["id"]},
        "characteristic": [{"name": n, "value": v} for n, v in characteristics.items()],
    }


def test_somebody_decides_once_on_a_held_step(desk: Desk) -> None:
    order_id = desk.held()
    (fallout,) = desk.shop.fallouts(order_id)
    assert desk.post(RESOLUTIONS, decision(fallout)).json()["state"] == "done"
    again = desk.post(RESOLUTIONS, decision(fallout))
    assert (again.status_code, again.json()["code"]) == (409, "lifecycle")
    desk.put(NoteHeld(order_id=order_id, step=fallout["step"], reason="still", obstacle="never"))
    (held,) = desk.shop.fallouts(order_id)
    assert (held["id"], held["reason"]) == (fallout["id"], "still")
    desk.put(NoteResumed(order_id=order_id, step=fallout["step"]))
    over = desk.post(RESOLUTIONS, decision(fallout))
    assert "it is final" in over.json()["reason"]
    ghost = desk.post(RESOLUTIONS, decision({"id": "ghost"}))
    assert (ghost.status_code, findings(ghost)) == (422, {("unknownFallout", "orderFallout.id")})


def test_a_decision_to_cancel_cancels_the_order_once(desk: Desk) -> None:
    order_id = desk.held()
    (fallout,) = desk.shop.fallouts(order_id)
    assert desk.post(RESOLUTIONS, decision(fallout, "cancel")).status_code == 201
    (task,) = desk.cancellations(order_id)
    assert (task["state"], task["cancellationReason"]) == ("acknowledged", "decided")
    assert desk.post(RESOLUTIONS, decision(fallout, "cancel")).status_code == 409
    late = desk.post(RESOLUTIONS, decision(fallout, accessNode="olt-2"))
    assert (late.status_code, late.json()["code"]) == (409, "notRepairable")


def test_a_repair_is_checked_like_an_order_and_shown_in_it(desk: Desk) -> None:
    order_id = desk.held()
    (fallout,) = desk.shop.fallouts(order_id)
    typo = desk.post(RESOLUTIONS, decision(fallout, accesNode="olt-2", downloadSpeed=1000))
    assert typo.status_code == 422
    assert findings(typo) == {
        ("characteristicUnknown", "characteristic.0.name"),
        ("notConfigurable", "characteristic.1.value"),
    }
    assert "near it: accessNode" in typo.text
    skipped = desk.post(RESOLUTIONS, decision(fallout, "skip", accessNode="olt-2"))
    assert findings(skipped) == {("needlessCharacteristic", "characteristic")}
    assert desk.post(RESOLUTIONS, decision(fallout, accessNode="olt-2")).status_code == 201
    (item,) = desk.shop.shown(order_id)["productOrderItem"]
    (node,) = (c for c in item["product"]["productCharacteristic"] if c["name"] == "accessNode")
    assert node["value"] == "olt-2"
    (work,) = desk.put(DecomposeOrder(order_id=ProductOrderId(order_id))).items
    assert [each.device for each in work.resources if each.device] == ["olt-2"]


def test_a_step_of_no_item_gets_no_other_values(desk: Desk) -> None:
    order_id = desk.held(step="complete")
    (fallout,) = desk.shop.fallouts(order_id)
    refused = desk.post(RESOLUTIONS, decision(fallout, accessNode="olt-2"))
    assert (refused.status_code, refused.json()["code"]) == (409, "notRepairable")
