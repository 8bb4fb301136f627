"""How a room answers a message: four forms, so that nothing is asked inside a transaction.

``decides``  one transaction: load, decide, store, say.
``asks``     first a look outside the transaction (other rooms, queries), then ``decides``.
``acts``     for what touches the outside world: *intend* (transaction), *act* (outside), *conclude*
             (transaction). A crash in between leaves the intention on record; a repeat acts again.
``answers``  a query: reads only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from banyan.kernel.words.messages import Command, Query, message_name

if TYPE_CHECKING:
    from banyan.kernel.engine.work import Desk, Look, Work

A = TypeVar("A")
F = TypeVar("F")
Outcome = TypeVar("Outcome")
C = TypeVar("C", bound=Command[Any])
Q = TypeVar("Q", bound=Query[Any])


@dataclass(frozen=True)
class Handler:
    """One message class and the functions that answer it.

    ``tells_itself``: its changes are all documents, which the audit tells one by one; any other
    command is told as data.
    """

    message: type[Any]
    handle: Callable[..., Any]
    look: Callable[..., Any] | None = None
    intend: Callable[..., Any] | None = None
    reads: bool = False
    tells_itself: bool = False
    seeks: bool = False

    @property
    def name(self) -> str:
        """The message's wire name."""
        return message_name(self.message)

    @property
    def is_plain(self) -> bool:
        """One transaction and nothing around it: may share a commit with others."""
        return self.look is None and not self.reads


def decides(command: type[C], handle: Callable[[Work, C], A]) -> Handler:
    """Answer ``command`` in one transaction."""
    return Handler(command, handle)


def asks(
    command: type[C], look: Callable[[Desk, C], F], handle: Callable[[Work, C, F], A]
) -> Handler:
    """Answer ``command`` after ``look`` has fetched facts outside the transaction."""
    return Handler(command, handle, look=look)


def acts(
    command: type[C],
    intend: Callable[[Work, C], F],
    act: Callable[[Desk, C, F], Outcome],
    conclude: Callable[[Work, C, Outcome], A],
) -> Handler:
    """Answer ``command`` by touching the outside between two transactions.

    All three must bear a repeat: after a crash the whole command runs again.
    """
    return Handler(command, conclude, look=act, intend=intend)


def answers(query: type[Q], read: Callable[[Look, Q], A]) -> Handler:
    """Answer ``query`` from a consistent view."""
    return Handler(query, read, reads=True)


def seeks(query: type[Q], read: Callable[[Desk, Q], A]) -> Handler:
    """Answer ``query`` outside any transaction: what it wants to know may be at another server."""
    return Handler(query, read, reads=True, seeks=True)
