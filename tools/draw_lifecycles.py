"""Draws every lifecycle of the rooms: ``python tools/draw_lifecycles.py > docs/lifecycles.md``.

A test holds that the file is what this prints.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys

from banyan.kernel.engine.settings import Settings
from banyan.kernel.words.lifecycle import Lifecycle
from banyan.wiring import BUILDERS

HEAD = """# Lifecycles

Drawn by `python tools/draw_lifecycles.py > docs/lifecycles.md` from the tables in the rooms'
`model.py`; a test holds that this page is what the code says. State words are the standard's, verbs
are Banyan's. A step that is not drawn is refused (409) with the verbs that are.
"""


def draw() -> str:
    """The page: a diagram for each resource that has a lifecycle, and for what is inside one."""
    parts = [HEAD]
    for name, build in BUILDERS.items():
        rows = [row for row in build(Settings()).resources if row.lifecycle is not None]
        for row in sorted(rows, key=lambda each: (each.api, each.name)):
            parts.append(f"## {name}: {row.api} {row.name}\n")
            parts.append(f"Attribute `{row.state}`.\n")
            parts.append(f"```mermaid\n{row.lifecycle.diagram()}```\n")
        shown = [row.lifecycle for row in rows]
        for inner in _lifecycles_of(name):
            if inner not in shown:
                parts.append(f"## {name}: {inner.name}\n")
                parts.append(f"```mermaid\n{inner.diagram()}```\n")
    return "\n".join(parts)


def _lifecycles_of(room: str) -> list[Lifecycle]:
    """Those of a room's model, in the order they are written."""
    model = f"banyan.components.{room}.model"
    if importlib.util.find_spec(model) is None:
        return []
    found = vars(importlib.import_module(model)).values()
    return [each for each in found if isinstance(each, Lifecycle)]


if __name__ == "__main__":
    sys.stdout.write(draw())
