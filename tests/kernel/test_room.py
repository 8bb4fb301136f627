"""A room: commands share commits and spare each other, answers are remembered, refusals are not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from banyan.kernel.engine.handlers import acts, asks, decides
from banyan.kernel.engine.room import Asked, Room
from banyan.kernel.engine.tables import ANSWER, DELIVERY, OUTBOX
from banyan.kernel.engine.work import Desk, Work
from banyan.kernel.words.errors import Later, Refused
from banyan.kernel.words.messages import Call, Command
from tests.kernel.ear.contract import Hear
from tests.kernel.lab import CALL, Lab
from tests.kernel.shelf.contract import CountThings, Deliver, Put, PutAfterLook, Take

FORMS: list[Any] = [Put, PutAfterLook, Deliver]
OTHER = Call("umbrella", "somebody")


@pytest.fixture
def lab(database_url: str) -> Iterator[Lab]:
    """A house whose shelf tells the ear."""
    lab = Lab(database_url)
    lab.shelf.listeners = {"shelf.ThingPut": ("ear",)}
    yield lab
    lab.close()


@pytest.fixture
def commits() -> Iterator[list[Engine]]:
    """One entry for every write transaction committed meanwhile."""
    found: list[Engine] = []

    def note(tx: Connection) -> None:
        if not tx.get_execution_options().get("banyan_reads"):
            found.append(tx.engine)

    event.listen(Engine, "commit", note)
    yield found
    event.remove(Engine, "commit", note)


def count(lab: Lab, table: sa.Table) -> int:
    with lab.shelf.database.read() as tx:
        return int(tx.execute(sa.select(sa.func.count()).select_from(table)).scalar() or 0)


def codes(refusal: Refused) -> list[str]:
    return [finding.code for finding in refusal.refusal.findings]


def asked(command: Command[Any], key: str) -> tuple[Asked, None]:
    return Asked(CALL, command, key), None


def together(*runs: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=run) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("form", FORMS)
def test_a_repeat_returns_the_first_answer_and_does_nothing(lab: Lab, form: Any) -> None:
    first = lab.shelf.put(CALL, form(name="one"), "k")
    lab.shelf.put(CALL, Put(name="two"), "other")
    facts = count(lab, OUTBOX)
    assert lab.shelf.put(CALL, form(name="one"), "k") == first
    assert lab.things() == {"one": 1, "two": 1}
    assert count(lab, OUTBOX) == facts
    assert len(lab.outside.calls) <= 1


@pytest.mark.parametrize("form", FORMS)
def test_a_key_used_for_another_request_is_refused(lab: Lab, form: Any) -> None:
    lab.shelf.put(CALL, form(name="one"), "k")
    for other in (form(name="two"), Take(name="one")):
        with pytest.raises(Refused) as caught:
            lab.shelf.put(CALL, other, "k")
        assert codes(caught.value) == ["keyReused"]
    assert lab.things() == {"one": 1}


def test_who_asks_may_say_what_makes_two_requests_the_same(lab: Lab) -> None:
    first = lab.shelf.put(CALL, Put(name="one"), "k", sameness="as it came in")
    assert lab.shelf.put(CALL, Put(name="two"), "k", sameness="as it came in") == first
    with pytest.raises(Refused):
        lab.shelf.put(CALL, Put(name="one"), "k", sameness="as it came in later")


def test_keys_of_two_tenants_are_two_keys(lab: Lab) -> None:
    lab.shelf.put(CALL, Put(name="one"), "k")
    assert lab.shelf.put(OTHER, Put(name="mine"), "k").times == 1
    assert lab.shelf.ask(OTHER, CountThings()) == 1


@pytest.mark.parametrize("form", FORMS)
def test_an_undone_command_answers_nobody_any_more(lab: Lab, form: Any) -> None:
    lab.shelf.put(CALL, form(name="one"), "k")
    lab.shelf.put(CALL, Take(name="one"), "k/undo", voids="k")
    lab.shelf.put(CALL, Take(name="one"), "k/undo", voids="k")
    with pytest.raises(Refused) as caught:
        lab.shelf.put(CALL, form(name="one"), "k")
    assert codes(caught.value) == ["undone"]
    assert lab.things() == {}


@pytest.mark.parametrize("form", FORMS)
def test_a_command_undone_before_it_came_never_happens(lab: Lab, form: Any) -> None:
    lab.shelf.put(CALL, Take(name="one"), "k/undo", voids="k")
    with pytest.raises(Refused) as caught:
        lab.shelf.put(CALL, form(name="one"), "k")
    assert codes(caught.value) == ["undone"]
    assert lab.things() == {}
    assert lab.outside.calls == []


def test_a_barred_command_never_happens_and_an_answered_one_says_so(lab: Lab) -> None:
    lab.shelf.put(CALL, Put(name="one"), "done")
    assert lab.shelf.bar("acme", "done") == [{"name": "one", "times": 1}]
    assert lab.shelf.put(CALL, Put(name="one"), "done").times == 1, "barring undoes nothing"
    assert lab.shelf.bar("acme", "open") == []
    assert lab.shelf.bar("acme", "open") == []
    with pytest.raises(Refused, match="undone"):
        lab.shelf.put(CALL, Put(name="two"), "open")
    assert lab.things() == {"one": 1}


def test_a_command_barred_while_it_is_acting_is_not_concluded(lab: Lab) -> None:
    gate = lab.outside.gates["one"] = threading.Event()
    refusals: list[Refused] = []

    def deliver() -> None:
        try:
            lab.shelf.put(CALL, Deliver(name="one"), "k")
        except Refused as refusal:
            refusals.append(refusal)

    acting = threading.Thread(target=deliver)
    acting.start()
    assert lab.outside.entered.wait(10)
    assert lab.shelf.bar("acme", "k") == []
    gate.set()
    acting.join()
    assert [codes(refusal) for refusal in refusals] == [["undone"]]
    assert lab.things() == {}


def test_a_refusal_leaves_nothing_and_is_not_remembered(lab: Lab) -> None:
    with pytest.raises(Refused, match="no room"):
        lab.shelf.put(CALL, Put(name="refuse-it"), "k")
    assert lab.things() == {}
    assert [count(lab, table) for table in (ANSWER, OUTBOX, DELIVERY)] == [0, 0, 0]
    assert lab.shelf.put(CALL, Put(name="fine"), "k").times == 1


def test_what_fails_in_a_shared_commit_does_not_hurt_its_neighbours(lab: Lab) -> None:
    lab.outside.failures["bug"] = [ZeroDivisionError("once"), ZeroDivisionError("twice")]
    lab.outside.failures["late"] = [Later(1, "not now"), Later(1, "not yet")]
    names = ["a", "refuse-1", "b", "bug", "c", "late", "d", "refuse-2"]
    slots = lab.shelf.put_many([asked(Put(name=name), name) for name in names])
    found = [type(slot.error).__name__ if slot.error else slot.answers[0].times for slot in slots]
    assert found == [1, "Refused", 1, "ZeroDivisionError", 1, "Later", 1, "Refused"]
    assert lab.things() == {"a": 1, "b": 1, "c": 1, "d": 1}
    assert count(lab, OUTBOX) == count(lab, DELIVERY) == count(lab, ANSWER) == 4


def test_one_that_fails_costs_its_neighbours_few_commits(lab: Lab, commits: list[Any]) -> None:
    names = [f"n{i}" for i in range(20)] + ["refuse-1"] + [f"m{i}" for i in range(20)]
    lab.shelf.put_many([asked(Put(name=name), name) for name in names])
    assert len(lab.things()) == 40
    assert len(commits) <= 3


def test_commands_of_many_threads_share_commits(lab: Lab, commits: list[Any]) -> None:
    opened, entered = threading.Event(), threading.Event()

    def hold(tx: Connection) -> None:
        entered.set()
        opened.wait(10)

    holder = threading.Thread(target=lambda: lab.shelf.upkeep(hold))
    holder.start()
    assert entered.wait(10)
    putting = [
        threading.Thread(target=lambda i=i: lab.shelf.put(CALL, Put(name=f"n{i}"), f"k{i}"))
        for i in range(40)
    ]
    for thread in putting:
        thread.start()
    opened.set()
    for thread in [holder, *putting]:
        thread.join()
    assert len(lab.things()) == 40
    assert len(commits) < 20


def test_a_shared_commit_lasts_if_anything_in_it_must(lab: Lab) -> None:
    lasts: list[bool] = []
    write = lab.shelf.database.write

    def note(work: Any, **how: Any) -> Any:
        lasts.append(how["is_lasting"])
        return write(work, **how)

    lab.shelf.database.__dict__["write"] = note
    lab.shelf.upkeep(lambda tx: None, is_lasting=False)
    opened, entered = threading.Event(), threading.Event()

    def hold(tx: Connection) -> None:
        entered.set()
        opened.wait(10)

    def put() -> None:
        lab.shelf.put(CALL, Put(name="one"), "k")

    def progress() -> None:
        lab.shelf.upkeep(lambda tx: None, is_lasting=False)

    threads = [threading.Thread(target=lambda: lab.shelf.upkeep(hold, is_lasting=False))]
    threads[0].start()
    assert entered.wait(10)
    threads += [threading.Thread(target=run) for run in (progress, put, progress)]
    for thread in threads[1:]:
        thread.start()
    while len(lab.shelf.__dict__["_queue"]) < 3:
        threading.Event().wait(0.001)
    opened.set()
    for thread in threads:
        thread.join()
    assert lasts == [False, False, True]


def test_two_that_ask_the_same_at_once_get_the_same_answer(lab: Lab) -> None:
    found: list[Any] = []
    same = [lambda: found.append(lab.shelf.put(CALL, Put(name="one"), "k")) for _ in range(8)]
    together(*same)
    assert len(found) == 8
    assert set(found) == {found[0]}
    assert lab.things() == {"one": 1}


def test_what_waits_for_the_commit_runs_after_it_and_never_without_it(lab: Lab) -> None:
    ran: list[str] = []

    def hear(work: Work, command: Hear) -> int:
        work.after_commit(lambda: ran.append(command.name))
        assert ran == []
        return 1 if command.words else 1 // 0

    ear = Room("ear", lab.shelf.database, lab.clock, lab.mint, (decides(Hear, hear),))
    several = [asked(Hear(name=name, words="w" * (name != "b")), name) for name in "abc"]
    slots = ear.put_many(several)
    assert [slot.error is None for slot in slots] == [True, False, True]
    assert ran == ["a", "c"]
    ear.put(CALL, Hear(name="a", words="w"), "a")
    assert ran == ["a", "c"], "a repeat does nothing"


def chain(*names: str) -> Callable[[Sequence[Any]], Asked | None]:
    def following(answers: Sequence[Any]) -> Asked | None:
        if len(answers) > len(names):
            return None
        return Asked(CALL, Put(name=names[len(answers) - 1]), f"k-{names[len(answers) - 1]}")

    return following


def test_what_is_chained_shares_the_commit_and_each_has_its_own_answer(
    lab: Lab, commits: list[Any]
) -> None:
    (slot,) = lab.shelf.put_many([(Asked(CALL, Put(name="one"), "k"), chain("two", "three"))])
    assert [answer.name for answer in slot.answers] == ["one", "two", "three"]
    assert len(commits) == 1
    assert lab.shelf.put(CALL, Put(name="two"), "k-two").times == 1
    assert lab.things() == {"one": 1, "two": 1, "three": 1}


def test_a_chain_that_breaks_keeps_what_was_before_the_break(lab: Lab) -> None:
    several = [
        (Asked(CALL, Put(name="one"), "k"), chain("two", "refuse-3", "four")),
        asked(Put(name="beside"), "b"),
    ]
    slots = lab.shelf.put_many(several)
    assert [answer.name for answer in slots[0].answers] == ["one", "two"]
    assert [slot.error for slot in slots] == [None, None]
    assert lab.things() == {"one": 1, "two": 1, "beside": 1}


def test_a_chain_whose_first_is_refused_says_so(lab: Lab) -> None:
    (slot,) = lab.shelf.put_many([(Asked(CALL, Put(name="refuse-1"), "k"), chain("two"))])
    assert isinstance(slot.error, Refused)
    assert slot.answers == []
    assert lab.things() == {}


def test_a_crash_while_acting_leaves_the_intention_and_a_repeat_acts_again(lab: Lab) -> None:
    intended: list[str] = []
    acted: list[str] = []

    class Killed(BaseException):
        """The process dies here."""

    def intend(work: Work, command: Hear) -> str:
        intended.append(command.name)
        work.tx.execute(OUTBOX.insert(), _fact(work, command))
        return command.words

    def act(desk: Desk, command: Hear, intention: str) -> str:
        acted.append(intention)
        if len(acted) == 1:
            raise Killed
        return intention

    handler = acts(Hear, intend, act, lambda work, command, outcome: len(acted))
    ear = Room("ear", lab.shelf.database, lab.clock, lab.mint, (handler,))
    with pytest.raises(Killed):
        ear.put(CALL, Hear(name="a", words="w"), "k")
    assert count(lab, OUTBOX) == 1, "the intention is on record"
    assert count(lab, ANSWER) == 0
    assert ear.put(CALL, Hear(name="a", words="w"), "k") == 2
    assert ear.put(CALL, Hear(name="a", words="w"), "k") == 2
    assert (intended, acted) == (["a", "a"], ["w", "w"])


def _fact(work: Work, command: Hear) -> dict[str, Any]:
    words = dict.fromkeys(("kind", "correlation", "body"), "")
    seen = {"tenant": work.tenant, "subject": command.name, "actor": work.call.actor, "at_us": 0}
    return words | seen | {"id": work.mints.text()}


def test_a_command_or_a_question_inside_a_transaction_is_a_bug(lab: Lab) -> None:
    def nest(work: Work, command: Hear) -> int:
        if command.words == "command":
            lab.house.command(CALL, Put(name="inner"), "inner")
        desk = lab.shelf.desk(CALL, "outer")
        if command.words == "ask":
            desk.ask(Put(name="inner"), "inner")
        return int(desk.query(CountThings()))

    ear = Room("ear", lab.shelf.database, lab.clock, lab.mint, (decides(Hear, nest),))
    for words in ("command", "ask", "query"):
        with pytest.raises(AssertionError, match="inside"):
            ear.put(CALL, Hear(name="a", words=words), words)
    assert lab.things() == {}


def test_a_room_asks_only_what_its_manifest_names(lab: Lab) -> None:
    def look(desk: Desk, command: Hear) -> int:
        if command.words == "query":
            return desk.query(CountThings())
        return desk.ask(Put(name=command.name), "put").times

    handler = asks(Hear, look, lambda work, command, times: times)
    ear = Room("ear", lab.shelf.database, lab.clock, lab.mint, (handler,))
    with pytest.raises(AssertionError, match="not among"):
        ear.put(CALL, Hear(name="a", words="query"), "nobody")
    ear.asking = lab.house.limited("ear", ["shelf.Put"])
    with pytest.raises(AssertionError, match="ear does not ask"):
        ear.put(CALL, Hear(name="a", words="query"), "query")
    assert ear.put(CALL, Hear(name="a", words="put"), "put") == 1
    assert lab.things() == {"a": 1}


def test_what_a_handler_asks_is_asked_once_though_the_handler_is_repeated(lab: Lab) -> None:
    tries: list[int] = []

    def look(desk: Desk, command: Hear) -> int:
        return desk.ask(Put(name=command.name), "put").times

    def hear(work: Work, command: Hear, times: int) -> int:
        tries.append(times)
        if len(tries) == 1:
            raise Later(0, "once more")
        return times

    ear = Room("ear", lab.shelf.database, lab.clock, lab.mint, (asks(Hear, look, hear),))
    ear.asking = lab.house.limited("ear", ["shelf.Put"])
    with pytest.raises(Later):
        ear.put(CALL, Hear(name="a", words=""), "k")
    assert ear.put(CALL, Hear(name="a", words=""), "k") == 1
    assert tries == [1, 1]
    assert lab.things() == {"a": 1}
