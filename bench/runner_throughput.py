"""Five-step plans per second with sixteen clients at once, beside the same DBOS workflows.

A client starts a plan and waits until its rows say completed, then starts the next.
"""

from __future__ import annotations

import statistics

from bench.measure import ROUNDS, Result, Subject, conditions, scratch, spread, sync_times_ms

AT_ONCE = 16
OURS = 1600
THEIRS = 160
"""Plans per round: about a second each."""
VARIANTS = {
    "one_room": ("runner_throughput", "five steps in one room, sixteen at once", 20.0),
    "five_rooms": ("runner_throughput_five_rooms", "five rooms, sixteen at once", 20.0),
}  # fmt: skip


def run() -> list[Result]:
    """Measure every variant."""
    return [measure(variant) for variant in VARIANTS]


def measure(variant: str) -> Result:
    """One variant: plans per second per round, rounds of both sides by turns."""
    name, what, target = VARIANTS[variant]
    ours: list[float] = []
    theirs: list[float] = []
    syncs: list[float] = []
    with scratch() as folder:
        house = Subject("bench.subjects.house", str(folder / "ours"), variant)
        reference = Subject("bench.subjects.dbos_workflow", str(folder / "dbos"), variant)
        try:
            house.do(count=OURS // 4, at_once=AT_ONCE)
            reference.do(count=THEIRS // 4, at_once=AT_ONCE)
            for _ in range(ROUNDS):
                ours.append(OURS / house.do(count=OURS, at_once=AT_ONCE)["all_s"])
                theirs.append(THEIRS / reference.do(count=THEIRS, at_once=AT_ONCE)["all_s"])
                syncs += sync_times_ms(folder)
        finally:
            house.close()
            reference.close()
    value, other = statistics.median(ours), statistics.median(theirs)
    told = conditions(
        syncs, database="SQLite, WAL, synchronous=FULL, one process per side", at_once=AT_ONCE,
        ours=spread(ours), dbos=spread(theirs), **reference.facts,
    )  # fmt: skip
    return Result(
        name, what, value, "plans/s", other, "DBOS workflow", value / other, target, False, told
    )
