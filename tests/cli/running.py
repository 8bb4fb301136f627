"""The command line as people run it: programs of their own, their words and their exit codes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import httpx

from banyan.demo.visitor import Visitor

WITHIN_S = 60.0


def environment(**own: str) -> dict[str, str]:
    """This environment without what steers Banyan, and with ``own``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BANYAN_")}
    return {**kept, "COLUMNS": "200", **own}


def banyan(*arguments: object, **own: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "banyan.cli", *map(str, arguments)],
        env=environment(**own),
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )


class RunningHouse:
    """A house in a program of its own."""

    def __init__(self, folder: Path, log: Path, *arguments: str, **own: str) -> None:
        self.folder = folder
        self.log = log
        command = [sys.executable, "-m", "banyan.cli", "run", "--data", str(folder), *arguments]
        with log.open("wb") as file:
            self.program = subprocess.Popen(
                command, stdout=file, stderr=subprocess.STDOUT, env=environment(**own)
            )
        self.url = self._wait()

    def _wait(self) -> str:
        bell = Event()
        for _ in range(int(WITHIN_S / 0.05)):
            said = self.log.read_text("utf-8").splitlines()
            urls = [line.split()[2] for line in said if line.startswith("Banyan serves ")]
            if urls and httpx.get(f"{urls[0]}/healthz", timeout=WITHIN_S).is_success:
                return urls[0]
            assert self.program.poll() is None, self.log.read_text("utf-8")
            bell.wait(0.05)
        raise AssertionError(f"no house came up: {self.log.read_text('utf-8')}")

    @property
    def token(self) -> str:
        """The administrator's token."""
        return (self.folder / "admin.token").read_text("utf-8").strip()

    def visitor(self, token: str = "") -> Visitor:
        """Somebody who asks it over HTTP."""
        return Visitor(self.url, token or self.token)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Tell it to leave; its exit code."""
        self.program.send_signal(number)
        return self.program.wait(WITHIN_S)


@contextmanager
def running(folder: Path, *arguments: str, log: str = "", **own: str) -> Iterator[RunningHouse]:
    """A house for a while."""
    folder.mkdir(parents=True, exist_ok=True)
    house = RunningHouse(folder, folder / (log or "house.log"), *arguments, **own)
    try:
        yield house
    finally:
        if house.program.poll() is None:
            house.program.kill()
            house.program.wait(WITHIN_S)
