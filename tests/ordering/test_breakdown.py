"""An item breaks down along the relations it was sold with, whatever the catalogue's tree."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from banyan.components.ordering.contract import ItemWork, ResourceItem, ServiceItem
from banyan.components.ordering.model import SoldNode, SoldOffering
from banyan.components.ordering.policy import check_repair, compute_work, find_end
from banyan.kernel.words.codec import Document

NAMES = ("speed", "node", "colour", "site")
LAYERS: tuple[Any, ...] = ("customerFacing", "resourceFacing", "resource")


def spec(name: str, default: str | None = None, **more: Any) -> Document:
    """A specification of a text, with a default or without."""
    values = [] if default is None else [{"value": default, "isDefault": True}]
    typed = {"name": name, "valueType": "string", "configurable": True}
    return {**typed, "characteristicValueSpecification": values, **more}


@st.composite
def nodes(draw: st.DrawFn, depth: int, above: tuple[str, ...]) -> SoldNode:
    """A tree whose nodes take what the one above has, under their own names or others."""
    own = tuple(draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=3)))
    sources: st.SearchStrategy[str | None] = st.sampled_from((None, *above))
    chosen = {name: draw(sources) for name in own}
    takes = {name: source for name, source in chosen.items() if source is not None}
    specs = [spec(n, draw(st.sampled_from([None, f"default of {n}"]))) for n in own]
    layer = LAYERS[min(depth, 2)]
    parts = draw(st.lists(nodes(depth + 1, own), max_size=3)) if depth < 2 else []
    return SoldNode(
        id=draw(st.sampled_from(["spec-a", "spec-b", "x" * 128])),
        name="Some", version="1", layer=layer, schema_type="LogicalResource",
        characteristics=tuple(specs), takes=takes, parts=tuple(parts),
    )  # fmt: skip


@st.composite
def offerings(draw: st.DrawFn) -> SoldOffering:
    """Terms with a tree of three layers below the product."""
    top = SoldNode(
        id="product", name="Product", version="1", layer="product", schema_type="Product",
        characteristics=tuple(spec(name) for name in NAMES),
        parts=tuple(draw(st.lists(nodes(0, NAMES), max_size=3))),
    )  # fmt: skip
    return sold(top)


def sold(top: SoldNode) -> SoldOffering:
    """The tree as it was sold."""
    return SoldOffering(
        id="offer", name="Offer", version="1", is_sellable=True, why_not_sellable="",
        specification=top, prices=(),
    )  # fmt: skip


def item(**values: Any) -> Document:
    """An item with these characteristics."""
    given_values = [
        {"name": name, **(value if isinstance(value, dict) else {"value": value})}
        for name, value in values.items()
    ]
    return {"id": "1", "action": "add", "product": {"productCharacteristic": given_values}}


ORDER: Document = {"id": "order-1", "billingAccount": {"id": "ba-1"}, "relatedParty": []}
VALUES = st.dictionaries(st.sampled_from(NAMES), st.text("abc", max_size=3), max_size=4)


def expected(node: SoldNode, above: dict[str, str]) -> Iterator[tuple[SoldNode, dict[str, str]]]:
    """Each node in its order with the values it must have: an oracle written another way."""
    own = {}
    for each in node.characteristics:
        source = node.takes.get(each["name"], each["name"])
        defaults = [v["value"] for v in each["characteristicValueSpecification"]]
        for value in [*([above[source]] if source in above else []), *defaults][:1]:
            own[each["name"]] = value
    yield node, own
    for part in node.parts:
        yield from expected(part, own)


def broken_down(work: ItemWork) -> list[tuple[str, str, dict[str, str]]]:
    """(key, above, values) of everything."""
    every: list[ServiceItem | ResourceItem] = [*work.services, *work.resources]
    return [
        (each.key, each.above, {c["name"]: c["value"] for c in each.characteristic})
        for each in every
    ]


@given(offerings(), VALUES)
def test_each_layer_gets_its_values_along_what_it_takes(
    terms: SoldOffering, values: dict[str, str]
) -> None:
    work = compute_work(ORDER, item(**values), terms)
    wanted = list(itertools.chain(*(expected(part, values) for part in terms.specification.parts)))
    services = [own for node, own in wanted if node.layer != "resource"]
    resources = [own for node, own in wanted if node.layer == "resource"]
    assert [values for _, _, values in broken_down(work)] == services + resources
    assert [each.configuration for each in work.resources] == resources


@given(offerings(), VALUES)
def test_keys_are_unique_short_and_the_same_each_time(
    terms: SoldOffering, values: dict[str, str]
) -> None:
    work = compute_work(ORDER, item(**values), terms)
    keys = [key for key, _, _ in broken_down(work)]
    assert len(set(keys)) == len(keys)
    assert all(len(key) <= 100 for key in keys)
    assert {above for _, above, _ in broken_down(work)} <= {"", *keys}
    assert {each.holder for each in work.resources} == {
        f"order-1/1/{each.key}" for each in work.resources
    }
    assert compute_work(ORDER, item(**values), terms) == work
    other = compute_work(ORDER, item(speed="another"), terms)
    assert [key for key, _, _ in broken_down(other)] == keys, "keys don't hang on values"


def measured(unit: str | None, **more: Any) -> Document:
    """A specification of a number in a unit."""
    values = [{"value": 100, "isDefault": True, **({"unitOfMeasure": unit} if unit else {})}]
    return {
        "name": "speed", "valueType": "integer", "configurable": True,
        "characteristicValueSpecification": values, **more,
    }  # fmt: skip


def port(*specs: Document, **more: Any) -> SoldNode:
    """A resource."""
    return SoldNode(
        id="port", name="Port", version="1", layer="resource", schema_type="PhysicalResource",
        characteristics=specs, **more,
    )  # fmt: skip


def line(top: Document, *parts: SoldNode) -> SoldOffering:
    """A product made of these."""
    node = SoldNode(
        id="product", name="Product", version="1", layer="product", schema_type="Product",
        characteristics=(top, spec("device", "olt-1")), parts=parts,
    )  # fmt: skip
    return sold(node)


def test_a_value_given_in_another_unit_reaches_the_network_in_the_networks_unit() -> None:
    terms = line(measured("Mbit/s"), port(measured("kbit/s")))
    wanted = item(speed={"value": 2, "unitOfMeasure": "Gbit/s"})
    work = compute_work(ORDER, wanted, terms)
    assert work.resources[0].configuration == {"speed": 2_000_000}
    shown = work.product["productCharacteristic"][0]
    assert (shown["value"], shown["unitOfMeasure"]) == (2, "Gbit/s"), "as the customer said it"
    assert compute_work(ORDER, item(), terms).resources[0].configuration == {"speed": 100_000}


def test_pool_and_device_steer_and_are_no_configuration() -> None:
    terms = line(measured("Mbit/s"), port(spec("device"), spec("pool", "vlan"), measured("Mbit/s")))
    (resource,) = compute_work(ORDER, item(), terms).resources
    assert (resource.device, resource.pool) == ("olt-1", "vlan")
    assert resource.configuration == {"speed": 100}
    assert [each["name"] for each in resource.characteristic] == ["speed"]


def test_a_repair_gives_other_values_and_the_same_steps() -> None:
    terms = line(measured("Mbit/s"), port(spec("device"), measured("Mbit/s")))
    before = item(speed=10, device="olt-1")
    changed, work, findings = check_repair(
        ORDER, before, terms, [{"name": "device", "value": "olt-2"}]
    )
    assert findings == []
    assert work == compute_work(ORDER, changed, terms)
    assert (work.resources[0].device, work.resources[0].configuration) == ("olt-2", {"speed": 10})


def test_a_repair_that_would_take_other_steps_is_refused() -> None:
    terms = line(measured("Mbit/s"), port(spec("device"), measured("Mbit/s")))
    _, _, findings = check_repair(ORDER, item(), terms, [{"name": "device", "value": ""}])
    assert [found.code for found in findings] == ["otherWork"]


def test_an_order_ends_as_its_items_did() -> None:
    def ends(*states: str) -> str | None:
        return find_end([{"state": state} for state in states])

    assert ends("completed", "completed") == "complete"
    assert ends("failed", "failed") == "fail"
    assert ends("completed", "failed") == "complete_partly"
    assert ends("completed", "held") is None
