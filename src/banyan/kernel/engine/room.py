"""A room at run time: handlers over one database, with group commit and remembered answers.

Callers put commands from any thread. Whoever finds the room idle becomes its leader and commits
everything that has queued up meanwhile in one transaction; the others only wait for the disk once.
A command that is refused inside a shared transaction is taken out: the rest run again without it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from banyan.kernel.engine.audit import Trail
from banyan.kernel.engine.clock import Clock, to_us
from banyan.kernel.engine.copies import FETCHES_MAX, NO_COPIES, Copies, Missed
from banyan.kernel.engine.db import Database, Quick
from banyan.kernel.engine.handlers import Handler
from banyan.kernel.engine.mint import Mint
from banyan.kernel.engine.tables import ANSWER
from banyan.kernel.engine.vault import Vault
from banyan.kernel.engine.work import Ask, Desk, Look, NobodyToAsk, Work, open_all
from banyan.kernel.words.codec import from_json, from_plain, to_json, to_ordered_json
from banyan.kernel.words.errors import Refused, refused
from banyan.kernel.words.messages import Call, Command, Query, answer_type, message_name

BATCH_MAX = 256
"""Commands that may share one commit."""

A = TypeVar("A")

_TENANT_KEY = (ANSWER.c.tenant == sa.bindparam("t")) & (ANSWER.c.key == sa.bindparam("k"))
_FIND = Quick(sa.select(ANSWER.c.state, ANSWER.c.fingerprint, ANSWER.c.answer).where(_TENANT_KEY))
_KEEP = Quick(ANSWER.insert())
_VOID = Quick(ANSWER.update().where(_TENANT_KEY).values(state=sa.literal_column("'void'")))


@dataclass(frozen=True, slots=True)
class Asked:
    """One command on its way in. ``voids`` is the key of the command it undoes, if it undoes one:
    that key then answers nobody any more, so a late repeat of the undone command is refused.
    ``sameness`` is what a repeat must have in common with the first; the whole command if empty.
    ``is_once``: nobody can repeat it, since nobody knows its key; so no answer is kept.
    """

    call: Call
    command: Command[Any]
    key: str
    voids: str = ""
    sameness: str = ""
    is_once: bool = False


Chain = Callable[[Sequence[Any]], Asked | None]
"""Given the answers so far, the next command to run in the same transaction, if any."""


@dataclass(slots=True)
class Slot:
    """One place in a group commit: a command (and what chains on it), or a piece of upkeep."""

    work: Callable[[Slot, Connection], None]
    limit: int = BATCH_MAX
    answers: list[Any] = field(default_factory=list)
    error: Exception | None = None
    is_done: bool = False
    is_lasting: bool = True
    now: datetime | None = None
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    has_said: bool = False
    missed: list[Missed] = field(default_factory=list)


class Room:
    """One room's desk for commands and queries."""

    def __init__(
        self,
        name: str,
        database: Database,
        clock: Clock,
        mints: Mint,
        handlers: Iterable[Handler],
        vault: Vault | None = None,
    ) -> None:
        self.name = name
        self.vault = vault
        self.database = database
        self.clock = clock
        self.mints = mints
        self.handlers: Mapping[type[Any], Handler] = {h.message: h for h in handlers}
        self.listeners: Mapping[str, tuple[str, ...]] = {}
        self.asking: Ask = NobodyToAsk()
        self.copies: Copies = NO_COPIES
        self.bells: list[threading.Event] = []
        self._queue: deque[Slot] = deque()
        self._leader = threading.Lock()
        self._trail = Trail(database, mints)
        self._answer_types = {h.message: answer_type(h.message) for h in self.handlers.values()}

    def put(
        self, call: Call, command: Command[A], key: str, voids: str = "", sameness: str = ""
    ) -> A:
        """Run ``command`` and return its answer once it is on disk.

        A repeat with the same key returns the first answer; with another command under that key
        it is refused (``keyReused``), after an undo too (``undone``). A refusal is not remembered.
        An empty key is for a command that nobody repeats: it gets a key of its own.
        One that is refused for what a copy does not hold yet runs again when that has been fetched.
        """
        own_key = key or f"once/{self.mints.text()}"
        asked = Asked(call, command, own_key, voids, sameness, is_once=not key)
        slot = self.put_many([(asked, None)])[0]
        for _ in range(FETCHES_MAX):
            if not slot.missed or not isinstance(slot.error, Refused):
                break
            if not self.copies.fetch(call, slot.missed):
                break
            slot = self.put_many([(asked, None)])[0]
        if slot.error is not None:
            raise slot.error
        answer: A = slot.answers[0]
        return answer

    def put_many(self, several: Sequence[tuple[Asked, Chain | None]]) -> list[Slot]:
        """Run several commands in as few commits as can be; each slot has answers or an error."""
        assert not self.database.is_writing, f"{self.name}: a command inside a transaction"
        slots = [self._prepare(asked, chain) for asked, chain in several]
        self._run(slots)
        return slots

    def bar(self, tenant: str, key: str) -> list[Any]:
        """Make sure that nobody completes the command of ``key`` any more.

        Returns its answer (a list of one, plain values) if somebody has, or an empty list.
        """
        return cast("list[Any]", self.upkeep(lambda tx: self._bar(tx, tenant, key)))

    def _bar(self, tx: Connection, tenant: str, key: str) -> list[Any]:
        row = _FIND.run(tx, {"t": tenant, "k": key}).fetchone()
        if row is not None:
            told = open_all(self.vault, tx, tenant, [row[2]])[0]
            return [from_json(told or "null")] if row[0] == "given" else []
        _KEEP.run(tx, self._void_row(tenant, key))
        return []

    def upkeep(self, work: Callable[[Connection], Any], *, is_lasting: bool = True) -> Any:
        """Run ``work`` within the room's next commit: for the kernel's own rows, not for rooms.

        ``is_lasting``: see :meth:`Database.write`; a commit lasts if anything in it must.
        """
        slot = Slot(lambda own, tx: own.answers.append(work(tx)), is_lasting=is_lasting)
        self._run([slot])
        if slot.error is not None:
            raise slot.error
        return slot.answers[0]

    def ask(self, call: Call, query: Query[A]) -> A:
        """Answer a query from a consistent view; again when it missed what could be fetched."""
        handler = self._handler(query)
        if handler.seeks:
            sought: A = handler.handle(self.desk(call, ""), query)
            return sought
        for _ in range(FETCHES_MAX):
            with self.database.read() as tx:
                look = Look(tx, call, self.clock.now(), self.vault, self.copies)
                answer: A = handler.handle(look, query)
            if not look.missed or not self.copies.fetch(call, look.missed):
                break
        return answer

    def desk(self, call: Call, key: str) -> Desk:
        """A desk outside any transaction, for looks, acts and reactions."""
        return Desk(call, key, self.clock, self.database, self.asking, self.vault)

    def _handler(self, message: Any) -> Handler:
        handler = self.handlers.get(type(message))
        assert handler is not None, f"{self.name} has no handler for {type(message).__name__}"
        return handler

    def _prepare(self, asked: Asked, chain: Chain | None) -> Slot:
        """Everything that happens before the transaction; failures land in the slot."""
        handler = self._handler(asked.command)
        if handler.look is None:
            return Slot(lambda own, tx: self._handle_chain(own, tx, asked, chain))
        try:
            remembered = self._first_answer(asked)
            if remembered:
                return Slot(lambda own, tx: None, answers=remembered, is_done=True)
            facts = self._look(handler, asked)
        except Exception as error:  # handed to whoever asked, never swallowed
            return Slot(lambda own, tx: None, error=error, is_done=True)
        return Slot(lambda own, tx: own.answers.append(self._handle(own, tx, asked, (facts,))))

    def _look(self, handler: Handler, asked: Asked) -> Any:
        assert handler.look is not None
        desk = self.desk(asked.call, asked.key)
        if handler.intend is None:
            return handler.look(desk, asked.command)
        intend = handler.intend
        slot = Slot(lambda own, tx: self._intend(own, tx, asked, intend))
        self._run([slot])
        if slot.error is not None:
            raise slot.error
        return handler.look(desk, asked.command, slot.answers[0])

    def _intend(self, slot: Slot, tx: Connection, asked: Asked, intend: Callable[..., Any]) -> None:
        self._remembered(tx, asked, _fingerprint(asked))
        self._void(tx, asked)
        work = self._work(slot, tx, asked)
        slot.answers.append(intend(work, asked.command))
        self._record(work, asked, "intend")
        slot.has_said |= work.has_said

    def _first_answer(self, asked: Asked) -> list[Any]:
        if asked.is_once:
            return []
        with self.database.read() as tx:
            return self._remembered(tx, asked, _fingerprint(asked))

    def _run(self, slots: list[Slot]) -> None:
        waiting = [slot for slot in slots if not slot.is_done]
        if not waiting:
            return
        self._queue.extend(waiting)
        with self._leader:
            while not all(slot.is_done for slot in waiting):
                self._lead()

    def _lead(self) -> None:
        batch: list[Slot] = []
        while self._queue and len(batch) < BATCH_MAX:
            batch.append(self._queue.popleft())
        try:
            self._commit(batch)
        finally:
            for slot in batch:
                slot.is_done = True
        for slot in batch:
            if slot.error is None:
                for run in slot.afterwards:
                    run()
        if any(slot.has_said for slot in batch):
            for bell in self.bells:
                bell.set()

    def _commit(self, batch: list[Slot]) -> None:
        """Commit the batch; what fails is taken out (the end of a chain, or a slot), not the rest.

        The order stays: what came before a failing slot is on disk before the slot is tried again.
        """
        try:
            is_lasting = any(slot.is_lasting for slot in batch)
            self.database.write(lambda tx: self._attempt(batch, tx), is_lasting=is_lasting)
            self._trail.settle()
        except Exception as error:
            if not isinstance(error, Refused):
                self._trail.doubt()
            at = next((i for i, slot in enumerate(batch) if slot.error is not None), None)
            if at is not None and 0 < len(batch[at].answers) < batch[at].limit:
                batch[at].limit = len(batch[at].answers)
                self._commit(batch)
            elif at == 0 or len(batch) == 1:  # nothing was before it: it is its own failure
                batch[0].answers, batch[0].afterwards, batch[0].error = [], [], error
                if len(batch) > 1:
                    self._commit(batch[1:])
            else:
                cut = at or len(batch) // 2
                self._commit(batch[:cut])
                self._commit(batch[cut:])

    def _attempt(self, batch: list[Slot], tx: Connection) -> None:
        """One transaction happens at one instant: what it says and answers carries the same."""
        now = self.clock.now()
        self._trail.begin()
        for slot in batch:
            slot.answers, slot.error, slot.has_said, slot.now = [], None, False, now
            slot.afterwards.clear()
            slot.missed.clear()
        for slot in batch:
            try:
                slot.work(slot, tx)
            except Exception as error:
                slot.error = error
                raise
        self._trail.flush(tx)

    def _handle_chain(self, slot: Slot, tx: Connection, asked: Asked, chain: Chain | None) -> None:
        slot.answers.append(self._handle(slot, tx, asked, ()))
        while chain is not None and len(slot.answers) < slot.limit:
            following = chain(slot.answers)
            if following is None:
                return
            slot.answers.append(self._handle(slot, tx, following, ()))

    def _handle(self, slot: Slot, tx: Connection, asked: Asked, facts: tuple[Any, ...]) -> Any:
        fingerprint = "" if asked.is_once else _fingerprint(asked)
        remembered = self._remembered(tx, asked, fingerprint)
        if remembered:
            return remembered[0]
        self._void(tx, asked)
        work = self._work(slot, tx, asked)
        answer = self._handler(asked.command).handle(work, asked.command, *facts)
        self._record(work, asked, "run")
        if not asked.is_once:
            keyed = (asked.call.tenant, asked.key)
            told = work.seal_answer(to_json(answer).decode())
            row = _answer_row(keyed, work.command, fingerprint, "given", told, to_us(work.now))
            _KEEP.run(tx, row)
        slot.has_said |= work.has_said
        return answer

    def _work(self, slot: Slot, tx: Connection, asked: Asked) -> Work:
        assert slot.now is not None
        return Work(
            tx, asked.call, slot.now, asked.key, self.mints, self.listeners, slot.afterwards,
            trail=self._trail, vault=self.vault, command=message_name(type(asked.command)),
            copies=self.copies, missed=slot.missed,
        )  # fmt: skip

    def _record(self, work: Work, asked: Asked, verb: str) -> None:
        """Tell the command as data, unless the documents it has changed tell all of it.

        A document that a command brings is told by the kit alone, which knows whose data it is.
        """
        brings_document = hasattr(asked.command, "document")
        if self._handler(asked.command).tells_itself or (brings_document and work.has_recorded):
            return
        told = "" if brings_document else work.seal_answer(to_json(asked.command).decode())
        work.record(verb, "", (asked.key, 0), "", told)

    def _remembered(self, tx: Connection, asked: Asked, fingerprint: str) -> list[Any]:
        if asked.is_once:
            return []
        row = _FIND.run(tx, {"t": asked.call.tenant, "k": asked.key}).fetchone()
        if row is None:
            return []
        state, known, answer = row
        if state == "void":
            raise refused("conflict", "undone", f"{asked.key} was undone and can't run any more")
        if known != fingerprint:
            raise refused("conflict", "keyReused", f"{asked.key} was used for another request")
        told = open_all(self.vault, tx, asked.call.tenant, [answer])[0]
        if told is None:
            raise refused("conflict", "erased", f"what {asked.key} was answered was erased")
        return [from_plain(from_json(told), self._answer_types[type(asked.command)])]

    def _void(self, tx: Connection, asked: Asked) -> None:
        if not asked.voids:
            return
        keyed = {"t": asked.call.tenant, "k": asked.voids}
        if _VOID.run(tx, keyed).rowcount == 0:
            _KEEP.run(tx, self._void_row(asked.call.tenant, asked.voids))

    def _void_row(self, tenant: str, key: str) -> dict[str, Any]:
        return _answer_row((tenant, key), "", "", "void", "null", to_us(self.clock.now()))


def _answer_row(
    keyed: tuple[str, str], command: str, fingerprint: str, state: str, answer: str, at_us: int
) -> dict[str, Any]:
    tenant, key = keyed
    return {
        "tenant": tenant,
        "key": key,
        "command": command,
        "fingerprint": fingerprint,
        "state": state,
        "answer": answer,
        "at_us": at_us,
    }


def _fingerprint(asked: Asked) -> str:
    name = message_name(type(asked.command)).encode()
    told = asked.sameness.encode() or to_ordered_json(asked.command)
    return blake2b(name + told, digest_size=16).hexdigest()
