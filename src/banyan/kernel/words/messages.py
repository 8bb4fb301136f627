"""Commands, queries, events and the call they travel in: data, nothing else.

A room's contract subclasses :class:`Command` and :class:`Query`, its events subclass
:class:`Event`. The wire name of each is ``<room>.<ClassName>``, taken from where it is defined.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar, get_args

import msgspec

A_co = TypeVar("A_co", covariant=True)


class Command(msgspec.Struct, Generic[A_co], frozen=True, kw_only=True):
    """A wish that changes one room, with its answer's type: ``class Reserve(Command[Reserved])``.

    Fields added in a later release must have defaults: open plans hold commands as data.
    """


class Query(msgspec.Struct, Generic[A_co], frozen=True, kw_only=True):
    """A question to one room that changes nothing; it is neither keyed nor remembered."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A fact, past tense. ``subject`` is what it is about: facts of one subject stay in order."""

    subject: str


class Call(msgspec.Struct, frozen=True):
    """On whose behalf: the tenant, the actor, what the actor may do, and the thread to follow.

    ``owns`` are the ids that stand for an actor who may only touch his own things; None for all
    others. It is the standards kit that holds to it, at the APIs: what a room asks another on the
    way of such a call is not the caller's own doing, and is not narrowed.
    """

    tenant: str
    actor: str
    roles: tuple[str, ...] = ()
    correlation: str = ""
    owns: tuple[str, ...] | None = None


_NAMES: dict[type[Any], str] = {}


def message_name(kind: type[Any]) -> str:
    """The wire name ``<room>.<ClassName>`` of a command, query or event class."""
    return _NAMES.get(kind) or _NAMES.setdefault(kind, _make_name(kind))


def _make_name(kind: type[Any]) -> str:
    parts = kind.__module__.split(".")
    for marker in ("contract", "events"):
        if marker in parts:
            return f"{parts[parts.index(marker) - 1]}.{kind.__name__}"
    return f"{parts[-1]}.{kind.__name__}"


def answer_type(kind: type[Any]) -> Any:
    """The ``X`` of ``class Wish(Command[X])``."""
    for base in getattr(kind, "__orig_bases__", ()):
        arguments = get_args(base)
        if arguments:
            return arguments[0]
    raise TypeError(f"{kind.__name__} does not name its answer: write Command[Answer]")
