"""What activation does when asked: intend on record, act on the device, conclude on record.

No transaction is open while a device is spoken to. A ticket per attempt, rising per device, lets
the device refuse whoever was overtaken; the record refuses them too.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from banyan.components.activation import policy, store
from banyan.components.activation.adapters.device import (
    Device,
    DeviceDriver,
    Drivers,
    Held,
    Operation,
    StaleTicket,
)
from banyan.components.activation.contract import (
    CompareDevices,
    Configure,
    Configured,
    DeviceConfigured,
    DeviceDifference,
    DevicesCompared,
    RestoreConfiguration,
    Verified,
    VerifyConfiguration,
)
from banyan.components.activation.model import Layer, Undoing
from banyan.components.inventory.contract import DeviceFound, FindDevice, ListDevices
from banyan.kernel.engine.clock import to_us
from banyan.kernel.engine.handlers import Handler, acts, asks
from banyan.kernel.engine.work import Desk, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Later, NeedsPerson, Outage, Refused, refuse_findings, refused

AGAIN_S = 5
"""How soon to try again when another change of the service is under way."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A device of the inventory with the driver that reaches it."""

    found: DeviceFound
    device: Device
    driver: DeviceDriver

    def check_able(self, operation: Operation) -> None:
        """``NeedsPerson`` when the driver has no such operation."""
        if operation not in self.driver.abilities.operations:
            raise NeedsPerson(
                f"the driver {self.found.driver} of the device {self.found.name} can't"
                f" {operation}: do it by hand, or give the device another driver"
            )

    def read(self, service: str) -> Held:
        """What the device holds for the service."""
        self.check_able("read")
        return self.driver.read(self.device, service)


