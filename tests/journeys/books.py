"""The books of a house, read beside it: what every order left in every room and on every device."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from banyan.kernel.engine.db import Database
from banyan.kernel.words.codec import from_json
from tests.journeys.shop import DEVICES, POOL, POOL_HIGH, POOL_LOW

ROOMS = ("party", "place", "catalog", "ordering", "inventory", "activation", "billing", "plans")
PER_ITEM = {
    "product": 1, "service": 2, "resource": 2, "value": 1, "configuration": 1, "device": 1,
    "rate": 2,
}  # fmt: skip
"""What one item of the demo catalogue leaves when it is done."""


def place_database(url: str, home: Path) -> tuple[str, str]:
    """The setting ``database`` of a house in ``home``, and the URL its rooms then have.

    SQLite is no setting: its files are in the house's own folder.
    """
    if url.startswith("sqlite:"):
        return "", f"sqlite:///{home.resolve() / 'rooms'}"
    return url, url


class Books:
    """Read access to all databases and devices of a house, whoever runs it."""

    def __init__(self, url: str, home: Path) -> None:
        self._databases = {name: Database(name, place_database(url, home)[1]) for name in ROOMS}
        self._devices = home / "devices"

    def close(self) -> None:
        """Give the connections back."""
        for database in self._databases.values():
            database.close()

    def rows(self, room: str, query: str, **values: Any) -> list[Any]:
        """What a query finds in a room."""
        with self._databases[room].read() as tx:
            return list(tx.execute(sa.text(query), values))

    def dump(self) -> dict[str, Any]:
        """Every row of every table of every room, and every byte of every device."""
        found: dict[str, Any] = {
            path.name: path.read_bytes() for path in sorted(self._devices.rglob("*.json"))
        }
        for room, database in self._databases.items():
            with database.read() as tx:
                for table in sa.inspect(tx).get_table_names():
                    rows = tx.execute(sa.text(f'SELECT * FROM "{table}"'))
                    found[f"{room}.{table}"] = sorted(tuple(row) for row in rows)
        return found

    def states(self) -> dict[str, str]:
        """Every order's state."""
        found = self.rows("ordering", "SELECT id, state FROM document WHERE resource = :r",
                          r="productOrder")  # fmt: skip
        return {row.id: row.state for row in found}

    def items(self) -> dict[str, int]:
        """How many items every order has."""
        found = self.rows("ordering", "SELECT id, doc FROM document WHERE resource = :r",
                          r="productOrder")  # fmt: skip
        return {row.id: len(from_json(row.doc)["productOrderItem"]) for row in found}

    def traces(self) -> dict[str, Counter[str]]:
        """What each order left: how many of what."""
        found: dict[str, Counter[str]] = {}

        def note(order_id: str, what: str) -> None:
            found.setdefault(order_id.partition("/")[0], Counter())[what] += 1

        for row in self.rows("inventory", "SELECT order_id, resource FROM recorded"):
            note(row.order_id, row.resource)
        for row in self.rows("inventory", "SELECT holder FROM pool_value"):
            note(row.holder, "value")
        for row in self.rows("activation", "SELECT service FROM configuration"):
            note(row.service, "configuration")
        for row in self.rows("billing", "SELECT order_id FROM line"):
            note(row.order_id, "rate")
        for path in self._devices.rglob("*.json"):
            for service in from_json(path.read_bytes())["services"]:
                note(service, "device")
        return found

    def check(self) -> None:
        """Every order that is completed left everything once, every other one that is over nothing;
        documents, rows and pools agree; nothing waits to be told and nothing is parked.
        """
        states, items, traces = self.states(), self.items(), self.traces()
        for order_id, state in states.items():
            left = dict(traces.pop(order_id, Counter()))
            count = items[order_id] if state == "completed" else 0
            wanted = {what: number * count for what, number in PER_ITEM.items() if count}
            assert left == wanted, f"{order_id} is {state} and left {left}"
        assert traces == {}, "somebody left something who is no order"
        self._check_documents()
        self._check_pool()
        self._check_plans(states)
        for room in ROOMS:
            waiting = self.rows(room, "SELECT target, subject, state, reason FROM delivery")
            assert waiting == [], f"{room} has told not everything"

    def _check_documents(self) -> None:
        counted = {
            row.resource: row.number
            for row in self.rows(
                "inventory", "SELECT resource, count(*) AS number FROM document GROUP BY resource"
            )
        }
        counted["resource"] = counted.get("resource", 0) - len(DEVICES) - 1
        recorded = Counter(row.resource for row in self.rows(
            "inventory", "SELECT resource FROM recorded"))  # fmt: skip
        assert +Counter(counted) == recorded, "a record without its document, or the reverse"
        known = {row.id for row in self.rows("inventory", "SELECT id FROM document")}
        lost = [
            r.id for r in self.rows("inventory", "SELECT id FROM recorded") if r.id not in known
        ]
        assert lost == [], "recorded, but not there"
        for room, table in (("activation", "configuration"), ("billing", "line")):
            ((documents,),) = self.rows(room, "SELECT count(*) FROM document")
            ((rows,),) = self.rows(room, f"SELECT count(*) FROM {table}")
            assert documents == rows, f"{room}: {documents} documents, {rows} rows"
        states = {row.state for row in self.rows("activation", "SELECT state FROM configuration")}
        assert states <= {"applied"}, "a change of a device is not finished"

    def _check_pool(self) -> None:
        out = [row.value for row in self.rows("inventory", "SELECT value FROM pool_value")]
        free: list[int] = []
        for row in self.rows("inventory", "SELECT low, high FROM pool_free"):
            free += range(row.low, row.high + 1)
        assert sorted(out + free) == list(range(POOL_LOW, POOL_HIGH + 1)), f"{POOL} does not add up"
        told = [
            configuration["vlan"]
            for path in self._devices.rglob("*.json")
            for configuration in from_json(path.read_bytes())["services"].values()
        ]
        assert sorted(told) == sorted(out), "devices and pool differ"

    def _check_plans(self, states: Mapping[str, str]) -> None:
        plans = self.rows("plans", "SELECT subject, state FROM plan")
        assert Counter(row.subject for row in plans) == Counter(list(states)), "an order, one plan"
        ends = {"completed": "completed", "unwound": "cancelled"}
        for row in plans:
            assert ends.get(row.state) == states[row.subject], f"{row} and {states[row.subject]}"
