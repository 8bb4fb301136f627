"""Draws every lifecycle of the rooms: ``python tools/draw_lifecycles.py > docs/lifecycles.md``.

A test holds that the file is what this prints.
"""

from __future__ import annotations

import sys

from banyan.kernel.engine.settings import Settings
from banyan.wiring import BUILDERS

HEAD = """# Lifecycles

Drawn by `python tools/draw_lifecycles.py > docs/lifecycles.md` from the tables in the rooms'
`model.py`; a test holds that this page is what the code says. State words are the standard's, verbs
are Banyan's. A step that is not drawn is refused (409) with the verbs that are.
"""


def draw() -> str:
    """The page: one diagram for each resource that has a lifecycle."""
    parts = [HEAD]
    for name, build in BUILDERS.items():
        rows = [row for row in build(Settings()).resources if row.lifecycle is not None]
        for row in sorted(rows, key=lambda each: (each.api, each.name)):
            parts.append(f"## {name}: {row.api} {row.name}\n")
            parts.append(f"Attribute `{row.state}`.\n")
            parts.append(f"```mermaid\n{row.lifecycle.diagram()}```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(draw())
