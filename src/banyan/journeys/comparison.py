"""What the rooms believe, held against each other and against the devices; pure.

Orders that are under way are left out: their plans are about to make these things agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from banyan.components.activation.contract import DeviceDifference, DevicesCompared
from banyan.components.billing.contract import ChargedItem
from banyan.components.inventory.contract import RecordedItem
from banyan.components.ordering.contract import SoldItem

Kind = Literal["missing", "extra", "different", "unreadable"]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing two sides do not agree on, with both values and what to do.

    ``believed`` is what the first of ``between`` says, ``found`` what the second does; ``missing``
    and ``extra`` are said of the second.
    """

    between: tuple[str, str]
    kind: Kind
    order_id: str
    item_id: str
    subject: str
    believed: str
    found: str
    advice: str


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """All differences, and how much was held against each other."""

    differences: tuple[Difference, ...]
    items: int
    configurations: int
    devices: int
    under_way: tuple[str, ...]


_Item = tuple[str, str]

_DEVICE_ADVICE = {
    "missing": "configure it again (the order's plan can't: it is over), or cease it",
    "extra": "find the order it was for; take it off the device, or order it anew",
    "different": "find out who changed the device, then configure it again",
    "unreadable": "make the device reachable and compare again",
}


def find_differences(
    sold: Iterable[SoldItem],
    recorded: Iterable[RecordedItem],
    charged: Iterable[ChargedItem],
    devices: DevicesCompared,
    under_way: Iterable[str],
) -> Comparison:
    """Everything ordering, inventory, billing, activation and the devices do not agree on."""
    busy = frozenset(under_way)
    ordered = {_key(each): each for each in sold if each.order_id not in busy}
    held = {_key(each): each for each in recorded if each.order_id not in busy}
    paid = {_key(each): each for each in charged if each.order_id not in busy}
    found = [
        *_find_unrecorded(ordered, held),
        *_find_uncharged(ordered, held, paid),
        *_find_unrecorded_configurations(devices, held, busy),
        *(_device(each) for each in devices.differences if _item(each.service)[0] not in busy),
    ]
    return Comparison(
        differences=tuple(sorted(found, key=_order)),
        items=len({*ordered, *held, *paid}),
        configurations=len(devices.configured),
        devices=devices.devices,
        under_way=tuple(sorted(busy)),
    )


def _key(each: SoldItem | RecordedItem | ChargedItem) -> _Item:
    return str(each.order_id), each.item_id


def _find_unrecorded(
    ordered: dict[_Item, SoldItem], held: dict[_Item, RecordedItem]
) -> Iterable[Difference]:
    between = ("ordering", "inventory")
    for item in ordered.keys() - held.keys():
        yield Difference(
            between=between, kind="missing", order_id=item[0], item_id=item[1],
            subject=ordered[item].product_id, believed="completed", found="no product",
            advice="record the product again, or correct the order's item",
        )  # fmt: skip
    for item in held.keys() - ordered.keys():
        yield Difference(
            between=between, kind="extra", order_id=item[0], item_id=item[1],
            subject=held[item].product_id, believed="no completed order", found=held[item].status,
            advice="find the order it was for; cease the product if there is none",
        )  # fmt: skip


def _find_uncharged(
    ordered: dict[_Item, SoldItem],
    held: dict[_Item, RecordedItem],
    paid: dict[_Item, ChargedItem],
) -> Iterable[Difference]:
    for item, product in held.items():
        wanted = ordered[item].prices if item in ordered else 0
        lines = paid[item].lines if item in paid else 0
        if lines >= wanted:
            continue
        yield Difference(
            between=("inventory", "billing"), kind="different" if lines else "missing",
            order_id=item[0], item_id=item[1], subject=product.product_id,
            believed=f"{product.status}, sold at {wanted} prices", found=f"{lines} charges",
            advice="start charging the product, from its start date",
        )  # fmt: skip
    for item in paid.keys() - held.keys():
        yield Difference(
            between=("inventory", "billing"), kind="extra", order_id=item[0], item_id=item[1],
            subject=", ".join(paid[item].bills), believed="no product",
            found=f"{paid[item].lines} charges",
            advice="stop charging, and credit what stands on a bill",
        )  # fmt: skip


def _find_unrecorded_configurations(
    devices: DevicesCompared, held: dict[_Item, RecordedItem], busy: frozenset[str]
) -> Iterable[Difference]:
    for each in devices.configured:
        item = _item(each.service)
        if item in held or item[0] in busy:
            continue
        yield Difference(
            between=("inventory", "activation"), kind="extra", order_id=item[0], item_id=item[1],
            subject=f"{each.device}: {each.service}", believed="no product", found="configured",
            advice="restore what was on the device before, or record the product",
        )  # fmt: skip


def _device(each: DeviceDifference) -> Difference:
    order_id, item_id = _item(each.service)
    return Difference(
        between=("activation", "device"), kind=each.kind, order_id=order_id, item_id=item_id,
        subject=f"{each.device}: {each.service}" if each.service else each.device,
        believed=each.believed, found=each.found, advice=_DEVICE_ADVICE[each.kind],
    )  # fmt: skip


def _item(service: str) -> _Item:
    """The order and the item a configuration is for: its name begins with them."""
    order_id, _, rest = service.partition("/")
    return order_id, rest.partition("/")[0]


def _order(each: Difference) -> tuple[str, ...]:
    return (*each.between, each.order_id, each.item_id, each.kind, each.subject)
