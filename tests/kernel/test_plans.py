"""Plans: what a worker, two workers, a dead worker and a late worker do with them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from banyan.kernel.engine.plans.contract import AmendPlan, RepairPlan, UnwindPlan
from banyan.kernel.engine.plans.journey import (
    Held,
    Journey,
    Policy,
    Step,
    Wish,
    answer,
    param,
    wish,
)
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Later, NeedsPerson, Never, Refused
from banyan.kernel.words.messages import Command
from tests.kernel.lab import CALL, Lab
from tests.kernel.shelf.contract import Deliver, Put, PutAfterLook, Take

QUICK = Policy(first_wait_s=0.01, longest_wait_s=0.02, retries=3)
MakeLab = Callable[..., Lab]


def step(name: str, *needs: str, do: type[Command[Any]] = Put, **more: Any) -> Step:
    """A step that puts a thing and takes it back."""
    more.setdefault("policy", QUICK)
    undo = wish(Take, name=name)
    return Step(name=name, do=wish(do, name=name), undo=undo, needs=needs, **more)


def news(params: Document, held: Held) -> Wish:
    """Tell by putting a note on the shelf."""
    return wish(Put, name=f"note:held:{held.step}:{held.obstacle}")


def journey(*steps: Step, **more: Any) -> Journey:
    """A journey of these steps, which tells its news to the shelf."""
    return Journey(
        "trip",
        more.pop("version", 1),
        lambda params: steps,
        tell_held=news,
        tell_resumed=lambda params, name: wish(Put, name=f"note:resumed:{name}"),
        tell_unwound=lambda params, reason: wish(Put, name=f"note:unwound:{reason}"),
        tell_unwind_refused=lambda params, reason: wish(Put, name=f"note:stays:{reason}"),
        **more,
    )


@pytest.fixture
def house(database_url: str) -> Any:
    """Makes houses over one database and closes them."""
    made: list[Lab] = []

    def make(*journeys: Journey, lease_s: float = 1.0) -> Lab:
        made.append(Lab(database_url, journeys, lease_s))
        return made[-1]

    yield make
    for lab in made:
        lab.close()


def unwind(lab: Lab, subject: str, reason: str = "asked") -> None:
    lab.plans.put(CALL, UnwindPlan(journey="trip", subject=subject, reason=reason), f"u/{subject}")


def repair(lab: Lab, name: str, action: Any = "retry", changes: Document | None = None) -> None:
    wanted = RepairPlan(
        journey="trip", subject="a", step=name, action=action, reason="done", changes=changes or {}
    )
    lab.plans.put(CALL, wanted, f"r/{name}/{action}")


def test_a_plan_runs_every_step_once_and_is_completed(house: MakeLab) -> None:
    lab = house(journey(step("one"), step("two", "one"), step("three", "two", do=Deliver)))
    lab.work()
    lab.start("trip", "a")
    plan = lab.wait("trip", "a", "completed")
    assert [s.state for s in plan.steps] == ["done"] * 3
    assert lab.things() == {"one": 1, "two": 1, "three": 1}
    assert lab.outside.arrived == {"three": 1}


def test_starting_a_plan_twice_is_starting_it_once(house: MakeLab) -> None:
    lab = house(journey(step("one")))
    lab.work()
    first = lab.start("trip", "a")
    assert lab.start("trip", "a") == first
    lab.wait("trip", "a", "completed")
    assert lab.start("trip", "a") == first
    assert lab.things() == {"one": 1}


def test_steps_refer_to_parameters_and_earlier_answers_by_name(house: MakeLab) -> None:
    second = Step(
        name="second", do=wish(Put, name=answer("first", "name")), needs=("first",),
        why_no_undo="test",
    )  # fmt: skip
    first = Step(name="first", do=wish(Put, name=param("thing")), why_no_undo="test")
    lab = house(journey(first, second))
    lab.work()
    lab.start("trip", "a", thing="book")
    lab.wait("trip", "a", "completed")
    assert lab.things() == {"book": 2}


def test_an_expansion_makes_further_steps_of_an_answer(house: MakeLab) -> None:
    def more(params: Document, answers: Any) -> tuple[Step, ...]:
        return tuple(step(f"{answers['one']['name']}-{i}", "one") for i in range(3))

    lab = house(journey(step("one", then="more"), expansions={"more": more}))
    lab.work()
    lab.start("trip", "a")
    lab.wait("trip", "a", "completed")
    assert lab.things() == {"one": 1, "one-0": 1, "one-1": 1, "one-2": 1}


def test_a_passing_outage_is_tried_again_until_it_passes(house: MakeLab) -> None:
    lab = house(journey(step("one"), step("two", "one", do=PutAfterLook)))
    lab.outside.failures["two"] = [Later(0.01, "busy"), Later(0.01, "busy")]
    lab.work()
    lab.start("trip", "a")
    plan = lab.wait("trip", "a", "completed")
    assert [s.attempts for s in plan.steps] == [0, 2]


def test_an_outage_that_does_not_pass_is_held_with_its_reason(house: MakeLab) -> None:
    lab = house(journey(step("one", do=Deliver)))
    lab.outside.failures["one"] = [Later(0.01, "no light") for _ in range(9)]
    lab.work()
    lab.start("trip", "a")
    plan = lab.wait("trip", "a", "held")
    assert plan.reason == "no light"
    assert lab.things() == {"note:held:one:retriesExhausted": 1}


@pytest.mark.parametrize("do", [Put, PutAfterLook, Deliver])
def test_what_needs_a_person_is_held_repaired_and_goes_on(
    house: MakeLab, do: type[Command[Any]]
) -> None:
    lab = house(journey(step("one"), step("two", "one", do=do), step("three", "two")))
    times = 2 if do is Put else 1  # a plain command is tried in a chain, and then alone
    lab.outside.failures["two"] = [NeedsPerson("the cabinet is locked") for _ in range(times)]
    lab.work()
    lab.start("trip", "a")
    held = lab.wait("trip", "a", "held")
    assert held.reason == "the cabinet is locked"
    assert {s.name: s.state for s in held.steps if s.kind == "do"} == {
        "one": "done", "two": "held", "three": "waiting",
    }  # fmt: skip
    repair(lab, "two")
    lab.wait("trip", "a", "completed")
    assert lab.things() == {
        "one": 1, "two": 1, "three": 1,
        "note:held:two:needsPerson": 1, "note:resumed:two": 1,
    }  # fmt: skip


def test_a_repair_may_change_what_the_step_asks_for(house: MakeLab) -> None:
    lab = house(journey(step("refuse-me"), step("two", "refuse-me")))
    lab.work()
    lab.start("trip", "a")
    lab.wait("trip", "a", "held")
    repair(lab, "refuse-me", changes={"name": "welcome"})
    lab.wait("trip", "a", "completed")
    assert "welcome" in lab.things()
    assert "refuse-me" not in lab.things(), "a refused command leaves nothing"


def test_a_held_step_may_be_skipped_with_a_reason(house: MakeLab) -> None:
    lab = house(journey(step("refuse-me"), step("two", "refuse-me")))
    lab.work()
    lab.start("trip", "a")
    lab.wait("trip", "a", "held")
    repair(lab, "refuse-me", "skip")
    plan = lab.wait("trip", "a", "completed")
    assert plan.steps[0].state == "skipped"
    assert plan.steps[0].reason == "done"


def test_a_refusal_unwinds_or_skips_when_its_policy_says_so(house: MakeLab) -> None:
    back = Policy(refused="unwind")
    past = Policy(refused="skip")
    lab = house(journey(step("one"), step("refuse-1", "one", policy=past),
                        step("refuse-2", "one", policy=back)))  # fmt: skip
    lab.work()
    lab.start("trip", "a")
    lab.wait("trip", "a", "unwound")
    things = lab.things()
    assert [name for name in things if not name.startswith("note:")] == []


def test_other_branches_go_on_while_one_is_held(house: MakeLab) -> None:
    lab = house(journey(step("refuse-me"), step("free"), step("after", "free")))
    lab.work()
    lab.start("trip", "a")
    lab.wait("trip", "a", "held")
    for _ in range(200):
        if "after" in lab.things():
            break
        threading.Event().wait(0.01)
    assert lab.things() == {"free": 1, "after": 1, "note:held:refuse-me:refused": 1}


@pytest.mark.parametrize("last", [0, 1, 2, 3])
def test_a_plan_unwinds_from_every_step_to_a_clean_shelf(house: MakeLab, last: int) -> None:
    names = ["one", "two", "three", "four"]
    kinds: list[type[Command[Any]]] = [Put, Deliver, PutAfterLook, Deliver]
    steps = [
        step(name, *names[max(0, i - 1) : i], do=kinds[i], policy=Policy(never="unwind"))
        for i, name in enumerate(names)
    ]
    lab = house(journey(*steps))
    lab.outside.failures[names[last]] = [Never("can't be done")]
    lab.work()
    lab.start("trip", "a")
    plan = lab.wait("trip", "a", "unwound")
    assert lab.things() == {"note:unwound:can't be done": 1}
    assert lab.outside.arrived == {}
    assert {s.state for s in plan.steps if s.kind == "do"} == {"undone"}


def test_an_undo_that_fails_waits_for_a_person_and_goes_on(house: MakeLab) -> None:
    stubborn = Step(
        name="one", do=wish(Put, name="one"), undo=wish(Deliver, name="stuck"), policy=QUICK
    )
    lab = house(journey(stubborn, step("two", "one", do=Deliver, policy=Policy(never="unwind"))))
    lab.outside.failures["two"] = [Never("no")]
    lab.outside.failures["stuck"] = [NeedsPerson("pull the card")]
    lab.work()
    lab.start("trip", "a")
    for _ in range(1000):
        plan = lab.plan("trip", "a")
        if plan.steps[0].state == "held":
            break
        threading.Event().wait(0.01)
    assert plan.state == "unwinding"
    assert plan.steps[0].reason == "pull the card"
    repair(lab, "one")
    lab.wait("trip", "a", "unwound")


def test_after_the_point_of_no_return_nothing_is_undone(house: MakeLab) -> None:
    lab = house(journey(step("one"), step("gate", "one", is_crossing=True),
                        step("late", "gate", do=Deliver)))  # fmt: skip
    lab.outside.gates["late"] = threading.Event()
    lab.work()
    lab.start("trip", "a")
    assert lab.outside.entered.wait(10)
    unwind(lab, "a", "too late")
    lab.outside.gates["late"].set()
    plan = lab.wait("trip", "a", "completed")
    assert plan.is_crossed
    for _ in range(500):
        if "note:stays:too late" in lab.things():
            break
        threading.Event().wait(0.01)
    assert lab.things() == {"one": 1, "gate": 1, "late": 1, "note:stays:too late": 1}


def test_a_plan_that_is_unwound_while_a_step_is_under_way_waits_for_it(house: MakeLab) -> None:
    lab = house(journey(step("one"), step("two", "one", do=Deliver), step("three", "two")))
    lab.outside.gates["two"] = threading.Event()
    lab.work()
    lab.start("trip", "a")
    assert lab.outside.entered.wait(10)
    unwind(lab, "a")
    threading.Event().wait(0.3)
    assert lab.plan("trip", "a").state in ("running", "unwinding")
    lab.outside.gates["two"].set()
    lab.wait("trip", "a", "unwound")
    assert lab.outside.arrived == {}
    assert lab.things() == {"note:unwound:asked": 1}


def test_amending_edits_the_future_and_never_the_past(house: MakeLab) -> None:
    lab = house(journey(step("one"), step("two", "one", do=Deliver), step("three", "two")))
    lab.outside.failures["two"] = [NeedsPerson("wait")]
    lab.work()
    lab.start("trip", "a")
    lab.wait("trip", "a", "held")
    wanted = AmendPlan(journey="trip", subject="a", reason="r", params={},
                       drop=("three",), add=(step("four", "two"),))  # fmt: skip
    lab.plans.put(CALL, wanted, "amend")
    past = AmendPlan(journey="trip", subject="a", reason="r", params={}, drop=("one",))
    lab.plans.put(CALL, past, "amend-past")
    repair(lab, "two")
    plan = lab.wait("trip", "a", "completed")
    states = {s.name: s.state for s in plan.steps if s.kind == "do"}
    assert states == {"one": "done", "two": "done", "three": "dropped", "four": "done"}


def test_a_step_is_not_begun_before_it_is_due_on_the_business_clock(house: MakeLab) -> None:
    far = step("one", due_us=2**61)
    lab = house(journey(far))
    lab.work()
    lab.start("trip", "a")
    threading.Event().wait(0.5)
    assert lab.things() == {}
    assert lab.plan("trip", "a").owner == "", "a plan that waits for time is let go"
    unwind(lab, "a")
    lab.wait("trip", "a", "unwound")


def test_a_dead_workers_plan_is_taken_over_and_nothing_is_done_twice(
    house: MakeLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [step("one"), step("two", "one", do=Deliver), step("three", "two")]
    dead = house(journey(*steps), lease_s=0.5)
    dead.outside.gates["two"] = threading.Event()
    dead.work()
    dead.start("trip", "a")
    assert dead.outside.entered.wait(10)
    assert dead.runner is not None
    monkeypatch.setattr(dead.runner, "turn", lambda: False)
    other = house(journey(*steps), lease_s=0.5)
    other.work()
    plan = other.wait("trip", "a", "completed")
    assert plan.fence > 1
    assert other.things() == {"one": 1, "two": 1, "three": 1}


def test_a_worker_that_comes_back_late_can_change_nothing(
    house: MakeLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [step("one"), step("two", "one", do=Deliver), step("three", "two")]
    late = house(journey(*steps), lease_s=0.3)
    gate = late.outside.gates["two"] = threading.Event()
    worker = late.work()
    late.start("trip", "a")
    assert late.outside.entered.wait(10)
    real_turn = worker.turn
    asleep = threading.Event()
    monkeypatch.setattr(worker, "turn", lambda: asleep.wait(0.05) and real_turn())
    other = house(journey(*steps), lease_s=0.3)
    unwind(other, "a")
    other.work()
    other.wait("trip", "a", "unwound")
    gate.set()  # the late worker's step comes back after everything was undone
    asleep.set()
    threading.Event().wait(0.8)
    assert other.things() == {"note:unwound:asked": 1}
    assert other.plan("trip", "a").state == "unwound"


def test_a_plan_begun_under_an_old_version_finishes_after_the_upgrade(house: MakeLab) -> None:
    old = journey(step("one"), step("two", "one", do=Deliver), version=1)
    new = journey(step("uno"), version=2)
    before = house(old)
    before.outside.failures["two"] = [NeedsPerson("upgrade first")]
    before.work()
    before.start("trip", "a")
    before.wait("trip", "a", "held")
    before.close()
    after = house(old, new)
    after.work()
    repair(after, "two")
    assert after.wait("trip", "a", "completed").version == 1
    after.start("trip", "b")
    assert after.wait("trip", "b", "completed").version == 2
    assert after.things().keys() >= {"one", "two", "uno"}


def test_a_release_that_forgot_a_version_with_open_plans_refuses_to_start(house: MakeLab) -> None:
    before = house(journey(step("refuse-me"), version=1))
    before.work()
    before.start("trip", "a")
    before.wait("trip", "a", "held")
    before.close()
    after = house(journey(step("one"), version=2))
    with pytest.raises(RuntimeError, match="versions this release does not know"):
        after.work()
    after.runner = None


def test_a_late_repeat_of_an_undone_command_is_refused(house: MakeLab) -> None:
    lab = house()
    lab.shelf.put(CALL, Put(name="one"), "k1")
    lab.shelf.put(CALL, Take(name="one"), "k1/undo", voids="k1")
    with pytest.raises(Refused, match="undone"):
        lab.shelf.put(CALL, Put(name="one"), "k1")
    lab.shelf.put(CALL, Take(name="two"), "k2/undo", voids="k2")
    with pytest.raises(Refused, match="undone"):
        lab.shelf.put(CALL, Put(name="two"), "k2")
    assert lab.things() == {}


def test_many_plans_at_once_are_all_completed(house: MakeLab) -> None:
    def begin(params: Document) -> tuple[Step, ...]:
        n = params["n"]
        return (
            step(f"{n}-1"), step(f"{n}-2", f"{n}-1"), step(f"{n}-3", f"{n}-2", do=PutAfterLook),
            step(f"{n}-4", f"{n}-3"),
        )  # fmt: skip

    lab = house(Journey("trip", 1, begin))
    lab.work()
    threads = [
        threading.Thread(target=lambda i=i: [lab.start("trip", f"{i}.{j}", n=f"{i}.{j}")
                                             for j in range(10)])
        for i in range(8)
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i in range(8):
        for j in range(10):
            lab.wait("trip", f"{i}.{j}", "completed")
    assert set(lab.things().values()) == {1}
    assert len(lab.things()) == 8 * 10 * 4


def test_two_workers_share_the_plans_and_do_none_twice(house: MakeLab) -> None:
    def steps(params: Document) -> tuple[Step, ...]:
        first = f"{params['n']}-1"
        return step(first), step(f"{params['n']}-2", first)

    one = house(Journey("trip", 1, steps))
    two = house(Journey("trip", 1, steps))
    for i in range(40):
        one.start("trip", str(i), n=i)
    one.work()
    two.work()
    for i in range(40):
        two.wait("trip", str(i), "completed")
    assert set(one.things().values()) == {1}
    assert len(one.things()) == 80


def test_a_bug_of_the_worker_itself_strands_no_plan(
    house: MakeLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = house(journey(step("one"), step("two", "one", do=Deliver)), lease_s=0.4)
    worker = lab.work()
    real, bugs = worker._ask_together, [RuntimeError("a bug")]

    def ask(room: Any, batch: Any) -> None:
        if bugs:
            raise bugs.pop()
        real(room, batch)

    monkeypatch.setattr(worker, "_ask_together", ask)
    lab.start("trip", "a")
    lab.wait("trip", "a", "completed")
    assert lab.things() == {"one": 1, "two": 1}
