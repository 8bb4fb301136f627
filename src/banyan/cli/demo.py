"""``banyan demo``: start a house, play the story over HTTP, keep serving."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    exit_after: Annotated[bool, typer.Option("--exit", help="End after the story.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write what happened as JSON.")] = None,
) -> None:
    """Start a house in a fresh folder, play the story and keep serving."""
    raise SystemExit(1)
