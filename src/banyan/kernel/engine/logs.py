"""What every line of the log says of the request or plan it belongs to, bound once.

Whoever begins something on somebody's behalf follows his call; lines written on the way, in the
same thread or task, carry its tenant, actor and request. Nothing else of a request is ever bound:
no token, no body, no personal field.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any

from banyan.kernel.words.messages import Call

_CALL: ContextVar[Call | None] = ContextVar("banyan_call", default=None)


def follow(call: Call) -> None:
    """From now on, lines of this task (and of threads it hands its context to) are of ``call``."""
    _CALL.set(call)


def add_call(logger: Any, name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog processor that says whose a line is; what the line says itself stays."""
    call = _CALL.get()
    if call is not None:
        line.setdefault("tenant", call.tenant)
        line.setdefault("actor", call.actor)
        line.setdefault("request_id", call.correlation)
    return line
