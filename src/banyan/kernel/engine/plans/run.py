"""One plan in memory: a pure state machine. The runner does what it says and tells it what came.

Plan states: ``running``, ``held`` (a step waits for somebody; other branches go on), ``unwinding``,
``completed``, ``unwound``. Step states: ``waiting``, ``done``, ``held``, ``skipped``, ``dropped``
(amended away); while unwinding ``barred`` (its key is void: it may have been begun, but can't be
completed any more) and ``undone`` (taken back, or never begun).

Unwinding first bars every step that may be under way, by this worker or by one that lost its lease
and does not know it yet: only then is it certain what there is to undo. A step that turns out to
have been completed counts as done, and what follows it is barred in turn. Then everything is undone
from the last step to the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
import structlog

from banyan.kernel.engine.plans import mend
from banyan.kernel.engine.plans.contract import AmendPlan, RepairPlan
from banyan.kernel.engine.plans.journey import (
    Held,
    Journey,
    Step,
    UnfitArguments,
    Wish,
    find_flaw,
)
from banyan.kernel.engine.plans.tables import FAR_US
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Later, NeedsPerson, Never, Refused
from banyan.kernel.words.messages import Call

_log = structlog.get_logger()

OVER = frozenset({"completed", "unwound"})
_SETTLED = frozenset({"done", "skipped", "dropped"})
FindMisfit = Callable[[Wish, Document], str]


@dataclass(slots=True)
class StepRun:
    """One step and how far it is. ``kind`` is ``do`` for the journey's, ``tell`` for its news."""

    step: Step
    number: int
    kind: str = "do"
    state: str = "waiting"
    attempts: int = 0
    due_us: int = 0
    done_us: int = 0
    reason: str = ""
    answer: Any = None
    has_answer: bool = False

    @property
    def name(self) -> str:
        """The step's name."""
        return self.step.name


@dataclass(frozen=True, slots=True)
class Todo:
    """What the runner should do next: a step, the undoing of one, or barring it."""

    step: StepRun
    what: Literal["do", "undo", "bar"]

    @property
    def is_undo(self) -> bool:
        """Whether a step is to be taken back."""
        return self.what == "undo"

    @property
    def wish(self) -> Wish:
        """The command wanted."""
        chosen = self.step.step.undo if self.is_undo else self.step.step.do
        assert chosen is not None
        return chosen


