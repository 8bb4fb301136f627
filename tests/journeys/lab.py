"""The whole house, built by wiring over one database, with its front door and a way to see all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import sqlalchemy as sa

from banyan.gateway.tokens import TokenBook
from banyan.journeys import JOURNEYS
from banyan.kernel.engine.clock import RealClock
from banyan.kernel.engine.component import RoomParts
from banyan.kernel.engine.mint import Mint
from banyan.kernel.engine.plans.contract import FindPlan, PlanSeen
from banyan.kernel.engine.plans.journey import Journeys
from banyan.kernel.engine.settings import RunnerSettings, Settings
from banyan.kernel.words.codec import Document, from_json
from banyan.kernel.words.messages import Call
from banyan.tmf.apis import API
from banyan.wiring import BUILDERS, build
from tests.journeys.books import place_database
from tests.journeys.shop import PLANS
from tests.tmf.lab import Http

TENANT = "default"
CALL = Call(TENANT, "tester", ("admin",))
KERNEL_TABLES = {
    "answer", "audit", "delivery", "migration", "outbox", "sqlite_sequence", "strand", "vault_key",
}  # fmt: skip
FENCING = {"ticket"}
"""Numbers that tell late from early: they rise for good, also when all else is undone."""
HISTORY = {"version"}
"""What was taken back has been all the same, and inventory's history says so: it only grows."""
WAIT_S = 30.0
OVER = ("completed", "cancelled", "failed")

Snapshot = dict[str, Any]
T = TypeVar("T")


