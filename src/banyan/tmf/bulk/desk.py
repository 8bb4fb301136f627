"""Bulk over HTTP: ``{base}/bulk/{noun}`` beside a resource, its import jobs one step below."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2b
from tempfile import TemporaryFile
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

from banyan.kernel.engine.clock import from_us, to_wire
from banyan.kernel.engine.room import Asked, Room
from banyan.kernel.words.codec import Document, from_json, to_json
from banyan.kernel.words.errors import Refusal, Refused, refused
from banyan.kernel.words.messages import Call
from banyan.tmf.bodies import choose_type
from banyan.tmf.bulk.jobs import Entry, Loaded, Progress, RefusedLine
from banyan.tmf.bulk.lines import CSV, NDJSON, Chunk, Line, read_csv, read_ndjson
from banyan.tmf.bulk.sheets import flattened, write_row
from banyan.tmf.bulk.texts import text_paths
from banyan.tmf.changes import compute_new
from banyan.tmf.errors import JSON, STATUS, Answer
from banyan.tmf.faces import Face
from banyan.tmf.service import kit_messages
from banyan.tmf.streams import Streamed
from banyan.tmf.surface import Action, Endpoint, Request

PAGE: Final = 500
"""Documents of an export that are read in one go."""

_NAME: Final = re.compile(r"[A-Za-z0-9._~-]{1,100}", re.ASCII)
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_FORMATS: Final = (NDJSON, CSV)


class Wish(NamedTuple):
    """What a chunk is: part of a job, from ``line`` on, the last one, with ids to be kept."""

    job: str
    line: int | None
    is_last: bool
    keeps_id: bool


class BulkDesk:
    """Takes in and gives out many documents of one resource in one generation."""

    def __init__(self, face: Face, room: Room) -> None:
        self.face = face
        self.resource = face.resource
        self.room = room
        self.messages = kit_messages(room.name)
        self._is_text = text_paths(face)

    def collection(self) -> Endpoint:
        """What answers at ``bulk/{noun}``."""
        actions = {}
        if "G" in self.face.operations and self.resource.view is None:
            actions["GET"] = Action(self.export, None, _FORMATS)
        if "C" in self.face.operations:
            actions["POST"] = Action(self.load, frozenset(_FORMATS))
        return Endpoint(actions)

    def item(self) -> Endpoint:
        """What answers at ``bulk/{noun}/{job}``: only where there is an import."""
        if "C" not in self.face.operations:
            return Endpoint({})
        actions = {"GET": Action(self.progress)} if "G" in self.face.operations else {}
        if "D" in self.face.operations:
            actions["DELETE"] = Action(self.forget)
        return Endpoint(actions)

    def load(self, request: Request) -> Answer:
        """200 with what became of a chunk of lines, each judged as if it had been posted alone."""
        _check_whole(request.call)
        wish = self._wish(request)
        chunk = self.read(request.media, request.body, wish.line)
        return _told(self.take(request.call, wish, chunk), chunk)

    def read(self, media: str, body: bytes, line: int | None = None) -> Chunk:
        """A body as lines, the first of them line ``line`` of its file."""
        if media == CSV:
            return read_csv(body, line or 2, self._is_text)
        return read_ndjson(body, line or 1)

    def take(self, call: Call, wish: Wish, chunk: Chunk) -> Loaded:
        """Take the lines of a chunk in, those aside that the job has behind it."""
        before = self.find(call, wish.job)
        standing = before.progress.following if before is not None else chunk.origin
        fresh = [line for line in chunk.lines if line.number >= standing]
        if chunk.first <= standing and not (before is not None and before.progress.is_done):
            entries = self._entries(call, wish, fresh)
        else:  # refused below, before anything is made
            entries = []
        command = self.messages.load_lines(
            resource=self.resource.label,
            job=wish.job,
            origin=chunk.origin,
            first=chunk.first,
            following=chunk.following,
            entries=tuple(entries),
            is_last=wish.is_last,
        )
        loaded: Loaded = self.room.put(call, command, "")
        return loaded

    def _entries(self, call: Call, wish: Wish, lines: list[Line]) -> list[Entry]:
        now = self.room.clock.now()
        entries: list[Entry] = []
        for line in lines:
            refusal, document = line.refusal, None
            if refusal is None:
                try:
                    document = compute_new(self.face, line.body, now, keeps_id=wish.keeps_id)
                    if "id" in document:
                        self._check_id(document["id"])
                except Refused as error:
                    refusal, document = error.refusal, None
            entries.append(Entry(line.number, document, refusal))
        if self.resource.create is None and self.room.handlers[self.messages.create].is_plain:
            return entries
        return self._made(call, wish.job, lines, entries)

    def _command(self, document: Document) -> Any:
        """What makes one document: the room's own command, or the kit's where it asks others."""
        if self.resource.create is not None:
            return self.resource.create(document=document)
        return self.messages.create(resource=self.resource.label, document=document)

    def _check_id(self, text: Any) -> None:
        try:
            self.resource.id_type(str(text))
        except ValueError as error:
            raise refused("malformed", "id", str(error), "id") from None

    def _made(self, call: Call, job: str, lines: list[Line], entries: list[Entry]) -> list[Entry]:
        """What a command made of each line, under the key of its job and line."""
        asked = [
            (
                Asked(
                    call,
                    self._command(entry.document),
                    self._key(job, line.number),
                    sameness=blake2b(line.text, digest_size=16).hexdigest(),
                ),
                None,
            )
            for line, entry in zip(lines, entries, strict=True)
            if entry.document is not None
        ]
        slots = iter(self.room.put_many(asked))
        made: list[Entry] = []
        for entry in entries:
            if entry.document is None:
                made.append(entry)
                continue
            error = next(slots).error
            if error is None:
                made.append(Entry(entry.line, is_made=True))
            elif isinstance(error, Refused):
                placed = tuple(self.face.placed(error.refusal.findings))
                made.append(Entry(entry.line, None, Refusal(error.refusal.kind, placed)))
            else:
                raise error
        return made

    def _key(self, job: str, line: int) -> str:
        told = f"{self.face.path}\n{job}\n{line}".encode()
        return f"bulk/{blake2b(told, digest_size=24).hexdigest()}"

    def _wish(self, request: Request) -> Wish:
        given = _parameters(request.query, ("job", "line", "end", "keep"))
        job = given.get("job") or self.room.mints.text()
        _check_name(job)
        line = given.get("line")
        if line is not None and not _NUMBER.fullmatch(line):
            raise refused("malformed", "line", "line is a whole number from 1 on", "line")
        if given.get("end", "true") not in ("true", "false"):
            raise refused("malformed", "end", "end is true or false", "end")
        keep = given.get("keep", "")
        if keep not in ("", "id"):
            raise refused("malformed", "keep", "what can be kept is id", "keep")
        if keep and self.resource.create is not None and not self.resource.may_choose_id:
            reason = f"{self.face.noun} gets its id from a command of its own"
            raise refused("unsupported", "keep", reason, "keep")
        is_last = given.get("end", "true" if "job" not in given else "false") == "true"
        return Wish(job, None if line is None else int(line), is_last, bool(keep))

    def progress(self, request: Request) -> Answer:
        """200 with how far a job has come and the lines it refused, those before ``from`` aside."""
        _check_whole(request.call)
        given = _parameters(request.query, ("from",))
        first = given.get("from", "1")
        if not _NUMBER.fullmatch(first):
            raise refused("malformed", "from", "from is a whole number from 1 on", "from")
        _check_name(request.id)
        loaded = self.find(request.call, request.id, int(first))
        if loaded is None:
            raise refused("unknown", "notFound", f"there is no import job {request.id!r}")
        return _told(loaded)

    def find(self, call: Call, job: str, first: int = 0) -> Loaded | None:
        """How far a job has come, with the lines it refused from ``first`` on; None if unknown."""
        query = self.messages.find_job(resource=self.resource.label, job=job, from_line=first)
        found: Loaded | None = self.room.ask(call, query)
        return found

    def forget(self, request: Request) -> Answer:
        """204; what the job imported stays."""
        command = self.messages.forget_job(resource=self.resource.label, job=request.id)
        self.room.put(request.call, command, "")
        return Answer(204)

    def export(self, request: Request) -> Streamed:
        """200 with every document, one a line, oldest first; ``after`` goes on behind an id."""
        _check_whole(request.call)
        given = _parameters(request.query, ("after",))
        kind = choose_type(request.headers.get(b"accept"), _FORMATS)
        pages = self.pages(request.call, given.get("after", ""))
        first = next(pages, [])  # what is refused, is refused before the answer has begun
        lines = as_ndjson(first, pages)
        parts = as_csv(lines) if kind == CSV else lines
        header = (b"content-type", f"{kind};charset=utf-8".encode())
        return Streamed(200, (header,), parts)

    def pages(self, call: Call, after: str = "") -> Iterator[list[Document]]:
        """Every document in the caller's form, behind the one of id ``after``, page by page."""
        while True:
            query = self.messages.walk(resource=self.resource.label, limit=PAGE, after=after)
            found = self.room.ask(call, query)
            if found:
                yield [self.face.outward(stored.document) for stored in found]
            if len(found) < PAGE:
                return
            after = found[-1].document["id"]


