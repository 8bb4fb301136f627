"""What a TMF639 resource (v5 form) says of pools and devices."""

from __future__ import annotations

from banyan.components.inventory.model import NAME_MAX, POOL_TYPE
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding


def find_characteristic(document: Document, name: str) -> object:
    """The value of the resource's characteristic ``name``, or None."""
    for each in document.get("resourceCharacteristic", ()):
        if each.get("name") == name:
            value: object = each.get("value")
            return value
    return None


def is_pool(document: Document) -> bool:
    """Whether the resource hands out values."""
    return document.get("@type") == POOL_TYPE


def is_device(document: Document) -> bool:
    """Whether the resource is a network element: it names the driver that reaches it."""
    driver = find_characteristic(document, "driver")
    return isinstance(driver, str) and bool(driver)


def check_facts(document: Document) -> list[Finding]:
    """What is wrong with a resource beyond its shape: pools and devices need a name and facts."""
    findings: list[Finding] = []
    special = is_pool(document) or find_characteristic(document, "driver") is not None
    if special and not str(document.get("name") or "").strip():
        reason = "a pool and a device are found by their name: it must not be empty"
        findings.append(Finding("missing", reason, "name"))
    if special and len(str(document.get("name") or "")) > NAME_MAX:
        reason = f"the name of a pool or a device has at most {NAME_MAX} characters"
        findings.append(Finding("tooLong", reason, "name"))
    for name in ("driver", "address"):
        value = find_characteristic(document, name)
        if value is not None and (not isinstance(value, str) or (name == "driver" and not value)):
            reason = f"the characteristic {name} is a text that is not empty"
            findings.append(Finding("deviceFacts", reason, "resourceCharacteristic"))
    return findings
