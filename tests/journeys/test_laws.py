"""The laws of every journey: it unwinds from every step to a clean slate, whatever went wrong
where; undone twice is undone once; done twice is done once.

The steps are found by walking the journey. A journey without an entry in ``starts`` fails here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from banyan.journeys import JOURNEYS
from banyan.kernel.engine.plans.contract import PlanSeen, RepairPlan, UnwindPlan
from banyan.kernel.engine.plans.journey import Journey, Journeys, make_command
from banyan.kernel.engine.plans.run import PlanRun, StepRun, Todo
from banyan.kernel.engine.plans.runner import step_key
from banyan.kernel.words.codec import to_plain
from banyan.kernel.words.errors import Never, Refused
from banyan.kernel.words.messages import Command
from tests.journeys.conftest import MakeLab
from tests.journeys.faults import LOST, Faults, points_of
from tests.journeys.lab import CALL, Lab, changed, wait_for
from tests.journeys.shop import Shop
from tests.journeys.starts import STARTS, Start

every_journey = pytest.mark.parametrize(
    "journey", JOURNEYS.all(), ids=lambda journey: f"{journey.name}-{journey.version}"
)


class Walk:
    """One journey in a house of its own."""

    def __init__(self, journey: Journey, make_lab: MakeLab, is_wide: bool = False) -> None:
        self.journey = journey
        self.is_wide = is_wide
        self.start: Start = STARTS[journey.name]
        self._make_lab = make_lab
        self.faults, self.lab = self.move_in()
        self.shop: Shop = self.start.open(self.lab)

    def move_in(self) -> tuple[Faults, Lab]:
        """A house over the same databases, with faults of its own; nothing works in it yet."""
        faults = Faults()
        return faults, self._make_lab(faults.builders(), Journeys((self.journey,)), lease_s=0.4)

    def begin(self) -> str:
        """Start one; its subject."""
        begin = self.start.begin_wide if self.is_wide else self.start.begin
        return begin(self.shop)

    def wait(self, subject: str, *states: str) -> PlanSeen:
        """The plan once it is in one of these states."""
        return self.lab.wait_plan(self.journey.name, subject, *states)

    def unwind(self, subject: str) -> None:
        """Let everything be undone."""
        self.start.abandon(self.shop, subject)
        self.wait(subject, "unwound")

    def finish(self, subject: str) -> None:
        """Past the point of no return: an unwinding is refused, and the journey ends."""
        wanted = UnwindPlan(journey=self.journey.name, subject=subject, reason="too late")
        self.lab.house.command(CALL, wanted, f"too-late/{subject}")
        for step in self.wait(subject, "held", "completed").steps:
            if step.state == "held":
                self.repair(subject, step.name)
        assert self.wait(subject, "completed").is_crossed

    def repair(self, subject: str, step: str) -> None:
        """Try a held step again."""
        wanted = RepairPlan(
            journey=self.journey.name, subject=subject, step=step, action="retry", reason="again",
            changes={},
        )  # fmt: skip
        self.lab.house.command(CALL, wanted, f"repair/{subject}/{step}")

    def slate(self) -> dict[str, Any]:
        """All there is, but the story itself."""
        return self.lab.snapshot(self.start.record)

    def points(self, is_undo: bool = False) -> list[tuple[str, str]]:
        """Every (step, point) of one walk that goes well; or those of the undoing."""
        subject = self.begin()
        self.wait(subject, "completed")
        run = self.by_hand(subject)
        list(self.steps(run))
        found = []
        for step in run.steps.values():
            wish = step.step.undo if is_undo else step.step.do
            if wish is not None:
                message = self.lab.house.messages[wish.command]
                handler = self.lab.house.rooms[wish.command.split(".")[0]].handlers[message]
                name = f"{step.name}/undo" if is_undo else step.name
                found += [(name, point) for point in points_of(handler)]
        return found

    # -- by hand -------------------------------------------------------------------------------

    def by_hand(self, subject: str) -> PlanRun:
        """The plan as a pure machine, to be walked command by command."""
        plan = self.lab.plan(self.journey.name, subject)
        plan_id = plan.id if plan is not None else f"plan-of-{subject}"
        params = self.start.params(subject)
        run = PlanRun(CALL.tenant, plan_id, self.journey, subject, params, CALL)
        run.add_steps(self.journey.begin(params))
        return run

    def steps(self, run: PlanRun) -> Iterator[tuple[StepRun, Command[Any], str]]:
        """Ask for each step in turn; yields it once it is done, with its command and key."""
        while todo := run.todo(0):
            command, key = self.command(run, todo[0]), step_key(run.id, todo[0].step.name)
            answer = self.lab.house.command(run.call, command, key)
            run.note_done(todo[0].step, to_plain(answer), 0)
            yield todo[0].step, command, key

    def command(self, run: PlanRun, todo: Todo) -> Command[Any]:
        """What a step asks for."""
        kind = self.lab.house.messages[todo.wish.command]
        return make_command(todo.wish, kind, run.params, run.answers)


@every_journey
def test_it_unwinds_from_every_point_of_every_step_to_a_clean_slate(
    journey: Journey, make_lab: MakeLab
) -> None:
    walk = Walk(journey, make_lab, is_wide=True)
    walk.lab.work()
    for step, point in walk.points():
        if point == LOST:
            continue
        before = walk.slate()
        walk.faults.planned = {(step, point): _never}
        subject = walk.begin()
        plan = walk.wait(subject, "held")
        assert [s.name for s in plan.steps if s.state == "held"] == [step]
        walk.faults.planned = {}
        if plan.is_crossed:
            walk.finish(subject)
        else:
            walk.unwind(subject)
            assert changed(before, walk.slate()) == {}, f"{step} failed at {point}"


@every_journey
def test_what_was_done_before_a_worker_died_is_found_and_undone_by_the_next(
    journey: Journey, make_lab: MakeLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = Walk(journey, make_lab)
    walk.lab.work()
    for step in [step for step, point in walk.points() if point == LOST]:
        before = walk.slate()
        walk.faults.planned = {(step, LOST): lambda: walk.lab.die(monkeypatch)}
        subject = walk.begin()
        wait_for(walk.lab.is_dead, partial("death at {}".format, step))
        walk.lab.close()
        walk.faults, walk.lab = walk.move_in()
        walk.shop = Shop(walk.lab, walk.shop.customer_id, walk.shop.account_id)
        found = walk.lab.hear().plan(journey.name, subject)
        assert found is not None
        if found.is_crossed:
            walk.lab.work()
            walk.finish(subject)
        else:
            walk.start.abandon(walk.shop, subject)
            wait_for(lambda: walk.lab.untold() == 0, lambda: "the cancellation to arrive")
            walk.lab.work()
            walk.wait(subject, "unwound")
            assert changed(before, walk.slate()) == {}, f"the answer of {step} was lost"


@every_journey
def test_an_undo_that_fails_at_any_point_goes_on_from_there_to_a_clean_slate(
    journey: Journey, make_lab: MakeLab
) -> None:
    walk = Walk(journey, make_lab)
    walk.lab.work()
    last = [step for step, _ in walk.points(is_undo=True)][-1].removesuffix("/undo")
    for undo, point in walk.points(is_undo=True):
        if point == LOST:
            continue
        before = walk.slate()
        walk.faults.planned = {(last, "handle.before"): _never, (undo, point): _never}
        subject = walk.begin()
        walk.wait(subject, "held")
        walk.start.abandon(walk.shop, subject)
        step = undo.removesuffix("/undo")
        wait_for(partial(_is_held, walk, subject, step), partial("{} to be held".format, undo))
        walk.faults.planned = {}
        walk.repair(subject, step)
        walk.wait(subject, "unwound")
        assert changed(before, walk.slate()) == {}, f"{undo} failed at {point}"


@every_journey
def test_a_step_twice_is_a_step_once_under_its_own_and_under_a_fresh_key(
    journey: Journey, make_lab: MakeLab
) -> None:
    walk = Walk(journey, make_lab)
    _subscribe(walk.lab)
    run = walk.by_hand(walk.begin())
    for step, command, key in walk.steps(run):
        once, said = walk.lab.snapshot(), walk.lab.said()
        again = walk.lab.house.command(CALL, command, key)
        fresh = walk.lab.house.command(CALL, command, f"{key}/fresh")
        assert to_plain(again) == step.answer
        assert _unfenced(to_plain(fresh)) == _unfenced(step.answer)
        assert changed(once, walk.lab.snapshot()) == {}, f"{step.name} was done twice"
        assert walk.lab.said() == said, f"{step.name} was told twice"


@every_journey
def test_undone_twice_is_undone_once_and_undoing_nothing_changes_nothing(
    journey: Journey, make_lab: MakeLab
) -> None:
    walk = Walk(journey, make_lab)
    _subscribe(walk.lab)
    run = walk.by_hand(walk.begin())
    before, slates, done = walk.slate(), [], []
    for step, command, key in walk.steps(run):
        if step.step.is_crossing:
            break
        slates.append(before)
        done.append((step, command, key))
        before = walk.slate()
        _undo_what_comes(walk, run)
        assert changed(before, walk.slate()) == {}, f"a step after {step.name} was never done"
    for (step, command, key), slate in zip(reversed(done), reversed(slates), strict=True):
        if step.step.undo is None:
            assert changed(slate, walk.slate()) == {}, f"{step.name} has no undo, and needs one"
            continue
        undo = walk.command(run, Todo(step, "undo"))
        walk.lab.house.command(CALL, undo, f"{key}/undo", voids=key)
        assert changed(slate, walk.slate()) == {}, f"{step.name} was undone"
        said = walk.lab.said()
        walk.lab.house.command(CALL, undo, f"{key}/undo", voids=key)
        walk.lab.house.command(CALL, undo, f"{key}/undo/fresh", voids=key)
        with pytest.raises(Refused, match="undone"):
            walk.lab.house.command(CALL, command, key)
        assert changed(slate, walk.slate()) == {}, f"{step.name} was undone twice"
        assert walk.lab.said() == said, f"the undoing of {step.name} was told twice"


def _undo_what_comes(walk: Walk, run: PlanRun) -> None:
    """Undo what was never done: the next steps."""
    for todo in run.todo(0):
        if todo.step.step.undo is not None:
            undo = walk.command(run, Todo(todo.step, "undo"))
            walk.lab.house.command(CALL, undo, f"nothing/{run.id}/{todo.step.name}")


def _never() -> None:
    raise Never("arranged to fail for good")


def _is_held(walk: Walk, subject: str, step: str) -> bool:
    """Whether the undoing of the step, and nothing else, is held."""
    plan = walk.lab.plan(walk.journey.name, subject)
    assert plan is not None
    held = [each.name for each in plan.steps if each.state == "held"]
    return plan.state == "unwinding" and held == [step]


def _subscribe(lab: Lab) -> None:
    """Let every API tell its changes, so that they can be counted; nobody is there to listen."""
    for api in sorted({row.api for part in lab.standing.parts.values() for row in part.resources}):
        lab.subscribe(api, "http://127.0.0.1:9/nobody")


def _unfenced(answer: Any) -> Any:
    """An answer without its ticket: every attempt at a device has a later one."""
    if isinstance(answer, dict):
        return {name: value for name, value in answer.items() if name != "ticket"}
    return answer


def test_every_journey_is_held_to_the_laws() -> None:
    assert {journey.name for journey in JOURNEYS.all()} == set(STARTS)
