"""``banyan component``: the ODA manifests of the rooms."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="The rooms as ODA components.", no_args_is_help=True)


@app.callback()
def component() -> None:
    """The rooms as ODA components."""


@app.command()
def manifests(
    out: Annotated[Path, typer.Argument(help="Folder to write <component>.yaml files into.")],
) -> None:
    """Write an oda.tmforum.org/v1 manifest for every ODA component that a room realises."""
    import yaml

    from banyan.gateway.access import Access
    from banyan.kernel.engine.settings import Settings
    from banyan.tmf.oda import make_manifests
    from banyan.wiring import BUILDERS

    out.mkdir(parents=True, exist_ok=True)
    rooms = [build(Settings()) for build in BUILDERS.values()]
    for manifest in make_manifests(rooms, Access().roles):
        path = out / f"{manifest['metadata']['name']}.yaml"
        path.write_text(yaml.safe_dump(manifest, sort_keys=False, width=100), "utf-8")
        typer.echo(str(path))
