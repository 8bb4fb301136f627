"""One handler per command of ordering."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from banyan.components.catalog.contract import FindOfferings
from banyan.components.ordering import policy, store
from banyan.components.ordering.contract import (
    Breakdown,
    CaptureOrder,
    CompleteItem,
    CompleteOrder,
    DecomposeOrder,
    NoteHeld,
    NoteResumed,
    NoteUnwound,
    RefuseCancellation,
    ReopenItem,
    RequestCancellation,
    ResolveFallout,
)
from banyan.components.ordering.events import (
    CancellationRequested,
    FalloutResolved,
    ProductOrderCaptured,
)
from banyan.components.ordering.model import (
    CANCEL_LIFE,
    FALLOUT_LIFE,
    OPEN_STATES,
    PRODUCT_ORDER_LIFE,
    Buyer,
    Payer,
    SoldOffering,
)
from banyan.components.ordering.store import (
    CANCEL_PRODUCT_ORDER,
    FALLOUT,
    PRODUCT_ORDER,
    RESOLVE_FALLOUT,
)
from banyan.components.party.contract import FindBillingAccount, FindCustomer
from banyan.kernel.engine.clock import to_wire
from banyan.kernel.engine.handlers import Handler, asks, decides
from banyan.kernel.engine.work import Desk, Work
from banyan.kernel.words.codec import Document, from_plain, to_plain
from banyan.kernel.words.errors import Later, refuse_findings, refused
from banyan.kernel.words.ids import BillingAccountId, CustomerId, ProductOrderId, WrongKind

PAUSE_S = 0.2
"""How soon a step tries again while the order's state is about to change."""


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What the other rooms know about a new order."""

    offerings: dict[str, SoldOffering]
    customer: Buyer | None
    account: Payer | None


def look_around(desk: Desk, command: CaptureOrder) -> Around:
    """Ask catalog and party about everything the order names."""
    order = command.document
    found = desk.query(FindOfferings(ids=policy.find_offering_ids(order)))
    customer_id, account_id = policy.find_customer_id(order), policy.find_account_id(order)
    customer = account = None
    try:
        if customer_id is not None:
            customer = desk.query(FindCustomer(id=CustomerId(customer_id)))
        if account_id is not None:
            account = desk.query(FindBillingAccount(id=BillingAccountId(account_id)))
    except WrongKind:
        pass  # an id of another kind names nobody: the check below says so
    return Around(
        offerings={each.id: from_plain(to_plain(each), SoldOffering) for each in found},
        customer=None if customer is None else from_plain(to_plain(customer), Buyer),
        account=None if account is None else from_plain(to_plain(account), Payer),
    )


def capture_order(work: Work, command: CaptureOrder, around: Around) -> Document:
    """Answer :class:`CaptureOrder`: check everything, store, keep what was sold, say so."""
    order = command.document
    sold = list(around.offerings.values())
    refuse_findings(
        "rule",
        [
            *policy.check_items(order, around.offerings),
            *policy.check_parties(order, around.customer, around.account),
            *policy.check_currency(sold, around.account),
        ],
    )
    stored = store.add(work, PRODUCT_ORDER, order)
    order_id = ProductOrderId(stored["id"])
    store.keep_sold(work, order_id, sold)
    work.say(ProductOrderCaptured(subject=order_id, order_id=order_id))
    return stored


def decompose_order(work: Work, command: DecomposeOrder) -> Breakdown:
    """Answer :class:`DecomposeOrder`; a repeat breaks the same order down the same way."""
    order = store.need(work, PRODUCT_ORDER, command.order_id)
    if order["state"] == "acknowledged":
        order = _move(work, order, "begin", "inProgress")
    sold = store.find_sold(work, command.order_id)
    items = order["productOrderItem"]
    return Breakdown(
        order_id=command.order_id,
        items=tuple(
            policy.compute_work(order, item, sold[item["productOffering"]["id"]]) for item in items
        ),
    )


def complete_item(work: Work, command: CompleteItem) -> None:
    """Answer :class:`CompleteItem`: what was ordered stays, with the id of what it became."""

    def complete(item: Document) -> Document:
        product = {"@type": "Product", **item.get("product", {}), "id": str(command.product_id)}
        return item | {"state": "completed", "product": product}

    _set_item(work, command.order_id, command.item_id, complete)


def reopen_item(work: Work, command: ReopenItem) -> None:
    """Answer :class:`ReopenItem`: the item is under way again; what it became is forgotten."""

    def reopen(item: Document) -> Document:
        if item["state"] != "completed":
            return item
        product = {name: value for name, value in item["product"].items() if name != "id"}
        return item | {"state": "inProgress", "product": product}

    _set_item(work, command.order_id, command.item_id, reopen)


def complete_order(work: Work, command: CompleteOrder) -> None:
    """Answer :class:`CompleteOrder`.

    ``Later`` while a cancellation is being assessed: the plan is told which of the two it is.
    """
    order = store.need(work, PRODUCT_ORDER, command.order_id)
    if order["state"] == "completed":
        return
    if order["state"] == "assessingCancellation":
        raise Later(PAUSE_S, "the order's cancellation is being assessed")
    _move(work, order, "complete", "completed", completionDate=to_wire(work.now))


def note_held(work: Work, command: NoteHeld) -> None:
    """Answer :class:`NoteHeld`: the order waits, and a fallout says for whom and why."""
    order = store.need(work, PRODUCT_ORDER, command.order_id)
    known = store.find_fallouts(work, command.order_id, command.step)
    for fallout in known:
        held = "held" if fallout["state"] == "held" else FALLOUT_LIFE.step("resolving", "hold")
        changed = {"state": held, "reason": command.reason, "obstacle": command.obstacle}
        store.change(work, FALLOUT, fallout | changed | {"lastUpdate": to_wire(work.now)})
    if not known:
        store.add(
            work,
            FALLOUT,
            {
                "productOrder": {"@type": "ProductOrderRef", "id": str(command.order_id)},
                "productOrderItemId": command.step.partition("/")[0] if "/" in command.step else "",
                "step": command.step,
                "reason": command.reason,
                "obstacle": command.obstacle,
                "state": "held",
                "creationDate": to_wire(work.now),
                "lastUpdate": to_wire(work.now),
            },
        )
    if order["state"] == "inProgress":
        message = {
            "@type": "ProductOrderErrorMessage",
            "code": command.obstacle,
            "reason": command.reason,
            "message": f"held at {command.step}",
            "timestamp": to_wire(work.now),
        }
        said = [*order.get("productOrderErrorMessage", ()), message]
        _move(work, order, "hold", "held", productOrderErrorMessage=said)


def note_resumed(work: Work, command: NoteResumed) -> None:
    """Answer :class:`NoteResumed`: the step's fallout is resolved; with the last one, the order
    goes on.
    """
    order = store.need(work, PRODUCT_ORDER, command.order_id)
    for fallout in store.find_fallouts(work, command.order_id, command.step):
        _close_fallout(work, fallout)
    if order["state"] == "held" and not store.find_fallouts(work, command.order_id):
        _move(work, order, "resume", "inProgress")


def note_unwound(work: Work, command: NoteUnwound) -> None:
    """Answer :class:`NoteUnwound`."""
    order = store.need(work, PRODUCT_ORDER, command.order_id)
    for fallout in store.find_fallouts(work, command.order_id):
        _close_fallout(work, fallout)
    wanted = order["state"] in ("assessingCancellation", "pendingCancellation")
    if wanted:
        cancelled = {"cancellationDate": to_wire(work.now), "cancellationReason": command.reason}
        _move(work, order, "cancel", "cancelled", **cancelled)
        _finish_cancellations(work, command.order_id, "finish")
    elif order["state"] in ("inProgress", "held"):
        _move(work, order, "fail", "failed")


def refuse_cancellation(work: Work, command: RefuseCancellation) -> None:
    """Answer :class:`RefuseCancellation`: the order goes on as if nobody had asked."""
    order = store.need(work, PRODUCT_ORDER, command.order_id)
    _finish_cancellations(work, command.order_id, "refuse")
    if order["state"] == "assessingCancellation":
        order = _move(work, order, "refuse_cancellation", "inProgress")
        if store.find_fallouts(work, command.order_id):
            _move(work, order, "hold", "held")


def request_cancellation(work: Work, command: RequestCancellation) -> Document:
    """Answer :class:`RequestCancellation`: the order is assessed, its plan is asked to unwind.

    Refused when the order does not exist, or is over (``lifecycle``).
    """
    wanted = str(command.document["productOrder"]["id"])
    order = store.find(work, PRODUCT_ORDER, wanted)
    if order is None:
        reason = f"there is no product order {wanted!r}"
        raise refused("rule", "unknownOrder", reason, "productOrder.id")
    PRODUCT_ORDER_LIFE.step(order["state"], "assess_cancellation")
    task = store.add(work, CANCEL_PRODUCT_ORDER, command.document)
    reason = str(command.document.get("cancellationReason") or "cancelled by request")
    order = _move(work, order, "assess_cancellation", "assessingCancellation")
    order_id = ProductOrderId(order["id"])
    work.say(CancellationRequested(subject=order_id, order_id=order_id, reason=reason))
    return task


def resolve_fallout(work: Work, command: ResolveFallout) -> Document:
    """Answer :class:`ResolveFallout`.

    ``retry`` tries the step again, with the given characteristics instead of its own arguments of
    the same names; ``skip`` goes on without it; ``cancel`` cancels the order.
    """
    decision = command.document
    wanted = str(decision["orderFallout"]["id"])
    fallout = store.find(work, FALLOUT, wanted)
    if fallout is None:
        reason = f"there is no order fallout {wanted!r}"
        raise refused("rule", "unknownFallout", reason, "orderFallout.id")
    FALLOUT_LIFE.step(fallout["state"], "decide")
    order_id = ProductOrderId(fallout["productOrder"]["id"])
    if decision["action"] == "cancel":
        reference = {"@type": "ProductOrderRef", "id": str(order_id)}
        cancellation = {
            "productOrder": reference,
            "cancellationReason": decision["reason"],
            "state": "acknowledged",
            "creationDate": to_wire(work.now),
        }
        request_cancellation(work, RequestCancellation(document=cancellation))
    else:
        resolving = {"state": "resolving", "lastUpdate": to_wire(work.now)}
        store.change(work, FALLOUT, fallout | resolving)
        changes = {c["name"]: c["value"] for c in decision.get("characteristic", ())}
        work.say(
            FalloutResolved(
                subject=order_id,
                order_id=order_id,
                step=fallout["step"],
                action=decision["action"],
                reason=decision["reason"],
                changes=changes,
            )
        )
    return store.add(work, RESOLVE_FALLOUT, decision | {"state": "done"})


def _close_fallout(work: Work, fallout: Document) -> None:
    state = FALLOUT_LIFE.step(fallout["state"], "resolve")
    store.change(work, FALLOUT, fallout | {"state": state, "lastUpdate": to_wire(work.now)})


def _finish_cancellations(work: Work, order_id: ProductOrderId, verb: str) -> None:
    for task in store.find_cancellations(work, order_id):
        state = CANCEL_LIFE.step(task["state"], verb)
        ended = {"effectiveCancellationDate": to_wire(work.now)} if verb == "finish" else {}
        store.change(work, CANCEL_PRODUCT_ORDER, task | ended | {"state": state})


def _move(work: Work, order: Document, verb: str, item_state: str, **changes: object) -> Document:
    """Move the order and its open items along: an item may not leave its order behind."""
    state = PRODUCT_ORDER_LIFE.step(order["state"], verb)
    open_items = (*OPEN_STATES, "assessingCancellation", "pendingCancellation")
    items = [
        item | {"state": item_state}
        if item["state"] in open_items or item_state == "cancelled"
        else item
        for item in order["productOrderItem"]
    ]
    whole = order | {"state": state, "productOrderItem": items} | changes
    return store.change(work, PRODUCT_ORDER, whole)


def _set_item(
    work: Work, order_id: ProductOrderId, item_id: str, edit: Callable[[Document], Document]
) -> None:
    order = store.need(work, PRODUCT_ORDER, order_id)
    items = [edit(i) if i["id"] == item_id else i for i in order["productOrderItem"]]
    store.change(work, PRODUCT_ORDER, order | {"productOrderItem": items})


HANDLERS: tuple[Handler, ...] = (
    asks(CaptureOrder, look_around, capture_order),
    decides(DecomposeOrder, decompose_order),
    decides(CompleteItem, complete_item),
    decides(ReopenItem, reopen_item),
    decides(CompleteOrder, complete_order),
    decides(NoteHeld, note_held),
    decides(NoteResumed, note_resumed),
    decides(NoteUnwound, note_unwound),
    decides(RefuseCancellation, refuse_cancellation),
    decides(RequestCancellation, request_cancellation),
    decides(ResolveFallout, resolve_fallout),
)
