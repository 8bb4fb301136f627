"""Laws of plans, over random journeys, failures and moments: an end, one effect, a clean slate.

One worker is driven turn by turn on a driven clock, its pool replaced by doing things at once, so
that every example is repeatable. It may die between any two turns; another takes over.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from banyan.kernel.engine.clock import DrivenClock
from banyan.kernel.engine.plans.contract import PlanSeen, RepairPlan, UnwindPlan
from banyan.kernel.engine.plans.journey import Journey, Policy, Step, wish
from banyan.kernel.engine.plans.runner import Pace, Runner
from banyan.kernel.words.codec import Document, from_plain, to_plain
from banyan.kernel.words.errors import Later, NeedsPerson, Never, refused
from tests.kernel.lab import CALL, Lab
from tests.kernel.shelf.contract import Deliver, Put, PutAfterLook, Take

START = datetime(2026, 1, 31, 12, tzinfo=UTC)
LEASE_S = 100.0
LONGEST_WAIT_S = 61.0
TURNS_MAX = 600
QUIET_TURNS = 12
_numbers = itertools.count(1)

FAILURES: dict[str, Callable[[], Exception]] = {
    "later": lambda: Later(1, "busy"),
    "person": lambda: NeedsPerson("locked"),
    "never": lambda: Never("burnt"),
    "refused": lambda: refused("rule", "no", "no"),
    "bug": lambda: ZeroDivisionError("bug"),
}
KINDS = {"put": Put, "look": PutAfterLook, "deliver": Deliver}


class Plan(msgspec.Struct, frozen=True):
    """One step of a random journey, and how it will fail."""

    kind: str
    needs: tuple[int, ...]
    failures: tuple[str, ...]
    undo_failures: tuple[str, ...]
    policy: Policy


class Story(msgspec.Struct, frozen=True):
    """A journey, and at which turns somebody unwinds it or its worker dies."""

    plans: tuple[Plan, ...]
    unwound_at: int
    dies_at: tuple[int, ...]
    flush_s: float
    repairs: tuple[str, ...]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Up to six steps, each needing some of those before it."""
    plans = []
    for i in range(draw(st.integers(1, 6))):
        needs = draw(st.lists(st.integers(0, i - 1), unique=True, max_size=3)) if i else []
        failing = st.lists(st.sampled_from(sorted(FAILURES)), max_size=2)
        plans.append(
            Plan(
                draw(st.sampled_from(sorted(KINDS))),
                tuple(needs),
                tuple(draw(failing)) if draw(st.integers(0, 2)) == 0 else (),
                tuple(draw(failing)) if draw(st.integers(0, 5)) == 0 else (),
                Policy(
                    refused=draw(st.sampled_from(["hold", "unwind", "skip"])),
                    never=draw(st.sampled_from(["hold", "unwind"])),
                    retries=draw(st.integers(0, 3)),
                ),
            )
        )
    return Story(
        tuple(plans),
        draw(st.sampled_from([-1, -1, 0, 1, 2, 3, 4, 6, 9])),
        tuple(draw(st.lists(st.integers(1, 8), max_size=2))),
        draw(st.sampled_from([0.0, 1e9])),
        tuple(draw(st.lists(st.sampled_from(["retry", "skip", "unwind"]), max_size=4))),
    )


