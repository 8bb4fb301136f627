"""Runs errands: the teller of a dispatcher for targets ``errand:<room>``.

An errand that fails for good ends in its failed state with the reason; one whose neighbour is away
is run again with growing pauses, and fails after :data:`ATTEMPTS_MAX`. Several processes may run
the same errand: a job's lines are taken in once, a create has one key, a file is put in its place
whole.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, Final

import structlog

from banyan.kernel.engine.clock import to_wire
from banyan.kernel.engine.dispatch import Fact, Untold
from banyan.kernel.engine.room import Room
from banyan.kernel.words.codec import Document, from_json, to_json
from banyan.kernel.words.errors import Later, Outage, Refused, refused
from banyan.kernel.words.messages import Call
from banyan.tmf.bodies import read_json
from banyan.tmf.bulk.desk import BulkDesk, Wish, as_csv, as_ndjson
from banyan.tmf.bulk.jobs import Loaded
from banyan.tmf.bulk.parts import CSV, NDJSON, chunks
from banyan.tmf.changes import compute_new
from banyan.tmf.errands.places import Places
from banyan.tmf.errors import answer_refusal
from banyan.tmf.faces import Face, faces_of
from banyan.tmf.resource import Resource
from banyan.tmf.service import kit_messages

ATTEMPTS_MAX: Final = 6
AT_ONCE: Final = 4
PATIENCE_S: Final = 0.25
LOGGED_MAX: Final = 50
"""Refused lines that an ``errorLog`` tells; all of them are at the job's bulk."""

_log = structlog.get_logger()


