"""How far bulk imports have come, and which lines they refused: the messages and their SQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct

from banyan.kernel.engine.clock import to_us
from banyan.kernel.engine.db import Quick
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document, from_json, from_plain, to_json
from banyan.kernel.words.errors import Finding, Refusal, RefusalKind, Refused, refused
from banyan.kernel.words.messages import Command, Query
from banyan.tmf.tables import BULK_JOB, BULK_REFUSAL

REFUSALS_MAX: Final = 1_000
"""Refused lines that one answer shows."""


class Entry(Struct, frozen=True):
    """One line on its way in: a document to file, a refusal, or neither when it was made already.

    ``is_made`` says that a command of the room's own has made it.
    """

    line: int
    document: Document | None = None
    refusal: Refusal | None = None
    is_made: bool = False


class RefusedLine(Struct, frozen=True):
    """A line that was not imported, and everything that is wrong with it."""

    line: int
    kind: RefusalKind
    findings: tuple[Finding, ...]


class Progress(Struct, frozen=True):
    """How far a job has come: ``following`` is the next line it wants.

    ``began_us`` and ``changed_us`` are microseconds since 1970.
    """

    job: str
    following: int
    created: int
    refused: int
    is_done: bool
    began_us: int
    changed_us: int


class Loaded(Struct, frozen=True):
    """A job's progress, with refused lines of the part that was asked about."""

    progress: Progress
    refusals: tuple[RefusedLine, ...]


class LoadLines(Command[Loaded], frozen=True, kw_only=True):
    """Take lines ``first`` to before ``following`` of a job in, all in one transaction.

    Lines before where the job stands are left alone: a repeat makes nothing twice. ``origin`` is
    where a job begins. Refused (``conflict``): lines further on than the job has come
    (``lineGap``), lines behind its end (``jobDone``).
    """

    resource: str
    job: str
    origin: int
    first: int
    following: int
    entries: tuple[Entry, ...]
    is_last: bool = False


class FindJob(Query[Loaded | None], frozen=True, kw_only=True):
    """A job with its refused lines from ``from_line`` on, at most :data:`REFUSALS_MAX`."""

    resource: str
    job: str
    from_line: int = 0


class ForgetJob(Command[None], frozen=True, kw_only=True):
    """Forget a job and its refused lines; what it imported stays."""

    resource: str
    job: str


_MINE = (BULK_JOB.c.tenant == sa.bindparam("t")) & (BULK_JOB.c.resource == sa.bindparam("r"))
_ONE = _MINE & (BULK_JOB.c.job == sa.bindparam("j"))
_GET = Quick(
    sa.select(
        BULK_JOB.c.job, BULK_JOB.c.following, BULK_JOB.c.created, BULK_JOB.c.refused,
        BULK_JOB.c.is_done, BULK_JOB.c.began_us, BULK_JOB.c.changed_us,
    ).where(_ONE)
)  # fmt: skip
_REFUSALS_OF = (
    (BULK_REFUSAL.c.tenant == sa.bindparam("t"))
    & (BULK_REFUSAL.c.resource == sa.bindparam("r"))
    & (BULK_REFUSAL.c.job == sa.bindparam("j"))
)
_REFUSALS = Quick(
    sa.select(BULK_REFUSAL.c.line, BULK_REFUSAL.c.kind, BULK_REFUSAL.c.findings)
    .where(_REFUSALS_OF, BULK_REFUSAL.c.line >= sa.bindparam("a"))
    .where(BULK_REFUSAL.c.line < sa.bindparam("b"))
    .order_by(BULK_REFUSAL.c.line)
    .limit(sa.bindparam("n"))
    .offset(sa.literal_column("0"))
)
_BEGIN = Quick(BULK_JOB.insert())
_ADVANCE = Quick(
    BULK_JOB.update()
    .where(_ONE)
    .values({n: sa.bindparam(f"b_{n}") for n in (
        "following", "created", "refused", "is_done", "changed_us",
    )})
)  # fmt: skip
_REFUSE = Quick(BULK_REFUSAL.insert())
_LAST_LINE: Final = 2**31 - 1


