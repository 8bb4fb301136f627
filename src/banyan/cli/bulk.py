"""``banyan bulk``: many documents of one resource from a file, or into one."""

from __future__ import annotations

import re
import threading
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from banyan.cli.client import HERE, Client, FolderOption, TokenOption, UrlOption
from banyan.kernel.words.codec import Document, from_json, to_json
from banyan.kernel.words.errors import Later, Refused, refused

TRIES: Final = 6
"""How often a chunk is sent again when the house gives no answer, with growing pauses."""


_NDJSON: Final = "application/x-ndjson"
_KINDS: Final = {".ndjson": _NDJSON, ".jsonl": _NDJSON, ".csv": "text/csv"}

app = typer.Typer(help="Many documents at once: NDJSON or CSV, by the file's name.")

ResourceArgument = Annotated[
    str,
    typer.Argument(
        metavar="RESOURCE",
        help="individual, TMF632/individual, or in generation 4 TMF632/v4/individual.",
    ),
]
_UNFIT = re.compile(r"[^A-Za-z0-9._~-]")
_pause = threading.Event()


@app.callback()
def bulk() -> None:
    """Many documents at once: NDJSON or CSV, by the file's name."""


@app.command("import")
def load(
    resource: ResourceArgument,
    file: Annotated[Path, typer.Argument(help="*.ndjson, *.jsonl or *.csv, one document a line.")],
    keep_ids: Annotated[
        bool, typer.Option("--keep-ids", help="Keep the ids, as when it moves from another house.")
    ] = False,
    url: UrlOption = "",
    token: TokenOption = "",
    home: FolderOption = HERE,
) -> None:
    """Import every line of FILE; lines that are refused are told and hold up no other.

    Begun again with the same file, it goes on where it stopped and makes nothing twice: the job is
    named by the file's name and content. What was refused is written to FILE.errors. Ends with 1
    if anything was.
    """
    from banyan.tmf.bulk.parts import chunks

    path = find_path(resource)
    kind = _kind(file)
    client = Client(url, token, home)
    name = f"{_UNFIT.sub('_', file.stem[:60])}-{_digest(file)}"
    standing = _standing(client, f"{path}/{name}")
    if standing and standing["state"] == "done":
        typer.echo(f"{name} was imported already: {_counts(standing)}")
        raise typer.Exit(1 if standing["refused"] else 0)
    follows = standing["nextLine"] if standing else 0
    if follows:
        typer.echo(f"{name} goes on at line {follows}: {_counts(standing)}")
    params = {"job": name, **({"keep": "id"} if keep_ids else {})}
    answer: Document = standing
    with file.open("rb") as opened:
        for chunk in chunks(opened, kind):
            if chunk.following <= follows and not chunk.is_last:
                continue
            told = {**params, "line": str(chunk.line), "end": "true" if chunk.is_last else "false"}
            answer = _send(client, path, chunk.body, {"content-type": kind}, told)
            typer.echo(f"\r{chunk.following - 1} lines: {_counts(answer)}", nl=chunk.is_last)
    _tell_refused(client, f"{path}/{name}", file, answer)


def _tell_refused(client: Client, path: str, file: Path, answer: Document) -> None:
    """Write every refused line to ``FILE.errors``, show the first; end with 1 if there are any."""
    if not answer["refused"]:
        return
    report, first = file.with_name(f"{file.name}.errors"), 1
    shown = 0
    with report.open("w", encoding="utf-8") as out:
        while errors := client.get(path, **{"from": str(first)})["errors"]:
            for error in errors:
                out.write(to_json(error).decode() + "\n")
                for found in error["findings"] if shown < 10 else ():
                    where = f"{found['path']}: " if found["path"] else ""
                    told = f"line {error['line']}: {where}{found['reason']} [{found['code']}]"
                    typer.secho(told, fg="red", err=True)
                shown += 1
            first = errors[-1]["line"] + 1
    typer.secho(f"{answer['refused']} lines were refused: see {report}", fg="red", err=True)
    raise typer.Exit(1)


@app.command("export")
def export(
    resource: ResourceArgument,
    file: Annotated[Path, typer.Argument(help="*.ndjson, *.jsonl or *.csv.")],
    url: UrlOption = "",
    token: TokenOption = "",
    home: FolderOption = HERE,
) -> None:
    """Export every document of RESOURCE to FILE.

    NDJSON that stopped half way goes on where it stopped; FILE is there once it is whole.
    """
    path = find_path(resource)
    kind = _kind(file)
    client = Client(url, token, home)
    part = file.with_name(f"{file.name}.part")
    after = _last_id(part) if kind == _NDJSON else ""
    count = 0
    with part.open("ab" if after else "wb") as out:
        for piece in client.stream(path, {"accept": kind}, {"after": after} if after else {}):
            out.write(piece)
            count += piece.count(b"\n")
    part.replace(file)
    more = f" behind {after}" if after else ""
    typer.echo(f"{count} lines{more} in {file}")


def find_path(resource: str) -> str:
    """The path of a resource's bulk, in the newest generation unless it says another.

    Refused when there is none of this name, or several.
    """
    from banyan.tmf.apis import API

    *above, noun = resource.split("/")
    wanted = {each.lower() for each in above}
    found = [
        (api, number)
        for api in API.values()
        for number in api.generations
        for each in api.resources_in(number)
        if noun == each.name_in(number) and wanted <= {api.id.lower(), f"v{number}"}
    ]
    apis = sorted({api.id for api, _ in found})
    if len(apis) != 1:
        known = f"say {' or '.join(f'{api}/{noun}' for api in apis)}" if apis else "there is none"
        raise refused("malformed", "unknownResource", f"resource {resource}: {known}")
    api, number = max(found, key=lambda each: each[1])
    return f"{api.version(number).base_path}/bulk/{noun}"


def _kind(file: Path) -> str:
    kind = _KINDS.get(file.suffix.lower())
    if kind is None:
        raise refused("malformed", "fileType", f"{file}: a file is one of {', '.join(_KINDS)}")
    return kind


def _digest(file: Path) -> str:
    """What tells this file's content from any other: its job goes on only with the same file."""
    digest = blake2b(digest_size=8)
    try:
        with file.open("rb") as opened:
            while piece := opened.read(1 << 20):
                digest.update(piece)
    except OSError as error:
        raise refused("malformed", "noFile", f"{file}: {error.strerror}") from None
    return digest.hexdigest()


def _standing(client: Client, path: str) -> Document:
    try:
        found: Document = client.get(path)
    except Refused as error:
        if error.refusal.findings[0].code != "notFound":
            raise
        return {}
    return found


def _counts(answer: Document) -> str:
    return f"{answer['created']} created, {answer['refused']} refused"


def _send(
    client: Client, path: str, body: bytes, headers: dict[str, str], params: dict[str, str]
) -> Document:
    """Send a chunk until there is an answer: sent twice, it is made once."""
    for attempt in range(TRIES):
        try:
            answer: Document = client.send(path, body, headers, params)
        except Later:
            if attempt == TRIES - 1:
                raise
            _pause.wait(0.2 * 2**attempt)
        else:
            return answer
    raise AssertionError("the last try returns or raises")


def _last_id(part: Path) -> str:
    """The id on the last whole line of a file that stopped half way; the rest is cut off."""
    if not part.exists():
        return ""
    last, end = b"", 0
    with part.open("rb+") as opened:
        for text in opened:
            if text.endswith(b"\n"):
                last, end = text, end + len(text)
        opened.truncate(end)
    held: Any = from_json(last) if last else {}
    return str(held.get("id", ""))
