"""``banyan catalog``: load a catalogue from YAML files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from banyan.cli.client import HERE, Client, FolderOption, TokenOption, UrlOption
from banyan.kernel.words.errors import refused

IMPORT_JOB = "/tmf-api/productCatalogManagement/v5/importJob"
BYTES_MAX = 800_000

app = typer.Typer(help="Product, service and resource catalogue.", no_args_is_help=True)


@app.callback()
def catalog() -> None:
    """Product, service and resource catalogue."""


@app.command()
def load(
    folder: Annotated[Path, typer.Argument(help="Folder with *.yaml files.")],
    url: UrlOption = "",
    token: TokenOption = "",
    home: FolderOption = HERE,
) -> None:
    """Load every YAML file below FOLDER: all of them, or nothing and every mistake."""
    body = collect(folder)
    client = Client(url, token, home)
    job = client.post(IMPORT_JOB, body)
    loaded = job["loaded"]
    counts = ", ".join(f"{loaded[name]} {name}" for name in ("created", "changed", "unchanged"))
    typer.echo(f"{job['status']}: {counts}")


def collect(folder: Path) -> dict[str, object]:
    """The import job for the YAML files below ``folder``; refused when there is none."""
    if not folder.is_dir():
        raise refused("malformed", "noFolder", f"{folder} is no folder")
    paths = sorted(p for p in folder.rglob("*") if p.suffix in (".yaml", ".yml"))
    if not paths:
        raise refused("malformed", "noCatalog", f"there is no *.yaml file below {folder}")
    files = [
        {"name": str(path.relative_to(folder)), "text": path.read_text("utf-8")} for path in paths
    ]
    if sum(len(each["text"]) for each in files) > BYTES_MAX:
        raise refused("too_large", "catalogSize", f"more than {BYTES_MAX} characters of YAML")
    return {"@type": "ImportJob", "url": "inline:", "catalogFile": files}
