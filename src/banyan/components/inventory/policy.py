"""Decisions of the inventories: which records fit together, what stays fixed, how ranges merge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from banyan.components.inventory.contract import RecordProduct, ResourceRecord, ServiceRecord
from banyan.components.inventory.model import ID_MAX, KEY_MAX, Span
from banyan.components.inventory.wire import find_span, is_pool
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding


def check_same_pool(before: Document, after: Document) -> list[Finding]:
    """A pool keeps its name and its ends: values are out under them."""
    if not is_pool(before):
        return []
    reason = "a pool's name and range are fixed; open another pool instead"
    changed: list[str] = []
    if before.get("name") != after.get("name"):
        changed.append("name")
    if find_span(before) != find_span(after):
        changed.append("resourceCharacteristic")
    return [Finding("poolFixed", reason, path) for path in changed]


def place_back(value: int, beside: Iterable[Span]) -> tuple[Span, list[Span]]:
    """Where a value that comes back goes: the merged free range, and those it replaces.

    Free ranges never touch each other, so the same values free are always the same ranges.
    """
    low = high = value
    replaced: list[Span] = []
    for span in beside:
        if span.high == value - 1:
            low = span.low
            replaced.append(span)
        elif span.low == value + 1:
            high = span.high
            replaced.append(span)
    return Span(low, high), replaced


def check_length(path: str, text: str, length_max: int) -> list[Finding]:
    """A name that is longer than the room can keep."""
    if len(text) <= length_max:
        return []
    return [Finding("tooLong", f"has {len(text)} characters, at most {length_max} fit", path)]


def check_records(command: RecordProduct) -> list[Finding]:
    """Whether what is to be recorded fits together: keys are unique, every ``above`` is one.

    Services must not support each other in a circle.
    """
    findings: list[Finding] = []
    above = {service.key: service.above for service in command.services}
    seen: set[str] = set()
    records: list[tuple[str, ServiceRecord | ResourceRecord]] = [
        *((f"services.{at}", service) for at, service in enumerate(command.services)),
        *((f"resources.{at}", resource) for at, resource in enumerate(command.resources)),
    ]
    for name, value in (("order_id", command.order_id), ("item_id", command.item_id)):
        findings += check_length(name, value, ID_MAX)
    for path, record in records:
        findings += check_length(f"{path}.key", record.key, KEY_MAX)
        if not record.key or record.key in seen:
            reason = f"the key {record.key!r} is empty or used twice"
            findings.append(Finding("duplicateKey", reason, f"{path}.key"))
        seen.add(record.key)
        if record.above and record.above not in above:
            reason = f"there is no service {record.above!r} among the records"
            findings.append(Finding("unknownKey", reason, f"{path}.above"))
    for at, service in enumerate(command.services):
        if _is_in_circle(service.key, above):
            reason = f"the service {service.key!r} supports itself"
            findings.append(Finding("circle", reason, f"services.{at}.above"))
    return findings


def _is_in_circle(key: str, above: Mapping[str, str]) -> bool:
    here = above[key]
    for _ in above:
        if here == key:
            return True
        here = above.get(here, "")
    return False
