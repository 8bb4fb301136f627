"""``banyan catalog``: load, export and compare catalogues; publish versions and roll them back."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from banyan.cli.client import HERE, Client, FolderOption, TokenOption, UrlOption
from banyan.kernel.words.codec import Document, from_json, to_json
from banyan.kernel.words.errors import refused

IMPORT_JOB = "/tmf-api/productCatalogManagement/v5/importJob"
TASKS = "/banyan-api/catalogManagement/v1"
BYTES_MAX = 16_000_000
TIMEOUT_S = 600.0
DIFFERENT = 3
"""The exit code of ``diff`` where there is a difference; 1 and 2 are refusals and outages."""

KINDS = {
    "offering": "ProductOffering",
    "price": "ProductOfferingPrice",
    "product": "ProductSpecification",
    "service": "ServiceSpecification",
    "resource": "ResourceSpecification",
}

app = typer.Typer(help="Product, service and resource catalogue.", no_args_is_help=True)

FolderArgument = Annotated[Path, typer.Argument(help="Folder with *.yaml files.")]
EntryArgument = Annotated[
    str,
    typer.Argument(
        metavar="[KIND/]ID[@VERSION]",
        help=f"What: fibre-100, fibre-100@2.0, price/fee. KIND is {', '.join(KINDS)}.",
    ),
]
ReasonOption = Annotated[str, typer.Option(help="Why, for the records.")]


@app.callback()
def catalog() -> None:
    """Product, service and resource catalogue."""


@app.command()
def load(
    folder: FolderArgument, url: UrlOption = "", token: TokenOption = "", home: FolderOption = HERE
) -> None:
    """Load every YAML file below FOLDER: all of them, or nothing and every mistake."""
    body = collect(folder)
    client = Client(url, token, home, TIMEOUT_S)
    job = client.post(IMPORT_JOB, body)
    typer.echo(_counts(job))


def _counts(job: Document) -> str:
    loaded = job["loaded"]
    counts = ", ".join(f"{loaded[name]} {name}" for name in ("created", "changed", "unchanged"))
    return f"{job['status']}: {counts}"


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write to; it must be new or empty.")],
    url: UrlOption = "",
    token: TokenOption = "",
    home: FolderOption = HERE,
) -> None:
    """Write the whole catalogue, every version of everything, as YAML files that load again."""
    if folder.exists() and any(folder.iterdir()):
        raise refused("conflict", "notEmpty", f"{folder} is not empty")
    client = Client(url, token, home, TIMEOUT_S)
    files = client.post(f"{TASKS}/catalogExport", {"@type": "CatalogExport"})["catalogFile"]
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        (folder / file["name"]).write_text(file["text"], "utf-8")
    typer.echo(f"{len(files)} files in {folder}")


@app.command("import-gst")
def import_gst(
    file: Annotated[Path, typer.Argument(help="GSMA Generic Slice Template, JSON for TMF633.")],
    to: Annotated[str, typer.Option(help="YAML file to write instead of loading it.")] = "",
    specification: Annotated[str, typer.Option("--id", help="Id; else from its name.")] = "",
    url: UrlOption = "",
    token: TokenOption = "",
    home: FolderOption = HERE,
) -> None:
    """Turn a slice template into a service specification: a draft, loaded or written to a file.

    Every defect of the template is printed with its place, and nothing of it is lost. The same
    template twice changes nothing.
    """
    try:
        template = from_json(file.read_bytes())
    except (OSError, ValueError) as error:
        raise refused("malformed", "noTemplate", f"{file}: {error}") from error
    client = Client(url, token, home, TIMEOUT_S)
    body: Document = {"@type": "SliceTemplate", "template": template}
    body |= {"specificationId": specification} if specification else {}
    read = client.post(f"{TASKS}/sliceTemplate", body)
    for each in read["defect"]:
        typer.echo(f"{file.name}: {each['path']}: {each['reason']} [{each['code']}]")
    (made,) = read["catalogFile"]
    typer.echo(f"{len(read['defect'])} defects; nothing is lost: what is odd stands under gst")
    if to:
        Path(to).write_text(made["text"], "utf-8")
        typer.echo(f"written to {to}")
        return
    files = [{"name": made["name"], "gzip": _packed(made["text"])}]
    job = client.post(IMPORT_JOB, {"@type": "ImportJob", "url": "inline:", "catalogFile": files})
    typer.echo(_counts(job))


@app.command()
def diff(
    what: Annotated[str, typer.Argument(help="Folder with *.yaml files, or [KIND/]ID.")],
    before: Annotated[str, typer.Option("--from", help="A version of the thing.")] = "",
    after: Annotated[str, typer.Option("--to", help="Another; else the one in force.")] = "",
    url: UrlOption = "",
    token: TokenOption = "",
    home: FolderOption = HERE,
) -> None:
    """Print what loading a folder would change, or what differs between two versions.

    Ends with 0 if nothing does, with 3 if something does.
    """
    body: Document = {"@type": "CatalogComparison"}
    if before:
        body |= {"entity": _entity(what), "fromVersion": before, "toVersion": after}
    else:
        body |= {"catalogFile": collect(Path(what))["catalogFile"]}
    client = Client(url, token, home, TIMEOUT_S)
    found = client.post(f"{TASKS}/catalogComparison", body)["difference"]
    for line in _told(found):
        typer.echo(line)
    if found:
        raise typer.Exit(DIFFERENT)
    typer.echo("no difference")


def _told(differences: list[Document]) -> Iterator[str]:
    signs = {"added": "+", "removed": "-", "changed": "~"}
    for each in differences:
        entity = each["entity"]
        yield f"{signs[each['change']]} {entity['@referredType']} {entity['id']}"
        for attribute in each.get("attribute", ()):
            sides = [_shown(attribute.get(side)) for side in ("before", "after")]
            yield f"    {attribute['path']}: {sides[0]} → {sides[1]}"


def _shown(value: Any) -> str:
    return "nothing" if value is None else to_json(value).decode()


@app.command()
def submit(
    entry: EntryArgument,
    reason: ReasonOption = "",
    url: UrlOption = "",
    token: TokenOption = "",
    home: FolderOption = HERE,
) -> None:
    """Hand a draft, with the drafts it is made of, to review: In Test."""
    _change(Client(url, token, home), "submit", _entity(entry), reason)


@app.command()
def publish(
    entry: EntryArgument,
    reason: ReasonOption = "",
    url: UrlOption = "",
    token: TokenOption = "",
    home: FolderOption = HERE,
) -> None:
    """Publish a reviewed version, with the reviewed parts it is made of: Active."""
    _change(Client(url, token, home), "publish", _entity(entry), reason)


@app.command()
def retire(
    entry: EntryArgument,
    reason: ReasonOption = "",
    url: UrlOption = "",
    token: TokenOption = "",
    home: FolderOption = HERE,
) -> None:
    """Take a version (the one in force if none is named) from sale: Retired."""
    _change(Client(url, token, home), "retire", _entity(entry), reason)


@app.command()
def rollback(
    entry: EntryArgument,
    reason: ReasonOption = "",
    url: UrlOption = "",
    token: TokenOption = "",
    home: FolderOption = HERE,
) -> None:
    """Retire the version in force and bring the named, earlier one back."""
    _change(Client(url, token, home), "rollback", _entity(entry), reason)


def _entity(entry: str) -> Document:
    kind, _, named = entry.rpartition("/")
    if (kind or "offering") not in KINDS:
        raise refused("malformed", "kind", f"{kind} is none of {', '.join(KINDS)}")
    base, _, version = named.partition("@")
    entity = {"@type": "CatalogEntryRef", "id": base, "@referredType": KINDS[kind or "offering"]}
    return {**entity, "version": version} if version else entity


def _change(client: Client, action: str, entity: Document, reason: str) -> None:
    body: Document = {"@type": "CatalogChange", "action": action, "entity": entity}
    done = client.post(f"{TASKS}/catalogChange", body | ({"reason": reason} if reason else {}))
    for each in done["changed"]:
        named = each["entity"]
        what = f"{named['@referredType']} {named['id']} {named['version']}"
        typer.echo(f"{what}: {each['fromStatus']} → {each['toStatus']}")


def collect(folder: Path) -> dict[str, Any]:
    """The import job for the YAML files below ``folder``; refused when there is none."""
    if not folder.is_dir():
        raise refused("malformed", "noFolder", f"{folder} is no folder")
    paths = sorted(p for p in folder.rglob("*") if p.suffix in (".yaml", ".yml"))
    if not paths:
        raise refused("malformed", "noCatalog", f"there is no *.yaml file below {folder}")
    texts = {str(path.relative_to(folder)): path.read_text("utf-8") for path in paths}
    if sum(map(len, texts.values())) > BYTES_MAX:
        raise refused("too_large", "catalogSize", f"more than {BYTES_MAX} characters of YAML")
    files = [{"name": name, "gzip": _packed(text)} for name, text in texts.items()]
    return {"@type": "ImportJob", "url": "inline:", "catalogFile": files}


def _packed(text: str) -> str:
    return base64.b64encode(gzip.compress(text.encode("utf-8"), mtime=0)).decode("ascii")
