"""A plan in memory, driven at random: its words, its order and its ends are what was promised."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from structlog.testing import capture_logs

from banyan.kernel.engine.plans.contract import AmendPlan, RepairPlan
from banyan.kernel.engine.plans.journey import Journey, Policy, Step, wish
from banyan.kernel.engine.plans.run import OVER, PlanRun, StepRun, Todo
from banyan.kernel.engine.plans.tables import FAR_US
from banyan.kernel.words.errors import Later, NeedsPerson, Never, refused
from tests.kernel.lab import CALL
from tests.kernel.shelf.contract import Put, Take

PLAN_WORDS = {"running", "held", "unwinding", "completed", "unwound"}
STEP_WORDS = {"waiting", "done", "held", "skipped", "dropped", "barred", "undone"}
SETTLED = {"done", "skipped", "dropped"}
ERRORS = [
    Later(0.1, "busy"),
    NeedsPerson("locked"),
    Never("burnt"),
    refused("rule", "no", "no"),
    ZeroDivisionError("bug"),
]
POLICIES = st.builds(
    Policy,
    refused=st.sampled_from(["hold", "unwind", "skip"]),
    never=st.sampled_from(["hold", "unwind"]),
    retries=st.integers(0, 2),
)


def put(name: str) -> Any:
    return wish(Put, name=name)


@st.composite
def steps(draw: st.DrawFn, first: int = 0, known: tuple[str, ...] = ()) -> tuple[Step, ...]:
    """Up to five steps that need some of those before them."""
    made: list[Step] = []
    for i in range(first, first + draw(st.integers(1, 5))):
        names = [*known, *(step.name for step in made)]
        needs = draw(st.lists(st.sampled_from(names), unique=True, max_size=3)) if names else []
        has_undo = draw(st.integers(0, 4)) > 0
        made.append(
            Step(
                name=f"s{i}",
                do=put(f"s{i}"),
                needs=tuple(needs),
                undo=wish(Take, name=f"s{i}") if has_undo else None,
                why_no_undo="" if has_undo else "nothing to undo",
                policy=draw(POLICIES),
                is_crossing=draw(st.integers(0, 9)) == 0,
                then=draw(st.sampled_from(["", "", "", "more", "bug"])),
            )
        )
    return tuple(made)


class Walk(RuleBasedStateMachine):
    """Does what the runner would do, and what people would, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.now_us = 1
        self.under_way: list[Todo] = []
        self.ended = ""
        self.run: PlanRun
        self.number = 0

    @initialize(first=steps(), news=st.booleans())
    def begin(self, first: tuple[Step, ...], news: bool) -> None:
        """A new plan."""
        tell: Any = (lambda params, about: put("news")) if news else (lambda params, about: 1 // 0)
        journey = Journey(
            "trip", 1, lambda params: first,
            expansions={"more": self._more, "bug": lambda params, answers: (first[0],)},
            tell_held=tell, tell_resumed=tell, tell_unwound=tell, tell_unwind_refused=tell,
        )  # fmt: skip
        self.run = PlanRun("acme", "plan-1", journey, "a", {}, CALL)
        self.run.add_steps(first)
        self.number = len(first)

    def _more(self, params: Any, answers: Any) -> tuple[Step, ...]:
        self.number += 1
        return (Step(name=f"more-{self.number}", do=put("x"), undo=wish(Take, name="x")),)

    # -- what the runner does ------------------------------------------------------------------

    @rule(which=st.integers(0, 9))
    def take(self, which: int) -> None:
        """Begin something of what there is to do."""
        todos = self.run.todo(self.now_us)
        if not todos:
            return
        todo = todos[which % len(todos)]
        if todo.what == "do" and todo.step.step.is_crossing:
            self.run.cross(todo.step)
        self.run.in_flight.add(todo.step.name)
        self.under_way.append(todo)

    @precondition(lambda self: self.under_way)
    @rule(which=st.integers(0, 9), error=st.sampled_from([None, None, None, *ERRORS]))
    def land(self, which: int, error: Exception | None) -> None:
        """Something under way ends, well or not."""
        todo = self.under_way.pop(which % len(self.under_way))
        self.run.landed(todo.step)
        if todo.what == "bar":
            self._bar(todo, was_done=error is not None)
        elif error is not None:
            self.run.note_failed(todo, error, self.now_us)
        elif todo.is_undo:
            self.run.note_undone(todo.step)
        else:
            self._done(todo)

    def _bar(self, todo: Todo, was_done: bool) -> None:
        if was_done:
            self._done(todo)
        else:
            self.run.note_barred(todo.step)

    def _done(self, todo: Todo) -> None:
        try:
            self.run.note_done(todo.step, {}, self.now_us)
        except AssertionError as error:
            assert todo.step.step.then == "bug"
            self.run.note_failed(todo, error, self.now_us)

    @rule(seconds=st.integers(0, 100))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.now_us += seconds * 1_000_000

    # -- what people do ------------------------------------------------------------------------

    @rule()
    def unwind(self) -> None:
        """Somebody wants it undone."""
        was_over = self.run.state == "completed" or self.run.is_crossed
        begins = self.run.unwind("asked")
        assert begins == (self.run.state in ("unwinding", "unwound"))
        assert begins or was_over

    @rule(action=st.sampled_from(["retry", "skip"]), which=st.integers(0, 9))
    def repair(self, action: Any, which: int) -> None:
        """Somebody decides about a held step, or about one that is none."""
        names = [s.name for s in self.run.steps.values() if s.state == "held"] or ["s0"]
        self.run.repair(
            RepairPlan(
                journey="trip", subject="a", step=names[which % len(names)], action=action,
                reason="decided", changes={},
            )
        )  # fmt: skip

    @rule(drawn=st.data())
    def amend(self, drawn: st.DataObject) -> None:
        """Somebody edits the future, rightly or wrongly."""
        names = tuple(self.run.steps)
        first = drawn.draw(st.sampled_from([0, 100 + self.number]))
        self.number += 10
        wanted = AmendPlan(
            journey="trip", subject="a", reason="changed", params={"new": 1},
            drop=tuple(drawn.draw(st.lists(st.sampled_from(names), unique=True, max_size=2))),
            add=drawn.draw(steps(first, names)) if drawn.draw(st.booleans()) else (),
        )  # fmt: skip
        before = {name: run.state for name, run in self.run.steps.items()}
        why_not = self.run.amend(wanted)
        after = {name: run.state for name, run in self.run.steps.items()}
        if why_not:
            assert after == before, "an amendment is taken whole or not at all"
        begun = {name for name, state in before.items() if state not in ("waiting", "dropped")}
        assert {name: after[name] for name in begun} == {name: before[name] for name in begun}

    # -- what must hold ------------------------------------------------------------------------

    def _of_journey(self) -> list[StepRun]:
        return [run for run in self.run.steps.values() if run.kind == "do"]

    @invariant()
    def the_words_are_those_of_the_documentation(self) -> None:
        """States are the documented ones."""
        if not hasattr(self, "run"):
            return
        assert self.run.state in PLAN_WORDS
        assert {run.state for run in self.run.steps.values()} <= STEP_WORDS

    @invariant()
    def nothing_is_offered_before_its_time(self) -> None:
        """A step is begun after what it needs, once, and when due; an undo after later steps'."""
        if not hasattr(self, "run"):
            return
        todos = self.run.todo(self.now_us)
        assert len({todo.step.name for todo in todos}) == len(todos)
        for todo in todos:
            assert todo.step.name not in self.run.in_flight
            assert todo.step.due_us <= self.now_us
            if todo.what == "undo":
                assert self.run.state == "unwinding"
                later = [r for r in self._of_journey() if r.number > todo.step.number]
                assert {run.state for run in later} <= {"undone", "dropped"}
            else:
                assert todo.step.state == "waiting"
                needs = {self.run.steps[name].state for name in todo.step.step.needs}
                assert needs <= SETTLED

    @invariant()
    def an_end_is_an_end(self) -> None:
        """Completed and unwound plans stay so; completed means nothing open, unwound all undone."""
        if not hasattr(self, "run"):
            return
        state = self.run.state
        if self.ended:
            assert state == self.ended
        if state not in OVER:
            return
        self.ended = state
        states = {run.state for run in self._of_journey()}
        assert states <= (SETTLED if state == "completed" else {"undone", "dropped"})

    @invariant()
    def somebody_or_something_moves_it_on(self) -> None:
        """A plan that is not over has something to do, under way, due later, or held."""
        if not hasattr(self, "run") or self.run.is_over:
            return
        held = any(run.state == "held" for run in self.run.steps.values())
        assert held or self.run.in_flight or self.run.next_due_us() < FAR_US

    def teardown(self) -> None:
        """Let everything succeed from here: every plan comes to an end."""
        if not hasattr(self, "run"):
            return
        for _ in range(400):
            if self.run.is_over:
                return
            self.now_us += 120_000_000
            if not self.under_way and not self.run.todo(self.now_us):
                self.repair("skip", 0)
            self.take(0)
            while self.under_way:
                self.land(0, None)
            self.nothing_is_offered_before_its_time()
            self.an_end_is_an_end()
        raise AssertionError(f"no end: {self.run}")


def test_a_plan_keeps_its_promises_whatever_happens_to_it() -> None:
    few = settings(max_examples=100, stateful_step_count=40, deadline=None)
    with capture_logs():  # bugs of journeys are logged, and here they are many
        run_state_machine_as_test(Walk, settings=few)
