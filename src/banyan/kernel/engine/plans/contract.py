"""What may be asked of the plans: start, unwind, repair, amend, look."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from banyan.kernel.engine.plans.journey import Step
from banyan.kernel.words.codec import Document
from banyan.kernel.words.ids import PlanId
from banyan.kernel.words.messages import Command, Query


class PlanStarted(msgspec.Struct, frozen=True, kw_only=True):
    """The plan of a subject; the same one however often it is started."""

    id: PlanId


class StartPlan(Command[PlanStarted], frozen=True, kw_only=True):
    """Start ``journey`` for ``subject`` in its newest version; once per journey and subject."""

    journey: str
    subject: str
    params: Document


class UnwindPlan(Command[None], frozen=True, kw_only=True):
    """Undo all the plan did, from its last step to its first.

    If it is past its point of no return, or over, its journey tells the room so; without a plan
    nothing happens.
    """

    journey: str
    subject: str
    reason: str


class RepairPlan(Command[None], frozen=True, kw_only=True):
    """Let a held step go on: ``retry`` it, or ``skip`` it.

    With a retry, ``changes`` replace arguments of the step (and of its undo, where it has them too)
    and ``params`` are merged into the plan's parameters. Whatever was begun and would be asked
    otherwise now is taken back first, as it was asked, with all that builds on it, the latest
    first; then it is begun anew. A decision that can't be carried out leaves the step held, and the
    journey tells why: an argument the step does not have, a step that others need the answer of.
    Refused when the plan is unknown (``unknownPlan``).
    """

    journey: str
    subject: str
    step: str
    action: Literal["retry", "skip"]
    reason: str
    changes: Document = msgspec.field(default_factory=dict)
    params: Document = msgspec.field(default_factory=dict)


class AmendPlan(Command[None], frozen=True, kw_only=True):
    """Change the plan's future: drop steps not yet begun, add steps, merge into the parameters.

    What is done stays done, and is undone as it was done; what was tried with other parameters is
    taken back and begun anew.
    """

    journey: str
    subject: str
    reason: str
    drop: tuple[str, ...] = ()
    add: tuple[Step, ...] = ()
    params: Document


class StepSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A step as it stands."""

    name: str
    command: str
    kind: str
    state: str
    needs: tuple[str, ...]
    attempts: int
    reason: str
    due_us: int
    done_us: int
    has_undo: bool
    answer: Any = None


class PlanSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A plan as it stands; with a running worker the rows follow within a fraction of a second."""

    id: PlanId
    journey: str
    version: int
    subject: str
    state: str
    reason: str
    is_crossed: bool
    owner: str
    fence: int
    steps: tuple[StepSeen, ...]


class FindPlan(Query[PlanSeen | None], frozen=True, kw_only=True):
    """The plan of a journey for a subject, or nothing."""

    journey: str
    subject: str


class ListOpen(Query[tuple[str, ...]], frozen=True, kw_only=True):
    """The subjects of all plans that are not over."""