def _check_whole(call: Call) -> None:
    """The gateway lets nobody here who may have his own things only: nothing is told apart here."""
    if call.owns is not None:
        raise refused("forbidden", "forbidden", "bulk is for those who may have every one")


def _parameters(query: str, known: tuple[str, ...]) -> dict[str, str]:
    given = dict(parse_qsl(query, keep_blank_values=True))
    for name in given:
        if name not in known:
            reason = f"{name[:80]!r} is none of {', '.join(known)}"
            raise refused("unsupported", "queryUnsupported", reason, name[:80])
    return given


def _check_name(job: str) -> None:
    if not _NAME.fullmatch(job):
        raise refused(
            "malformed", "job", "a job's name has 1 to 100 letters, digits, . _ ~ -", "job"
        )


def _told(loaded: Loaded, chunk: Chunk | None = None) -> Answer:
    progress: Progress = loaded.progress
    body: Document = {
        "job": progress.job,
        "state": "done" if progress.is_done else "inProgress",
        "nextLine": progress.following,
        "created": progress.created,
        "refused": progress.refused,
        "startDate": to_wire(from_us(progress.began_us)),
        "lastUpdate": to_wire(from_us(progress.changed_us)),
        "errors": [_error(line) for line in loaded.refusals],
    }
    if chunk is not None:
        body = {"firstLine": chunk.first, **body}
    return Answer(200, (JSON,), to_json(body))


def _error(line: RefusedLine) -> Document:
    findings = [{"code": f.code, "reason": f.reason, "path": f.path} for f in line.findings]
    return {"line": line.line, "status": str(STATUS[line.kind]), "findings": findings}


def as_ndjson(first: list[Document], pages: Iterator[list[Document]]) -> Iterator[bytes]:
    """Pages as lines."""
    page: list[Document] | None = first
    while page:
        yield b"".join(to_json(document) + b"\n" for document in page)
        page = next(pages, None)


def as_csv(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The sheet of NDJSON: its columns are known only at the end, so it waits in a file."""
    columns: dict[str, None] = {}
    with TemporaryFile() as waiting:
        for part in parts:
            waiting.write(part)
            for text in part.splitlines():
                columns.update(dict.fromkeys(flattened(from_json(text))))
        names = list(columns)
        if names:
            yield write_row(names)
        waiting.seek(0)
        held: list[bytes] = []
        for text in waiting:
            cells = flattened(from_json(text))
            held.append(write_row([cells.get(name, "") for name in names]))
            if len(held) == PAGE:
                yield b"".join(held)
                held.clear()
        yield b"".join(held)
