"""Commands that work on an installation itself, whether its house is up or not.

What they take of it are its settings: where its databases, its devices and its keys are.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from banyan.kernel.engine.settings import Settings, read_settings

SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", envvar="BANYAN_SETTINGS", help="YAML file of settings."),
]
HomeOption = Annotated[
    str,
    typer.Option("--data", envvar="BANYAN_DATA", help="Data folder; else banyan-data."),
]
DatabaseOption = Annotated[
    str, typer.Option("--database", help="PostgreSQL URL, env:NAME or file:PATH; else SQLite.")
]


def settings_of(file: Path | None, home: str, database: str) -> Settings:
    """The settings an installation runs with, as ``banyan run`` would read them."""
    overrides: dict[str, object] = {}
    if home:
        overrides["data"] = home
    if database:
        overrides["database"] = database
    return read_settings(file, overrides)
