"""The SQL of the plans. Rows are written by the holder of the lease only, under its fence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from banyan.kernel.engine.db import Quick
from banyan.kernel.engine.plans.journey import Journeys, Step
from banyan.kernel.engine.plans.run import OVER, PlanRun, StepRun
from banyan.kernel.engine.plans.tables import PLAN, PLAN_WISH, STEP
from banyan.kernel.words.codec import from_json, from_plain, to_json
from banyan.kernel.words.messages import Call

CLAIM_MAX = 64

_OWN = (
    (PLAN.c.tenant == sa.bindparam("b_tenant"))
    & (PLAN.c.id == sa.bindparam("b_id"))
    & (PLAN.c.fence == sa.bindparam("b_fence"))
)
_OPEN = sa.exists().where(
    PLAN_WISH.c.tenant == PLAN.c.tenant, PLAN_WISH.c.plan == PLAN.c.id, PLAN_WISH.c.is_open
)
_PROGRESS: dict[str, Any] = {name: sa.bindparam(f"b_{name}") for name in
             ("state", "reason", "is_crossed", "params")}  # fmt: skip
_KEEP_PLAN = Quick(PLAN.update().where(_OWN).values(_PROGRESS))
_LET_GO = Quick(
    PLAN.update()
    .where(_OWN)
    .values(
        **_PROGRESS,
        owner=sa.literal_column("''"),
        due_us=sa.case((_OPEN, sa.literal_column("0")), else_=sa.bindparam("b_due_us")),
    )
)
_KEEP_STEP = Quick(
    STEP.update()
    .where(
        STEP.c.tenant == sa.bindparam("b_tenant"),
        STEP.c.plan == sa.bindparam("b_plan"),
        STEP.c.name == sa.bindparam("b_name"),
    )
    .values({name: sa.bindparam(f"b_{name}") for name in
             ("step", "state", "attempts", "due_us", "done_us", "reason", "answer")})
)  # fmt: skip
_SEEN = PLAN_WISH.update().where(PLAN_WISH.c.seq == sa.bindparam("b_seq")).values(is_open=False)
_FENCE = Quick(
    sa.select(PLAN.c.fence).where(
        PLAN.c.tenant == sa.bindparam("b_tenant"), PLAN.c.id == sa.bindparam("b_id")
    )
)
_NEW_PLAN = Quick(PLAN.insert())
_NEW_STEP = Quick(STEP.insert())
_FOUND = Quick(
    sa.select(PLAN.c.id).where(
        PLAN.c.tenant == sa.bindparam("b_tenant"),
        PLAN.c.journey == sa.bindparam("b_journey"),
        PLAN.c.subject == sa.bindparam("b_subject"),
    )
)


@dataclass(frozen=True, slots=True)
class OpenWish:
    """A wish waiting for the plan's worker."""

    seq: int
    tenant: str
    plan: str
    what: str
    wish: str


def insert_plan(tx: Connection, run: PlanRun, owner: str, lease_us: int, now_us: int) -> None:
    """Write a new plan, under the lease of ``owner`` (or nobody's).

    Its first steps follow from journey, version and parameters: their rows come with the first
    progress there is to write down.
    """
    _NEW_PLAN.run(
        tx,
        {
            "tenant": run.tenant,
            "id": run.id,
            "journey": run.journey.name,
            "version": run.journey.version,
            "subject": run.subject,
            "state": run.state,
            "reason": run.reason,
            "is_crossed": run.is_crossed,
            "params": to_json(run.params).decode(),
            "call": to_json(run.call).decode(),
            "due_us": 0,
            "owner": owner,
            "lease_us": lease_us,
            "fence": run.fence,
            "started_us": now_us,
        },
    )


def find_plan_id(tx: Connection, tenant: str, journey: str, subject: str) -> str | None:
    """The id of a plan, or nothing."""
    wanted = {"b_tenant": tenant, "b_journey": journey, "b_subject": subject}
    row = _FOUND.run(tx, wanted).fetchone()
    return None if row is None else str(row[0])


def find_plan_row(tx: Connection, tenant: str, journey: str, subject: str) -> Any:
    """The row of a plan, or nothing."""
    found = sa.select(PLAN).where(
        PLAN.c.tenant == tenant, PLAN.c.journey == journey, PLAN.c.subject == subject
    )
    return tx.execute(found).mappings().first()