@dataclass(slots=True)
class PlanRun:
    """A plan under the lease of one worker."""

    tenant: str
    id: str
    journey: Journey
    subject: str
    params: Document
    call: Call
    state: str = "running"
    reason: str = ""
    is_crossed: bool = False
    fence: int = 1
    steps: dict[str, StepRun] = field(default_factory=dict)
    in_flight: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    added: set[str] = field(default_factory=set)
    is_touched: bool = False
    _missing: dict[str, int] = field(default_factory=dict)
    _dependents: dict[str, list[str]] = field(default_factory=dict)
    _ready: dict[str, None] = field(default_factory=dict)
    _unsettled: int = 0

    # -- building ------------------------------------------------------------------------------

    def add_steps(self, steps: Iterable[Step], kind: str = "do") -> None:
        """Let steps join the plan's future."""
        joining = tuple(steps)
        flaw = find_flaw(joining, frozenset(self.steps))
        assert not flaw, flaw
        for step in joining:
            run = StepRun(step, len(self.steps) + 1, kind, due_us=step.due_us)
            self.steps[step.name] = run
            self.added.add(step.name)
        for step in joining:
            self._link(self.steps[step.name])

    def load(self, runs: Iterable[StepRun]) -> None:
        """Take over the steps as they were stored, in their order."""
        loaded = list(runs)
        for run in loaded:
            self.steps[run.name] = run
        for run in loaded:
            self._link(run)
        self._move_on()

    def relink(self) -> None:
        """Count again what every step still needs, after steps were begun anew."""
        self._missing, self._dependents, self._ready, self._unsettled = {}, {}, {}, 0
        for run in self.steps.values():
            self._link(run)

    def _link(self, run: StepRun) -> None:
        missing = 0
        for need in run.step.needs:
            self._dependents.setdefault(need, []).append(run.name)
            missing += self.steps[need].state not in _SETTLED
        self._missing[run.name] = missing
        if run.state == "waiting":
            self._unsettled += 1
            if not missing:
                self._ready[run.name] = None
        elif run.state == "held":
            self._unsettled += 1

    # -- asking --------------------------------------------------------------------------------

    @property
    def answers(self) -> Mapping[str, Any]:
        """Step name → answer, of all that have one."""
        return {name: run.answer for name, run in self.steps.items() if run.has_answer}

    @property
    def is_over(self) -> bool:
        """Nothing is left to do, ever."""
        return self.state in OVER and not self._news()

    def todo(self, now_us: int) -> list[Todo]:
        """What can begin now."""
        if self.state in ("running", "held"):
            return [
                Todo(run, "do")
                for run in self._open()
                if run.name not in self.in_flight and run.due_us <= now_us
            ]
        found = [Todo(run, "do") for run in self._news()[:1]]
        if self.state == "unwinding":
            frontier = self._frontier()
            found += [Todo(run, "bar") for run in frontier]
            last = None if frontier or self.in_flight else self._last_to_undo()
            if last is not None and last.state != "held":
                found.append(Todo(last, "undo"))
        return [
            todo
            for todo in found
            if todo.step.due_us <= now_us and todo.step.name not in self.in_flight
        ]

    def next_due_us(self) -> int:
        """When something can begin, if nothing comes from outside; ``FAR_US`` for never."""
        if self.state in ("running", "held"):
            waiting = [run.due_us for run in self._open()]
        else:
            waiting = [run.due_us for run in self._news()[:1]]
            if self.state == "unwinding":
                last = self._last_to_undo()
                waiting += [0 for run in self._frontier()]
                waiting += [] if last is None or last.state == "held" else [last.due_us]
        return min(waiting, default=FAR_US)

    def followers(self, run: StepRun) -> list[StepRun]:
        """Steps that could begin if ``run`` were done and nothing else changed."""
        if run.step.then or self.state not in ("running", "held"):
            return []
        return [
            self.steps[name]
            for name in self._dependents.get(run.name, ())
            if self._missing[name] == 1 and self.steps[name].state == "waiting"
        ]

    def _open(self) -> list[StepRun]:
        """Steps that only time keeps from beginning; there is no crossing before news is told."""
        ready = [self.steps[name] for name in self._ready]
        if any(run.step.is_crossing for run in ready) and self._news():
            return [run for run in ready if not run.step.is_crossing]
        return ready

    def _news(self) -> list[StepRun]:
        return [r for r in self.steps.values() if r.kind == "tell" and r.state == "waiting"]

    def _frontier(self) -> list[StepRun]:
        """Steps that may be under way somewhere: waiting, and all they need is there."""
        ready = (self.steps[name] for name in self._ready)
        return [run for run in ready if run.kind == "do" and run.state == "waiting"]

    def _last_to_undo(self) -> StepRun | None:
        for run in reversed(self.steps.values()):
            if run.kind == "do" and run.state not in ("undone", "dropped"):
                return run
        return None

    # -- what came -----------------------------------------------------------------------------

    def note_done(self, run: StepRun, answer: Any, now_us: int) -> None:
        """A step's command was answered; ``answer`` as plain values.

        Raises what its expansion raises, and then nothing is noted.
        """
        further = self._expand(run, answer)
        run.state, run.reason, run.done_us = "done", "", now_us
        run.answer, run.has_answer = answer, True
        self._settle(run)
        self.add_steps(further)
        self._move_on()

    def note_barred(self, run: StepRun) -> None:
        """A step can't be completed by anybody any more."""
        run.state, run.due_us = "barred", 0
        self._ready.pop(run.name, None)
        self.touched.add(run.name)
        self._move_on()

    def note_undone(self, run: StepRun) -> None:
        """A step was taken back."""
        run.state = "undone"
        self.touched.add(run.name)
        self._move_on()

    def note_failed(self, todo: Todo, error: Exception, now_us: int) -> None:
        """A step's command failed: try later, hold, unwind or skip, as its policy says."""
        run = todo.step
        run.attempts += 1
        run.reason = f"{error}"
        self.touched.add(run.name)
        policy = run.step.policy
        if self.state == "unwinding" and todo.what == "do" and run.kind == "do":
            return  # it landed late; it is barred next
        if isinstance(error, Later) and (run.kind == "tell" or run.attempts <= policy.retries):
            wait_s = max(error.seconds, policy.first_wait_s * 2 ** min(run.attempts - 1, 20))
            run.due_us = now_us + int(min(wait_s, policy.longest_wait_s) * 1_000_000)
            return
        if run.kind == "tell":
            self.skip(run, f"not taken: {error}")
            return
        obstacle, answer = _judge(error, policy.refused, policy.never)
        if answer == "skip" and not todo.is_undo:
            self.skip(run, run.reason)
        elif todo.is_undo or answer == "hold" or not self.unwind(run.reason):
            self._hold(run, Held(run.name, run.reason, obstacle, todo.is_undo))

    def skip(self, run: StepRun, reason: str) -> None:
        """Leave a step out for good, with the reason."""
        run.state, run.reason = "skipped", reason
        self._settle(run)
        self._move_on()

    def unwind(self, reason: str) -> bool:
        """Begin to undo everything; false (and told so) when there is no way back."""
        if self.state == "unwinding" or self.state == "unwound":
            return True
        if self.is_crossed or self.state == "completed":
            self._tell(self.journey.tell_unwind_refused, reason)
            return False
        self.state, self.reason, self.is_touched = "unwinding", reason, True
        self._tell(self.journey.tell_unwinding, reason)
        for run in self.steps.values():
            if run.kind != "do":
                continue
            if run.state == "held":
                self._ready[run.name] = None
            if run.state in ("waiting", "held"):
                run.state, run.due_us = "waiting", 0
                self.touched.add(run.name)
            if run.attempts:
                run.attempts = 0  # undoing has its own patience
                self.touched.add(run.name)
        self._move_on()
        return True

    def repair(self, wanted: RepairPlan, find_misfit: FindMisfit = lambda *_: "") -> None:
        """Somebody decided on a held step; a step that is not held is left alone.

        ``find_misfit`` says why a wish could not become a command with given parameters.
        """
        run = self.steps.get(wanted.step)
        if run is None or run.state != "held":
            return
        why_not = ""
        if self.state == "unwinding":
            why_not = self._decide_undo(run, wanted)
        elif wanted.action == "retry":
            why_not = self._retry(run, wanted, find_misfit)
        else:
            why_not = mend.find_why_needed(self, run.name)
            if not why_not:
                self.skip(run, wanted.reason)
                self._tell(self.journey.tell_resumed, run.name)
        if why_not:
            is_undo = self.state == "unwinding"
            why = f"{why_not}; it is still held: {run.reason}"
            self._tell(self.journey.tell_held, Held(run.name, why, "refused", is_undo))
        if self.state == "held" and not self._held():
            self.state, self.reason, self.is_touched = "running", "", True
        self._move_on()

    def _decide_undo(self, run: StepRun, wanted: RepairPlan) -> str:
        if wanted.changes or wanted.params:
            return "the plan is being undone, as it was done"
        if wanted.action == "skip":
            self.note_undone(run)
        else:
            run.state, run.attempts, run.due_us = "barred", 0, 0
            self.touched.add(run.name)
        self._tell(self.journey.tell_resumed, run.name)
        return ""

    def _retry(self, run: StepRun, wanted: RepairPlan, find_misfit: FindMisfit) -> str:
        """Let a held step be tried again once that is told and what would change is taken back."""
        edited: dict[str, Step] = {}
        if wanted.changes:
            changed = mend.change_arguments(run.step, wanted.changes)
            if isinstance(changed, str):
                return changed
            edited[run.name] = changed
        params = {**self.params, **wanted.params}
        redone = mend.find_redone(self, params, edited)
        why_not = mend.find_why_not(self, redone)
        for each in redone:
            step = edited.get(each.name, each.step)
            why_not = why_not or find_misfit(step.do, params)
        if why_not:
            return why_not
        resumed = [run, *(each for each in redone if each.state == "held" and each is not run)]
        mend.redo(self, params, edited, redone)
        for each in resumed:
            told = self._tell(self.journey.tell_resumed, each.name)
            needs = (*each.step.needs, *(step.name for step in told))
            each.step = msgspec.structs.replace(each.step, needs=needs)
            each.state, each.attempts, each.due_us = "waiting", 0, 0
            self.touched.add(each.name)
        self.relink()
        return ""

    def amend(self, wanted: AmendPlan) -> str:
        """Edit the future; returns why not, or nothing. What was begun stays as it is."""
        if self.state not in ("running", "held"):
            return f"the plan is {self.state}"
        for name in wanted.drop:
            run = self.steps.get(name)
            if run is None or run.state != "waiting" or run.attempts or name in self.in_flight:
                return f"{name} is not a step of the future"
            needed = [n for n in self._dependents.get(name, ()) if n not in wanted.drop]
            if any(self.steps[n].state == "waiting" for n in needed):
                return f"{name} is needed by {needed}"
        params = {**self.params, **wanted.params}
        redone = mend.find_redone(self, params, {}, keeps_done=True)
        flaw = find_flaw(wanted.add, frozenset(self.steps)) or mend.find_why_not(self, redone)
        if flaw:
            return flaw
        for name in wanted.drop:
            self.steps[name].state, self.steps[name].reason = "dropped", wanted.reason
            self._settle(self.steps[name])
        held = [each.name for each in redone if each.state == "held"]
        mend.redo(self, params, {}, redone)
        for name in held:
            self._tell(self.journey.tell_resumed, name)
        if self.state == "held" and not self._held():
            self.state, self.reason = "running", ""
        self.add_steps(wanted.add)
        self._move_on()
        return ""

    def cross(self, run: StepRun) -> None:
        """The step about to begin is the point of no return."""
        assert run.step.is_crossing
        self.is_crossed = self.is_touched = True

    # -- inside --------------------------------------------------------------------------------

    def _expand(self, run: StepRun, answer: Any) -> tuple[Step, ...]:
        if not run.step.then:
            return ()
        answers = {**self.answers, run.name: answer}
        further = self.journey.expansions[run.step.then](self.params, answers)
        flaw = find_flaw(further, frozenset(self.steps))
        assert not flaw, flaw
        return further

    def _settle(self, run: StepRun) -> None:
        self.touched.add(run.name)
        self._ready.pop(run.name, None)
        self._unsettled -= 1
        for name in self._dependents.get(run.name, ()):
            self._missing[name] -= 1
            if not self._missing[name] and self.steps[name].state == "waiting":
                self._ready[name] = None

    def _hold(self, run: StepRun, held: Held) -> None:
        run.state = "held"
        self._ready.pop(run.name, None)
        if self.state == "running":
            self.state = "held"
        self.reason, self.is_touched = held.reason, True
        self._tell(self.journey.tell_held, held)

    def _held(self) -> list[StepRun]:
        return [run for run in self.steps.values() if run.state == "held"]

    def landed(self, run: StepRun) -> None:
        """A step that was in flight is not any more; call before noting what came of it."""
        self.in_flight.discard(run.name)

    def _move_on(self) -> None:
        if self.state in ("running", "held") and not self._unsettled:
            self.state, self.reason, self.is_touched = "completed", "", True
        if self.state != "unwinding" or self._frontier() or self.in_flight:
            return
        for run in self.steps.values():
            if run.kind == "do" and run.state == "waiting":
                run.state = "undone"  # what it needs was never done, so it was never begun
                self.touched.add(run.name)
        while (last := self._last_to_undo()) is not None and last.step.undo is None:
            last.state = "undone"
            self.touched.add(last.name)
        if last is None:
            self.state, self.is_touched = "unwound", True
            self._tell(self.journey.tell_unwound, self.reason)

    def _tell(self, make: Callable[[Document, Any], Wish | None], about: Any) -> tuple[Step, ...]:
        try:
            wish = make(self.params, about)
        except Exception as error:  # news that can't be made must not stop the plan
            _log.error("plan.bug", plan=self.id, exc_info=error)
            return ()
        if wish is None:
            return ()
        earlier = [run.name for run in self.steps.values() if run.kind == "tell"]
        number = len(earlier) + 1
        needs = (earlier[-1],) if earlier else ()
        news = Step(name=f"tell-{number}", do=wish, needs=needs, why_no_undo="news")
        self.add_steps((news,), kind="tell")
        return (news,)


def _judge(
    error: Exception,
    refused: Literal["hold", "unwind", "skip"],
    never: Literal["hold", "unwind"],
) -> tuple[str, str]:
    if isinstance(error, Refused):
        return "refused", refused
    if isinstance(error, UnfitArguments):
        return "refused", "hold"
    if isinstance(error, NeedsPerson):
        return "needsPerson", "hold"
    if isinstance(error, Never):
        return "never", never
    if isinstance(error, Later):
        return "retriesExhausted", "hold"
    return "bug", "hold"
