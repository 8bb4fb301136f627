"""Which records fit together. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from banyan.components.inventory.contract import RecordProduct, ResourceRecord, ServiceRecord
from banyan.components.inventory.model import ID_MAX, KEY_MAX
from banyan.kernel.words.errors import Finding


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