class ErrandTeller:
    """Runs the errands of these rooms' documents, a few at once."""

    def __init__(
        self, rooms: Iterable[Room], resources: Iterable[Resource], places: Places
    ) -> None:
        self._rooms = {room.name: room for room in rooms}
        self._rows: Mapping[tuple[str, str], Resource] = {
            (row.room, row.label): row for row in resources
        }
        self._places = places
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="errand")
        self._under_way: dict[str, Future[None]] = {}
        self._stopping = threading.Event()

    def close(self) -> None:
        """Let what is under way come to the next point where it can be taken up again."""
        self._stopping.set()
        self._pool.shutdown(wait=True)

    def __call__(self, facts: Sequence[Fact]) -> Sequence[Exception | None]:
        """Run each; for each, nothing, why not, or that it is still under way."""
        for fact in facts:
            if fact.id not in self._under_way:
                self._under_way[fact.id] = self._pool.submit(self._run, fact)
        wait([self._under_way[fact.id] for fact in facts], PATIENCE_S)
        return [self._outcome(fact) for fact in facts]

    def _outcome(self, fact: Fact) -> Exception | None:
        if not self._under_way[fact.id].done():
            return Untold()
        error = self._under_way.pop(fact.id).exception()
        assert error is None or isinstance(error, Exception)
        if error is None or isinstance(error, Later | Untold):
            return error
        _log.error("errand.bug", subject=fact.subject, exc_info=error)
        self._note(fact, "failed", {"errorLog": f"an error of ours; it is in our log: {fact.id}"})
        return None

    def _run(self, fact: Fact) -> None:
        room, row, told = self._known(fact)
        call = fact.call()
        call = Call(call.tenant, fact.actor, call.roles, call.correlation)
        query = kit_messages(room.name).find(resource=row.label, id=told["id"])
        stored = room.ask(call, query)
        if stored is None or row.errand is None:
            return
        if stored.document.get(row.state) in (row.errand.done, row.errand.failed):
            return
        self._note(fact, "running", {})
        try:
            is_done, said = self._work(fact, call, row, stored.document)
        except Refused as error:
            is_done, said = False, {"errorLog": error.refusal.reason}
        except Later as outage:
            if fact.attempts + 1 < ATTEMPTS_MAX:
                raise
            is_done, said = False, {"errorLog": outage.reason}
        except Outage as outage:
            is_done, said = False, {"errorLog": outage.reason}
        self._note(fact, "done" if is_done else "failed", said)

    def _known(self, fact: Fact) -> tuple[Room, Resource, Document]:
        told = from_json(fact.body)
        room = self._rooms[fact.target.partition(":")[2]]
        return room, self._rows[room.name, told["resource"]], told

    def _note(self, fact: Fact, how: str, said: Document) -> None:
        room, row, told = self._known(fact)
        states = row.errand
        assert states is not None
        state = {"running": states.running, "done": states.done, "failed": states.failed}[how]
        if row.shape != "Monitor" and how != "running":
            said = {**said, "completionDate": to_wire(room.clock.now())}
        if row.shape == "Monitor" and "errorLog" in said:
            said = {"response": _response(500, [], to_json(said).decode())}
        own = kit_messages(room.name).note_errand(
            resource=row.label, id=told["id"], state=state, attributes=said
        )
        room.put(fact.call(), own, "")

    def _work(
        self, fact: Fact, call: Call, row: Resource, document: Document
    ) -> tuple[bool, Document]:
        """Whether it went well, and what is to be said of it."""
        assert row.errand is not None
        if row.errand.kind == "create":
            return self._create(fact, call, document)
        desk = self._desk(row, str(document.get("path", "")))
        kind = _kind(document)
        if row.errand.kind == "export":
            return self._export(call, desk, document, kind)
        return self._import(fact, call, desk, document, kind)

    def _desk(self, row: Resource, path: str) -> BulkDesk:
        """The bulk of the resource that a job's ``path`` names, of the job's own API."""
        *above, noun = [part for part in path.split("/") if part] or [""]
        faces = [
            face
            for other in self._rows.values()
            if other.api == row.api and other.errand is None and other.view is None
            for face in faces_of(other)
            if face.noun == noun and (f"v{face.generation}" in above or "v4" not in above)
        ]
        if not faces:
            known = sorted(
                {r.name for r in self._rows.values() if r.api == row.api and not r.errand}
            )
            raise refused("rule", "path", f"the path names one of {', '.join(known)}", "path")
        face = max(faces, key=lambda each: each.generation)
        return BulkDesk(face, self._rooms[face.resource.room])

    def _import(
        self, fact: Fact, call: Call, desk: BulkDesk, document: Document, kind: str
    ) -> tuple[bool, Document]:
        if "C" not in desk.face.operations:
            raise refused("rule", "path", f"{desk.face.noun} can't be created", "path")
        loaded = desk.find(call, str(document["id"]))
        behind = loaded.progress.following if loaded is not None else 0
        with self._places.reading(call.tenant, str(document["url"])) as opened:
            for part in chunks(opened, kind):
                if self._stopping.is_set():
                    raise Untold
                if part.following <= behind and not part.is_last:
                    continue
                chunk = desk.read(kind, part.body, part.line)
                wish = Wish(str(document["id"]), part.line, part.is_last, keeps_id=False)
                loaded = desk.take(call, wish, chunk)
                self._note(fact, "running", {"progress": _progress(loaded)})
        assert loaded is not None
        said: Document = {"progress": _progress(loaded)}
        if loaded.progress.refused:
            said["errorLog"] = self._refusals(call, desk, str(document["id"]))
        return not loaded.progress.refused, said

    def _refusals(self, call: Call, desk: BulkDesk, job: str) -> str:
        found = desk.find(call, job)
        assert found is not None
        lines = [
            f"line {line.line}: {each.path}: {each.reason} [{each.code}]"
            for line in found.refusals[:LOGGED_MAX]
            for each in line.findings
        ]
        more = found.progress.refused - min(len(found.refusals), LOGGED_MAX)
        return "\n".join(lines + ([f"and {more} more lines"] if more else []))

    def _export(
        self, call: Call, desk: BulkDesk, document: Document, kind: str
    ) -> tuple[bool, Document]:
        if document.get("query"):
            raise refused("unsupported", "query", "an export holds everything", "query")
        pages = desk.pages(call)
        lines = as_ndjson(next(pages, []), pages)
        count = 0
        with self._places.writing(call.tenant, str(document["url"])) as opened:
            for part in as_csv(lines) if kind == CSV else lines:
                if self._stopping.is_set():
                    raise Untold
                opened.write(part)
                count += part.count(b"\n")
        return True, {"progress": {"lines": count}}

    def _create(self, fact: Fact, call: Call, document: Document) -> tuple[bool, Document]:
        """Create what a monitor watches, under its key; the answer as it would have been given."""
        room, _, told = self._known(fact)
        row = self._rows[room.name, told["target"]]
        face = next(each for each in faces_of(row) if each.generation == told["generation"])
        sent = document["request"]
        try:
            made = _made(room, face, call, sent["body"], str(document["id"]))
        except Refused as error:
            placed = face.placed(error.refusal.findings) if row.create else error.refusal.findings
            refusal = type(error.refusal)(error.refusal.kind, tuple(placed))
            answer = answer_refusal(refusal)
            return False, {"response": _response(answer.status, [], answer.body.decode())}
        href = f"{sent['to']}/{made['id']}"
        shown = to_json({"id": made["id"], "href": href, **face.outward(made)}).decode()
        location = {"@type": "HeaderItem", "name": "Location", "value": href}
        return True, {"sourceHref": href, "response": _response(201, [location], shown)}


def _made(room: Room, face: Face, call: Call, body: str, monitor: str) -> Document:
    inner = compute_new(face, read_json(body.encode()), room.clock.now())
    key = f"errand/{monitor}"
    if face.resource.create is not None:
        made: Any = room.put(call, face.resource.create(document=inner), key, sameness=monitor)
        return dict(made)
    own = kit_messages(room.name).create(resource=face.resource.label, document=inner)
    return dict(room.put(call, own, key, sameness=monitor).document)


def _response(status: int, headers: list[Document], body: str) -> Document:
    kind = {"@type": "HeaderItem", "name": "Content-Type", "value": "application/json"}
    return {
        "@type": "Response", "statusCode": str(status), "header": [kind, *headers], "body": body,
    }  # fmt: skip


def _progress(loaded: Loaded) -> Document:
    progress = loaded.progress
    return {
        "lines": progress.following - 1, "created": progress.created, "refused": progress.refused,
    }  # fmt: skip


def _kind(document: Document) -> str:
    """NDJSON or CSV: what ``contentType`` says, else the file's name."""
    said = str(document.get("contentType", "")).partition(";")[0].strip().lower()
    if said in (NDJSON, CSV):
        return said
    if said and said != "application/octet-stream":
        reason = f"{said} is neither {NDJSON} nor {CSV}"
        raise refused("rule", "contentType", reason, "contentType")
    return CSV if str(document["url"]).lower().endswith(".csv") else NDJSON