def step_rows(tx: Connection, tenant: str, plan: str) -> Sequence[Mapping[Any, Any]]:
    """The rows of a plan's steps, in order."""
    found = sa.select(STEP).where(STEP.c.tenant == tenant, STEP.c.plan == plan)
    return tx.execute(found.order_by(STEP.c.number)).mappings().all()


def leave_wish(tx: Connection, wish: dict[str, Any]) -> None:
    """Leave a wish about a plan and make the plan due."""
    tx.execute(PLAN_WISH.insert(), {**wish, "is_open": True})
    mine = (PLAN.c.tenant == wish["tenant"]) & (PLAN.c.id == wish["plan"])
    tx.execute(PLAN.update().where(mine).values(due_us=0))


def open_wishes(tx: Connection, owner: str) -> list[OpenWish]:
    """Wishes about the plans ``owner`` holds, in order."""
    wanted = (PLAN_WISH.c.seq, PLAN_WISH.c.tenant, PLAN_WISH.c.plan, PLAN_WISH.c.what,
              PLAN_WISH.c.wish)  # fmt: skip
    found = (
        sa.select(*wanted)
        .join(PLAN, (PLAN.c.tenant == PLAN_WISH.c.tenant) & (PLAN.c.id == PLAN_WISH.c.plan))
        .where(PLAN_WISH.c.is_open, PLAN.c.owner == owner)
        .order_by(PLAN_WISH.c.seq)
    )
    return [OpenWish(*row) for row in tx.execute(found)]


def has_open_unwind(tx: Connection, run: PlanRun) -> bool:
    """Whether somebody wants the plan undone and its worker has not seen it yet."""
    found = sa.select(PLAN_WISH.c.seq).where(
        PLAN_WISH.c.tenant == run.tenant,
        PLAN_WISH.c.plan == run.id,
        PLAN_WISH.c.is_open,
        PLAN_WISH.c.what == "unwind",
    )
    return tx.execute(found).first() is not None


def claimable(tx: Connection, now_us: int, wall_us: int) -> bool:
    """Whether there is anything to claim (a cheap look before the write)."""
    return tx.execute(_due(now_us, wall_us).limit(1)).first() is not None


def claim(
    tx: Connection, owner: str, now_us: int, wall_us: int, lease_us: int
) -> list[tuple[str, str, int]]:
    """Take leases of due plans that nobody holds (any more): (tenant, id, new fence)."""
    found = _due(now_us, wall_us).limit(CLAIM_MAX).with_for_update(skip_locked=True)
    rows = tx.execute(found).all()
    for row in rows:
        tx.execute(
            PLAN.update()
            .where(PLAN.c.tenant == row.tenant, PLAN.c.id == row.id)
            .values(owner=owner, lease_us=wall_us + lease_us, fence=row.fence + 1, due_us=0)
        )
    return [(row.tenant, row.id, row.fence + 1) for row in rows]


def _due(now_us: int, wall_us: int) -> sa.Select[Any]:
    free = (PLAN.c.owner == "") | (PLAN.c.lease_us < wall_us)
    return sa.select(PLAN.c.tenant, PLAN.c.id, PLAN.c.fence).where(PLAN.c.due_us <= now_us, free)


def renew(tx: Connection, owner: str, ids: Iterable[str], lease_until_us: int) -> None:
    """Keep the leases of plans in hand."""
    mine = (PLAN.c.owner == owner) & PLAN.c.id.in_(list(ids))
    tx.execute(PLAN.update().where(mine).values(lease_us=lease_until_us))


def load_run(tx: Connection, journeys: Journeys, tenant: str, plan: str) -> PlanRun | None:
    """A plan as stored; nothing when this release does not know its journey's version."""
    where = (PLAN.c.tenant == tenant) & (PLAN.c.id == plan)
    row = tx.execute(sa.select(PLAN).where(where)).mappings().one()
    journey = journeys.find(row["journey"], row["version"])
    if journey is None:
        return None
    run = PlanRun(
        tenant,
        plan,
        journey,
        row["subject"],
        from_json(row["params"]),
        from_plain(from_json(row["call"]), Call),
        row["state"],
        row["reason"],
        bool(row["is_crossed"]),
        row["fence"],
    )
    rows = step_rows(tx, tenant, plan)
    if rows:
        run.load(_from_row(step) for step in rows)
    else:
        run.add_steps(journey.begin(run.params))
    return run


