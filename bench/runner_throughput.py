"""Five-step plans per second with sixteen under way, beside the same DBOS workflows.

Ours are started as the house starts them: the dispatcher's one thread asks for all that have come
up, and their starts share a commit. DBOS runs a workflow fastest in the thread that calls it, so it
gets sixteen threads. The variant with clients has sixteen threads on our side, too, each of which
starts a plan, waits until its rows say completed, and starts the next.
"""

from __future__ import annotations

import statistics

from bench.measure import (
    DATABASE,
    ROUNDS,
    Result,
    Subject,
    conditions,
    scratch,
    spread,
    sync_times_ms,
)

AT_ONCE = 16
OURS = 1600
THEIRS = 160
"""Plans per round: about a second each."""
VARIANTS = {
    "one_room": ("runner_throughput", "five steps in one room, sixteen at once", 20.0),
    "five_rooms": ("runner_throughput_five_rooms", "five rooms, sixteen at once", 20.0),
    "clients": ("runner_throughput_clients", "one room, sixteen client threads", 20.0),
}


def run() -> list[Result]:
    """Measure every variant."""
    return [measure(variant) for variant in VARIANTS]


def measure(variant: str) -> Result:
    """One variant: plans per second per round, rounds of both sides by turns."""
    name, what, target = VARIANTS[variant]
    ours: list[float] = []
    theirs: list[float] = []
    syncs: list[float] = []
    flows = variant != "clients"
    rooms = "one_room" if variant == "clients" else variant
    with scratch() as folder:
        house = Subject("bench.subjects.house", str(folder / "ours"), rooms)
        reference = Subject("bench.subjects.dbos_workflow", str(folder / "dbos"), rooms)
        try:
            house.do(count=OURS // 4, at_once=AT_ONCE, flows=flows)
            reference.do(count=THEIRS // 4, at_once=AT_ONCE)
            for _ in range(ROUNDS):
                ours.append(OURS / house.do(count=OURS, at_once=AT_ONCE, flows=flows)["all_s"])
                theirs.append(THEIRS / reference.do(count=THEIRS, at_once=AT_ONCE)["all_s"])
                syncs += sync_times_ms(folder)
        finally:
            house.close()
            reference.close()
    value, other = statistics.median(ours), statistics.median(theirs)
    told = conditions(
        syncs, database=DATABASE, at_once=AT_ONCE,
        ours=spread(ours), dbos=spread(theirs), **reference.facts,
    )  # fmt: skip
    return Result(
        name, what, value, "plans/s", other, "DBOS workflow", value / other, target, False, told
    )
