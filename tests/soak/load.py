"""Customers who don't give up: they ask again under the same key until they get an answer."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from banyan.kernel.words.errors import Later
from tests.crash.child import Child, Ground
from tests.journeys.shop import INDIVIDUALS, individual

OFFERS = (("fibre-100", "olt-1"), ("fibre-1000", "olt-2"))
PAUSE_S = 0.05


@dataclass
class Load:
    """A house that is killed and started again, and those who write to it meanwhile."""

    ground: Ground
    chance: random.Random
    child: Child = field(init=False)
    acknowledged: dict[str, str] = field(default_factory=dict)
    """Key of every answered request → id."""

    def __post_init__(self) -> None:
        self.child = self.ground.start()
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._writers: list[threading.Thread] = []
        self._troubles: list[BaseException] = []

    def write(self, name: str, ask: Callable[[Child, str], str], pause_s: float) -> None:
        """Let a writer of this name ask again and again."""

        def run() -> None:
            number = 0
            try:
                while not self._over.is_set():
                    number += 1
                    self._insist(f"{name}-{number}", ask)
                    self._over.wait(pause_s)
            except BaseException as error:
                self._troubles.append(error)
                raise

        self._writers.append(threading.Thread(target=run, name=name))
        self._writers[-1].start()

    def _insist(self, key: str, ask: Callable[[Child, str], str]) -> None:
        while True:
            try:
                answer = ask(self.child, key)
                break
            except (Later, RuntimeError):  # killed, or its client was closed meanwhile
                self._over.wait(PAUSE_S) or threading.Event().wait(PAUSE_S)
        with self._lock:
            self.acknowledged[key] = answer

    def kill(self) -> None:
        """Kill the house at a random moment, and start the next."""
        threading.Event().wait(self.chance.uniform(0.05, 1.2))
        self.child.kill()
        self.child = self.ground.start()

    def known(self) -> dict[str, str]:
        """What was acknowledged so far."""
        with self._lock:
            return dict(self.acknowledged)

    def end(self) -> None:
        """Let every writer get its last answer."""
        self._over.set()
        for writer in self._writers:
            writer.join(120)
        assert self._troubles == []
        assert not any(writer.is_alive() for writer in self._writers)


def order(child: Child, key: str) -> str:
    """One order of one of the offers."""
    return child.shop.order(OFFERS[len(key) % 2], key=key)


def join(child: Child, key: str) -> str:
    """One new person, named after the key."""
    return str(child.client.post(INDIVIDUALS, individual(key), key)["id"])
