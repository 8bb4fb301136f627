"""What may still change once an order is taken, and how it ends. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from banyan.components.ordering.contract import ItemWork
from banyan.components.ordering.model import PRODUCT_ORDER_LIFE, SoldOffering
from banyan.components.ordering.policy.work import characteristics_of, compute_work, specs_of
from banyan.kernel.words.characteristics import check_characteristics
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding

AMENDABLE: Final = frozenset(
    {
        "category",
        "channel",
        "description",
        "externalId",
        "note",
        "notificationContact",
        "priority",
        "requestedCompletionDate",
        "requestedStartDate",
    }
)
"""What says something about an order without changing what is done for it."""

_OWN_REASONS: Final = {
    "state": "an order's state follows the work: to cancel it, create a cancelProductOrder",
    "productOrderItem": "items in flight can't be changed so far: cancel the order, order anew",
}


def check_amendment(before: Document, after: Document) -> list[Finding]:
    """Everything that stands against a change of an order's document, as conflicts.

    While it is open the attributes of :data:`AMENDABLE` may change; afterwards it is a record.
    """
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if before["state"] in PRODUCT_ORDER_LIFE.terminal:
        reason = f"the order is {before['state']}: it is a record by now"
        return [Finding("orderOver", reason, name) for name in names]
    return [
        Finding("notAmendable", _OWN_REASONS.get(name, "can't be changed once ordered"), name)
        for name in names
        if name not in AMENDABLE
    ]


def check_repair(
    order: Document, item: Document, terms: SoldOffering, given: Sequence[Document]
) -> tuple[Document, ItemWork, list[Finding]]:
    """The item with its product's characteristics replaced by those ``given``, and its work then.

    The findings have their paths below ``characteristic``. What is to be done must stay the same
    steps, with other values: a change that makes a device or a pool come or go is refused.
    """
    replaced = {each.get("name") for each in given}
    kept = [each for each in characteristics_of(item) if each.get("name") not in replaced]
    specs = specs_of(terms.specification)
    findings = check_characteristics(specs, [*given, *kept], "characteristic")
    before = compute_work(order, item, terms)
    if findings:
        return item, before, findings
    product: Document = {"@type": "Product", **(item.get("product") or {})}
    changed = {**item, "product": {**product, "productCharacteristic": [*kept, *given]}}
    after = compute_work(order, changed, terms)
    if _steps(before) != _steps(after):
        reason = "this would change what has to be done, not only how: cancel it and order anew"
        findings = [Finding("otherWork", reason, "characteristic")]
    return changed, after, findings


def _steps(work: ItemWork) -> list[tuple[Any, ...]]:
    return [
        (each.key, each.pool, bool(each.device), sorted(each.configuration))
        for each in work.resources
    ]


def find_end(items: Iterable[Document]) -> str | None:
    """The verb that ends an order whose items have ended; nothing while one is open.

    TMF622: all completed, all failed, or a mix of both, which is ``partial``.
    """
    states = {item["state"] for item in items}
    if states == {"completed"}:
        return "complete"
    if states == {"failed"}:
        return "fail"
    ended = {"completed", "failed", "partial", "cancelled", "rejected"}
    return "complete_partly" if states <= ended else None
