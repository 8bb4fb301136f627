"""Processor time of the server for one product order over HTTP, beside a bare handler.

Both sides run uvicorn with uvloop and httptools in a process of their own; the time is what
``/proc`` says the server took, so what clients cost is not in it. The house authenticates, checks
the order against catalogue, customer and account, prices it and tells its events to the outbox;
the bare handler only writes the same rows in one durable transaction. Plans are not walked
meanwhile. For the record, ``order_to_active_ms`` is the processor time of a whole ``banyan run``
per order, from POST until it is completed.
"""

from __future__ import annotations

import http.client
import itertools
import json
import sqlite3
import statistics
import threading
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

from banyan.demo.visitor import Visitor
from bench.measure import ROUNDS, Result, Subject, conditions, scratch, spread, sync_times_ms

API = "/tmf-api"
ORDERS = f"{API}/productOrderingManagement/v5/productOrder"
CLIENTS = 8
EACH = 50
"""Orders per client and round."""
WALKED = 100
"""Orders walked to the end, for the record."""
TARGET = 0.2
OTHERS = ("migration", "hub", "sqlite_sequence")
_numbers = itertools.count(1)


def run() -> list[Result]:
    """Measure both servers by turns."""
    ours: list[float] = []
    bare: list[float] = []
    syncs: list[float] = []
    with scratch() as folder:
        house = Subject("bench.subjects.order_door", str(folder / "house"))
        body = prepare(house)
        post_many(house, body, 1, 1)
        model = copy_rows(folder / "house" / "rooms" / "ordering.db")
        (folder / "model.json").write_text(json.dumps(model))
        other = Subject(
            "bench.subjects.order_bare", str(folder / "bare"), str(folder / "model.json")
        )
        try:
            for side in (house, other):
                post_many(side, body, CLIENTS, EACH)
            for _ in range(ROUNDS):
                ours.append(cost_us(house, body))
                bare.append(cost_us(other, body))
                syncs += sync_times_ms(folder)
        finally:
            house.stop()
            other.stop()
        walked_ms = cost_of_walking_ms(folder / "walked")
    value, floor = statistics.median(ours), statistics.median(bare)
    told = conditions(
        syncs, database="SQLite, WAL, synchronous=FULL, one server process per side",
        clients=CLIENTS, rows={table: len(rows) for table, rows in model["rows"].items()},
        ours=spread(ours), bare=spread(bare), order_to_active_ms=round(walked_ms, 2),
    )  # fmt: skip
    what = f"server processor time per order, {CLIENTS} clients"
    return [
        Result(
            "http_create_order", what, value, "µs", floor, "bare Starlette + msgspec",
            floor / value, TARGET, True, told,
        )
    ]  # fmt: skip


def prepare(house: Subject) -> bytes:
    """Load the demo's catalogue, a network and a customer; the body of an order of hers."""
    visitor = Visitor(f"http://127.0.0.1:{house.facts['port']}", str(house.facts["token"]))
    texts = [each for each in (files("banyan.demo") / "catalog").iterdir() if ".yaml" in each.name]
    catalog = [{"name": each.name, "text": each.read_text("utf-8")} for each in texts]
    job = {"@type": "ImportJob", "url": "inline:bench", "catalogFile": catalog}
    visitor.post(f"{API}/productCatalogManagement/v5/importJob", job)
    resources = f"{API}/resourceInventoryManagement/v5/resource"
    low, high = {"name": "low", "value": 100}, {"name": "high", "value": 4094}
    visitor.post(resources, {
        "@type": "ResourcePool", "@baseType": "LogicalResource", "name": "vlan",
        "category": "pool", "resourceCharacteristic": [low, high],
    })  # fmt: skip
    node = visitor.post(resources, {
        "@type": "PhysicalResource", "name": "olt-1", "category": "accessNode",
        "resourceCharacteristic": [{"name": "driver", "value": "null"}],
    })  # fmt: skip
    ada = {"@type": "Individual", "givenName": "Ada", "familyName": "Banks"}
    person = visitor.post(f"{API}/partyManagement/v5/individual", ada)
    engaged = {"@type": "PartyRef", "id": person["id"], "@referredType": "Individual"}
    customer = {"@type": "Customer", "name": "Ada Banks", "engagedParty": engaged}
    owner = visitor.post(f"{API}/customer/v5/customer", customer)["id"]
    party = {"role": "customer", "partyOrPartyRole": {
        "@type": "PartyRoleRef", "id": owner, "@referredType": "Customer"}}  # fmt: skip
    account = {"@type": "BillingAccount", "name": "Ada's account", "relatedParty": [party]}
    payer = visitor.post(f"{API}/accountManagement/v5/billingAccount", account)["id"]
    visitor.close()
    wanted = [{"name": "accessNode", "value": node["name"]}]
    return json.dumps({
        "@type": "ProductOrder",
        "relatedParty": [party],
        "billingAccount": {"@type": "BillingAccountRef", "id": payer},
        "productOrderItem": [{
            "@type": "ProductOrderItem", "id": "1", "action": "add",
            "productOffering": {"@type": "ProductOfferingRef", "id": "fibre-100"},
            "product": {"@type": "Product", "productCharacteristic": wanted},
        }],
    }).encode()  # fmt: skip


