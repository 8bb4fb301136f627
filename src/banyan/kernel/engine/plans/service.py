"""The commands of the plans. They write rows of new plans, and wishes about plans under way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from banyan.kernel.engine.clock import Clock, to_us
from banyan.kernel.engine.handlers import Handler, answers, decides
from banyan.kernel.engine.plans import store
from banyan.kernel.engine.plans.contract import (
    AmendPlan,
    FindPlan,
    ListOpen,
    PlanSeen,
    PlanStarted,
    RepairPlan,
    StartPlan,
    StepSeen,
    UnwindPlan,
)
from banyan.kernel.engine.plans.journey import Journeys
from banyan.kernel.engine.plans.run import PlanRun, StepRun
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import to_json
from banyan.kernel.words.errors import refused
from banyan.kernel.words.ids import PlanId


@dataclass(slots=True)
class Adopter:
    """The worker of this process, if it has one: new plans are born under its lease."""

    owner: str = ""
    lease_us: int = 0
    adopt: Callable[[PlanRun], None] = lambda run: None
    nudge: Callable[[], None] = lambda: None


def plan_handlers(journeys: Journeys, wall: Clock, adopter: Adopter) -> tuple[Handler, ...]:
    """The handlers of the plans room; ``wall`` is the clock of leases."""

    def start_plan(work: Work, command: StartPlan) -> PlanStarted:
        known = store.find_plan_id(work.tx, work.tenant, command.journey, command.subject)
        if known is not None:
            return PlanStarted(id=PlanId(known))
        journey = journeys.newest(command.journey)
        plan = work.mint(PlanId)
        run = PlanRun(work.tenant, plan, journey, command.subject, command.params, work.call)
        run.add_steps(journey.begin(command.params))
        lease_us = to_us(wall.now()) + adopter.lease_us
        store.insert_plan(work.tx, run, adopter.owner, lease_us, to_us(work.now))
        work.after_commit(lambda: adopter.adopt(run))
        return PlanStarted(id=plan)

    def leave(work: Work, command: UnwindPlan | RepairPlan | AmendPlan) -> None:
        plan = store.find_plan_id(work.tx, work.tenant, command.journey, command.subject)
        if plan is None:
            if isinstance(command, UnwindPlan):
                return
            reason = f"{command.journey} has no plan for {command.subject}"
            raise refused("unknown", "unknownPlan", reason)
        wish = {
            "tenant": work.tenant,
            "plan": plan,
            "what": type(command).__name__.removesuffix("Plan").lower(),
            "wish": to_json(command).decode(),
            "actor": work.call.actor,
            "at_us": to_us(work.now),
        }
        store.leave_wish(work.tx, wish)
        work.after_commit(adopter.nudge)

    return (
        decides(StartPlan, start_plan),
        decides(UnwindPlan, leave),
        decides(RepairPlan, leave),
        decides(AmendPlan, leave),
        answers(FindPlan, lambda look, query: _find_plan(look, query, journeys)),
        answers(ListOpen, _list_open),
    )


def _list_open(look: Look, query: ListOpen) -> tuple[str, ...]:
    return store.open_subjects(look.tx, look.tenant)


def _find_plan(look: Look, query: FindPlan, journeys: Journeys) -> PlanSeen | None:
    row = store.find_plan_row(look.tx, look.tenant, query.journey, query.subject)
    if row is None:
        return None
    run = store.load_run(look.tx, journeys, look.tenant, row["id"])
    steps = run.steps.values() if run is not None else ()
    return PlanSeen(
        id=PlanId(row["id"]),
        journey=row["journey"],
        version=row["version"],
        subject=row["subject"],
        state=row["state"],
        reason=row["reason"],
        is_crossed=bool(row["is_crossed"]),
        owner=row["owner"],
        fence=row["fence"],
        steps=tuple(_seen(step) for step in steps),
    )


def _seen(run: StepRun) -> StepSeen:
    return StepSeen(
        name=run.name,
        command=run.step.do.command,
        kind=run.kind,
        state=run.state,
        needs=run.step.needs,
        attempts=run.attempts,
        reason=run.reason,
        due_us=run.due_us,
        done_us=run.done_us,
        has_undo=run.step.undo is not None,
        answer=run.answer,
    )