class AtOnce(Executor):
    """Runs what it is given before it returns."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """See :class:`Executor`."""
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class Walk:
    """One story, walked."""

    def __init__(self, lab: Lab, clock: DrivenClock, story: Story) -> None:
        self.lab, self.clock, self.story = lab, clock, story
        self.subject = f"t{next(_numbers)}"
        self.names = [f"{self.subject}/s{i}" for i in range(len(story.plans))]
        for name, plan in zip(self.names, story.plans, strict=True):
            lab.outside.failures[name] = [FAILURES[f]() for f in plan.failures]
            lab.outside.failures[f"take {name}"] = [FAILURES[f]() for f in plan.undo_failures]
        self.given_up: set[str] = set()
        self.runner = self._worker()

    def _worker(self) -> Runner:
        lab, owner = self.lab, f"worker-{next(_numbers)}"
        pace = Pace(LEASE_S, 0.0, self.story.flush_s)
        runner = Runner(lab.house, lab.journeys, lab.adopter, owner, self.clock, pace)
        runner.__dict__["_pool"] = AtOnce()
        return runner

    def steps(self) -> tuple[Step, ...]:
        """The journey's steps."""
        return tuple(
            Step(
                name=name,
                do=wish(KINDS[plan.kind], name=name),
                needs=tuple(self.names[need] for need in plan.needs),
                undo=wish(Take, name=name),
                policy=plan.policy,
            )
            for name, plan in zip(self.names, self.story.plans, strict=True)
        )

    def walk(self) -> PlanSeen:
        """Walk until nothing moves any more; the plan as it then is."""
        self.lab.start("trip", self.subject, steps=to_plain(self.steps()))
        repairs = iter(self.story.repairs)
        quiet = 0
        for turn in range(TURNS_MAX):
            if turn == self.story.unwound_at:
                self.unwind()
                quiet = 0
            if turn in self.story.dies_at:
                self.runner = self._worker()
                self.clock.advance(timedelta(seconds=LEASE_S + 1))
            busy = self.runner.turn()
            quiet = 0 if busy else quiet + 1
            self.clock.advance(timedelta(seconds=1 if busy else LONGEST_WAIT_S))
            if quiet > QUIET_TURNS:  # whoever moves it now is a person
                plan = self.lab.plan("trip", self.subject)
                if not self.decide(plan, next(repairs, "")):
                    return plan
                quiet = 0
        raise AssertionError(f"no rest after {TURNS_MAX} turns: {self.story}")

    def unwind(self) -> None:
        """Somebody wants it undone."""
        wanted = UnwindPlan(journey="trip", subject=self.subject, reason="asked")
        self.lab.plans.put(CALL, wanted, self.lab.mint.text())

    def decide(self, plan: PlanSeen, action: Any) -> bool:
        """Somebody decides about a held step; false if there is none or nobody decides."""
        held = [step.name for step in plan.steps if step.state == "held"]
        if not held or not action:
            return False
        if action == "unwind":
            self.unwind()
            return True
        if action == "skip" and plan.state == "unwinding":
            self.given_up.add(held[0])
        wanted = RepairPlan(
            journey="trip", subject=self.subject, step=held[0], action=action, reason="decided",
            changes={},
        )  # fmt: skip
        self.lab.plans.put(CALL, wanted, self.lab.mint.text())
        return True

    def check(self, plan: PlanSeen) -> None:
        """The laws."""
        states = {step.name: step.state for step in plan.steps}
        held = {name for name, state in states.items() if state == "held"}
        things = {n: t for n, t in self.lab.things().items() if n in states}
        arrived = {n: t for n, t in self.lab.outside.arrived.items() if n in states}
        delivered = {n for n, p in zip(self.names, self.story.plans, strict=True)
                     if p.kind == "deliver"}  # fmt: skip
        assert set(things.values()) | set(arrived.values()) <= {1}, "exactly one effect each"
        assert arrived.keys() == things.keys() & delivered
        done = {name for name, state in states.items() if state == "done"}
        if plan.state == "unwound":
            assert things.keys() <= self.given_up, "a clean slate, but for what a person gave up"
            assert set(states.values()) == {"undone"}
        elif plan.state == "completed":
            assert set(states.values()) <= {"done", "skipped"}
            assert things.keys() == done
        elif plan.state == "held":
            assert held
            assert things.keys() == done
        else:
            assert plan.state == "unwinding"
            assert held, f"nobody is asked, and nothing moves: {plan}"
        assert plan.owner == "", "a plan at rest is in nobody's hand"


@pytest.fixture
def clock() -> DrivenClock:
    """A clock that moves by turns."""
    return DrivenClock(START)


@pytest.fixture
def lab(database_url: str, clock: DrivenClock) -> Iterator[Lab]:
    """A house whose journey is what its parameters say."""

    def begin(params: Document) -> tuple[Step, ...]:
        return from_plain(params["steps"], tuple[Step, ...])

    lab = Lab(database_url, (Journey("trip", 1, begin),), clock=clock)
    yield lab
    lab.close()


FEW = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@FEW
@given(story=stories())
def test_every_journey_ends_completed_held_or_undone_with_each_effect_once(
    lab: Lab, clock: DrivenClock, story: Story
) -> None:
    with capture_logs():
        walk = Walk(lab, clock, story)
        walk.check(walk.walk())


@FEW
@given(story=stories(), turn=st.integers(0, 12))
def test_a_journey_whose_steps_can_be_undone_is_undone_from_anywhere(
    lab: Lab, clock: DrivenClock, story: Story, turn: int
) -> None:
    calm = tuple(msgspec.structs.replace(plan, undo_failures=()) for plan in story.plans)
    story = msgspec.structs.replace(story, plans=calm, unwound_at=turn, repairs=("unwind",))
    with capture_logs():
        walk = Walk(lab, clock, story)
        plan = walk.walk()
        walk.check(plan)
    assert plan.state in ("unwound", "completed")
    if plan.state == "completed":
        assert walk.lab.things().keys() >= {s.name for s in plan.steps if s.state == "done"}


def test_a_worker_that_dies_while_it_undoes_is_followed_by_one_that_undoes(
    lab: Lab, clock: DrivenClock
) -> None:
    calm, back = Policy(), Policy(refused="unwind")
    plans = (
        Plan("put", (), (), (), calm),
        Plan("deliver", (0,), (), (), calm),
        Plan("put", (1,), (), (), calm),
        Plan("look", (2,), ("refused",) * 2, (), back),
    )
    for dies_at in range(1, 12):
        with capture_logs():
            walk = Walk(lab, clock, Story(plans, -1, (dies_at,), 1e9, ()))
            plan = walk.walk()
            walk.check(plan)
        assert plan.state == "unwound", f"died at {dies_at}: {plan}"
