"""A repair with other values: what was begun otherwise is taken back first, and nothing is left."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
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
from banyan.kernel.engine.plans.runner import step_key
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import NeedsPerson, Refused
from banyan.kernel.words.messages import Command
from tests.kernel.lab import CALL, Lab
from tests.kernel.shelf.contract import Deliver, Put, Take

QUICK = Policy(first_wait_s=0.01, longest_wait_s=0.02, retries=3)
NODE = param("node", otherwise="here")


def place(name: str, *needs: str, do: type[Command[Any]] = Put, at: Any = NODE) -> Step:
    """A step that puts a thing where the parameter ``node`` says."""
    return Step(
        name=name, do=wish(do, name=at), undo=wish(Take, name=at), needs=needs, policy=QUICK
    )


def fixed(name: str, *needs: str, do: type[Command[Any]] = Put) -> Step:
    """A step that puts a thing of its own name."""
    return place(name, *needs, do=do, at=name)


def news(params: Document, held: Held) -> Wish:
    """Tell by putting a note on the shelf."""
    return wish(Put, name=f"note:{held.step}:{held.obstacle}:{held.reason}"[:120])


@pytest.fixture
def labs(database_url: str) -> Iterator[Any]:
    """Makes a working house with a journey of these steps, and closes it."""
    made: list[Lab] = []

    def make(*steps: Step, **failures: list[Exception]) -> Lab:
        journey = Journey("trip", 1, lambda params: steps, tell_held=news)
        lab = Lab(database_url, (journey,))
        made.append(lab)
        lab.outside.failures.update({name.replace("_", " "): e for name, e in failures.items()})
        lab.work()
        lab.start("trip", "a")
        return lab

    yield make
    for lab in made:
        lab.close()


def repair(lab: Lab, step: str, action: Any = "retry", **more: Any) -> None:
    wanted = RepairPlan(
        journey="trip", subject="a", step=step, action=action, reason="decided", **more
    )
    lab.plans.put(CALL, wanted, f"r/{step}/{action}/{more}")


def kept(lab: Lab) -> dict[str, int]:
    """What is on the shelf but for notes."""
    return {name: n for name, n in lab.things().items() if not name.startswith("note:")}


def unwind(lab: Lab) -> None:
    lab.plans.put(CALL, UnwindPlan(journey="trip", subject="a", reason="asked"), "u")
    lab.wait("trip", "a", "unwound")


def wait_for(look: Callable[[], Any]) -> Any:
    """What ``look`` finds once it finds something."""
    bell = threading.Event()
    for _ in range(2000):
        found = look()
        if found:
            return found
        bell.wait(0.01)
    raise AssertionError("waited in vain")


def notes(lab: Lab, words: str) -> list[str]:
    """Notes that say so."""
    return [name for name in lab.things() if words in name]


def stuck(times: int = 1) -> list[Exception]:
    return [NeedsPerson("the cabinet is locked") for _ in range(times)]


def test_a_changed_parameter_reaches_the_held_step_and_all_that_follow(labs: Any) -> None:
    lab = labs(
        fixed("one"), place("two", "one", do=Deliver), place("three", "two"), here=stuck(),
    )  # fmt: skip
    lab.wait("trip", "a", "held")
    repair(lab, "two", params={"node": "there"})
    lab.wait("trip", "a", "completed")
    assert kept(lab) == {"one": 1, "there": 2}


def test_what_is_done_and_would_be_asked_otherwise_is_taken_back_and_done_anew(labs: Any) -> None:
    lab = labs(
        fixed("one"), place("two", "one"), fixed("three", "two"),
        fixed("four", "three", do=Deliver), four=stuck(),
    )  # fmt: skip
    lab.wait("trip", "a", "held")
    assert kept(lab) == {"one": 1, "here": 1, "three": 1}
    repair(lab, "four", params={"node": "there"})
    plan = lab.wait("trip", "a", "completed")
    assert kept(lab) == {"one": 1, "there": 1, "three": 1, "four": 1}, "each once, none doubled"
    backs = [step for step in plan.steps if "~" in step.name]
    assert [(s.name.partition("~")[0], s.state) for s in backs] == [
        ("four", "done"), ("three", "done"), ("two", "done"),
    ], "the latest is taken back first; what builds on nothing changed stays"  # fmt: skip


def test_what_was_tried_in_vain_is_taken_back_where_it_was_tried(labs: Any) -> None:
    lab = labs(place("two", do=Deliver), here=stuck())
    lab.wait("trip", "a", "held")
    lab.outside.arrived["here"] = 1  # the attempt got half way
    repair(lab, "two", changes={"name": "there"})
    lab.wait("trip", "a", "completed")
    assert lab.outside.arrived == {"there": 1}


@pytest.mark.parametrize("by", ["changes", "params"])
def test_a_repaired_plan_unwinds_to_a_clean_shelf(labs: Any, by: str) -> None:
    lab = labs(
        place("two", do=Deliver), fixed("three", "two", do=Deliver),
        here=stuck(), three=stuck(),
    )  # fmt: skip
    lab.wait("trip", "a", "held")
    name = "name" if by == "changes" else "node"
    repair(lab, "two", **{by: {name: "there"}})
    wait_for(lambda: lab.plan("trip", "a").steps[1].state == "held")
    assert lab.outside.arrived == {"there": 1}
    unwind(lab)
    assert lab.outside.arrived == {}
    assert kept(lab) == {}


def test_unwinding_takes_back_what_a_repair_had_not_yet(labs: Any) -> None:
    lab = labs(place("two", do=Deliver), here=stuck())
    lab.wait("trip", "a", "held")
    lab.outside.arrived["here"] = 1
    lab.outside.failures["take here"] = stuck()
    repair(lab, "two", params={"node": "there"})
    wait_for(lambda: any("~" in s.name and s.state == "held" for s in lab.plan("trip", "a").steps))
    assert lab.outside.arrived == {"here": 1}, "taking it back is held"
    unwind(lab)
    assert lab.outside.arrived == {}


def test_an_argument_the_step_does_not_have_is_refused_with_those_it_has(labs: Any) -> None:
    lab = labs(fixed("two", do=Deliver), two=stuck())
    lab.wait("trip", "a", "held")
    repair(lab, "two", changes={"nmae": "there"})
    (note,) = wait_for(lambda: notes(lab, "nmae"))
    assert note.startswith("note:two:refused:two has no argument nmae: it has name;")
    assert lab.plan("trip", "a").state == "held"
    repair(lab, "two")
    lab.wait("trip", "a", "completed")


def test_a_value_that_does_not_fit_the_command_is_refused(labs: Any) -> None:
    lab = labs(fixed("two", do=Deliver), two=stuck())
    lab.wait("trip", "a", "held")
    repair(lab, "two", changes={"name": 5})
    (note,) = wait_for(lambda: notes(lab, "can't be asked"))
    assert note.startswith("note:two:refused:shelf.Deliver can't be asked: Expected `str`")
    repair(lab, "two", changes={"name": "right"})
    lab.wait("trip", "a", "completed")
    assert kept(lab) == {"right": 1}


def test_a_step_whose_answer_others_need_can_not_be_left_out(labs: Any) -> None:
    lab = labs(
        fixed("one", do=Deliver), place("two", "one", at=answer("one", "name")), one=stuck()
    )  # fmt: skip
    lab.wait("trip", "a", "held")
    repair(lab, "one", "skip")
    (note,) = wait_for(lambda: notes(lab, "left out"))
    assert "two needs its answer" in note
    assert lab.plan("trip", "a").state == "held"


def test_amended_parameters_leave_the_past_and_its_undo_as_they_were(labs: Any) -> None:
    lab = labs(place("one"), fixed("two", "one", do=Deliver), place("three", "two"), two=stuck())
    lab.wait("trip", "a", "held")
    amended = AmendPlan(journey="trip", subject="a", reason="r", params={"node": "there"})
    lab.plans.put(CALL, amended, "amend")
    repair(lab, "two")
    lab.wait("trip", "a", "completed")
    assert kept(lab) == {"here": 1, "two": 1, "there": 1}


def test_after_amended_parameters_what_was_done_is_undone_where_it_was_done(labs: Any) -> None:
    lab = labs(place("one"), fixed("two", "one", do=Deliver), two=stuck())
    lab.wait("trip", "a", "held")
    amended = AmendPlan(journey="trip", subject="a", reason="r", params={"node": "there"})
    lab.plans.put(CALL, amended, "amend")
    unwind(lab)
    assert kept(lab) == {}


def test_what_is_taken_back_can_be_completed_by_nobody_any_more(labs: Any) -> None:
    lab = labs(
        place("one"),
        place("two", "one"),
        fixed("three", "two", do=Deliver),
        three=[NeedsPerson("not there")],
    )
    lab.wait("trip", "a", "held")
    repair(lab, "three", params={"node": "there"})
    plan = lab.wait("trip", "a", "completed")
    for name in ("one", "two"):
        with pytest.raises(Refused, match="undone"):
            lab.shelf.put(CALL, Put(name="here"), step_key(plan.id, name))
    assert kept(lab) == {"there": 2, "three": 1}
