"""What the rooms and the devices do not agree on, each kind by itself."""

from __future__ import annotations

from typing import Any

import pytest

from banyan.components.activation.contract import (
    DeviceConfigured,
    DeviceDifference,
    DevicesCompared,
)
from banyan.components.billing.contract import ChargedItem
from banyan.components.inventory.contract import RecordedItem
from banyan.components.ordering.contract import SoldItem
from banyan.journeys.comparison import Comparison, find_differences
from banyan.kernel.words.ids import ProductId, ProductOrderId

ORDER = ProductOrderId("productorder-1")
PRODUCT = ProductId("product-1")
SERVICE = f"{ORDER}/1/access-port.1.1"

SOLD = SoldItem(order_id=ORDER, item_id="1", product_id=PRODUCT, prices=2)
RECORDED = RecordedItem(order_id=ORDER, item_id="1", product_id=PRODUCT, status="active")
CHARGED = ChargedItem(order_id=ORDER, item_id="1", lines=2, bills=())
CONFIGURED = DeviceConfigured(device="olt-1", service=SERVICE)


def compare(**sides: Any) -> Comparison:
    """A house where all agree, but for ``sides``."""
    held = DevicesCompared(
        differences=sides.get("differences", ()),
        configured=sides.get("configured", (CONFIGURED,)),
        devices=1,
    )
    return find_differences(
        sides.get("sold", (SOLD,)),
        sides.get("recorded", (RECORDED,)),
        sides.get("charged", (CHARGED,)),
        held,
        sides.get("under_way", ()),
    )


def test_where_all_agree_there_is_nothing_to_tell() -> None:
    assert compare() == Comparison(
        differences=(), items=1, configurations=1, devices=1, under_way=()
    )


FEWER = ChargedItem(order_id=ORDER, item_id="1", lines=1, bills=())
BILLED = ChargedItem(order_id=ORDER, item_id="1", lines=2, bills=("bill-7",))
FREE = SoldItem(order_id=ORDER, item_id="1", product_id=PRODUCT, prices=0)


@pytest.mark.parametrize(
    ("sides", "told"),
    [
        ({"recorded": (), "charged": (), "configured": ()}, ["ordering inventory missing"]),
        ({"sold": ()}, ["ordering inventory extra"]),
        ({"charged": ()}, ["inventory billing missing"]),
        ({"charged": (FEWER,)}, ["inventory billing different"]),
        ({"charged": (), "sold": (FREE,)}, []),
        (
            {"sold": (), "recorded": (), "charged": (BILLED,), "configured": ()},
            ["inventory billing extra"],
        ),
        (
            {"sold": (), "recorded": (), "charged": ()},
            ["inventory activation extra"],
        ),
        ({"configured": ()}, []),
    ],
)
def test_two_rooms_that_do_not_agree_are_named(sides: dict[str, Any], told: list[str]) -> None:
    found = compare(**sides).differences
    assert [f"{each.between[0]} {each.between[1]} {each.kind}" for each in found] == told
    assert all((each.order_id, each.item_id) == (ORDER, "1") for each in found)
    assert all(each.advice and each.believed and each.found for each in found)


@pytest.mark.parametrize("kind", ["missing", "extra", "different", "unreadable"])
def test_a_device_that_is_not_as_believed_is_named(kind: Any) -> None:
    service = "" if kind == "unreadable" else SERVICE
    there = DeviceDifference(kind=kind, device="olt-1", service=service, believed="a", found="b")
    (found,) = compare(differences=(there,)).differences
    assert (found.between, found.kind) == (("activation", "device"), kind)
    assert found.subject.startswith("olt-1")
    assert (found.believed, found.found) == ("a", "b")


def test_what_is_under_way_is_left_out_and_named() -> None:
    there = DeviceDifference(
        kind="extra", device="olt-1", service=SERVICE, believed="nothing", found="{}"
    )
    found = compare(sold=(), recorded=(), charged=(), differences=(there,), under_way=(ORDER,))
    assert (found.differences, found.under_way) == ((), (ORDER,))