class Lab:
    """One program's worth of house; several over one database are several programs."""

    def __init__(
        self,
        url: str,
        folder: Path,
        builders: Mapping[str, Callable[[Settings], RoomParts]] = BUILDERS,
        journeys: Journeys = JOURNEYS,
        lease_s: float = 1.0,
    ) -> None:
        pace = RunnerSettings(lease_s, 0.02, 0.01)
        self.settings = Settings(
            folder=str(folder), database=place_database(url, folder)[0], runner=pace
        )
        owner = f"lab-{Mint(RealClock()).text()}"
        self.standing = build(self.settings, owner, journeys=journeys, builders=builders)
        self.house = self.standing.house
        tokens = TokenBook(folder)
        token = tokens.ensure_admin(TENANT).read_text("utf-8").strip()
        self._headers = {"authorization": f"Bearer {token}"}
        self.http = Http(self.standing.app(tokens))
        self._is_open = True

    def work(self) -> Lab:
        """Start the worker and the dispatchers."""
        self.hear()
        assert self.standing.runner is not None
        self.standing.runner.start()
        return self

    def hear(self) -> Lab:
        """Start the dispatchers, if they don't run: facts are told, no plan is walked."""
        if not self.standing.is_started:
            self.standing.is_started = True
            for dispatcher in self.standing.dispatchers:
                dispatcher.start()
        return self

    def die(self, patch: pytest.MonkeyPatch) -> None:
        """End the worker in the middle: call it from within one of its steps."""
        assert self.standing.runner is not None
        patch.setattr(threading, "excepthook", lambda dead: None)
        patch.setattr(self.standing.runner, "turn", _dead)
        raise SystemExit

    def is_dead(self) -> bool:
        """Whether the worker's thread has ended."""
        return not any(thread.name == "runner" for thread in threading.enumerate())

    def close(self) -> None:
        """Give everything back."""
        if self._is_open:
            self._is_open = False
            self.http.close()
            self.standing.stop()

    # -- speaking ------------------------------------------------------------------------------

    def send(
        self, method: str, path: str, body: Document | None = None, **more: Any
    ) -> httpx.Response:
        """The answer to a request of the administrator, whatever it is."""
        headers = {**self._headers, **more.pop("headers", {})}
        if body is not None:
            more["json"] = body
        return self.http.send(method, path, headers=headers, **more)

    def get(self, path: str, **params: str) -> Any:
        """GET; the body."""
        return _body(self.send("GET", path, params=params))

    def post(self, path: str, body: Document, key: str = "") -> Document:
        """POST; the body of the answer."""
        headers = {"idempotency-key": key} if key else {}
        answer: Document = _body(self.send("POST", path, body, headers=headers))
        return answer

    def patch(self, path: str, body: Document) -> Document:
        """PATCH by merging; the body of the answer."""
        headers = {"content-type": "application/merge-patch+json"}
        answer: Document = _body(self.send("PATCH", path, body, headers=headers))
        return answer

    def subscribe(self, api: str, callback: str) -> None:
        """Let ``callback`` be told every event of an API, in its newest generation."""
        generation = max(API[api].generations)
        base = API[api].version(generation).base_path
        self.post(f"{base}/hub", {"@type": "Hub", "callback": callback})

    # -- seeing --------------------------------------------------------------------------------

    def plan(self, journey: str, subject: str) -> PlanSeen | None:
        """The plan as its rows stand."""
        return self.house.query(CALL, FindPlan(journey=journey, subject=subject))

    def plan_state(self, journey: str, subject: str) -> str:
        """The state of the plan alone; empty if there is no plan."""
        found = sa.text("SELECT state FROM plan WHERE journey = :j AND subject = :s")
        with self.house.rooms["plans"].database.read() as tx:
            return str(tx.execute(found, {"j": journey, "s": subject}).scalar() or "")

    def shown_plan(self, journey: str, subject: str) -> Document:
        """The plan as the front door shows it."""
        found: Document = self.get(f"{PLANS}/{journey}/{subject}")
        return found

    def wait_plan(self, journey: str, subject: str, *states: str) -> PlanSeen:
        """The plan once it is in one of ``states`` and all its news is told."""

        def look() -> PlanSeen | None:
            if self.plan_state(journey, subject) not in states:
                return None
            plan = self.plan(journey, subject)
            assert plan is not None
            untold = [s for s in plan.steps if s.kind == "tell" and s.state == "waiting"]
            return None if untold else plan

        return wait_for(look, lambda: f"{states}, but it is {self.plan(journey, subject)}")

    def snapshot(self, record: str = "") -> Snapshot:
        """Every business row of all rooms and all that devices hold, but fencing marks.

        Left out: the kernel's own tables, history, the plans, and the room ``record`` (it keeps
        the story itself; of it only the hubs stay in).
        """
        found: Snapshot = {}
        for name, room in self.house.rooms.items():
            if name == "plans":
                continue
            for table, rows in _business_rows(room.database).items():
                if name != record or table == "hub":
                    found[f"{name}.{table}"] = rows
        found["devices"] = self.devices()
        return found

    def devices(self) -> dict[str, Document]:
        """What each device that holds anything holds; anything else in the folder by its name."""
        found: dict[str, Document] = {}
        for path in sorted(self.settings.devices_folder.rglob("*")):
            if path.suffix == ".json":
                services = from_json(path.read_bytes())["services"]
                if services:
                    found[path.stem] = services
            elif path.is_file() and path.suffix != ".lock":
                found[path.name] = {}
        return found

    def untold(self) -> int:
        """How many deliveries wait, are under way or parked, in all rooms."""
        count = 0
        for room in self.house.rooms.values():
            with room.database.read() as tx:
                count += tx.execute(sa.text("SELECT count(*) FROM delivery")).scalar() or 0
        return count

    def said(self, *rooms: str) -> list[tuple[str, str]]:
        """Every fact of these rooms (all if none is named) in its room's order: kind, subject."""
        found: list[tuple[str, str]] = []
        for name in rooms or tuple(self.house.rooms):
            with self.house.rooms[name].database.read() as tx:
                rows = tx.execute(sa.text("SELECT kind, subject FROM outbox ORDER BY seq"))
                found += [(row.kind, row.subject) for row in rows]
        return found


def _business_rows(database: Any) -> dict[str, list[Any]]:
    found = {}
    with database.read() as tx:
        for table in sa.inspect(tx).get_table_names():
            if table not in KERNEL_TABLES | FENCING | HISTORY:
                rows = tx.execute(sa.text(f'SELECT * FROM "{table}"')).mappings()
                kept = [{n: v for n, v in r.items() if not n.endswith("ticket")} for r in rows]
                found[table] = sorted(kept, key=repr)
    return found


def changed(before: Snapshot, after: Snapshot) -> Snapshot:
    """What differs between two snapshots: the tables with their rows on each side."""
    return {
        name: (_less(before.get(name), after.get(name)), _less(after.get(name), before.get(name)))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    }


def _less(one: Any, other: Any) -> Any:
    if isinstance(one, list) and isinstance(other, list):
        return [row for row in one if row not in other]
    return one


def wait_for(look: Callable[[], T | None], wanted: Callable[[], str]) -> T:
    """What ``look`` finds, once it finds something; fails with what was ``wanted``."""
    bell = threading.Event()
    for _ in range(int(WAIT_S / 0.01)):
        found = look()
        if found:
            return found
        bell.wait(0.01)
    raise AssertionError(f"waited for {wanted()}")


def _dead() -> bool:
    raise SystemExit


def _body(answer: httpx.Response) -> Any:
    assert answer.is_success, f"{answer.request.url}: {answer.status_code} {answer.text}"
    return from_json(answer.content) if answer.content else None
