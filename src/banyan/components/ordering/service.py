"""One handler per command of ordering."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final, TypeVar

import msgspec

from banyan.components.catalog.contract import FindOfferings, OfferingTerms
from banyan.components.ordering import policy, store, wire
from banyan.components.ordering.contract import (
    AmendOrder,
    Breakdown,
    CaptureOrder,
    CompleteItem,
    CompleteOrder,
    DecomposeOrder,
    FollowMerge,
    FollowUnmerge,
    ForgetNames,
    ListSold,
    NoteHeld,
    NoteResumed,
    NoteUnwinding,
    NoteUnwound,
    RefuseCancellation,
    ReopenItem,
    RequestCancellation,
    ResolveFallout,
    SoldItem,
)
from banyan.components.ordering.events import (
    CancellationRequested,
    FalloutResolved,
    ProductOrderCaptured,
)
from banyan.components.ordering.model import (
    CANCEL_LIFE,
    DECISION_LIFE,
    FALLOUT_LIFE,
    ITEM_LIFE,
    PRODUCT_ORDER_LIFE,
    Buyer,
    Payer,
    SoldOffering,
    find_terms,
)
from banyan.components.ordering.store import (
    CANCEL_PRODUCT_ORDER,
    FALLOUT,
    PRODUCT_ORDER,
    RESOLVE_FALLOUT,
)
from banyan.components.party.contract import (
    AccountFound,
    FindBillingAccount,
    FindBillingAccountsOf,
    FindCustomer,
)
from banyan.kernel.engine.clock import to_wire
from banyan.kernel.engine.handlers import Handler, answers, asks, decides
from banyan.kernel.engine.work import Desk, Look, Work
from banyan.kernel.words.codec import Document, from_plain, to_plain
from banyan.kernel.words.errors import Later, refuse_findings, refused
from banyan.kernel.words.ids import BillingAccountId, CustomerId, Id, ProductOrderId, WrongKind
from banyan.tmf import references

PAUSE_S: Final = 0.2
"""How soon a step tries again while the order's state is about to change."""
ERRORS_MAX: Final = 100
"""How many of its latest error messages an order keeps."""
CANCELLING: Final = {
    "assessingCancellation": ("assess_cancellation",),
    "pendingCancellation": ("assess_cancellation", "accept_cancellation"),
}
"""The verbs by which an item follows an order that is being cancelled."""

