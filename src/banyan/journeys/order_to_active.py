"""Journey A, first form: a captured product order walks to live, recorded and charged products.

    begin ─ ordering.DecomposeOrder
    per item:  reserve each pool value ─ configure each device ─ verify by read-back
               ─ inventory.RecordProduct ─ billing.StartCharging ─ ordering.CompleteItem
    end ─ ordering.CompleteOrder (the point of no return)

Steps are named ``<item>/<what>[/<resource>]``. What an item needs they look up when they run: in
what ordering answered, or in what took its place when somebody repaired the item. Held steps,
resumption and unwinding are told to ordering, which owns the story.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from banyan.components.activation.contract import (
    Configure,
    RestoreConfiguration,
    VerifyConfiguration,
)
from banyan.components.billing.contract import StartCharging, StopCharging
from banyan.components.inventory.contract import (
    RecordProduct,
    ReleaseValue,
    ReserveValue,
    UnrecordProduct,
)
from banyan.components.ordering.contract import (
    CompleteItem,
    CompleteOrder,
    DecomposeOrder,
    NoteHeld,
    NoteResumed,
    NoteUnwinding,
    NoteUnwound,
    RefuseCancellation,
    ReopenItem,
)
from banyan.components.ordering.events import (
    CancellationRequested,
    FalloutResolved,
    ProductOrderCaptured,
)
from banyan.kernel.engine.plans.contract import RepairPlan, StartPlan, UnwindPlan
from banyan.kernel.engine.plans.journey import (
    Held,
    Journey,
    Policy,
    Step,
    Wish,
    answer,
    param,
    wish,
)
from banyan.kernel.words.codec import Document

NAME = "order_to_active"
DECOMPOSE = "decompose"

# -- parameters ------------------------------------------------------------------------------------


def compute_params(order_id: str) -> Document:
    """The parameters of the plan of an order."""
    return {"order_id": order_id}


def compute_repaired(item_id: str, work: Document) -> Document:
    """The parameters by which an item's work becomes another; none if it stays."""
    return {_work_name(item_id): work} if work else {}


def _work_name(item_id: str) -> str:
    return f"work/{item_id}"


# -- steps -----------------------------------------------------------------------------------------


def begin(params: Document) -> tuple[Step, ...]:
    """The first step; the others follow from what it answers."""
    return (
        Step(
            name=DECOMPOSE,
            do=wish(DecomposeOrder, order_id=params["order_id"]),
            why_no_undo="it only reads; ordering itself is told when all is undone",
            then="items",
        ),
    )


