"""The driver ``null``: no device at all; it remembers what it was told, for trials and tests."""

from __future__ import annotations

import threading

from banyan.components.activation.adapters.device import (
    Abilities,
    Device,
    DriverSettings,
    Held,
    StaleTicket,
)
from banyan.kernel.words.codec import Document, from_json, to_json


class NullDriver:
    """Devices that exist only in the memory of this process, and vanish with it."""

    abilities = Abilities(("none",), ("configure", "read", "list", "remove", "fence"))

    def __init__(self, settings: DriverSettings) -> None:
        self._lock = threading.Lock()
        self._held: dict[tuple[Device, str], tuple[bytes | None, int]] = {}

    def configure(self, device: Device, service: str, configuration: Document, ticket: int) -> None:
        """See the port."""
        with self._lock:
            self._check(device, service, ticket)
            self._held[device, service] = (to_json(configuration), ticket)

    def read(self, device: Device, service: str) -> Held:
        """See the port."""
        text, ticket = self._held.get((device, service), (None, 0))
        return Held(None if text is None else from_json(text), ticket)

    def list(self, device: Device) -> dict[str, Document]:
        """See the port."""
        held = {who[1]: text for who, (text, _) in self._held.items() if who[0] == device}
        return {service: from_json(text) for service, text in held.items() if text is not None}

    def remove(self, device: Device, service: str, ticket: int) -> None:
        """See the port."""
        with self._lock:
            self._check(device, service, ticket)
            self._held[device, service] = (None, ticket)

    def fence(self, device: Device, service: str, ticket: int) -> None:
        """See the port."""
        with self._lock:
            text = self._check(device, service, ticket)
            self._held[device, service] = (text, ticket)

    def _check(self, device: Device, service: str, ticket: int) -> bytes | None:
        text, last = self._held.get((device, service), (None, 0))
        if ticket < last:
            raise StaleTicket(f"{service} on {device.name} is at ticket {last}, not {ticket}")
        return text
