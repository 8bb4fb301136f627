"""Mending a plan: other arguments for steps, without leaving anything behind of what was begun.

Whatever was begun (done, held or tried) and would be asked otherwise now, and everything begun that
builds on it, is taken back, the latest first: by steps of its own that ask for the undo as it would
have been asked before the change. They void the keys of the attempts they take back, so nobody who
was overtaken can complete one. Then the steps are begun anew, under new keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from banyan.kernel.engine.plans.journey import (
    ANSWER,
    NAME_MAX,
    LostReference,
    Step,
    Wish,
    resolve,
)
from banyan.kernel.words.codec import Document

if TYPE_CHECKING:
    from banyan.kernel.engine.plans.run import PlanRun, StepRun

_NUMBER_MAX = 10
"""Characters of what is put behind a step's name to name what takes it back."""


def change_arguments(step: Step, changes: Document) -> Step | str:
    """The step with other arguments, in its undo too where it has them; or why not."""
    known = step.do.arguments
    unknown = sorted(changes.keys() - known.keys())
    if unknown:
        return f"{step.name} has no argument {', '.join(unknown)}: it has {', '.join(known)}"
    do = Wish(step.do.command, {**known, **changes})
    undo = step.undo
    if undo is not None:
        there = {name: value for name, value in changes.items() if name in undo.arguments}
        undo = Wish(undo.command, {**undo.arguments, **there})
    return msgspec.structs.replace(step, do=do, undo=undo)


def find_why_needed(run: PlanRun, name: str) -> str:
    """Why a step can't be left out; nothing if it can."""
    for each in run.steps.values():
        if each.name == name or each.kind != "do" or each.state in ("skipped", "dropped"):
            continue
        wishes = [each.step.do, *([each.step.undo] if each.step.undo is not None else [])]
        if any(_refers(wish.arguments, name) for wish in wishes):
            return f"it can't be left out: {each.name} needs its answer"
    return ""


def _refers(value: Any, name: str) -> bool:
    if isinstance(value, dict):
        at = value.get(ANSWER)
        if len(value) == 1 and isinstance(at, list) and at[:1] == [name]:
            return True
        return any(_refers(each, name) for each in value.values())
    return isinstance(value, list | tuple) and any(_refers(each, name) for each in value)


def find_redone(
    run: PlanRun, params: Document, edited: Mapping[str, Step], keeps_done: bool = False
) -> list[StepRun]:
    """Steps to begin anew under ``params`` and with the steps ``edited``, in the plan's order.

    With ``keeps_done`` those that are done stay so.
    """
    answers = run.answers
    stale: set[str] = set()
    redone = []
    for each in run.steps.values():
        if each.kind != "do" or each.step.voids or each.state == "dropped":
            continue
        if keeps_done and each.state == "done":
            continue
        is_begun = _is_begun(run, each)
        new = edited.get(each.name, each.step)
        if not stale.isdisjoint(each.step.needs) or (
            is_begun and _asks(each.step, run.params, answers) != _asks(new, params, answers)
        ):
            stale.add(each.name)
            if is_begun:
                redone.append(each)
    return redone


def _is_begun(run: PlanRun, each: StepRun) -> bool:
    tried = each.state == "waiting" and (each.attempts > 0 or each.name in run.in_flight)
    return tried or each.state in ("done", "held")


def _asks(step: Step, params: Document, answers: Mapping[str, Any]) -> list[Any]:
    wishes = [step.do, *([step.undo] if step.undo is not None else [])]
    found: list[Any] = []
    for wish in wishes:
        try:
            found.append((wish.command, resolve(wish.arguments, params, answers)))
        except LostReference as lost:
            found.append(str(lost))
    return found


def find_why_not(run: PlanRun, redone: list[StepRun]) -> str:
    """Why these steps can't be begun anew; nothing if they can."""
    for each in redone:
        if each.name in run.in_flight:
            return f"{each.name} would change and is under way just now: decide again"
        if each.step.then:
            return f"{each.name} would change, and the plan was made of its answer"
    if redone and run.is_crossed:
        return "there is no way back any more"
    return ""


def redo(run: PlanRun, params: Document, edited: Mapping[str, Step], redone: list[StepRun]) -> None:
    """Let the steps ``redone`` be taken back and begun anew; the others follow the change."""
    answers = run.answers
    backs: list[Step] = []
    for each in reversed(redone):
        if each.step.undo is not None:
            number = len(run.steps) + len(backs) + 1
            back = Wish(
                each.step.undo.command, resolve(each.step.undo.arguments, run.params, answers)
            )
            backs.append(
                Step(
                    name=f"{each.name[: NAME_MAX - _NUMBER_MAX]}~{number}",
                    do=back,
                    undo=back,
                    needs=(backs[-1].name,) if backs else (),
                    policy=each.step.policy,
                    voids=each.step.keyed,
                )
            )
    pin_undos(run, params, {each.name for each in redone})
    run.params, run.is_touched = params, True
    run.add_steps(backs)
    for name, step in edited.items():
        run.steps[name].step = step
        run.touched.add(name)
    for each in redone:
        needs = (*each.step.needs, backs[-1].name) if backs else each.step.needs
        each.step = msgspec.structs.replace(each.step, needs=needs, again=each.step.again + 1)
        each.state, each.reason, each.attempts = "waiting", "", 0
        each.due_us, each.done_us = each.step.due_us, 0
        each.answer, each.has_answer = None, False
        run.touched.add(each.name)
    run.relink()


def pin_undos(run: PlanRun, params: Document, but: set[str]) -> None:
    """What is done is undone as it was done, whatever the parameters become."""
    answers = run.answers
    for each in run.steps.values():
        undo = each.step.undo
        if undo is None or each.kind != "do" or each.name in but or not _is_begun(run, each):
            continue
        before = resolve(undo.arguments, run.params, answers)
        if before != resolve(undo.arguments, params, answers):
            pinned = Wish(undo.command, before)
            each.step = msgspec.structs.replace(each.step, undo=pinned)
            run.touched.add(each.name)
