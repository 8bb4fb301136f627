"""One five-step plan from its start to its rows saying completed, beside the same DBOS workflow.

Each step is one durable insert into an SQLite database (WAL, ``synchronous=FULL``) and needs the
step before it. Variants: all steps in one room, in five rooms (five files), and without an effect.
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

EACH = 40
"""Plans per round and side."""
WARM = 20
VARIANTS = {
    "one_room": ("runner_latency", "five steps in one room, one at a time", 10.0),
    "five_rooms": ("runner_latency_five_rooms", "five steps in five rooms, one at a time", 10.0),
    "no_effect": ("runner_latency_no_effect", "five steps without an effect", 10.0),
}


def run() -> list[Result]:
    """Measure every variant."""
    return [measure(variant) for variant in VARIANTS]


def measure(variant: str) -> Result:
    """One variant: medians per round, rounds of both sides by turns."""
    name, what, target = VARIANTS[variant]
    ours: list[float] = []
    theirs: list[float] = []
    syncs: list[float] = []
    with scratch() as folder:
        house = Subject("bench.subjects.house", str(folder / "ours"), variant)
        reference = Subject("bench.subjects.dbos_workflow", str(folder / "dbos"), variant)
        try:
            for side in (house, reference):
                side.do(count=WARM, at_once=1)
            for _ in range(ROUNDS):
                ours.append(statistics.median(house.do(count=EACH, at_once=1)["each_ms"]))
                theirs.append(statistics.median(reference.do(count=EACH, at_once=1)["each_ms"]))
                syncs += sync_times_ms(folder)
        finally:
            house.close()
            reference.close()
    value, other = statistics.median(ours), statistics.median(theirs)
    told = conditions(
        syncs, database=DATABASE,
        ours=spread(ours), dbos=spread(theirs), **reference.facts,
    )  # fmt: skip
    return Result(
        name, what, value, "ms", other, "DBOS workflow", other / value, target, True, told
    )