def expand_items(params: Document, answers: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps of every item, and the last one that needs them all."""
    order_id = params["order_id"]
    steps: list[Step] = []
    ends: list[str] = []
    for position, item in enumerate(answers[DECOMPOSE]["items"]):
        made = _item_steps(order_id, position, item)
        steps += made
        ends.append(made[-1].name)
    end = Step(
        name="complete",
        do=wish(CompleteOrder, order_id=order_id),
        needs=tuple(ends),
        why_no_undo="a completed order is ended by another order",
        is_crossing=True,
    )
    return (*steps, end)


class _Item:
    """One item, whose work is looked up when a step runs."""

    def __init__(self, position: int, work: Document) -> None:
        self.id: str = work["item_id"]
        self.resources: list[Document] = work["resources"]
        self._position = position

    def work(self, *path: str | int) -> Document:
        """A reference into the item's work, as it is by then."""
        first = answer(DECOMPOSE, "items", self._position, *path)
        return param(_work_name(self.id), *path, otherwise=first)


def _item_steps(order_id: str, position: int, work: Document) -> list[Step]:
    item, name = _Item(position, work), work["item_id"]
    reserved = [_reserve(name, each) for each in item.resources if each["pool"]]
    needs = tuple(step.name for step in reserved) or (DECOMPOSE,)
    configured = []
    for at, each in enumerate(item.resources):
        if each["device"]:
            configured += _configure(item, at, needs)
    recorded = _record(order_id, item, (*needs, *(step.name for step in configured)))
    product_id = answer(recorded.name, "product_id")
    charged = Step(
        name=f"{name}/charge",
        do=wish(
            StartCharging,
            order_id=order_id,
            item_id=name,
            product_id=product_id,
            product_name=work["product_name"],
            account_id=work["account_id"],
            start=answer(recorded.name, "start"),
            prices=item.work("prices"),
        ),
        undo=wish(StopCharging, order_id=order_id, item_id=name),
        needs=(recorded.name,),
    )
    completed = Step(
        name=f"{name}/complete",
        do=wish(CompleteItem, order_id=order_id, item_id=name, product_id=product_id),
        undo=wish(ReopenItem, order_id=order_id, item_id=name),
        needs=(charged.name,),
    )
    return [*reserved, *configured, recorded, charged, completed]


def _reserve(item: str, resource: Document) -> Step:
    pool, holder = resource["pool"], resource["holder"]
    return Step(
        name=f"{item}/reserve/{resource['key']}",
        do=wish(ReserveValue, pool=pool, holder=holder),
        undo=wish(ReleaseValue, pool=pool, holder=holder),
        needs=(DECOMPOSE,),
    )


def _configure(item: _Item, at: int, needs: tuple[str, ...]) -> list[Step]:
    resource = item.resources[at]
    device, service = item.work("resources", at, "device"), resource["holder"]
    given = {n: item.work("resources", at, "configuration", n) for n in resource["configuration"]}
    reserved = {
        each["pool"]: _reserved(item, each)
        for each in item.resources
        if each["pool"] and each["above"] == resource["above"]
    }
    told = Step(
        name=f"{item.id}/configure/{resource['key']}",
        do=wish(Configure, device=device, service=service, configuration={**given, **reserved}),
        undo=wish(RestoreConfiguration, device=device, service=service),
        needs=needs,
        policy=Policy(retries=4),
    )
    checked = Step(
        name=f"{item.id}/verify/{resource['key']}",
        do=wish(VerifyConfiguration, device=device, service=service),
        needs=(told.name,),
        why_no_undo="it only reads",
        policy=Policy(retries=4),
    )
    return [told, checked]


def _record(order_id: str, item: _Item, needs: tuple[str, ...]) -> Step:
    resources = [
        {name: each[name] for name in _RESOURCE_RECORD}
        | {
            "characteristic": item.work("resources", at, "characteristic"),
            "value": _reserved(item, each)
            if each["pool"]
            else item.work("resources", at, "device"),
        }
        for at, each in enumerate(item.resources)
    ]
    return Step(
        name=f"{item.id}/record",
        do=wish(
            RecordProduct,
            order_id=order_id,
            item_id=item.id,
            product=item.work("product"),
            services=item.work("services"),
            resources=resources,
        ),
        undo=wish(UnrecordProduct, order_id=order_id, item_id=item.id),
        needs=needs,
    )


_RESOURCE_RECORD = (
    "key", "name", "schema_type", "specification_id", "specification_name", "above",
)  # fmt: skip
"""What a repair leaves as it is: the same resources, with other values."""


def _reserved(item: _Item, resource: Document) -> Document:
    """The value that was reserved for a resource."""
    return answer(f"{item.id}/reserve/{resource['key']}", "value")


# -- news ------------------------------------------------------------------------------------------


def tell_held(params: Document, held: Held) -> Wish:
    """Ordering opens a fallout."""
    return wish(
        NoteHeld,
        order_id=params["order_id"],
        step=held.step,
        reason=held.reason,
        obstacle=held.obstacle,
    )


def tell_resumed(params: Document, step: str) -> Wish:
    """Ordering closes the fallout."""
    return wish(NoteResumed, order_id=params["order_id"], step=step)


def tell_unwinding(params: Document, reason: str) -> Wish:
    """Ordering knows that there is a way back and that it is taken."""
    return wish(NoteUnwinding, order_id=params["order_id"])


def tell_unwound(params: Document, reason: str) -> Wish:
    """Ordering ends the order."""
    return wish(NoteUnwound, order_id=params["order_id"], reason=reason)


def tell_unwind_refused(params: Document, reason: str) -> Wish:
    """Ordering refuses the cancellation."""
    return wish(RefuseCancellation, order_id=params["order_id"], reason=reason)


JOURNEY = Journey(
    NAME,
    1,
    begin,
    {"items": expand_items},
    tell_held=tell_held,
    tell_resumed=tell_resumed,
    tell_unwinding=tell_unwinding,
    tell_unwound=tell_unwound,
    tell_unwind_refused=tell_unwind_refused,
)

# -- reactions -------------------------------------------------------------------------------------


def on_product_order_captured(event: ProductOrderCaptured) -> StartPlan:
    """A captured order gets its plan."""
    order_id = str(event.order_id)
    return StartPlan(journey=NAME, subject=order_id, params=compute_params(order_id))


def on_cancellation_requested(event: CancellationRequested) -> UnwindPlan:
    """A cancellation unwinds the plan, if there is a way back."""
    return UnwindPlan(journey=NAME, subject=event.order_id, reason=event.reason)


def on_fallout_resolved(event: FalloutResolved) -> RepairPlan:
    """A decision on a held step goes to the plan."""
    return RepairPlan(
        journey=NAME,
        subject=event.order_id,
        step=event.step,
        action=event.action,
        reason=event.reason,
        params=compute_repaired(event.item_id, event.work),
    )


REACTIONS = (
    (ProductOrderCaptured, on_product_order_captured),
    (CancellationRequested, on_cancellation_requested),
    (FalloutResolved, on_fallout_resolved),
)
