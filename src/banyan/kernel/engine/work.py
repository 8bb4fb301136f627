"""What a handler is handed: a unit of work to write in, a view to read from, a desk to ask from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from banyan.kernel.engine.audit import Change, Trail
from banyan.kernel.engine.clock import Clock, to_us
from banyan.kernel.engine.copies import NO_COPIES, Copies, Missed
from banyan.kernel.engine.db import Database, Quick
from banyan.kernel.engine.mint import AnyId, Mint
from banyan.kernel.engine.tables import DELIVERY, OUTBOX
from banyan.kernel.engine.vault import Vault
from banyan.kernel.words.codec import to_json
from banyan.kernel.words.ids import EventId
from banyan.kernel.words.messages import Call, Command, Event, Query, message_name

A = TypeVar("A")

_COLUMNS = [column.name for column in OUTBOX.columns if column.name != "seq"]
_SAY = Quick(
    OUTBOX.insert().values({name: sa.bindparam(name) for name in _COLUMNS}).returning(OUTBOX.c.seq)
)
_TELL = Quick(DELIVERY.insert())


class Ask(Protocol):
    """Ask another room; limited to what ``component.yaml`` names."""

    def command(self, call: Call, command: Command[A], key: str) -> A:
        """The answer; a repeat with the same key returns the first one."""
        ...

    def query(self, call: Call, query: Query[A]) -> A:
        """The answer; nothing changes."""
        ...


@dataclass(frozen=True, slots=True)
class Look:
    """A consistent view of the room's own tables."""

    tx: Connection
    call: Call
    now: datetime
    vault: Vault | None = None
    copies: Copies = NO_COPIES
    missed: list[Missed] = field(default_factory=list)

    @property
    def tenant(self) -> str:
        """The tenant every key starts with."""
        return self.call.tenant

    def open_all(self, texts: Sequence[str]) -> list[str | None]:
        """Texts that may be sealed, as they were before; None where the key was destroyed."""
        return open_all(self.vault, self.tx, self.call.tenant, texts)


@dataclass(slots=True)
class Work:
    """The room's write transaction for one command: all of it is committed, or nothing.

    ``command`` is the wire name of what is run, for the audit. ``sealed_for`` are the subjects
    whose data the command has touched: its answer is sealed under their keys too.
    """

    tx: Connection
    call: Call
    now: datetime
    key: str
    mints: Mint
    listeners: Mapping[str, tuple[str, ...]]
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    has_said: bool = False
    trail: Trail | None = None
    vault: Vault | None = None
    command: str = ""
    has_recorded: bool = False
    sealed_for: list[str] = field(default_factory=list)
    copies: Copies = NO_COPIES
    missed: list[Missed] = field(default_factory=list)

    @property
    def tenant(self) -> str:
        """The tenant every key starts with."""
        return self.call.tenant

    def open_all(self, texts: Sequence[str]) -> list[str | None]:
        """Texts that may be sealed, as they were before; None where the key was destroyed."""
        return open_all(self.vault, self.tx, self.call.tenant, texts)

    def seal(self, subject: str, text: str) -> str:
        """``text`` under the subject's key, or as it is if it is nobody's (an empty subject).

        From then on the command's own answer is sealed for the subject too. Refused (``erased``)
        when the subject's key was destroyed.
        """
        if not subject:
            return text
        assert self.vault is not None, "this house has no vault to seal in"
        if subject not in self.sealed_for:
            self.sealed_for.append(subject)
        return self.vault.seal(self.tx, self.call.tenant, subject, text)

    def seal_answer(self, text: str) -> str:
        """``text`` under the keys of all subjects touched so far, one within the other."""
        for subject in self.sealed_for:
            assert self.vault is not None
            text = self.vault.seal(self.tx, self.call.tenant, subject, text)
        return text

    def erase(self, subject: str) -> bool:
        """Destroy the subject's key, for all that was ever sealed under it; False if it had none.

        A repeat changes nothing.
        """
        assert self.vault is not None, "this house has no vault to erase from"
        if subject in self.sealed_for:
            self.sealed_for.remove(subject)
        return self.vault.erase(self.tx, self.call.tenant, subject, to_us(self.now))

    def record(
        self, verb: str, resource: str, about: tuple[str, int], before: str, after: str
    ) -> None:
        """Note a change for the audit; ``about`` is the id and the revision it has now.

        The kit does so for every document; a command that changes other tables is noted by the
        room, as data.
        """
        if self.trail is not None:
            self.has_recorded = True
            change = Change(
                self.call, self.now, self.command, verb, resource, *about, before, after
            )
            self.trail.add(change)

    def mint(self, kind: type[AnyId]) -> AnyId:
        """A new id of ``kind``."""
        return self.mints.mint(kind)

    def say(self, event: Event) -> None:
        """Record a fact in the outbox, to be told to every room that hears it."""
        kind = message_name(type(event))
        told = to_json(event).decode()
        self.post(kind, event.subject, told, self.listeners.get(kind, ()))

    def post(self, kind: str, subject: str, body: str, targets: tuple[str, ...]) -> str:
        """Record a fact for named targets; returns its event id. Facts of a subject keep order."""
        event_id = self.mints.mint(EventId)
        row = {
            "tenant": self.call.tenant,
            "id": str(event_id),
            "kind": kind,
            "subject": subject,
            "actor": self.call.actor,
            "correlation": self.call.correlation,
            "at_us": to_us(self.now),
            "body": body,
        }
        (seq,) = _SAY.run(self.tx, row).fetchone()
        if targets:
            told = {
                "seq": seq,
                "subject": subject,
                "state": "due",
                "attempts": 0,
                "due_us": 0,
                "reason": "",
            }
            _TELL.run_many(self.tx, [{"target": target, **told} for target in targets])
            self.has_said = True
        return event_id

    def after_commit(self, run: Callable[[], None]) -> None:
        """Run ``run`` once the commit is on disk; not at all if it never is."""
        self.afterwards.append(run)


@dataclass(frozen=True, slots=True)
class Desk:
    """Outside any transaction: look into the own room, ask others, call drivers."""

    call: Call
    key: str
    clock: Clock
    database: Database
    asking: Ask
    vault: Vault | None = None

    def ask(self, command: Command[A], step: str) -> A:
        """Ask another room; ``step`` tells this handler's asks apart in the idempotency key."""
        assert not self.database.is_writing, "a handler may not ask inside its transaction"
        return self.asking.command(self.call, command, f"{self.key}/{step}")

    def query(self, query: Query[A]) -> A:
        """Question another room."""
        assert not self.database.is_writing, "a handler may not ask inside its transaction"
        return self.asking.query(self.call, query)

    @contextmanager
    def look(self) -> Iterator[Look]:
        """A view of the own tables; ends before anything slow begins."""
        with self.database.read() as tx:
            yield Look(tx, self.call, self.clock.now(), self.vault)


def open_all(
    vault: Vault | None, tx: Connection, tenant: str, texts: Sequence[str]
) -> list[str | None]:
    """Texts that may be sealed, as they were before; None where the key was destroyed."""
    if vault is None:
        return list(texts)
    return vault.open_all(tx, tenant, texts)


class NobodyToAsk:
    """The `Ask` of a room that asks nobody."""

    def command(self, call: Call, command: Command[Any], key: str) -> Any:
        """Always a bug: the room's component.yaml names nothing."""
        raise AssertionError(f"{message_name(type(command))} is not among what this room asks")

    def query(self, call: Call, query: Query[Any]) -> Any:
        """Always a bug: the room's component.yaml names nothing."""
        raise AssertionError(f"{message_name(type(query))} is not among what this room asks")
