"""Draws every lifecycle of the rooms: ``python tools/draw_lifecycles.py > docs/lifecycles.md``.

A test holds that the file is what this prints.
"""

from __future__ import annotations

import importlib
import sys

from banyan.kernel.engine.settings import Settings
from banyan.kernel.words.lifecycle import Lifecycle
from banyan.tmf.resource import Resource
from banyan.wiring import BUILDERS

HEAD = """# Lifecycles

Drawn by `python tools/draw_lifecycles.py > docs/lifecycles.md` from the tables in the rooms'
`model.py`; a test holds that this page is what the code says. State words are the standard's, verbs
are Banyan's. A step that is not drawn is refused (409) with the verbs that are.
"""

ATTRIBUTES = {"catalogue entry": "lifecycleStatus"}
"""Where the state stands of lifecycles that are no resource's own, if it is not ``state``."""


def draw() -> str:
    """The page: one diagram for each lifecycle of a room's resources, then those inside of them."""
    parts = [HEAD]
    for name, build in BUILDERS.items():
        rows = build(Settings()).resources
        shared: dict[int, tuple[Lifecycle, list[Resource]]] = {}
        for row in sorted(rows, key=lambda each: (each.api, each.name)):
            if row.lifecycle is not None:
                shared.setdefault(id(row.lifecycle), (row.lifecycle, []))[1].append(row)
        for life, several in shared.values():
            named = ", ".join(f"{row.api} {row.name}" for row in several)
            parts.append(_section(f"{name}: {named}", several[0].state, life))
        drawn = {life.name for life, _ in shared.values()}
        model = importlib.import_module(f"banyan.components.{name}.model")
        for value in vars(model).values():
            if isinstance(value, Lifecycle) and value.name not in drawn:
                attribute = ATTRIBUTES.get(value.name, "state")
                parts.append(_section(f"{name}: {value.name}", attribute, value))
    return "\n".join(parts)


def _section(title: str, attribute: str, lifecycle: Lifecycle) -> str:
    return f"## {title}\n\nAttribute `{attribute}`.\n\n```mermaid\n{lifecycle.diagram()}```\n"


if __name__ == "__main__":
    sys.stdout.write(draw())
