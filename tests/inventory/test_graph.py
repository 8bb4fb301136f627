"""One graph: what carries this, and who stands on it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from banyan.components.inventory.contract import (
    AddResource,
    AmendResource,
    FindCarriers,
    FindDependants,
    UnrecordProduct,
)
from banyan.components.inventory.store import PRODUCT, RESOURCE, SERVICE
from banyan.components.inventory.wire import find_edges, node_of
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Refused
from banyan.kernel.words.ids import ResourceId
from banyan.tmf import documents
from tests.inventory.lab import Inventory, codes
from tests.inventory.test_records import ORDER, internet
from tests.tmf.lab import Http

CARRIER = "/banyan-api/inventoryGraph/v1/carrier"
DEPENDANT = "/banyan-api/inventoryGraph/v1/dependant"
RESOURCES = "/tmf-api/resourceInventoryManagement/v5/resource"
PRODUCTS = "/tmf-api/productInventory/v5/product"


def rack(number: str, *related: tuple[str, str], **more: Any) -> Document:
    """A resource with relationships (type, id of the other)."""
    relations = [
        {"relationshipType": word, "resource": {"@type": "ResourceRef", "id": other}}
        for word, other in related
    ]
    document = {"@type": "Resource", "id": number, "name": number, **more}
    return document | ({"resourceRelationship": relations} if relations else {})


def add(inventory: Inventory, *documents: Document) -> None:
    """File resources."""
    for document in documents:
        inventory.put(AddResource(document=document))


def below(inventory: Inventory, node: str, **limits: Any) -> list[str]:
    """What carries the node."""
    return [n.node for n in inventory.ask(FindCarriers(node=node, **limits)).nodes]


def above(inventory: Inventory, node: str, **limits: Any) -> list[str]:
    """What stands on the node."""
    return [n.node for n in inventory.ask(FindDependants(node=node, **limits)).nodes]


@pytest.fixture
def http(inventory: Inventory) -> Iterator[Http]:
    """A client of the inventories."""
    served = inventory.serve()
    yield served
    served.close()


def test_a_record_is_carried_down_to_its_resources_and_stood_on_up_to_its_customer(
    inventory: Inventory,
) -> None:
    ids = inventory.put(internet())
    product, vlan = f"product:{ids.product_id}", f"resource:{ids.resources['vlan']}"
    access, line = (f"service:{ids.services[key]}" for key in ("access", "line"))
    found = inventory.ask(FindCarriers(node=product))
    assert [(n.node, n.depth) for n in found.nodes[2:]] == [(line, 2), (vlan, 3)]
    assert {n.node for n in found.nodes[:2]} == {access, f"resource:{ids.resources['box']}"}
    assert found.path(vlan) == (product, access, line, vlan)
    found = inventory.ask(FindDependants(node=vlan))
    wanted = [line, access, product, "customer:c-1"]
    assert [n.node for n in found.nodes if n.node in (line, product)] == [line, product]
    assert {n.node for n in found.nodes} == set(wanted)
    assert found.path(product) == (vlan, line, access, product)
    assert above(inventory, vlan, kinds=("customer",)) == ["customer:c-1"]
    assert below(inventory, "customer:c-1", kinds=("product",)) == [product]


def test_edges_go_with_the_documents_that_tell_them(inventory: Inventory) -> None:
    before = inventory.rows()
    inventory.put(internet())
    assert len(inventory.rows()["edge"]) > 5
    inventory.put(UnrecordProduct(order_id=ORDER, item_id="1"))
    assert inventory.rows() == before


def test_containment_is_understood_from_either_end(inventory: Inventory) -> None:
    add(
        inventory,
        rack("site-rack", ("contains", "chassis")),
        rack("chassis"),
        rack("card", ("isContainedIn", "chassis")),
        rack("port", ("is contained_in", "card")),
    )
    assert below(inventory, "resource:port") == [
        "resource:card",
        "resource:chassis",
        "resource:site-rack",
    ]
    assert above(inventory, "resource:site-rack", depth_max=2) == [
        "resource:chassis",
        "resource:card",
    ]


def test_what_is_only_connected_is_followed_when_it_is_named(inventory: Inventory) -> None:
    add(inventory, rack("a"), rack("b", ("connectedTo", "a")), rack("c", ("connectedTo", "b")))
    assert below(inventory, "resource:a") == []
    assert above(inventory, "resource:a") == []
    for ask in (below, above):
        assert ask(inventory, "resource:a", relations=("connectedTo",)) == [
            "resource:b",
            "resource:c",
        ]
    assert below(inventory, "resource:a", relations=("backup",)) == []


def test_circles_end(inventory: Inventory) -> None:
    add(
        inventory,
        rack("a", ("dependsOn", "b")),
        rack("b", ("dependsOn", "c")),
        rack("c", ("dependsOn", "a"), ("dependsOn", "c")),
    )
    assert below(inventory, "resource:a") == ["resource:b", "resource:c"]
    assert above(inventory, "resource:a") == ["resource:c", "resource:b"]


def test_a_change_of_a_document_changes_what_it_stands_on(inventory: Inventory) -> None:
    add(inventory, rack("a"), rack("b"), rack("card", ("isContainedIn", "a")))
    moved = inventory.get(RESOURCE, "card") | {"resourceRelationship": rack(
        "card", ("isContainedIn", "b"))["resourceRelationship"]}  # fmt: skip
    inventory.put(AmendResource(id=ResourceId("card"), document=moved, rev=1))
    assert below(inventory, "resource:card") == ["resource:b"]
    assert above(inventory, "resource:a") == []


def test_tenants_do_not_see_each_others_graph(inventory: Inventory) -> None:
    add(inventory, rack("a"), rack("b", ("dependsOn", "a")))
    inventory.call = type(inventory.call)("south", "tester")
    assert above(inventory, "resource:a") == []


def test_what_carries_something_is_not_removed_and_the_refusal_says_who_stands_on_it(
    inventory: Inventory,
) -> None:
    ids = inventory.put(internet())
    before = inventory.rows()
    for resource, number, who in (
        (RESOURCE, ids.resources["vlan"], ids.services["line"]),
        (SERVICE, ids.services["line"], ids.services["access"]),
        (SERVICE, ids.services["access"], ids.product_id),
    ):
        with pytest.raises(Refused) as refusal:
            inventory.remove(resource, inventory.get(resource, number))
        assert codes(refusal) == {"carries"}
        assert who in refusal.value.refusal.reason
    assert inventory.rows() == before
    inventory.remove(PRODUCT, inventory.get(PRODUCT, ids.product_id))
    inventory.remove(SERVICE, inventory.get(SERVICE, ids.services["access"]))


def test_a_container_is_not_removed_while_what_it_contains_is_there(inventory: Inventory) -> None:
    add(inventory, rack("chassis", ("contains", "card")))
    inventory.remove(RESOURCE, inventory.get(RESOURCE, "chassis"))
    add(inventory, rack("chassis", ("contains", "card")), rack("card"))
    with pytest.raises(Refused) as refusal:
        inventory.remove(RESOURCE, inventory.get(RESOURCE, "chassis"))
    assert "resource:card" in refusal.value.refusal.reason


def test_what_is_over_stands_on_nothing(inventory: Inventory, http: Http) -> None:
    ids = inventory.put(internet())
    where = f"{PRODUCTS}/{ids.product_id}"
    assert http.patch(where, json={"status": "terminated"}).status_code == 200
    access = f"service:{ids.services['access']}"
    assert above(inventory, access) == ["customer:c-1"], "the service is still hers"
    assert below(inventory, f"product:{ids.product_id}") == []
    inventory.remove(SERVICE, inventory.get(SERVICE, ids.services["access"]))


def test_the_functions_of_a_graph_stand_on_what_they_connect() -> None:
    ends = [{"@type": "EndpointRef", "id": end} for end in ("a", "b")]
    function = rack("f", connectivity=[{"id": "g", "connection": [{"endpoint": ends}]}])
    told = {(edge.upper, edge.lower, edge.carries) for edge in find_edges("resource", function)}
    assert told == {
        ("resource:f", "resource:a", True),
        ("resource:f", "resource:b", True),
        ("resource:a", "resource:b", False),
    }


def test_the_graph_is_asked_over_http(inventory: Inventory, http: Http) -> None:
    ids = inventory.put(internet())
    vlan = f"resource:{ids.resources['vlan']}"
    found = http.get(f"{DEPENDANT}?of={vlan}&kind=customer,product")
    assert found.status_code == 200, found.text
    shown = {each["kind"]: each for each in found.json()}
    assert shown["customer"]["entity"]["id"] == "c-1"
    assert shown["product"]["state"] == "active"
    assert shown["product"]["entity"]["name"] == "Fibre 100"
    assert shown["product"]["path"][0] == vlan
    one = http.get(f"{DEPENDANT}/{shown['product']['id']}")
    assert one.json() == shown["product"]
    assert http.get(shown["product"]["href"]).json() == shown["product"]
    page = http.get(f"{CARRIER}?of=product:{ids.product_id}&limit=1&offset=2")
    assert (page.status_code, page.headers["x-total-count"], len(page.json())) == (206, "4", 1)
    assert page.json()[0]["depth"] == 2
    assert len(http.get(f"{CARRIER}?of=product:{ids.product_id}&depth=1").json()) == 2
    assert http.get(CARRIER).json() == []


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("?of=olt-1", 400, "wrongNode"),
        ("?of=planet:earth", 400, "wrongNode"),
        ("?of=resource:nowhere", 404, "unknownNode"),
        ("?of=resource:a&depth=deep", 400, "wrong_type"),
        ("?of=resource:a&of=resource:b", 400, "oneValue"),
        ("?of=resource:a&colour=red", 400, "unknownParameter"),
        ("?of=resource:a&depth.gt=2", 400, "unsupported_operator"),
    ],
)
def test_a_wrong_question_is_refused(http: Http, query: str, status: int, code: str) -> None:
    answer = http.get(CARRIER + query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_nothing_of_the_graph_is_written_over_http(http: Http) -> None:
    assert http.post(CARRIER, json={}).status_code == 405
    assert http.delete(f"{CARRIER}/resource:a~resource:b").status_code == 405
    assert http.get(f"{CARRIER}/resource:a~resource:b").status_code == 404
    assert http.get(f"{CARRIER}/nonsense").status_code == 404


def test_an_older_database_gets_the_edges_of_the_documents_it_has(database_url: str) -> None:
    older = Inventory(database_url, before="m0002")
    with older.database.read() as tx:
        assert not sa.inspect(tx).has_table("edge")
    silent = {
        row.name: replace(row, admit=lambda *told: told[-1]) for row in (PRODUCT, SERVICE, RESOURCE)
    }
    filed = [
        (SERVICE, {"id": "s", "@type": "Service", "state": "active",
                   "supportingResource": [{"id": "a"}], "supportingService": [{"name": "?"}]}),
        (SERVICE, {"id": "old", "@type": "Service", "state": "terminated",
                   "supportingResource": [{"id": "a"}]}),
        (PRODUCT, {"id": "p", "@type": "Product", "status": "active",
                   "realizingService": [{"id": "s"}], "relatedParty": [
                       {"role": "customer", "partyOrPartyRole": {"id": "c"}}]}),
        (RESOURCE, rack("a", ("connectedTo", "b"), ("contains", "c"), ("depends on", "d"))),
    ]  # fmt: skip
    older.database.write(
        lambda tx: [
            documents.create(older.work(tx), silent[row.name], document, document["id"])
            for row, document in filed
        ]
    )
    older.close()
    now = Inventory(database_url)
    told = {tuple(row[1:]) for row in now.rows()["edge"]}
    wanted = {
        (node_of(row.name, document["id"]), at, e.upper, e.lower, e.relation, int(e.carries))
        for row, document in filed
        for at, e in enumerate(find_edges(row.name, document))
    }
    assert told == wanted
    assert len(told) == 6
    now.close()


def naive(edges: set[tuple[str, str]], start: str) -> dict[str, int]:
    """Every node that ``start`` leads to, with its distance."""
    found, ahead = {start: 0}, [start]
    while ahead:
        here = ahead.pop(0)
        for there in sorted(lower for upper, lower in edges if upper == here):
            if there not in found:
                found[there] = found[here] + 1
                ahead.append(there)
    return {node: depth for node, depth in found.items() if node != start}


def test_a_walk_finds_what_a_plain_search_finds(tmp_path: Path) -> None:
    numbers = itertools.count()
    pairs = st.sets(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=40)

    @settings(max_examples=25, deadline=None)
    @given(pairs)
    def compare(drawn: set[tuple[int, int]]) -> None:
        inventory = Inventory(f"sqlite:///{tmp_path / str(next(numbers))}")
        told: dict[int, list[tuple[str, str]]] = {number: [] for number in range(20)}
        for upper, lower in drawn:
            told[upper].append(("dependsOn", f"r{lower}"))
        add(inventory, *(rack(f"r{n}", *related) for n, related in told.items()))
        edges = {(f"resource:r{upper}", f"resource:r{lower}") for upper, lower in drawn}
        for start in ("resource:r0", "resource:r7"):
            for ask, way in ((FindCarriers, edges), (FindDependants, {(b, a) for a, b in edges})):
                found = inventory.ask(ask(node=start))
                assert {n.node: n.depth for n in found.nodes} == naive(way, start)
                for each in found.nodes:
                    path = found.path(each.node)
                    assert len(path) == each.depth + 1
                    assert all(step in way for step in itertools.pairwise(path))
        inventory.close()

    compare()


def test_many_on_one_are_found_in_pieces(inventory: Inventory) -> None:
    add(inventory, rack("core"))
    add(inventory, *(rack(f"n{n}", ("dependsOn", "core")) for n in range(300)))
    add(inventory, *(rack(f"m{n}", ("dependsOn", f"n{n}")) for n in range(300)))
    found = inventory.ask(FindDependants(node="resource:core"))
    assert [n.depth for n in found.nodes] == [1] * 300 + [2] * 300
    cut = inventory.ask(FindDependants(node="resource:core", nodes_max=100))
    assert (len(cut.nodes), cut.is_whole) == (100, False)
