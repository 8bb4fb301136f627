"""The worker that walks plans: claims, asks, records, lets go; one thread and a small pool.

What a step did is on disk in its room before the next step begins (its answer, under its key). The
plan's own rows may lag behind by ``FLUSH_S``: a worker that takes over asks again, same keys,
and gets the first answers, so nothing is done twice and nothing is lost. Before a point of no
return, before anything is undone, and when a plan is held, let go or over, they are written at
once. For the same reason plain progress is not waited for on disk; decisions are.

Commands of many plans for one room share a commit; steps that follow each other in one room share
one too. Every write of rows is under the plan's fence: a worker that lost its lease can't write.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy.engine import Connection

from banyan.kernel.engine.clock import Clock, RealClock, from_us, to_us
from banyan.kernel.engine.house import House
from banyan.kernel.engine.plans import store
from banyan.kernel.engine.plans.contract import AmendPlan, RepairPlan, UnwindPlan
from banyan.kernel.engine.plans.journey import Journeys, UnfitArguments, Wish, make_command
from banyan.kernel.engine.plans.run import OVER, PlanRun, StepRun, Todo
from banyan.kernel.engine.plans.service import Adopter
from banyan.kernel.engine.plans.tables import FAR_US
from banyan.kernel.engine.room import Asked, Room, Slot
from banyan.kernel.words.codec import Document, from_json, from_plain, to_plain
from banyan.kernel.words.errors import Outage, Refused
from banyan.kernel.words.messages import Command

LEASE_S = 5.0
POLL_S = 0.25
FLUSH_S = 0.02
THREADS = 8
_REPEATABLE = frozenset({"running", "completed", "waiting", "done"})
"""States that need no wait for the disk: the rooms' answers are there, and asking gives them."""
HAND_MAX = 1000
"""Plans one worker holds at once; more wait for a worker with room in its hand."""

_log = structlog.get_logger()