AnyId = TypeVar("AnyId", bound=Id)


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What the other rooms know about a new order: ``accounts`` are those it names, by id;
    ``own`` are its customer's, asked for only if an item has no account.
    """

    offerings: dict[str, SoldOffering]
    customer: Buyer | None
    accounts: dict[str, Payer]
    own: tuple[Payer, ...]


def _sold(terms: OfferingTerms) -> SoldOffering:
    """Catalog's terms as ordering keeps them: under the offering's id, whatever their version."""
    sold = from_plain(to_plain(terms), SoldOffering)
    return msgspec.structs.replace(sold, id=sold.id.partition(":(version=")[0])


def _terms(sold: Mapping[str, SoldOffering], item: Document) -> SoldOffering:
    terms = find_terms(sold, item["productOffering"])
    assert terms is not None, f"an item was sold without terms: {item['id']}"
    return terms


def look_around(desk: Desk, command: CaptureOrder) -> Around:
    """Ask catalog and party about everything the order names."""
    order = command.document
    found = desk.query(FindOfferings(ids=policy.find_offering_ids(order)))
    customer_id = _typed(CustomerId, policy.find_customer_id(order))
    customer = None if customer_id is None else desk.query(FindCustomer(id=customer_id))
    own: tuple[AccountFound, ...] = ()
    if customer_id is not None and policy.is_account_missing(order):
        own = desk.query(FindBillingAccountsOf(customer_id=customer_id))
    accounts = {}
    for text in policy.find_account_ids(order):
        account_id = _typed(BillingAccountId, text)
        account = None if account_id is None else desk.query(FindBillingAccount(id=account_id))
        if account is not None:
            accounts[text] = from_plain(to_plain(account), Payer)
    return Around(
        offerings={each.id: _sold(each) for each in found},
        customer=None if customer is None else from_plain(to_plain(customer), Buyer),
        accounts=accounts,
        own=tuple(from_plain(to_plain(each), Payer) for each in own),
    )


def _typed(kind: type[AnyId], text: str | None) -> AnyId | None:
    """The id, or nothing: an id of another kind names nobody."""
    try:
        return None if text is None else kind(text)
    except WrongKind:
        return None


def capture_order(work: Work, command: CaptureOrder, around: Around) -> Document:
    """Answer :class:`CaptureOrder`: check everything, store, keep what was sold, say so."""
    order, accounts = command.document, around.accounts
    findings = [
        *policy.check_draft(order),
        *policy.check_items(order, around.offerings),
        *policy.check_parties(order, around.customer, accounts),
    ]
    if policy.is_account_missing(order):
        order, unplaced = policy.place_account(order, around.customer, around.own)
        findings += unplaced
        accounts = accounts | {each.id: each for each in around.own}
    findings += policy.check_currencies(order, around.offerings, accounts)
    refuse_findings("rule", findings)
    stored = store.add(work, PRODUCT_ORDER, wire.show_terms(order, around.offerings))
    order_id = ProductOrderId(stored["id"])
    store.keep_sold(work, order_id, around.offerings)
    work.say(ProductOrderCaptured(subject=order_id, order_id=order_id))
    return stored


def amend_order(work: Work, command: AmendOrder) -> Document:
    """Answer :class:`AmendOrder`."""
    before = store.need(work, PRODUCT_ORDER, command.id)
    after = {**command.document, "id": str(command.id)}
    refuse_findings("conflict", policy.check_amendment(before, after))
    return store.change(work, PRODUCT_ORDER, after, command.rev)


def decompose_order(work: Work, command: DecomposeOrder) -> Breakdown:
    """Answer :class:`DecomposeOrder`; a repeat breaks the same order down the same way."""
    order = store.need(work, PRODUCT_ORDER, command.order_id)
    if PRODUCT_ORDER_LIFE.can(order["state"], "begin"):
        order = _move(work, order, "begin")
    sold = store.find_sold(work, command.order_id)
    items = order["productOrderItem"]
    return Breakdown(
        order_id=command.order_id,
        items=tuple(policy.compute_work(order, item, _terms(sold, item)) for item in items),
    )


def list_sold(look: Look, query: ListSold) -> tuple[SoldItem, ...]:
    """Every item of a completed order that added a product."""
    return tuple(store.find_sold_items(look))


def complete_item(work: Work, command: CompleteItem) -> None:
    """Answer :class:`CompleteItem`: what was ordered stays, with the id of what it became."""

    def complete(order: Document, item: Document) -> Document:
        product = {"@type": "Product", **item.get("product", {}), "id": str(command.product_id)}
        if item["state"] == "completed":
            return item | {"product": product}
        return item | {"state": ITEM_LIFE.step(item["state"], "complete"), "product": product}

    _set_item(work, command.order_id, command.item_id, complete)


def reopen_item(work: Work, command: ReopenItem) -> None:
    """Answer :class:`ReopenItem`: the item is where its order is; what it became is forgotten."""

    def reopen(order: Document, item: Document) -> Document:
        if item["state"] != "completed":
            return item
        state = ITEM_LIFE.step("completed", "reopen")
        for verb in CANCELLING.get(order["state"], ()):
            state = ITEM_LIFE.step(state, verb)
        product = {name: value for name, value in item["product"].items() if name != "id"}
        return item | {"state": state, "product": product}

    _set_item(work, command.order_id, command.item_id, reopen)


def complete_order(work: Work, command: CompleteOrder) -> None:
    """Answer :class:`CompleteOrder`."""
    order = store.need(work, PRODUCT_ORDER, command.order_id)
    if order["state"] in ("completed", "failed", "partial"):
        return
    if order["state"] == "assessingCancellation":
        raise Later(PAUSE_S, "the order's cancellation is being assessed")
    if order["state"] == "held":
        raise Later(PAUSE_S, "the order is held, or just about to be resumed")
    verb = policy.find_end(order["productOrderItem"])
    if verb is None:
        states = (f"item {i['id']} is {i['state']}" for i in order["productOrderItem"])
        raise refused("conflict", "openItems", f"the order is not done: {', '.join(states)}")
    _move(work, order, verb, completionDate=to_wire(work.now))


def note_held(work: Work, command: NoteHeld) -> None:
    """Answer :class:`NoteHeld`: the order waits, and a fallout says for whom and why."""
    order = store.need(work, PRODUCT_ORDER, command.order_id)
    now = to_wire(work.now)
    item_id = command.step.partition("/")[0] if "/" in command.step else ""
    known = store.find_fallouts(work, command.order_id, command.step)
    for fallout in known:
        state = fallout["state"]
        if state != "held":
            state = FALLOUT_LIFE.step(state, "hold")
        changed = {"state": state, "reason": command.reason, "obstacle": command.obstacle}
        store.change(work, FALLOUT, fallout | changed | {"lastUpdate": now})
    if not known:
        store.add(
            work,
            FALLOUT,
            {
                "productOrder": {"@type": "ProductOrderRef", "id": str(command.order_id)},
                "productOrderItemId": item_id,
                "step": command.step,
                "reason": command.reason,
                "obstacle": command.obstacle,
                "state": "held",
                "creationDate": now,
                "lastUpdate": now,
            },
        )
    message: Document = {
        "@type": "ProductOrderErrorMessage",
        "code": command.obstacle,
        "reason": command.reason,
        "message": f"held at {command.step}",
        "timestamp": now,
    }
    if item_id:
        message["productOrderItem"] = [
            {
                "@type": "ProductOrderItemRef",
                "productOrderId": str(command.order_id),
                "productOrderItemId": item_id,
            }
        ]
    said = [*order.get("productOrderErrorMessage", ()), message][-ERRORS_MAX:]
    items = {item_id} if item_id else None
    verb = "hold" if PRODUCT_ORDER_LIFE.can(order["state"], "hold") else ""
    _move(work, order, verb, items, "hold", productOrderErrorMessage=said)


def note_resumed(work: Work, command: NoteResumed) -> None:
    """Answer :class:`NoteResumed`: the step's fallout is resolved; with the last one of an item
    the item goes on, with the last of all the order.
    """
    order = store.need(work, PRODUCT_ORDER, command.order_id)
    for fallout in store.find_fallouts(work, command.order_id, command.step):
        _close_fallout(work, fallout)
    if order["state"] == "held":
        waiting = {
            each.get("productOrderItemId", "")
            for each in store.find_fallouts(work, command.order_id)
        }
        going = {item["id"] for item in order["productOrderItem"]} - waiting
        if "" not in waiting:
            _move(work, order, "" if waiting else "resume", going, "resume")


def note_unwinding(work: Work, command: NoteUnwinding) -> None:
    """Answer :class:`NoteUnwinding`; an order that nobody cancels stays as it is."""
    order = store.need(work, PRODUCT_ORDER, command.order_id)
    if PRODUCT_ORDER_LIFE.can(order["state"], "accept_cancellation"):
        _move(work, order, "accept_cancellation")
        _move_cancellations(work, command.order_id, "begin")


def note_unwound(work: Work, command: NoteUnwound) -> None:
    """Answer :class:`NoteUnwound`."""
    order = store.need(work, PRODUCT_ORDER, command.order_id)
    for fallout in store.find_fallouts(work, command.order_id):
        _close_fallout(work, fallout)
    if order["state"] in CANCELLING:
        cancelled = {"cancellationDate": to_wire(work.now), "cancellationReason": command.reason}
        _move(work, order, "cancel", **cancelled)
        _move_cancellations(work, command.order_id, "finish")
    elif PRODUCT_ORDER_LIFE.can(order["state"], "fail"):
        _move(work, order, "fail")


def refuse_cancellation(work: Work, command: RefuseCancellation) -> None:
    """Answer :class:`RefuseCancellation`: the order goes on as if nobody had asked."""
    order = store.need(work, PRODUCT_ORDER, command.order_id)
    why = "the order is past its point of no return"
    error = {"@type": "ErrorMessage", "code": "pastNoReturn", "reason": why}
    _move_cancellations(work, command.order_id, "refuse", errorMessage=error)
    if PRODUCT_ORDER_LIFE.can(order["state"], "refuse_cancellation"):
        order = _move(work, order, "refuse_cancellation")
        waiting = store.find_fallouts(work, command.order_id)
        if waiting:
            items = {each.get("productOrderItemId", "") for each in waiting}
            _move(work, order, "hold", None if "" in items else items)


def request_cancellation(work: Work, command: RequestCancellation) -> Document:
    """Answer :class:`RequestCancellation`: the order is assessed, its plan is asked to unwind."""
    wanted = str((command.document.get("productOrder") or {}).get("id", ""))
    order = store.find(work, PRODUCT_ORDER, wanted)
    if order is None:
        reason = f"there is no product order {wanted!r}"
        raise refused("rule", "unknownOrder", reason, "productOrder.id")
    order = _move(work, order, "assess_cancellation")
    reason = str(command.document.get("cancellationReason") or "cancelled by request")
    document = command.document | {"cancellationReason": reason}
    task = store.add(work, CANCEL_PRODUCT_ORDER, document)
    order_id = ProductOrderId(order["id"])
    work.say(CancellationRequested(subject=order_id, order_id=order_id, reason=reason))
    return task


def resolve_fallout(work: Work, command: ResolveFallout) -> Document:
    """Answer :class:`ResolveFallout`."""
    decision = command.document
    wanted = str(decision["orderFallout"].get("id", ""))
    fallout = store.find(work, FALLOUT, wanted)
    if fallout is None:
        reason = f"there is no order fallout {wanted!r}"
        raise refused("rule", "unknownFallout", reason, "orderFallout.id")
    state = FALLOUT_LIFE.step(fallout["state"], "decide")
    order = store.need(work, PRODUCT_ORDER, fallout["productOrder"]["id"])
    given = decision.get("characteristic") or ()
    if given and decision["action"] != "retry":
        reason = "only a step that is tried again can get other values"
        raise refused("rule", "needlessCharacteristic", reason, "characteristic")
    if decision["action"] == "cancel":
        task = {
            "productOrder": {"@type": "ProductOrderRef", "id": order["id"]},
            "cancellationReason": decision["reason"],
        }
        filled = CANCEL_PRODUCT_ORDER.fill(task, work.now)
        request_cancellation(work, RequestCancellation(document=filled))
    else:
        event = FalloutResolved(
            subject=order["id"],
            order_id=ProductOrderId(order["id"]),
            step=fallout["step"],
            action=decision["action"],
            reason=decision["reason"],
            item_id=fallout.get("productOrderItemId", ""),
            work=_repair(work, order, fallout, given) if given else {},
        )
        store.change(work, FALLOUT, fallout | {"state": state, "lastUpdate": to_wire(work.now)})
        work.say(event)
    decided = DECISION_LIFE.step(decision["state"], "finish")
    return store.add(work, RESOLVE_FALLOUT, decision | {"state": decided})


def _repair(work: Work, order: Document, fallout: Document, given: list[Document]) -> Document:
    """Let the held item have other characteristics; answers its work from now on."""
    item_id = fallout.get("productOrderItemId", "")
    item = next((each for each in order["productOrderItem"] if each["id"] == item_id), None)
    if item is None or order["state"] != "held":
        reason = f"the step {fallout['step']} belongs to no item that could get other values"
        if item is not None:
            reason = f"the order is {order['state']}: only a held one can get other values"
        raise refused("conflict", "notRepairable", reason, "characteristic")
    terms = _terms(store.find_sold(work, order["id"]), item)
    changed, wanted, findings = policy.check_repair(order, item, terms, given)
    refuse_findings("rule", findings)
    _set_item(work, ProductOrderId(order["id"]), item_id, lambda order, item: changed)
    plain: Document = to_plain(wanted)
    return plain


def _close_fallout(work: Work, fallout: Document) -> None:
    state = FALLOUT_LIFE.step(fallout["state"], "resolve")
    store.change(work, FALLOUT, fallout | {"state": state, "lastUpdate": to_wire(work.now)})


def _move_cancellations(work: Work, order_id: ProductOrderId, verb: str, **more: Document) -> None:
    for task in store.find_cancellations(work, order_id):
        state = CANCEL_LIFE.step(task["state"], verb)
        ended = {"effectiveCancellationDate": to_wire(work.now)} if verb == "finish" else {}
        store.change(work, CANCEL_PRODUCT_ORDER, task | ended | more | {"state": state})


def _move(
    work: Work,
    order: Document,
    verb: str,
    items: Collection[str] | None = None,
    item_verb: str = "",
    **changes: object,
) -> Document:
    """Move the order by ``verb``, and its items (all, or those of these ids) with it.

    Refused (``conflict``) when the order can't; an item that can't, or an order without a verb,
    stays as it is.
    """
    state = PRODUCT_ORDER_LIFE.step(order["state"], verb) if verb else order["state"]
    moved = []
    for item in order["productOrderItem"]:
        is_meant = items is None or item["id"] in items
        if is_meant and ITEM_LIFE.can(item["state"], item_verb or verb):
            item = item | {"state": ITEM_LIFE.step(item["state"], item_verb or verb)}
        moved.append(item)
    whole = order | {"state": state, "productOrderItem": moved} | changes
    return store.change(work, PRODUCT_ORDER, whole)


def _set_item(
    work: Work,
    order_id: ProductOrderId,
    item_id: str,
    edit: Callable[[Document, Document], Document],
) -> None:
    order = store.need(work, PRODUCT_ORDER, order_id)
    items = [edit(order, i) if i["id"] == item_id else i for i in order["productOrderItem"]]
    store.change(work, PRODUCT_ORDER, order | {"productOrderItem": items})


def follow_merge(work: Work, command: FollowMerge) -> None:
    """Answer :class:`FollowMerge`."""
    lead = references.led(command.source_id, command.survivor_id)
    references.change_naming(work, (PRODUCT_ORDER,), [command.source_id], lead)


def follow_unmerge(work: Work, command: FollowUnmerge) -> None:
    """Answer :class:`FollowUnmerge`."""
    back = references.led_back(command.source_id, command.survivor_id)
    references.change_naming(work, (PRODUCT_ORDER,), [command.survivor_id], back)


def forget_names(work: Work, command: ForgetNames) -> None:
    """Answer :class:`ForgetNames`."""
    references.change_naming(work, (PRODUCT_ORDER,), command.ids, references.nameless(command.ids))


HANDLERS: tuple[Handler, ...] = (
    asks(CaptureOrder, look_around, capture_order),
    decides(AmendOrder, amend_order),
    decides(DecomposeOrder, decompose_order),
    decides(CompleteItem, complete_item),
    decides(ReopenItem, reopen_item),
    decides(CompleteOrder, complete_order),
    decides(NoteHeld, note_held),
    decides(NoteResumed, note_resumed),
    decides(NoteUnwinding, note_unwinding),
    decides(NoteUnwound, note_unwound),
    decides(RefuseCancellation, refuse_cancellation),
    decides(RequestCancellation, request_cancellation),
    decides(ResolveFallout, resolve_fallout),
    answers(ListSold, list_sold),
    decides(FollowMerge, follow_merge),
    decides(FollowUnmerge, follow_unmerge),
    decides(ForgetNames, forget_names),
)