def post_many(server: Subject, body: bytes, clients: int, each: int) -> None:
    """Post ``body`` over kept connections; anything but 201 is an error."""
    failures: list[str] = []
    headers = {
        "content-type": "application/json",
        "authorization": f"Bearer {server.facts.get('token', '')}",
    }

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", int(server.facts["port"]))
        for _ in range(each):
            own = {"idempotency-key": f"bench-{next(_numbers)}"}
            connection.request("POST", ORDERS, body, headers | own)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 201:
                failures.append(f"{answer.status} {text[:300]!r}")
                break
        connection.close()

    posting = [threading.Thread(target=work) for _ in range(clients)]
    for client in posting:
        client.start()
    for client in posting:
        client.join()
    if failures:
        raise RuntimeError(failures[0])


def cost_us(server: Subject, body: bytes) -> float:
    """Microseconds of the server's processor time per order."""
    before = server.cpu_s
    post_many(server, body, CLIENTS, EACH)
    return (server.cpu_s - before) * 1_000_000 / (CLIENTS * EACH)


def copy_rows(path: Path) -> dict[str, Any]:
    """The tables of a room in which one order was created, their rows, and its own keys."""
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    found = connection.execute("SELECT name, sql, type FROM sqlite_master WHERE sql IS NOT NULL")
    parts = [part for part in found if part["name"] not in OTHERS]
    tables = [part["name"] for part in parts if part["type"] == "table"]
    rows = {
        table: [dict(row) for row in connection.execute(f'SELECT * FROM "{table}"')]
        for table in tables
    }
    connection.close()
    order = rows["document"][0]["id"]
    minted = [order, rows["document"][0]["created"]]
    minted += [row["id"] for row in rows["outbox"]] + [row["key"] for row in rows["answer"]]
    kept = {table: found for table, found in rows.items() if found}
    schema = [part["sql"] for part in parts if part["sql"]]
    return {"schema": schema, "rows": kept, "uniques": list(dict.fromkeys(minted))}


def cost_of_walking_ms(folder: Path) -> float:
    """Milliseconds of processor time per order, from POST to completed, of a whole house."""
    house = Subject("bench.subjects.whole", str(folder))
    try:
        body = prepare(house)
        post_many(house, body, 1, 1)
        await_completed(house, 1)
        before = house.cpu_s
        post_many(house, body, CLIENTS, WALKED // CLIENTS)
        await_completed(house, 1 + WALKED // CLIENTS * CLIENTS)
        return (house.cpu_s - before) * 1000 / (WALKED // CLIENTS * CLIENTS)
    finally:
        house.stop()


def await_completed(house: Subject, wanted: int) -> None:
    """Wait until so many orders are completed, asking seldom."""
    visitor = Visitor(f"http://127.0.0.1:{house.facts['port']}", str(house.facts["token"]))
    for _ in range(300):
        found = visitor.get(ORDERS, state="completed", fields="none", limit="1000")
        if len(found) >= wanted:
            visitor.close()
            return
        time.sleep(0.2)
    raise RuntimeError(f"{len(found)} of {wanted} orders are completed")