@dataclass(slots=True)
class _Job:
    run: PlanRun
    todo: Todo
    asked: Asked
    chained: list[StepRun] = field(default_factory=list)
    slot: Slot | None = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the worker looks around, in seconds of the wall clock."""

    lease_s: float = LEASE_S
    poll_s: float = POLL_S
    flush_s: float = FLUSH_S


class Runner:
    """One worker. ``owner`` names it in leases and must differ from every other worker's."""

    def __init__(
        self,
        house: House,
        journeys: Journeys,
        adopter: Adopter,
        owner: str,
        wall: Clock | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._house = house
        self._plans: Room = house.rooms["plans"]
        self._journeys = journeys
        self._owner = owner
        self._clock = self._plans.clock
        self._wall = wall or RealClock()
        self._pace = pace or Pace()
        self._hand: dict[str, PlanRun] = {}
        self._seen: dict[str, list[int]] = {}
        self._arrived: deque[PlanRun | _Job | None] = deque()
        self._stirred: dict[str, None] = {}
        self._bell = threading.Event()
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="step")
        self._thread = threading.Thread(target=self._work, name="runner", daemon=True)
        self._polled_us = self._flushed_us = self._renewed_us = 0
        self._lease_us = int(self._pace.lease_s * 1_000_000)
        adopter.owner, adopter.lease_us = owner, self._lease_us
        adopter.adopt, adopter.nudge = self._arrive, lambda: self._arrive(None)

    def start(self) -> None:
        """Begin to work. Refuses (``RuntimeError``) when open plans are of an unknown version."""
        with self._plans.database.read() as tx:
            lost = store.unknown_versions(tx, self._journeys)
        if lost:
            raise RuntimeError(f"open plans of versions this release does not know: {lost}")
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Finish what is under way, write it down, give the leases back."""
        self._stopping.set()
        self._bell.set()
        if self._thread.is_alive():
            self._thread.join(60)
        self._pool.shutdown()

    def turn(self) -> bool:
        """One round: take in, ask, record, write down. True if anything was done."""
        self._take_in()
        wall_us = to_us(self._wall.now())
        if wall_us - self._polled_us >= self._pace.poll_s * 1_000_000:
            self._polled_us = wall_us
            self._look_around(wall_us)
        jobs = self._find_jobs()
        self._run(jobs)
        self._write_down(wall_us)
        return bool(jobs)

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                busy = self.turn()
            except Outage as outage:
                _complain("runner.outage", outage)
                self._clock.wait(self._bell, None, self._pace.poll_s)
                continue
            except Exception as error:  # what is in hand can't be trusted any more
                _complain("runner.bug", error)
                self._drop_hand()
                self._clock.wait(self._bell, None, self._pace.poll_s)
                continue
            if not busy and not self._arrived:
                due_us = min((run.next_due_us() for run in self._hand.values()), default=FAR_US)
                until = None if due_us >= FAR_US else from_us(due_us)
                self._clock.wait(self._bell, until, self._pace.poll_s)
        self._give_back()

    def _arrive(self, what: PlanRun | _Job | None) -> None:
        self._arrived.append(what)
        self._bell.set()

    # -- taking in -----------------------------------------------------------------------------

    def _take_in(self) -> None:
        while self._arrived:
            what = self._arrived.popleft()
            if what is None:
                self._polled_us = 0
            elif isinstance(what, PlanRun):
                self._hold(what)
            else:
                self._record(what)

    def _hold(self, run: PlanRun) -> None:
        self._hand[run.id] = run
        self._stirred[run.id] = None

    def _look_around(self, wall_us: int) -> None:
        """Claim what is due or orphaned, take in wishes, keep the leases."""
        now_us = to_us(self._clock.now())
        if len(self._hand) < HAND_MAX:
            with self._plans.database.read() as tx:
                anything = store.claimable(tx, now_us, wall_us)
            if anything:
                self._claim(now_us, wall_us)
        with self._plans.database.read() as tx:
            wishes = store.open_wishes(tx, self._owner)
        for wish in wishes:
            run = self._hand.get(wish.plan)
            if run is not None and wish.seq not in self._seen.get(run.id, ()):
                self._take_wish(run, wish)
        if self._hand and (wall_us - self._renewed_us) * 3 >= self._lease_us:
            self._renewed_us = wall_us
            ids = list(self._hand)
            until_us = wall_us + self._lease_us
            self._plans.upkeep(
                lambda tx: store.renew(tx, self._owner, ids, until_us), is_lasting=False
            )
        for run in self._hand.values():
            if run.next_due_us() <= now_us:
                self._stirred[run.id] = None

    def _claim(self, now_us: int, wall_us: int) -> None:
        def claim(tx: Connection) -> list[tuple[str, str, int]]:
            return store.claim(tx, self._owner, now_us, wall_us, self._lease_us)

        for tenant, plan, fence in self._plans.upkeep(claim):
            with self._plans.database.read() as tx:
                run = store.load_run(tx, self._journeys, tenant, plan)
            if run is None or run.fence != fence:
                continue
            self._hand.pop(plan, None)
            self._seen.pop(plan, None)
            _log.debug("runner.claimed", plan=plan, subject=run.subject, fence=fence)
            self._hold(run)

    def _take_wish(self, run: PlanRun, wish: store.OpenWish) -> None:
        self._seen.setdefault(run.id, []).append(wish.seq)
        self._stirred[run.id] = None
        body = from_json(wish.wish)
        if wish.what == "unwind":
            run.unwind(from_plain(body, UnwindPlan).reason)
        elif wish.what == "repair":
            repair = from_plain(body, RepairPlan)
            run.repair(repair, lambda wish, params: self._find_misfit(run, wish, params))
        else:
            why_not = run.amend(from_plain(body, AmendPlan))
            if why_not:
                _log.warning("runner.amend_refused", plan=run.id, reason=why_not)

    def _find_misfit(self, run: PlanRun, wish: Wish, params: Document) -> str:
        try:
            make_command(wish, self._house.messages[wish.command], params, run.answers)
        except UnfitArguments as error:
            return f"{error}"
        return ""

    # -- asking --------------------------------------------------------------------------------

    def _find_jobs(self) -> list[_Job]:
        now_us = to_us(self._clock.now())
        jobs = []
        stirred, self._stirred = self._stirred, {}
        for plan in stirred:
            run = self._hand.get(plan)
            for todo in run.todo(now_us) if run is not None else ():
                job = self._make_job(run, todo, now_us) if run is not None else None
                if job is not None:
                    jobs.append(job)
        return jobs

    def _make_job(self, run: PlanRun, todo: Todo, now_us: int) -> _Job | None:
        step = todo.step
        try:
            if todo.what != "do" and run.is_touched and not self._write_ahead(run):
                return None  # whoever takes over must know that it is being undone
            if todo.what == "bar":
                self._bar(run, todo)
                return None
            if step.kind == "tell" and not self._write_ahead(run):
                return None
            if todo.what == "do" and step.step.is_crossing and not self._cross(run, step):
                return None
            asked = self._asked(run, todo, run.answers)
        except Outage as outage:
            _complain("runner.outage", outage, run, step)
            return None  # the next look around comes back to it
        except Exception as error:  # a bug in the journey holds its step, nobody else's
            _complain("runner.bug", error, run, step)
            run.note_failed(todo, error, now_us)
            self._stirred[run.id] = None
            return None
        run.in_flight.add(step.name)
        return _Job(run, todo, asked)

    def _asked(self, run: PlanRun, todo: Todo, answers: Mapping[str, Any]) -> Asked:
        """The command of a step or of its undo, with its key and the key it makes void."""
        kind: type[Command[Any]] = self._house.messages[todo.wish.command]
        command = make_command(todo.wish, kind, run.params, answers)
        step = todo.step.step
        key = step_key(run.id, step.keyed)
        voids = step_key(run.id, step.voids) if step.voids else ""
        if todo.is_undo:
            return Asked(run.call, command, f"{key}/undo", voids=voids or key)
        return Asked(run.call, command, key, voids=voids)

    def _cross(self, run: PlanRun, step: StepRun) -> bool:
        """Write down that there is no way back, unless somebody wants the plan undone."""
        if run.is_crossed:
            return True
        run.cross(step)
        seen = self._seen.get(run.id, [])

        def write(tx: Connection) -> bool:
            return not store.has_open_unwind(tx, run) and store.keep(tx, run, seen, None)

        try:
            if self._plans.upkeep(write):
                store.kept(run)
                self._seen.pop(run.id, None)
                return True
        except Outage:
            run.is_crossed = False
            raise
        run.is_crossed = False
        self._polled_us = 0  # a wish waits, or the lease is lost: look around first
        self._stirred[run.id] = None
        return False

    def _write_ahead(self, run: PlanRun) -> bool:
        """Write down what there is to tell before anybody is told: no news of an overtaken worker.

        The name of news (``tell-1`` …) then means the same to every worker.
        """
        seen = self._seen.get(run.id, [])
        if not (run.touched or run.added or run.is_touched):
            return True
        if self._plans.upkeep(lambda tx: store.keep(tx, run, seen, None)):
            store.kept(run)
            self._seen.pop(run.id, None)
            return True
        self._lose(run)
        return False

    def _lose(self, run: PlanRun) -> None:
        _log.warning("runner.lost_lease", plan=run.id, subject=run.subject)
        self._hand.pop(run.id, None)

    def _drop_hand(self) -> None:
        """Forget the plans in hand: their leases run out and they are claimed as they were kept."""
        self._hand.clear()
        self._seen.clear()
        self._stirred.clear()

    def _run(self, jobs: list[_Job]) -> None:
        by_room: dict[str, list[_Job]] = {}
        for job in jobs:
            room = self._house.room_of(job.asked.command)
            if room.handlers[type(job.asked.command)].is_plain:
                by_room.setdefault(room.name, []).append(job)
            else:
                self._pool.submit(self._ask_aside, room, job)
        for name, batch in by_room.items():
            self._ask_together(self._house.rooms[name], batch)

    def _bar(self, run: PlanRun, todo: Todo) -> None:
        step = todo.step
        room = self._house.rooms[step.step.do.command.partition(".")[0]]
        answered = room.bar(run.tenant, step_key(run.id, step.step.keyed))
        self._stirred[run.id] = None
        if answered:
            self._note_done(run, todo, answered[0], to_us(self._clock.now()))
        else:
            run.note_barred(step)

    def _ask_aside(self, room: Room, job: _Job) -> None:
        """In a thread of the pool: for commands that look, ask or act outside a transaction."""
        try:
            job.slot = room.put_many([(job.asked, None)])[0]
        except Exception as error:  # recorded by the runner's own thread
            job.error = error
        self._arrive(job)

    def _ask_together(self, room: Room, batch: list[_Job]) -> None:
        slots = room.put_many([(job.asked, self._chain(room, job)) for job in batch])
        for job, slot in zip(batch, slots, strict=True):
            job.slot = slot
            self._record(job)

    def _chain(self, room: Room, job: _Job) -> Callable[[Sequence[Any]], Asked | None] | None:
        """Lets the steps that follow in the same room share the commit."""
        if job.todo.what != "do" or job.todo.step.kind != "do":
            return None
        known: dict[str, Any] = {}
        run, now_us = job.run, to_us(self._clock.now())

        def following(answers: Sequence[Any]) -> Asked | None:
            done = [job.todo.step, *job.chained]
            if len(done) == len(answers):
                nexts = run.followers(done[-1])
                if len(nexts) != 1 or not self._may_chain(room, nexts[0], now_us):
                    return None
                job.chained.append(nexts[0])
                done.append(nexts[0])
            if len(answers) == 1:  # the first of this transaction, which may be a repeat of it
                known.clear()
                known.update(run.answers)
            known[done[len(answers) - 1].name] = to_plain(answers[-1])
            return self._asked(run, Todo(done[len(answers)], "do"), known)

        return following

    def _may_chain(self, room: Room, step: StepRun, now_us: int) -> bool:
        kind = self._house.messages[step.step.do.command]
        handler = room.handlers.get(kind)
        plain = handler is not None and handler.is_plain
        return plain and step.kind == "do" and not step.step.is_crossing and step.due_us <= now_us

    # -- recording -----------------------------------------------------------------------------

    def _record(self, job: _Job) -> None:
        run, now_us = job.run, to_us(self._clock.now())
        run.landed(job.todo.step)
        self._stirred[run.id] = None
        error = job.error or (job.slot.error if job.slot is not None else None)
        if error is not None:
            if not isinstance(error, Refused | Outage):
                _complain("runner.bug", error, run, job.todo.step)
            run.note_failed(job.todo, error, now_us)
            return
        assert job.slot is not None
        if job.todo.is_undo:
            run.note_undone(job.todo.step)
            return
        steps = [job.todo.step, *job.chained]
        for step, answer in zip(steps, job.slot.answers, strict=False):
            self._note_done(run, Todo(step, job.todo.what), to_plain(answer), now_us)

    def _note_done(self, run: PlanRun, todo: Todo, answer: Any, now_us: int) -> None:
        try:
            run.note_done(todo.step, answer, now_us)
        except Exception as error:  # its expansion has a bug: asked again, it answers the same
            _complain("runner.bug", error, run, todo.step)
            run.note_failed(todo, error, now_us)

    # -- writing down --------------------------------------------------------------------------

    def _write_down(self, wall_us: int) -> None:
        now_us = to_us(self._clock.now())
        settled = [run for run in self._hand.values() if self._is_settled(run, now_us)]
        due = wall_us - self._flushed_us >= self._pace.flush_s * 1_000_000
        runs = list(self._hand.values()) if due else settled
        wanted = [r for r in runs if r.touched or r.added or r.is_touched or r in settled]
        if not wanted:
            return
        self._flushed_us = wall_us
        until = {run.id: run.next_due_us() for run in settled}

        def write(tx: Connection) -> list[bool]:
            return [
                store.keep(tx, run, self._seen.get(run.id, ()), until.get(run.id)) for run in wanted
            ]

        is_lasting = any(self._is_decision(run) for run in wanted)
        kept = self._plans.upkeep(write, is_lasting=is_lasting)
        for run, is_kept in zip(wanted, kept, strict=True):
            self._seen.pop(run.id, None)
            if is_kept:
                store.kept(run)
            else:
                self._lose(run)
            if run.id in until:
                self._hand.pop(run.id, None)

    def _is_decision(self, run: PlanRun) -> bool:
        """Whether there is more to write down than progress, which asking again would tell."""
        states = {run.state, *(run.steps[name].state for name in run.touched)}
        return run.id in self._seen or not states <= _REPEATABLE

    def _is_settled(self, run: PlanRun, now_us: int) -> bool:
        """Nothing under way and nothing due: over, or waiting for time or somebody."""
        if run.in_flight or run.id in self._stirred:
            return False
        return run.is_over or (run.state not in OVER and run.next_due_us() > now_us)

    def _give_back(self) -> None:
        self._pool.shutdown(wait=True)
        self._take_in()
        runs = list(self._hand.values())

        def write(tx: Connection) -> list[bool]:
            return [
                store.keep(tx, run, self._seen.get(run.id, ()), run.next_due_us()) for run in runs
            ]

        if runs:
            self._plans.upkeep(write)
        self._hand.clear()


def _complain(
    what: str, error: Exception, run: PlanRun | None = None, step: StepRun | None = None
) -> None:
    about = {"plan": run.id if run else "", "step": step.name if step else ""}
    if isinstance(error, Outage):
        _log.warning(what, reason=error.reason, **about)
    else:
        _log.error("runner.bug", exc_info=error, **about)


def step_key(plan: str, step: str) -> str:
    """The idempotency key of a step, everywhere it goes."""
    return f"plan/{plan}/{step}"
