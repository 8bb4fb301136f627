"""The driver ``file``: one JSON file per device, for whatever reads its configuration from one.

``<folder>/<tenant>/<device>.json`` holds ``services`` (service to configuration) and ``tickets``
(service to the last ticket; they stay when the service goes). A file is replaced as a whole: a
temporary file is written, synced and renamed, then the folder is synced. A lock file per device
keeps threads and processes from interleaving.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from banyan.components.activation.adapters.device import (
    Abilities,
    Device,
    DriverSettings,
    Held,
    StaleTicket,
)
from banyan.kernel.words.codec import Document, from_json, to_json
from banyan.kernel.words.errors import Later, NeedsPerson

NAME_MAX = 150
"""Characters of a file name made from a device's name; longer ones end in a digest."""
PAUSE_S = 0.01
AGAIN_S = 5


class FileDriver:
    """Devices that read their configuration from a file of their own."""

    abilities = Abilities(("file",), ("configure", "read", "list", "remove", "fence"))

    def __init__(self, settings: DriverSettings) -> None:
        self._folder = settings.folder
        self._own_wait_s = settings.timeout_s / 2
        self._tries = max(1, int(settings.timeout_s / 2 / PAUSE_S))
        self._guard = threading.Lock()
        self._turns: dict[Path, threading.Lock] = {}

    def configure(self, device: Device, service: str, configuration: Document, ticket: int) -> None:
        """See the port."""
        with self._held(device, service, ticket) as held:
            held["services"][service] = configuration

    def read(self, device: Device, service: str) -> Held:
        """See the port. A rename is atomic, so no lock is needed to read."""
        with _outages(device):
            held = _load(device, self._path(device))
        return Held(held["services"].get(service), held["tickets"].get(service, 0))

    def list(self, device: Device) -> dict[str, Document]:
        """See the port."""
        with _outages(device):
            held: dict[str, Document] = _load(device, self._path(device))["services"]
        return held

    def remove(self, device: Device, service: str, ticket: int) -> None:
        """See the port."""
        with self._held(device, service, ticket) as held:
            held["services"].pop(service, None)

    def fence(self, device: Device, service: str, ticket: int) -> None:
        """See the port."""
        with self._held(device, service, ticket):
            pass

    def _path(self, device: Device) -> Path:
        return self._folder / _file_name(device.tenant) / f"{_file_name(device.name)}.json"

    @contextmanager
    def _held(self, device: Device, service: str, ticket: int) -> Iterator[dict[str, Any]]:
        """What the device holds, to be changed in place and stored under the ticket."""
        path = self._path(device)
        with _outages(device), self._locked(device, path):
            held = _load(device, path)
            last = held["tickets"].get(service, 0)
            if ticket < last:
                raise StaleTicket(f"{service} on {device.name} is at ticket {last}, not {ticket}")
            before = to_json(held)
            yield held
            held["tickets"][service] = ticket
            after = to_json(held)
            if after != before:
                _replace(path, after)

    @contextmanager
    def _locked(self, device: Device, path: Path) -> Iterator[None]:
        """The device for oneself: threads of this process queue up, processes look again."""
        with self._guard:
            turn = self._turns.setdefault(path, threading.Lock())
        if not turn.acquire(timeout=self._own_wait_s):
            raise _busy(device)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.with_suffix(".lock").open("a") as lock:
                for _ in range(self._tries):
                    try:
                        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        break
                    except BlockingIOError:
                        threading.Event().wait(PAUSE_S)
                else:
                    raise _busy(device)
                yield  # closing the file gives the lock back, and so does the end of the program
        finally:
            turn.release()


def _busy(device: Device) -> Later:
    return Later(AGAIN_S, f"the device {device.name} is busy with another change")


def _file_name(name: str) -> str:
    """A file name for any text: no separators, no surprises, never too long."""
    quoted = quote(name, safe=" ").replace(".", "%2E")
    if len(quoted) <= NAME_MAX:
        return quoted
    digest = blake2b(name.encode(), digest_size=16).hexdigest()
    return f"{quoted[:NAME_MAX]}~{digest}"


def _load(device: Device, path: Path) -> dict[str, Any]:
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return {"device": device.name, "services": {}, "tickets": {}}
    try:
        held = from_json(text)
    except msgspec.DecodeError as error:
        raise _unreadable(device, path) from error
    if not isinstance(held, dict) or not all(
        isinstance(held.get(part), dict) for part in ("services", "tickets")
    ):
        raise _unreadable(device, path)
    return held


def _unreadable(device: Device, path: Path) -> NeedsPerson:
    return NeedsPerson(
        f"the file {path.name} of the device {device.name} can't be read: repair it or put it back"
        f" from a backup in {path.parent}"
    )


def _replace(path: Path, text: bytes) -> None:
    """The new content, or after a crash the old: never a mixture."""
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _outages(device: Device) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = f"the device {device.name} can't be reached: {error.strerror or error}"
        raise Later(AGAIN_S, reason) from error
