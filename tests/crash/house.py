"""A house that serves exactly like ``banyan run``, and ends or stops itself at a chosen point.

    python -m tests.crash.house SETTINGS FATE

FATE is a file. Once it is there its one line ``<what> <when> <place> <number>`` counts: ``kill`` or
``stop``, ``before`` or ``after``, the n-th commit of a room (``*`` for any), or the n-th time a
device's file is put in its place (``device``). Before: all is written, nothing is committed. After:
it is on disk, and nobody has learned of it. A program stops after a commit only.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from banyan.cli.run import serve
from banyan.kernel.engine.db import Database
from banyan.kernel.engine.settings import read_settings

DEVICE = "device"


class Fate:
    """What is to come over this program, and how far it is from it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._idle = threading.Condition()
        self._writing = 0
        self._line = ""
        self._left = 0

    def reach(self, when: str, place: str) -> None:
        """A point is reached: the end may be here."""
        try:
            line = self._path.read_text("utf-8").strip()
        except FileNotFoundError:
            return
        what, wanted_when, wanted_place, number = line.split(" ")
        with self._lock:
            if line != self._line:
                self._line, self._left = line, int(number)
            any_commit = wanted_place == "*" and place != DEVICE
            is_one = when == wanted_when and (place == wanted_place or any_commit)
            self._left -= is_one
            is_here = is_one and self._left == 0
        if is_here:
            self._strike(what)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction is open inside."""
        with self._idle:
            self._writing += 1
        try:
            yield
        finally:
            with self._idle:
                self._writing -= 1
                self._idle.notify_all()

    def _strike(self, what: str) -> None:
        """End or stop here. Who sleeps may not lie across a lock: a file's lock has no timeout."""
        if what == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        with self._idle:
            assert self._idle.wait_for(lambda: self._writing == 0, 20), "somebody writes for ever"
            os.kill(os.getpid(), signal.SIGSTOP)
            threading.Event().wait(0.1)  # the signal may come to this thread a little later


def arm(fate: Fate) -> None:
    """Let every commit and every replaced device file pass by the fate."""
    write, replace = Database.write, Path.replace

    def watched_write(database: Database, work: Callable[[Any], Any], **how: Any) -> Any:
        def watched(tx: Any) -> Any:
            answer = work(tx)
            fate.reach("before", database.room)
            return answer

        with fate.writing():
            answer = write(database, watched, **how)
        fate.reach("after", database.room)
        return answer

    def watched_replace(path: Path, target: Any) -> Path:
        is_device = path.suffix == ".new"
        if is_device:
            fate.reach("before", DEVICE)
        moved = replace(path, target)
        if is_device:
            fate.reach("after", DEVICE)
        return moved

    places: list[tuple[Any, str, Any]] = [
        (Database, "write", watched_write),
        (Path, "replace", watched_replace),
    ]
    for owner, name, watched in places:
        setattr(owner, name, watched)


if __name__ == "__main__":
    arm(Fate(Path(sys.argv[2])))
    serve(read_settings(Path(sys.argv[1])))
