"""Decisions of activation: how two configurations differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from banyan.kernel.words.codec import to_ordered_json

SHOWN_MAX = 60
"""Characters of a value a reason shows."""


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
