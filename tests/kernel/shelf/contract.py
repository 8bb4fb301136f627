"""The toy room's messages."""

from __future__ import annotations

import msgspec

from banyan.kernel.words.messages import Command, Query


class Things(msgspec.Struct, frozen=True, kw_only=True):
    """What was put, and how often so far."""

    name: str
    times: int


class Put(Command[Things], frozen=True, kw_only=True):
    """One transaction; a name that begins with ``refuse`` is refused after a write."""

    name: str


class Take(Command[None], frozen=True, kw_only=True):
    """Take a thing off, here and outside."""

    name: str


class PutAfterLook(Command[Things], frozen=True, kw_only=True):
    """Look outside the transaction first."""

    name: str


class Deliver(Command[Things], frozen=True, kw_only=True):
    """Touch the outside between two transactions."""

    name: str


class CountThings(Query[int], frozen=True, kw_only=True):
    """How many puts there were."""