def load(work: Work, command: LoadLines, create: Callable[[Document], Any]) -> Loaded:
    """Answer :class:`LoadLines`; ``create`` files one document, or refuses before it writes."""
    at = _at(work, command.resource, command.job)
    now_us = to_us(work.now)
    before = _find(work, at) or Progress(command.job, command.origin, 0, 0, False, now_us, now_us)
    if command.first > before.following:
        reason = f"{command.job} goes on at line {before.following}, not {command.first}"
        raise refused("conflict", "lineGap", reason, "line")
    if before.is_done and command.following > before.following:
        raise refused("conflict", "jobDone", f"{command.job} has ended: name another job", "job")
    created, lines = 0, []
    for entry in command.entries:
        if entry.line < before.following:
            continue
        refusal = entry.refusal
        if entry.document is not None:
            try:
                create(entry.document)
            except Refused as error:
                refusal = error.refusal
        if refusal is None:
            created += 1
        else:
            lines.append(RefusedLine(entry.line, refusal.kind, refusal.findings))
    after = Progress(
        command.job,
        max(before.following, command.following),
        before.created + created,
        before.refused + len(lines),
        before.is_done or command.is_last,
        before.began_us,
        now_us,
    )
    _keep(work, at, after, lines)
    shown = _refusals(work, at, command.first, command.following)
    return Loaded(after, shown)


def _keep(work: Work, at: dict[str, Any], after: Progress, lines: Sequence[RefusedLine]) -> None:
    whose = {"tenant": at["t"], "resource": at["r"], "job": at["j"]}
    told = {
        "following": after.following, "created": after.created, "refused": after.refused,
        "is_done": int(after.is_done), "changed_us": after.changed_us,
    }  # fmt: skip
    changed = {f"b_{name}": value for name, value in told.items()}
    if _ADVANCE.run(work.tx, {**at, **changed}).rowcount == 0:
        _BEGIN.run(work.tx, {**whose, **told, "began_us": after.began_us})
    _REFUSE.run_many(
        work.tx,
        [
            {**whose, "line": e.line, "kind": e.kind, "findings": to_json(e.findings).decode()}
            for e in lines
        ],
    )


def find(look: Look, query: FindJob) -> Loaded | None:
    """Answer :class:`FindJob`."""
    at = _at(look, query.resource, query.job)
    progress = _find(look, at)
    if progress is None:
        return None
    return Loaded(progress, _refusals(look, at, query.from_line, _LAST_LINE))


def forget(work: Work, command: ForgetJob) -> None:
    """Answer :class:`ForgetJob`; refused as unknown when there is none of this name."""
    at = _at(work, command.resource, command.job)
    if _find(work, at) is None:
        raise refused("unknown", "notFound", f"there is no import job {command.job!r}")
    work.tx.execute(BULK_REFUSAL.delete().where(_REFUSALS_OF), at)
    work.tx.execute(BULK_JOB.delete().where(_ONE), at)


def _at(look: Look | Work, resource: str, job: str) -> dict[str, Any]:
    return {"t": look.tenant, "r": resource, "j": job}


def _find(look: Look | Work, at: dict[str, Any]) -> Progress | None:
    row = _GET.run(look.tx, at).fetchone()
    if row is None:
        return None
    job, following, created, refusals, is_done, began_us, changed_us = row
    return Progress(job, following, created, refusals, bool(is_done), began_us, changed_us)


def _refusals(
    look: Look | Work, at: dict[str, Any], first: int, following: int
) -> tuple[RefusedLine, ...]:
    rows = _REFUSALS.run(look.tx, {**at, "a": first, "b": following, "n": REFUSALS_MAX}).fetchall()
    return tuple(
        RefusedLine(line, kind, from_plain(from_json(findings), tuple[Finding, ...]))
        for line, kind, findings in rows
    )
