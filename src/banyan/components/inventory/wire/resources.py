"""What a TMF639 resource (v5 form) says of pools and devices."""

from __future__ import annotations

from banyan.components.inventory.model import NAME_MAX, POOL_TYPE, VALUE_MAX, Span
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


def check_resource(document: Document) -> list[Finding]:
    """What is wrong with a resource beyond its shape: pools and devices need a name and facts."""
    findings: list[Finding] = []
    special = is_pool(document) or find_characteristic(document, "driver") is not None
    if special and not str(document.get("name") or "").strip():
        reason = "a pool and a device are found by their name: it must not be empty"
        findings.append(Finding("missing", reason, "name"))
    if special and len(str(document.get("name") or "")) > NAME_MAX:
        reason = f"the name of a pool or a device has at most {NAME_MAX} characters"
        findings.append(Finding("tooLong", reason, "name"))
    if is_pool(document):
        findings += _check_range(document)
    for name in ("driver", "address"):
        value = find_characteristic(document, name)
        if value is not None and (not isinstance(value, str) or (name == "driver" and not value)):
            reason = f"the characteristic {name} is a text that is not empty"
            findings.append(Finding("deviceFacts", reason, "resourceCharacteristic"))
    return findings


def _check_range(document: Document) -> list[Finding]:
    ends: dict[str, int] = {}
    findings: list[Finding] = []
    for name in ("low", "high"):
        value = find_characteristic(document, name)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= VALUE_MAX:
            ends[name] = value
        else:
            reason = f"a pool has the characteristic {name}, a whole number of at most 63 bits"
            findings.append(Finding("poolRange", reason, "resourceCharacteristic"))
    if not findings and ends["low"] > ends["high"]:
        reason = f"low ({ends['low']}) is above high ({ends['high']})"
        findings.append(Finding("poolRange", reason, "resourceCharacteristic"))
    return findings


def find_span(document: Document) -> Span:
    """The values of a pool that :func:`check_resource` had nothing against."""
    low, high = (find_characteristic(document, name) for name in ("low", "high"))
    assert isinstance(low, int)
    assert isinstance(high, int)
    return Span(low, high)
