"""An order item is recorded once, as documents of the standard that point at each other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banyan.components.inventory.contract import (
    ProductRecorded,
    RecordProduct,
    ResourceRecord,
    ServiceRecord,
    UnrecordProduct,
)
from banyan.components.inventory.store import PRODUCT, RESOURCE, SERVICE
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Refused
from banyan.kernel.words.ids import ProductOrderId
from banyan.tmf import documents
from banyan.tmf.resource import Resource
from banyan.tmf.schema import check_shape
from tests.inventory.lab import Inventory

CUSTOMER = {
    "@type": "RelatedPartyOrPartyRole",
    "role": "customer",
    "partyOrPartyRole": {"@type": "PartyRoleRef", "id": "c-1", "@referredType": "Customer"},
}
PRODUCT_SOLD: Document = {
    "name": "Fibre 100",
    "billingAccount": {"id": "ba-1", "@referredType": "BillingAccount"},
    "productOffering": {"id": "po-1", "name": "Fibre 100"},
    "productCharacteristic": [{"name": "downstream", "value": 100}],
    "productPrice": [
        {
            "name": "monthly",
            "priceType": "recurring",
            "price": {"dutyFreeAmount": {"unit": "EUR", "value": Decimal("29.90")}},
        }
    ],
    "relatedParty": [
        CUSTOMER,
        {
            "role": "seller",
            "partyOrPartyRole": {"@type": "Individual", "givenName": "Ada", "familyName": "B."},
        },
    ],
}
ORDER = ProductOrderId("order-1")


def internet(item_id: str = "1") -> RecordProduct:
    """A product of three layers: product, access over a line, a port and a VLAN."""
    return RecordProduct(
        order_id=ORDER,
        item_id=item_id,
        product=PRODUCT_SOLD,
        services=(
            ServiceRecord(
                key="access", name="Internet access", layer="customerFacing",
                specification_id="cfs", specification_name="Internet access",
                characteristic=({"name": "downstream", "value": 100},),
            ),
            ServiceRecord(
                key="line", name="Fibre line", layer="resourceFacing",
                specification_id="rfs", specification_name="Fibre line", above="access",
            ),
        ),
        resources=(
            ResourceRecord(
                key="vlan", name="VLAN", schema_type="Vlan", specification_id="rs-vlan",
                specification_name="VLAN", above="line", value="101",
            ),
            ResourceRecord(
                key="box", name="Home router", schema_type="PhysicalResource",
                specification_id="rs-box", specification_name="Home router",
            ),
        ),
    )  # fmt: skip


def test_what_is_recorded_is_active_and_of_the_standards_shape(inventory: Inventory) -> None:
    ids = inventory.put(internet())
    product = inventory.get(PRODUCT, ids.product_id)
    assert (product["status"], product["startDate"]) == ("active", "2026-01-31T12:00:00.000Z")
    assert product["productOrderItem"][0]["orderId"] == ORDER
    assert product["productOrderItem"][0]["orderItemId"] == "1"
    assert product["billingAccount"]["id"] == "ba-1"
    assert product["productPrice"][0]["price"]["dutyFreeAmount"]["value"] == Decimal("29.90")
    assert check_shape("Product", product) == []
    for number in ids.services.values():
        service = inventory.get(SERVICE, number)
        assert service["state"] == "active"
        assert service["serviceDate"] == "2026-01-31T12:00:00.000Z"
        assert check_shape("Service", service) == []
    vlan = inventory.get(RESOURCE, ids.resources["vlan"])
    assert (vlan["@type"], vlan["@baseType"], vlan["value"]) == ("Vlan", "LogicalResource", "101")
    assert (vlan["lifecycleState"], vlan["administrativeState"]) == ("installed", "unlocked")
    assert check_shape("Resource", vlan) == []


def test_records_refer_to_each_other(inventory: Inventory) -> None:
    ids = inventory.put(internet())
    product = inventory.get(PRODUCT, ids.product_id)
    access = inventory.get(SERVICE, ids.services["access"])
    line = inventory.get(SERVICE, ids.services["line"])
    assert [ref["id"] for ref in product["realizingService"]] == [ids.services["access"]]
    assert [ref["id"] for ref in product["realizingResource"]] == [ids.resources["box"]]
    assert [ref["id"] for ref in access["supportingService"]] == [ids.services["line"]]
    assert "supportingResource" not in access
    assert [ref["id"] for ref in line["supportingResource"]] == [ids.resources["vlan"]]
    assert line["serviceRelationship"][0]["service"]["id"] == ids.services["access"]
    assert access["relatedEntity"][0]["entity"]["id"] == ids.product_id


def test_only_party_references_go_from_the_product_to_its_services(inventory: Inventory) -> None:
    ids = inventory.put(internet())
    access = inventory.get(SERVICE, ids.services["access"])
    assert access["relatedParty"] == [{**CUSTOMER, "@type": "RelatedPartyRefOrPartyRoleRef"}]


@pytest.mark.parametrize(
    ("resource", "path", "value"),
    [
        (PRODUCT, "status", "active"),
        (PRODUCT, "billingAccount.id", "ba-1"),
        (PRODUCT, "productOffering.id", "po-1"),
        (PRODUCT, "productOrderItem.orderId", "order-1"),
        (PRODUCT, "relatedParty.partyOrPartyRole.id", "c-1"),
        (SERVICE, "state", "active"),
        (SERVICE, "relatedParty.partyOrPartyRole.id", "c-1"),
        (RESOURCE, "value", "101"),
        (RESOURCE, "name", "VLAN"),
    ],
)
def test_records_are_found_by_index(
    inventory: Inventory, resource: Resource, path: str, value: str
) -> None:
    inventory.put(internet())
    assert path == resource.state or path in resource.indexed
    with inventory.room.desk(inventory.call, "").look() as look:
        assert documents.every(look, resource, {path: [value]})
        assert documents.every(look, resource, {path: ["another"]}) == []


def test_an_item_is_recorded_once_whatever_the_key(inventory: Inventory) -> None:
    first = inventory.put(internet(), key="a")
    before = inventory.rows()
    assert inventory.put(internet(), key="a") == first
    assert inventory.put(internet(), key="b") == first
    assert inventory.rows() == before
    assert inventory.put(internet("2")).product_id != first.product_id


def test_two_threads_record_an_item_once(inventory: Inventory) -> None:
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(inventory.put, [internet()] * 8))
    assert len({answer.product_id for answer in answers}) == 1


def test_unrecording_leaves_nothing_behind(inventory: Inventory) -> None:
    inventory.put(internet("other"))
    before = inventory.rows()
    inventory.put(internet())
    for _ in range(2):
        inventory.put(UnrecordProduct(order_id=ORDER, item_id="1"))
        assert inventory.rows() == before


def test_unrecording_what_was_never_recorded_changes_nothing(inventory: Inventory) -> None:
    before = inventory.rows()
    inventory.put(UnrecordProduct(order_id=ORDER, item_id="1"))
    assert inventory.rows() == before


@pytest.mark.parametrize(
    "gone",
    [
        lambda ids: [(PRODUCT, ids.product_id)],
        lambda ids: [(PRODUCT, ids.product_id), (SERVICE, ids.services["access"])],
        lambda ids: [
            (PRODUCT, ids.product_id),
            (SERVICE, ids.services["access"]),
            (SERVICE, ids.services["line"]),
            (RESOURCE, ids.resources["vlan"]),
        ],
    ],
)
def test_unrecording_bears_that_half_of_it_is_gone(
    inventory: Inventory, gone: Callable[[ProductRecorded], list[tuple[Resource, str]]]
) -> None:
    before = inventory.rows()
    for resource, number in gone(inventory.put(internet())):
        inventory.remove(resource, inventory.get(resource, number))
    inventory.put(UnrecordProduct(order_id=ORDER, item_id="1"))
    assert inventory.rows() == before


def test_after_unrecording_the_item_may_be_recorded_again(inventory: Inventory) -> None:
    first = inventory.put(internet())
    inventory.put(UnrecordProduct(order_id=ORDER, item_id="1"))
    again = inventory.put(internet())
    assert again.product_id != first.product_id
    assert len(inventory.rows()["recorded"]) == 5


def test_records_that_do_not_fit_are_refused_with_every_reason(
    inventory: Inventory,
) -> None:
    def service(key: str, above: str) -> ServiceRecord:
        return ServiceRecord(
            key=key, name=key, layer="resourceFacing", above=above,
            specification_id="s", specification_name="s",
        )  # fmt: skip

    odd = RecordProduct(
        order_id=ORDER,
        item_id="1",
        product=PRODUCT_SOLD,
        services=(service("a", "b"), service("b", "a"), service("c", "nowhere"), service("c", "")),
    )
    before = inventory.rows()
    with pytest.raises(Refused) as refusal:
        inventory.put(odd)
    found = {(f.code, f.path) for f in refusal.value.refusal.findings}
    assert found == {
        ("circle", "services.0.above"),
        ("circle", "services.1.above"),
        ("unknownKey", "services.2.above"),
        ("duplicateKey", "services.3.key"),
    }
    assert inventory.rows() == before


def test_names_longer_than_the_room_can_keep_are_refused(inventory: Inventory) -> None:
    inventory.put(internet("i" * 128))
    with pytest.raises(Refused) as refusal:
        inventory.put(internet("i" * 129))
    assert [(f.code, f.path) for f in refusal.value.refusal.findings] == [("tooLong", "item_id")]


@st.composite
def forests(draw: st.DrawFn) -> RecordProduct:
    """Any records that fit together: services under services, resources under services or alone."""
    services: list[ServiceRecord] = []
    resources: list[ResourceRecord] = []
    for number in range(draw(st.integers(0, 5))):
        above = draw(st.sampled_from(["", *(s.key for s in services)]))
        services.append(
            ServiceRecord(
                key=f"s{number}", name="service", layer="resourceFacing", above=above,
                specification_id="s", specification_name="s",
            )
        )  # fmt: skip
    for number in range(draw(st.integers(0, 4))):
        above = draw(st.sampled_from(["", *(s.key for s in services)]))
        resources.append(
            ResourceRecord(
                key=f"r{number}", name="resource", schema_type="LogicalResource", above=above,
                specification_id="r", specification_name="r", value=draw(st.text(max_size=3)),
            )
        )  # fmt: skip
    return RecordProduct(
        order_id=ORDER, item_id="1", product=PRODUCT_SOLD,
        services=tuple(draw(st.permutations(services))), resources=tuple(resources),
    )  # fmt: skip


def test_whatever_is_recorded_refers_to_what_is_there_and_is_taken_back_whole(
    tmp_path: Path,
) -> None:
    inventory = Inventory(f"sqlite:///{tmp_path}")
    before = inventory.rows()

    @settings(max_examples=25, deadline=None)
    @given(forests())
    def record_and_take_back(command: RecordProduct) -> None:
        ids = inventory.put(command)
        product = inventory.get(PRODUCT, ids.product_id)
        seen: set[str] = set()
        todo = [product]
        while todo:
            document = todo.pop()
            for name, resource in REFERENCES.items():
                for ref in document.get(name, ()):
                    assert ref["id"] not in seen
                    seen.add(ref["id"])
                    todo.append(inventory.get(resource, ref["id"]))
        assert seen == {*ids.services.values(), *ids.resources.values()}
        inventory.put(UnrecordProduct(order_id=ORDER, item_id="1"))
        assert inventory.rows() == before

    record_and_take_back()
    inventory.close()


REFERENCES = {
    "realizingService": SERVICE,
    "realizingResource": RESOURCE,
    "supportingService": SERVICE,
    "supportingResource": RESOURCE,
}
