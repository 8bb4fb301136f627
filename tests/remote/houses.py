"""Houses as programs of their own, one of which keeps documents for another."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import yaml

from banyan.cli.client import Client
from banyan.kernel.words.errors import Later, Refused

ROOT = Path(__file__).resolve().parents[2]
WAIT_S = 60.0

T = TypeVar("T")
_bell = threading.Event()


def wait_for(look: Callable[[], T], what: str, seconds: float = WAIT_S) -> T:
    """What ``look`` finds, once it finds something."""
    for _ in range(int(seconds / 0.05)):
        found = look()
        if found:
            return found
        _bell.wait(0.05)
    raise AssertionError(f"waited in vain for {what}")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RunningHouse:
    """``banyan run`` over a folder; it comes back at the same address."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        folder.mkdir(parents=True)
        self.home = folder / "data"
        self._log = folder / "house.log"
        self._settings = folder / "settings.yaml"
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        whole = {"data": str(self.home), "http": {"port": self._port}, **settings}
        self._settings.write_text(yaml.safe_dump(whole), "utf-8")
        self._program: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Run it until it answers."""
        command = [sys.executable, "-m", "banyan.cli", "run", "--settings", str(self._settings)]
        with self._log.open("ab") as log:
            self._program = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        wait_for((self.home / "admin.token").exists, "a token")
        self.client = Client(self.url, "", self.home)
        wait_for(self._is_there, f"a house: {self.said()}")

    def _is_there(self) -> bool:
        assert self._program is not None
        assert self._program.poll() is None, self.said()
        return self.asked("/healthz") is not None

    def asked(self, path: str) -> Any:
        """GET; nothing while there is no answer, or no such thing."""
        try:
            return self.client.get(path)
        except (Later, Refused):
            return None

    @property
    def bearer(self) -> str:
        """Its administrator's authorization."""
        return f"Bearer {(self.home / 'admin.token').read_text('utf-8').strip()}"

    def said(self) -> str:
        """All it said so far."""
        return self._log.read_text("utf-8", "replace")

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        if self._program is not None:
            self._program.kill()
            self._program.wait(WAIT_S)
            self.client.close()
            self._program = None

    @property
    def remotes(self) -> dict[str, Any]:
        """What it says of the servers it copies."""
        found: dict[str, Any] = self.client.get("/healthz").get("remotes", {})
        return found

    def wait_in_step(self) -> None:
        """Until all its copies are in step."""
        wait_for(
            lambda: all(each["state"] == "inStep" for each in self.remotes.values()),
            f"copies in step: {self.said()[-2000:]}",
        )
