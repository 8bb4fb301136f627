"""The drawn lifecycles are those of the code, all of them."""

from __future__ import annotations

import ast
from pathlib import Path

from draw_lifecycles import draw

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_lifecycles_is_what_the_code_draws() -> None:
    page = (ROOT / "docs" / "lifecycles.md").read_text("utf-8")
    assert page == draw(), "run: python tools/draw_lifecycles.py > docs/lifecycles.md"


def test_no_lifecycle_of_a_room_is_left_out() -> None:
    written = 0
    for path in (ROOT / "src" / "banyan" / "components").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="Lifecycle")):
                    written += 1
    assert draw().count("stateDiagram-v2") == written > 0
