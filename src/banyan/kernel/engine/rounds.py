"""A thread that does its round again and again until it is told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from banyan.kernel.engine.clock import Clock, RealClock

AFTER_A_BUG_S = 10.0

_log = structlog.get_logger()


class Rounds:
    """Calls ``turn``, which says how many seconds later it wants its next one."""

    def __init__(self, name: str, turn: Callable[[], float], clock: Clock | None = None) -> None:
        self._name = name
        self._turn = turn
        self._clock = clock or RealClock()
        self._bell = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin with a round."""
        self._thread.start()

    def hurry(self) -> None:
        """Let the next round begin now."""
        self._bell.set()

    def stop(self) -> None:
        """Finish the round under way and end the thread."""
        self._stopping.set()
        self._bell.set()
        if self._thread.is_alive():
            self._thread.join(30)

    @property
    def is_stopping(self) -> bool:
        """Whether a long round should come to its end."""
        return self._stopping.is_set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                pause_s = self._turn()
            except Exception as error:  # a bug costs a pause, never the thread
                _log.error("rounds.bug", name=self._name, exc_info=error)
                pause_s = AFTER_A_BUG_S
            if not self._stopping.is_set():
                self._clock.wait(self._bell, None, pause_s)
