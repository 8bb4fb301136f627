"""Decisions of activation: what can be kept, and how two configurations differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from banyan.components.activation.contract import Configure, DeviceDifference
from banyan.kernel.words.codec import Document, to_ordered_json
from banyan.kernel.words.errors import Finding

DEVICE_MAX = 200
NAME_MAX = 255
"""Characters of a service's name, and of a change's."""

SHOWN_MAX = 60
"""Characters of a value a reason shows."""


def check_lengths(command: Configure) -> Iterator[Finding]:
    """Names that are longer than the room can keep."""
    for path, text, length_max in (
        ("device", command.device, DEVICE_MAX),
        ("service", command.service, NAME_MAX),
        ("change", command.change, NAME_MAX),
    ):
        if len(text) > length_max:
            reason = f"has {len(text)} characters, at most {length_max} fit"
            yield Finding("tooLong", reason, path)


def match_device(
    device: str, believed: Mapping[str, Document | None], held: Mapping[str, Document]
) -> Iterator[DeviceDifference]:
    """Where a device is not as it is believed to be; a belief of None is about to change."""
    for service in sorted({*believed, *held}):
        wanted, found = believed.get(service), held.get(service)
        if service in believed and wanted is None:
            continue
        if wanted is None or found is None:
            kind, one, other = ("extra", "", found) if wanted is None else ("missing", wanted, "")
            yield DeviceDifference(
                kind="extra" if kind == "extra" else "missing", device=device, service=service,
                believed=_told(one), found=_told(other),
            )  # fmt: skip
        elif any(find_differences(wanted, found)):
            told = "; ".join(find_differences(wanted, found))
            yield DeviceDifference(
                kind="different", device=device, service=service, believed=_told(wanted), found=told
            )


def _told(value: Any) -> str:
    return to_ordered_json(value).decode() if value else "nothing"


def find_differences(wanted: Any, held: Any, path: str = "") -> Iterator[str]:
    """Each path where what a device holds is not what it was told, as a short sentence."""
    if isinstance(wanted, dict) and isinstance(held, dict):
        for name in sorted({*wanted, *held}):
            inner = f"{path}.{name}" if path else str(name)
            if name not in held:
                yield f"{inner} is missing, told was {_shown(wanted[name])}"
            elif name not in wanted:
                yield f"{inner} is {_shown(held[name])}, nothing was told"
            else:
                yield from find_differences(wanted[name], held[name], inner)
    elif isinstance(wanted, list) and isinstance(held, list) and len(wanted) == len(held):
        for at, (one, other) in enumerate(zip(wanted, held, strict=True)):
            yield from find_differences(one, other, f"{path}.{at}" if path else str(at))
    elif wanted != held or isinstance(wanted, bool) != isinstance(held, bool):
        yield f"{path or 'the whole'} is {_shown(held)}, told was {_shown(wanted)}"


def _shown(value: Any) -> str:
    text = to_ordered_json(value).decode()
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}…"
