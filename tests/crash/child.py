"""Houses as programs of their own over one folder and database, and the ground they stand on."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import msgspec

from banyan.cli.client import Client
from banyan.kernel.words.errors import Later
from tests.journeys.books import ROOMS, Books, place_database
from tests.journeys.shop import ORDERS, Item, Shop, open_shop
from tests.tmf.receiver import Receiver

ROOT = Path(__file__).resolve().parents[2]
WAIT_S = 60
LEASE_S = 0.6
OVER = ("completed", "cancelled", "failed")
HEARD_APIS = (
    "/tmf-api/productOrderingManagement/v5",
    "/tmf-api/productInventory/v5",
    "/tmf-api/serviceInventory/v5",
    "/tmf-api/resourceInventoryManagement/v5",
)
HEARD_KINDS = ("TMF622.productOrder.", "TMF637.", "TMF638.", "TMF639.")
"""Kinds of facts that every subscriber of these APIs must have heard."""

T = TypeVar("T")
_bell = threading.Event()


class Child:
    """One house in a program of its own."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        ground.children += 1
        self._log = ground.folder / f"child-{ground.children}.log"
        self.fate = ground.folder / f"fate-{ground.children}"
        settings = ground.write_settings(ground.children)
        command = [sys.executable, "-m", "tests.crash.house", str(settings), str(self.fate)]
        with self._log.open("wb") as log:
            self._program = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            self.client = Client(self._find_url(), "", ground.home)
        except BaseException:
            self._program.kill()
            self._program.wait()
            raise
        self.shop = Shop(self.client, ground.customer_id, ground.account_id)

    def _find_url(self) -> str:
        def look() -> str:
            for line in self.said().splitlines():
                if line.startswith("Banyan serves "):
                    return line.split(" ")[2]
            assert self.is_alive, f"the house did not start: {self.said()}"
            return ""

        return wait_for(look, lambda: f"a house: {self.said()}")

    def said(self) -> str:
        """All it said so far."""
        return self._log.read_text("utf-8", "replace")

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended (it may be stopped)."""
        return self._program.poll() is None

    @property
    def is_stopped(self) -> bool:
        """Whether it was stopped and not continued."""
        stat = Path(f"/proc/{self._program.pid}/stat").read_text("utf-8")
        return stat.rpartition(")")[2].split()[0] == "T"

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._program.send_signal(number)

    def wake(self) -> None:
        """Continue it, if it is still there."""
        if self.is_alive:
            self.send(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        self._program.kill()
        self._program.wait(WAIT_S)
        self.client.close()

    def end(self) -> None:
        """Let it leave in order, if it is still there."""
        self.wake()
        if self.is_alive:
            self.send(signal.SIGTERM)
            try:
                self._program.wait(WAIT_S)
            except subprocess.TimeoutExpired:
                self._program.kill()
                self._program.wait(WAIT_S)
                raise
        self.client.close()

    def order(self, key: str, *items: Item) -> str:
        """Order under a key; empty if no answer came."""
        try:
            return self.shop.order(*items, key=key)
        except Later:
            return ""

    def wait_over(self, order_id: str) -> str:
        """The state of an order once it is over."""

        def look() -> str:
            state = str(self.client.get(f"{ORDERS}/{order_id}")["state"])
            return state if state in OVER else ""

        return wait_for(look, lambda: f"the end of {order_id}: {self.said()[-2000:]}")


class Ground:
    """A folder, a database, a subscriber: what outlives every program."""

    def __init__(self, url: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.home = folder / "home"
        self.children = 0
        self.customer_id = self.account_id = ""
        self._database = place_database(url, self.home)[0]
        self.receiver = Receiver()
        self.books = Books(url, self.home)
        self._started: list[Child] = []

    def __enter__(self) -> Ground:
        try:
            self._stock(self.start())
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _stock(self, child: Child) -> None:
        shop = open_shop(child.client)
        self.customer_id, self.account_id = shop.customer_id, shop.account_id
        for base in HEARD_APIS:
            child.client.post(f"{base}/hub", {"@type": "Hub", "callback": self.receiver.url})
        child.end()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for child in self._started:
            child.wake()
        for child in self._started:
            child.end()
        self.receiver.close()
        self.books.close()

    def start(self) -> Child:
        """A house over the ground."""
        self._started.append(Child(self))
        return self._started[-1]

    def write_settings(self, number: int) -> Path:
        """The settings of the n-th house: a port of its own, which no house after it will take.

        Whoever asks a dead house must get no answer, not another house's.
        """
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = {
            "data": str(self.home),
            "database": self._database,
            "http": {"port": port},
            "runner": {"lease_s": LEASE_S, "poll_s": 0.05, "flush_s": 0.02},
        }
        path = self.folder / f"settings-{number}.yaml"
        path.write_bytes(msgspec.json.encode(settings))  # JSON is YAML
        return path

    def settle(self) -> None:
        """Wait until all plans are over and all is told; then everything must add up."""
        wait_for(self.is_quiet, lambda: f"{self._open()}")
        self.books.check()
        self.check_heard()

    def is_quiet(self) -> bool:
        """Whether all plans are over and everything is told."""
        return not self._open()

    def _open(self) -> list[Any]:
        plans = self.books.rows(
            "plans", "SELECT subject, state, reason FROM plan"
            " WHERE state NOT IN ('completed', 'unwound')"
        )  # fmt: skip
        steps = self.books.rows("plans", "SELECT plan, name FROM step WHERE state = 'waiting'")
        told = [
            row
            for room in ROOMS
            for row in self.books.rows(room, "SELECT target, subject, state, reason FROM delivery")
        ]
        return [*plans, *steps, *told]

    def check_heard(self) -> None:
        """The subscriber has heard every event, and those of one thing in their order."""
        heard = list(dict.fromkeys(event["eventId"] for event in self.receiver.events))
        for room in ("ordering", "inventory"):
            said: dict[str, list[str]] = {}
            for row in self.books.rows(room, "SELECT id, kind, subject FROM outbox ORDER BY seq"):
                if row.kind.startswith(HEARD_KINDS):
                    said.setdefault(row.subject, []).append(row.id)
            of_whom = {event_id: subject for subject, ids in said.items() for event_id in ids}
            told: dict[str, list[str]] = {}
            for event_id in heard:
                if event_id in of_whom:
                    told.setdefault(of_whom[event_id], []).append(event_id)
            assert told == said, f"{room} said one thing, its subscriber heard another"


def wait_for(look: Callable[[], T | None], wanted: Callable[[], str]) -> T:
    """What ``look`` finds, once it finds something; fails with what was ``wanted``."""
    for _ in range(int(WAIT_S / 0.02)):
        found = look()
        if found:
            return found
        _bell.wait(0.02)
    raise AssertionError(f"waited for {wanted()}")