class Activation:
    """The handlers over one set of drivers."""

    def __init__(self, drivers: Drivers) -> None:
        self._drivers = drivers

    def reach(self, desk: Desk, name: str) -> Reached | None:
        """The device and its driver; None when the inventory knows no such device."""
        found = desk.query(FindDevice(name=name))
        if found is None:
            return None
        driver = self._drivers.get(found.driver)
        if driver is None:
            installed = ", ".join(sorted(self._drivers)) or "none"
            raise NeedsPerson(
                f"the device {name} names the driver {found.driver!r}, which is not installed"
                f" ({installed} are): install it, or correct the device in the inventory"
            )
        return Reached(found, Device(desk.call.tenant, name, found.address), driver)

    def reach_known(self, desk: Desk, name: str) -> Reached:
        """Like :meth:`reach`; ``NeedsPerson`` when the inventory knows no such device."""
        reached = self.reach(desk, name)
        if reached is None:
            raise NeedsPerson(
                f"the inventory knows no device {name!r}: add it there with the characteristics"
                " driver and address, or correct the name"
            )
        return reached

    # Configure

    def intend_configure(self, work: Work, command: Configure) -> Layer:
        """Record what is wanted and what to come back to."""
        refuse_findings("rule", policy.check_lengths(command))
        layers = store.find_layers(work, command.device, command.service)
        own = next((layer for layer in layers if layer.change == command.change), None)
        top = layers[-1] if layers else None
        if top is not None and top is not own and top.state != "applied":
            raise _under_way(command)
        if own is not None and own is not top:
            reason = f"a later change of {command.service} on {command.device} is on top of it"
            raise refused("conflict", "changedSince", reason)
        if own is not None and own.state == "restoring":
            reason = f"the change of {command.service} on {command.device} is being undone"
            raise refused("conflict", "undone", reason)
        ticket = store.next_ticket(work, command.device)
        if own is None:
            own = Layer(
                device=command.device,
                service=command.service,
                change=command.change,
                state="applying",
                before=top.wanted if top else None,
                is_before_known=top is not None,
                wanted=command.configuration,
                first_ticket=ticket,
                ticket=ticket,
                document_id=top.document_id if top else "",
            )
        own = msgspec.structs.replace(
            own, state="applying", wanted=command.configuration, ticket=ticket
        )
        store.put_layer(work, own)
        return own

    def configure(self, desk: Desk, command: Configure, layer: Layer) -> tuple[Layer, str]:
        """Tell the device, after what it held before is on record."""
        try:
            reached = self.reach_known(desk, command.device)
            _refuse_locked(reached.found)
            reached.check_able("configure")
        except NeedsPerson:
            _forget_untold(desk, layer)
            raise
        if not layer.is_before_known:
            held = reached.read(command.service)
            # A ticket of this layer on the device means an earlier attempt wrote what is there.
            if held.ticket < layer.first_ticket and held.configuration is not None:
                before, tenant = held.configuration, desk.call.tenant
                kept = desk.database.write(lambda tx: store.keep_before(tx, tenant, layer, before))
                if not kept:
                    raise _overtaken(layer)
        try:
            reached.driver.configure(reached.device, command.service, layer.wanted, layer.ticket)
        except StaleTicket as stale:
            raise _overtaken(layer) from stale
        return layer, reached.found.id

    def conclude_configure(
        self, work: Work, command: Configure, outcome: tuple[Layer, str]
    ) -> Configured:
        """Record that the device took it, and show it."""
        attempt, device_id = outcome
        layer = _current(work, attempt)
        layer = msgspec.structs.replace(
            layer,
            state="applied",
            is_before_known=True,
            applied_us=layer.applied_us or to_us(work.now),
        )
        shown = store.show(work, layer, device_id)
        store.put_layer(work, msgspec.structs.replace(layer, document_id=shown))
        return Configured(
            device=layer.device,
            service=layer.service,
            ticket=layer.ticket,
            configuration=layer.wanted,
        )

    # VerifyConfiguration

    def read_back(self, desk: Desk, command: VerifyConfiguration) -> tuple[Layer, Held]:
        """What was told, and what the device holds."""
        with desk.look() as look:
            layers = store.find_layers(look, command.device, command.service)
        if not layers or layers[-1].state != "applied":
            reason = f"nothing is configured for {command.service} on {command.device}"
            raise refused("conflict", "notConfigured", reason)
        return layers[-1], self.reach_known(desk, command.device).read(command.service)

    def verify(
        self, work: Work, command: VerifyConfiguration, facts: tuple[Layer, Held]
    ) -> Verified:
        """Equal, or a person is told every difference."""
        layer, held = facts
        if held.configuration is None:
            raise NeedsPerson(
                f"the device {layer.device} holds nothing for {layer.service}, though it was told:"
                " find out who took it away, then configure it again"
            )
        differences = list(policy.find_differences(layer.wanted, held.configuration))
        if differences:
            raise NeedsPerson(
                f"the device {layer.device} does not hold for {layer.service} what it was told:"
                f" {'; '.join(differences)}"
            )
        return Verified(
            device=layer.device, service=layer.service, configuration=held.configuration
        )

    # CompareDevices

    def read_devices(self, desk: Desk, command: CompareDevices) -> DevicesCompared:
        """Read every device that is known, and hold it against what it was told."""
        known = {found.name for found in desk.query(ListDevices())}
        with desk.look() as look:
            tops = store.find_tops(look)
        names = sorted(known | {device for device, _ in tops})
        differences: list[DeviceDifference] = []
        for name in names:
            believed = {
                service: layer.wanted if layer.state == "applied" else None
                for (device, service), layer in tops.items()
                if device == name
            }
            differences += self._match(desk, name, believed)
        configured = tuple(
            DeviceConfigured(device=device, service=service)
            for (device, service), layer in tops.items()
            if layer.state == "applied"
        )
        return DevicesCompared(
            differences=tuple(differences), configured=configured, devices=len(names)
        )

    def _match(
        self, desk: Desk, name: str, believed: dict[str, Document | None]
    ) -> list[DeviceDifference]:
        try:
            reached = self.reach_known(desk, name)
            reached.check_able("list")
            held = reached.driver.list(reached.device)
        except Outage as outage:
            told = f"{len(believed)} configurations"
            unread = DeviceDifference(
                kind="unreadable", device=name, service="", believed=told, found=outage.reason
            )
            return [unread]
        return list(policy.match_device(name, believed, held))

    def answer_compared(
        self, work: Work, command: CompareDevices, compared: DevicesCompared
    ) -> DevicesCompared:
        """What was read, as it is: nothing is written."""
        return compared

    # RestoreConfiguration

    def intend_restore(self, work: Work, command: RestoreConfiguration) -> Undoing | None:
        """Record that the change is being undone; None when there is nothing left to do."""
        layers = store.find_layers(work, command.device, command.service)
        at = next((n for n, layer in enumerate(layers) if layer.change == command.change), None)
        if at is None:
            return None
        layer = layers[at]
        if layer is not layers[-1]:
            if layers[-1].state != "applied":
                raise _under_way(command)
            above = msgspec.structs.replace(layers[at + 1], before=layer.before)
            store.put_layer(work, above)
            store.drop_layer(work, layer)
            return None
        ticket = store.next_ticket(work, command.device)
        layer = msgspec.structs.replace(layer, state="restoring", ticket=ticket)
        store.put_layer(work, layer)
        return Undoing(layer=layer, ticket=ticket)

    def restore(
        self, desk: Desk, command: RestoreConfiguration, undoing: Undoing | None
    ) -> tuple[Layer, str] | None:
        """Bring the device back to what it held before it was told."""
        if undoing is None:
            return None
        layer, ticket = undoing.layer, undoing.ticket
        reached = self.reach(desk, command.device)
        if reached is None:
            if layer.applied_us:
                self.reach_known(desk, command.device)
            return layer, ""  # never found, so never told
        held = reached.read(command.service)
        try:
            self._bring_back(reached, layer, held, ticket)
        except StaleTicket as stale:
            raise _overtaken(layer) from stale
        return layer, reached.found.id

    def _bring_back(self, reached: Reached, layer: Layer, held: Held, ticket: int) -> None:
        driver, device, service = reached.driver, reached.device, layer.service
        if held.ticket < layer.first_ticket and not layer.applied_us:
            reached.check_able("fence")
            driver.fence(device, service, ticket)  # it was never told; see that it never will be
            return
        _refuse_locked(reached.found)
        if layer.before is None:
            reached.check_able("remove")
            driver.remove(device, service, ticket)
        else:
            reached.check_able("configure")
            driver.configure(device, service, layer.before, ticket)

    def conclude_restore(
        self, work: Work, command: RestoreConfiguration, outcome: tuple[Layer, str] | None
    ) -> None:
        """Forget the change, and show what is there again, if anything."""
        if outcome is None:
            return
        layer = _current(work, outcome[0])
        store.drop_layer(work, layer)
        rest = store.find_layers(work, command.device, command.service)
        if not rest:
            store.hide(work, layer)
        elif outcome[1]:
            store.show(work, rest[-1], outcome[1])