def open_ids(tx: Connection) -> set[str]:
    """The ids of all plans that are not over, of every tenant."""
    return set(tx.execute(sa.select(PLAN.c.id).where(PLAN.c.state.not_in(sorted(OVER)))).scalars())


def open_subjects(tx: Connection, tenant: str) -> tuple[str, ...]:
    """What the plans of a tenant that are not over are about."""
    own = (PLAN.c.tenant == tenant) & PLAN.c.state.not_in(sorted(OVER))
    return tuple(
        tx.execute(sa.select(PLAN.c.subject).where(own).order_by(PLAN.c.subject)).scalars()
    )


def count_states(tx: Connection) -> list[tuple[str, str, int]]:
    """How many plans there are of each journey and state."""
    count = sa.select(PLAN.c.journey, PLAN.c.state, sa.func.count())
    rows = tx.execute(count.group_by(PLAN.c.journey, PLAN.c.state).order_by("journey", "state"))
    return [(journey, state, number) for journey, state, number in rows]


def unknown_versions(tx: Connection, journeys: Journeys) -> list[tuple[str, int, int]]:
    """(journey, version, how many) of open plans that this release could not finish."""
    found = (
        sa.select(PLAN.c.journey, PLAN.c.version, sa.func.count())
        .where(PLAN.c.state.not_in(sorted(OVER)))
        .group_by(PLAN.c.journey, PLAN.c.version)
    )
    return [
        (journey, version, count)
        for journey, version, count in tx.execute(found)
        if journeys.find(journey, version) is None
    ]


def keep(tx: Connection, run: PlanRun, seen: Sequence[int], let_go_until_us: int | None) -> bool:
    """Write what changed since the last time, if the fence still holds; false when it does not.

    ``seen`` are wishes taken in; ``let_go_until_us`` gives the lease back until then.
    """
    own = {"b_tenant": run.tenant, "b_id": run.id, "b_fence": run.fence}
    if seen:
        if _FENCE.run(tx, own).fetchone() != (run.fence,):
            return False
        tx.execute(_SEEN, [{"b_seq": seq} for seq in seen])
    if run.is_touched or let_go_until_us is not None:
        plan = {
            "b_state": run.state,
            "b_reason": run.reason,
            "b_is_crossed": run.is_crossed,
            "b_params": to_json(run.params).decode(),
        }
        if let_go_until_us is None:
            done = _KEEP_PLAN.run(tx, own | plan)
        else:
            done = _LET_GO.run(tx, own | plan | {"b_due_us": let_go_until_us})
        if done.rowcount == 0:
            return False
    elif _FENCE.run(tx, own).fetchone() != (run.fence,):
        return False
    _insert_steps(tx, run, [run.steps[name] for name in sorted(run.added, key=_number(run))])
    changed = [run.steps[name] for name in run.touched - run.added]
    _KEEP_STEP.run_many(tx, [_step_values(run, step) for step in changed])
    return True


def kept(run: PlanRun) -> None:
    """What was touched is on disk now."""
    run.touched.clear()
    run.added.clear()
    run.is_touched = False


def _number(run: PlanRun) -> Any:
    return lambda name: run.steps[name].number


def _insert_steps(tx: Connection, run: PlanRun, steps: Iterable[StepRun]) -> None:
    rows = [
        {
            "tenant": run.tenant,
            "plan": run.id,
            "name": step.name,
            "number": step.number,
            "kind": step.kind,
            **_progress(step),
        }
        for step in steps
    ]
    _NEW_STEP.run_many(tx, rows)


def _progress(step: StepRun) -> dict[str, Any]:
    return {
        "step": to_json(step.step).decode(),
        "state": step.state,
        "attempts": step.attempts,
        "due_us": step.due_us,
        "done_us": step.done_us,
        "reason": step.reason,
        "answer": to_json(step.answer).decode() if step.has_answer else "",
    }


def _step_values(run: PlanRun, step: StepRun) -> dict[str, Any]:
    values = {f"b_{name}": value for name, value in _progress(step).items()}
    return {"b_tenant": run.tenant, "b_plan": run.id, "b_name": step.name, **values}


def _from_row(row: Mapping[Any, Any]) -> StepRun:
    has_answer = bool(row["answer"])
    return StepRun(
        from_plain(from_json(row["step"]), Step),
        row["number"],
        row["kind"],
        row["state"],
        row["attempts"],
        row["due_us"],
        row["done_us"],
        row["reason"],
        from_json(row["answer"]) if has_answer else None,
        has_answer,
    )
