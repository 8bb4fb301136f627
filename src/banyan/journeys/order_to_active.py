"""Journey A, first form: a captured product order walks to live, recorded and charged products.

    begin ─ ordering.DecomposeOrder
    per item:  reserve each pool value ─ configure each device ─ verify by read-back
               ─ inventory.RecordProduct ─ billing.StartCharging ─ ordering.CompleteItem
    end ─ ordering.CompleteOrder (the point of no return)

Steps are named ``<item>/<what>[/<resource>]``. Held steps, resumption and unwinding are told to
ordering, which owns the story.
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
from banyan.kernel.engine.plans.journey import Held, Journey, Policy, Step, Wish, answer, wish
from banyan.kernel.words.codec import Document

NAME = "order_to_active"
DECOMPOSE = "decompose"

# -- parameters ------------------------------------------------------------------------------------


def compute_params(order_id: str) -> Document:
    """The parameters of the plan of an order."""
    return {"order_id": order_id}


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
    for item in answers[DECOMPOSE]["items"]:
        made = _item_steps(order_id, item)
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


def _item_steps(order_id: str, item: Document) -> list[Step]:
    name, resources = item["item_id"], item["resources"]
    reserved = [_reserve(name, each) for each in resources if each["pool"]]
    values = {each["key"]: each["pool"] for each in resources if each["pool"]}
    needs = tuple(step.name for step in reserved) or (DECOMPOSE,)
    configured = []
    for each in resources:
        if each["device"]:
            configured += _configure(name, each, _beside(resources, each, name), needs)
    recorded = _record(order_id, item, values, (*needs, *(step.name for step in configured)))
    product_id = answer(recorded.name, "product_id")
    charged = Step(
        name=f"{name}/charge",
        do=wish(
            StartCharging,
            order_id=order_id,
            item_id=name,
            product_id=product_id,
            product_name=item["product_name"],
            account_id=item["account_id"],
            start=answer(recorded.name, "start"),
            prices=item["prices"],
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


def _beside(resources: list[Document], resource: Document, item: str) -> Document:
    """The reserved values that go into a device's configuration: those of the same service."""
    return {
        each["pool"]: answer(f"{item}/reserve/{each['key']}", "value")
        for each in resources
        if each["pool"] and each["above"] == resource["above"]
    }


def _configure(
    item: str, resource: Document, values: Document, needs: tuple[str, ...]
) -> list[Step]:
    device, service = resource["device"], resource["holder"]
    told = Step(
        name=f"{item}/configure/{resource['key']}",
        do=wish(
            Configure,
            device=device,
            service=service,
            configuration={**resource["configuration"], **values},
        ),
        undo=wish(RestoreConfiguration, device=device, service=service),
        needs=needs,
        policy=Policy(retries=4),
    )
    checked = Step(
        name=f"{item}/verify/{resource['key']}",
        do=wish(VerifyConfiguration, device=device, service=service),
        needs=(told.name,),
        why_no_undo="it only reads",
        policy=Policy(retries=4),
    )
    return [told, checked]


def _record(order_id: str, item: Document, values: Document, needs: tuple[str, ...]) -> Step:
    services = [{name: each[name] for name in _SERVICE_RECORD} for each in item["services"]]
    resources = [
        {name: each[name] for name in _RESOURCE_RECORD}
        | {"value": _value(item["item_id"], each, values)}
        for each in item["resources"]
    ]
    return Step(
        name=f"{item['item_id']}/record",
        do=wish(
            RecordProduct,
            order_id=order_id,
            item_id=item["item_id"],
            product=item["product"],
            services=services,
            resources=resources,
        ),
        undo=wish(UnrecordProduct, order_id=order_id, item_id=item["item_id"]),
        needs=needs,
    )


_SERVICE_RECORD = (
    "key", "name", "layer", "specification_id", "specification_name", "above", "characteristic",
)  # fmt: skip
_RESOURCE_RECORD = (
    "key", "name", "schema_type", "specification_id", "specification_name", "above",
    "characteristic",
)  # fmt: skip


def _value(item: str, resource: Document, values: Document) -> Any:
    if resource["key"] in values:
        return answer(f"{item}/reserve/{resource['key']}", "value")
    return resource["device"]


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
    tell_held,
    tell_resumed,
    tell_unwound,
    tell_unwind_refused,
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
    assert event.action != "cancel", "a cancelled order comes as CancellationRequested"
    return RepairPlan(
        journey=NAME,
        subject=event.order_id,
        step=event.step,
        action=event.action,
        reason=event.reason,
        changes=event.changes,
    )


REACTIONS = (
    (ProductOrderCaptured, on_product_order_captured),
    (CancellationRequested, on_cancellation_requested),
    (FalloutResolved, on_fallout_resolved),
)
