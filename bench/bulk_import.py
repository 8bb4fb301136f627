"""Documents imported a second over HTTP, beside a bare loop that decodes and inserts the same rows.

A client sends NDJSON in chunks, as ``banyan bulk import`` does. The house checks every document,
files it with its indexed paths, notes it in the audit and, since somebody has subscribed, tells it
to the outbox. The bare loop decodes the same lines with msgspec and inserts the rows that the house
wrote for them with ``executemany``, in as many transactions: no check, no HTTP, no ids to make.
"""

from __future__ import annotations

import http.client
import json
import sqlite3
import statistics
import time
from pathlib import Path
from typing import Any

from bench.measure import Result, Subject, conditions, scratch, spread, sync_times_ms

SERVICES = "/tmf-api/serviceInventory/v4"
INDIVIDUALS = "/tmf-api/partyManagement/v5"
CHUNK = 1_000
EACH = 4_000
"""Documents per round."""
ROUNDS = 5
GOAL = 5_000
TARGET = 0.2
TABLES = ("document", "document_path", "audit", "outbox", "delivery")


def service(number: int) -> dict[str, Any]:
    """A service as an inventory hands it over: about a kilobyte."""
    return {
        "@type": "Service", "name": f"access {number}", "state": "active", "serviceType": "CFS",
        "category": "internet", "startDate": "2026-01-31T12:00:00Z", "isServiceEnabled": True,
        "serviceSpecification": {"id": "internet-access", "name": "Internet access",
                                 "version": "1.0", "@referredType": "ServiceSpecification"},
        "serviceCharacteristic": [
            {"name": "downloadSpeed", "valueType": "integer", "value": 1000},
            {"name": "uploadSpeed", "valueType": "integer", "value": 500},
            {"name": "vlan", "valueType": "integer", "value": number % 4000},
        ],
        "relatedParty": [{"id": f"customer-{number}", "name": "Ada Banks", "role": "customer",
                          "@referredType": "Customer"}],
        "supportingResource": [{"id": f"olt-{number % 50}", "name": "olt",
                                "@referredType": "PhysicalResource"}],
        "place": [{"id": f"site-{number % 900}", "role": "installation", "name": "Main street",
                   "@referredType": "GeographicAddress"}],
        "legacy": {"row": number, "system": "old-inventory"},
    }  # fmt: skip


def individual(number: int) -> dict[str, Any]:
    """A person: sealed under a key of her own."""
    return {"@type": "Individual", "givenName": "Ada", "familyName": f"Banks {number}"}


def lines(make: Any, first: int, count: int) -> list[bytes]:
    """Chunks of NDJSON."""
    made = [json.dumps(make(first + i)).encode() + b"\n" for i in range(count)]
    return [b"".join(made[at : at + CHUNK]) for at in range(0, count, CHUNK)]


def load(house: Subject, path: str, job: str, chunks: list[bytes]) -> float:
    """Documents a second."""
    connection = http.client.HTTPConnection("127.0.0.1", int(house.facts["port"]), timeout=60)
    headers = {
        "authorization": f"Bearer {house.facts['token']}", "content-type": "application/x-ndjson",
    }  # fmt: skip
    began = time.perf_counter()
    created = 0
    for number, chunk in enumerate(chunks):
        line = number * CHUNK + 1
        connection.request("POST", f"{path}?job={job}&line={line}", chunk, headers)
        answer = json.loads(connection.getresponse().read())
        assert answer.get("refused") == 0, answer
        created = answer["created"]
    took_s = time.perf_counter() - began
    connection.close()
    return created / took_s


def subscribe(house: Subject, base: str) -> None:
    """Let every event be told to the outbox; nobody works there, so it stays."""
    connection = http.client.HTTPConnection("127.0.0.1", int(house.facts["port"]), timeout=60)
    headers = {
        "authorization": f"Bearer {house.facts['token']}", "content-type": "application/json",
    }  # fmt: skip
    connection.request("POST", f"{base}/hub", b'{"callback":"http://127.0.0.1:9/"}', headers)
    assert connection.getresponse().status == 201
    connection.close()


def copy_rows(path: Path) -> dict[str, Any]:
    """The schema and all rows of the tables an import writes to, in the order of insertion."""
    source = sqlite3.connect(path)
    source.row_factory = sqlite3.Row
    schema = [
        row["sql"] for row in source.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name IN"
            f" ({', '.join('?' * len(TABLES))}) ORDER BY type DESC", TABLES,
        )
    ]  # fmt: skip
    rows = {
        table: [list(row) for row in source.execute(f"SELECT * FROM {table}")] for table in TABLES
    }
    source.close()
    return {"schema": schema, "rows": rows}


def run() -> list[Result]:
    """Measure both by turns."""
    ours: list[float] = []
    bare: list[float] = []
    syncs: list[float] = []
    cpu_us: list[float] = []
    with scratch() as folder:
        first = Subject("bench.subjects.order_door", str(folder / "model"))
        chunks = lines(service, 0, EACH)
        subscribe(first, SERVICES)
        load(first, f"{SERVICES}/bulk/service", "model", chunks)
        first.stop()
        model = folder / "model.json"
        model.write_text(json.dumps({
            **copy_rows(folder / "model" / "rooms" / "inventory.db"),
            "lines": [chunk.decode() for chunk in chunks],
        }))  # fmt: skip
        house = Subject("bench.subjects.order_door", str(folder / "house"))
        other = Subject("bench.subjects.bulk_bare", str(folder / "bare"), str(model))
        try:
            subscribe(house, SERVICES)
            load(house, f"{SERVICES}/bulk/service", "warm", lines(service, 0, CHUNK))
            for number in range(ROUNDS):
                fresh = lines(service, (number + 1) * EACH, EACH)
                before_s = house.cpu_s
                ours.append(load(house, f"{SERVICES}/bulk/service", f"r{number}", fresh))
                cpu_us.append((house.cpu_s - before_s) / EACH * 1e6)
                bare.append(EACH / other.do()["took_s"])
                syncs += sync_times_ms(folder)
            people = load(
                house, f"{INDIVIDUALS}/bulk/individual", "people", lines(individual, 0, CHUNK)
            )
        finally:
            house.stop()
            other.close()
    value, floor = statistics.median(ours), statistics.median(bare)
    told = conditions(
        syncs, database="SQLite, WAL, synchronous=FULL, one server process", chunk=CHUNK,
        ours=spread(ours), bare=spread(bare), server_cpu_us=spread(cpu_us),
        individuals_per_s=round(people),
    )  # fmt: skip
    what = "TMF638 services of one kilobyte over HTTP: checked, audited, told to the outbox"
    return [
        Result("bulk_import", what, value, "documents/s", floor, "msgspec + executemany, bare",
               value / floor, TARGET, False, told),
        Result("bulk_import_rate", what, value, "documents/s", GOAL, "goal",
               value / GOAL, 1.0, False, told),
    ]  # fmt: skip
