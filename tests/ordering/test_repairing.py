"""A repaired item is done as if it had been ordered so, however far it was already done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import NeedsPerson
from tests.journeys.faults import Faults
from tests.journeys.lab import Lab, changed, wait_for
from tests.journeys.shop import PRODUCTS, RATES, RESOURCES, SERVICES, Shop, open_shop

PORT = "access-port.1.1.2"
STEPS = ("configure/" + PORT, "verify/" + PORT, "record", "charge", "complete")


@pytest.fixture
def faults() -> Faults:
    """Faults to order."""
    return Faults()


@pytest.fixture
def lab(database_url: str, tmp_path: Path, faults: Faults) -> Iterator[Lab]:
    """A house that works, with steps that can be hit."""
    made = Lab(database_url, tmp_path / "home", builders=faults.builders()).work()
    yield made
    made.close()


def stuck(faults: Faults, step: str) -> None:
    """Let a step need a person until somebody has decided."""

    def fail() -> None:
        raise NeedsPerson("somebody must look")

    for point in ("intend.before", "look.before", "handle.before"):
        faults.planned[step, point] = fail


def held(shop: Shop, order_id: str) -> Document:
    """The order's open fallout."""
    (found,) = wait_for(lambda: shop.fallouts(order_id), lambda: "a fallout")
    assert isinstance(found, dict)
    return found


def wait_state(shop: Shop, order_id: str, state: str) -> None:
    wait_for(
        lambda: shop.shown(order_id)["state"] == state,
        lambda: f"{state}: {shop.shown(order_id)} {shop.fallouts(order_id)}",
    )


def nodes(documents: list[Document], attribute: str) -> set[str]:
    """Every accessNode of some documents."""
    return {
        str(each["value"])
        for document in documents
        for each in document.get(attribute, ())
        if each["name"] == "accessNode"
    }


@pytest.mark.parametrize("step", STEPS)
def test_what_was_done_at_the_wrong_node_is_done_at_the_right_one(
    lab: Lab, faults: Faults, step: str
) -> None:
    shop = open_shop(lab)
    stuck(faults, f"1/{step}")
    order_id = shop.order(("fibre-100", "olt-1"))
    fallout = held(shop, order_id)
    assert fallout["step"] == f"1/{step}"
    faults.planned.clear()
    shop.resolve(fallout, "retry", accessNode="olt-2")
    wait_state(shop, order_id, "completed")
    (node, services), *more = lab.devices().items()
    assert (node, len(services), more) == ("olt-2", 1, [])
    products = lab.get(PRODUCTS, **{"productOrderItem.orderId": order_id})
    assert len(products) == 1
    assert nodes(products, "productCharacteristic") == {"olt-2"}
    assert nodes(lab.get(SERVICES), "serviceCharacteristic") == {"olt-2"}
    ports = [each for each in lab.get(RESOURCES) if each["name"] == "Access port"]
    assert [each["value"] for each in ports] == ["olt-2"]
    assert len(lab.get(RATES)) == 2, "charged once: a month and a fee"
    (item,) = shop.shown(order_id)["productOrderItem"]
    assert item["product"]["id"] == products[0]["id"]


@pytest.mark.parametrize("step", STEPS)
def test_a_repaired_order_that_is_cancelled_leaves_nothing(
    lab: Lab, faults: Faults, step: str
) -> None:
    shop = open_shop(lab)
    before = lab.snapshot("ordering")
    stuck(faults, f"1/{step}")
    order_id = shop.order(("fibre-100", "olt-1"))
    fallout = held(shop, order_id)
    faults.planned.clear()
    stuck(faults, f"1/{step}@1")
    shop.resolve(fallout, "retry", accessNode="olt-2")
    again = wait_for(
        lambda: len(shop.shown(order_id).get("productOrderErrorMessage", ())) == 2,
        lambda: "the step to be held again",
    )
    assert again
    faults.planned.clear()
    shop.cancel(order_id)
    wait_state(shop, order_id, "cancelled")
    assert changed(before, lab.snapshot("ordering")) == {}