def _forget_untold(desk: Desk, layer: Layer) -> None:
    """Leave no trace of a first attempt that ends before the device: there is nothing to undo."""
    if layer.first_ticket == layer.ticket:
        tenant = desk.call.tenant
        desk.database.write(lambda tx: store.drop_attempt(tx, tenant, layer))


def _current(work: Work, attempt: Layer) -> Layer:
    """The layer as it is on record, if this attempt is still the latest."""
    for layer in store.find_layers(work, attempt.device, attempt.service):
        if layer.change == attempt.change and layer.ticket == attempt.ticket:
            return layer
    raise _overtaken(attempt)


def _overtaken(layer: Layer) -> Refused:
    reason = f"a later change of {layer.service} on {layer.device} has overtaken this one"
    return refused("conflict", "overtaken", reason)


def _under_way(command: Configure | RestoreConfiguration) -> Later:
    reason = f"another change of {command.service} on {command.device} is under way"
    return Later(AGAIN_S, reason)


def _refuse_locked(found: DeviceFound) -> None:
    if found.administrative_state != "unlocked":
        raise NeedsPerson(
            f"the device {found.name} is {found.administrative_state}: set its"
            " administrativeState to unlocked in the inventory when it may be changed"
        )


def handlers(drivers: Drivers) -> tuple[Handler, ...]:
    """The room's handlers over these drivers."""
    own = Activation(drivers)
    return (
        acts(Configure, own.intend_configure, own.configure, own.conclude_configure),
        asks(CompareDevices, own.read_devices, own.answer_compared),
        asks(VerifyConfiguration, own.read_back, own.verify),
        acts(RestoreConfiguration, own.intend_restore, own.restore, own.conclude_restore),
    )
