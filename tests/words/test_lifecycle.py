"""Lifecycles: no step leaves the table, every refusal says what is legal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banyan.kernel.words.errors import Refused
from banyan.kernel.words.lifecycle import Lifecycle

unhurried = settings(deadline=None)

ORDER = Lifecycle(
    "productOrder",
    ("acknowledged", "rejected"),
    {
        ("acknowledged", "start"): "inProgress",
        ("acknowledged", "cancel"): "cancelled",
        ("inProgress", "hold"): "held",
        ("held", "resume"): "inProgress",
        ("inProgress", "complete"): "completed",
        ("inProgress", "finish"): "completed",
    },
)
SPECIFICATION = Lifecycle(
    "productSpecification",
    ("In study",),
    {("In study", "design"): "In design", ("In design", "finish"): "end"},
)


def refusal_of(caught: pytest.ExceptionInfo[Refused]) -> tuple[str, str]:
    return caught.value.refusal.kind, caught.value.refusal.findings[0].code


def test_a_legal_verb_leads_to_the_tables_state() -> None:
    assert ORDER.step("acknowledged", "start") == "inProgress"
    assert ORDER.can("held", "resume")
    assert not ORDER.can("held", "complete")


def test_states_are_listed_once_the_initial_ones_first() -> None:
    assert ORDER.states == (
        "acknowledged",
        "rejected",
        "inProgress",
        "cancelled",
        "held",
        "completed",
    )
    assert ORDER.terminal == ("rejected", "cancelled", "completed")
    assert ORDER.legal("inProgress") == ("hold", "complete", "finish")


def test_an_illegal_verb_is_refused_with_the_legal_ones() -> None:
    with pytest.raises(Refused) as caught:
        ORDER.step("acknowledged", "hold")
    assert refusal_of(caught) == ("conflict", "lifecycle")
    assert caught.value.refusal.reason == (
        "a productOrder in state acknowledged does not allow hold: it allows start, cancel"
    )


def test_a_final_state_says_that_it_is_final() -> None:
    with pytest.raises(Refused, match="it is final"):
        ORDER.step("completed", "hold")
    with pytest.raises(Refused, match="it is final"):
        ORDER.verb_for("completed", "inProgress")


def test_a_wanted_state_finds_its_verb() -> None:
    assert ORDER.verb_for("acknowledged", "cancelled") == "cancel"
    assert ORDER.verb_for("inProgress", "completed") == "complete"


@pytest.mark.parametrize("target", ["completed", "acknowledged", "nonsense"])
def test_a_state_that_is_not_one_step_away_is_refused(target: str) -> None:
    with pytest.raises(Refused) as caught:
        ORDER.verb_for("acknowledged", target)
    assert refusal_of(caught) == ("conflict", "lifecycle")
    assert caught.value.refusal.reason.endswith("only inProgress, cancelled")


def test_a_state_the_table_does_not_know_is_a_bug() -> None:
    with pytest.raises(AssertionError, match="nonsense"):
        ORDER.step("nonsense", "start")
    with pytest.raises(AssertionError, match="nonsense"):
        ORDER.verb_for("nonsense", "held")


@unhurried
@given(st.lists(st.sampled_from(sorted({verb for _, verb in ORDER.table})), max_size=12))
def test_every_path_stays_in_the_table(verbs: list[str]) -> None:
    for state in ORDER.initial:
        for verb in verbs:
            if ORDER.can(state, verb):
                target = ORDER.step(state, verb)
                assert ORDER.step(state, ORDER.verb_for(state, target)) == target
                state = target
            else:
                with pytest.raises(Refused) as caught:
                    ORDER.step(state, verb)
                assert all(legal in caught.value.refusal.reason for legal in ORDER.legal(state))
            assert state in ORDER.states
            assert (state in ORDER.terminal) == (not ORDER.legal(state))


words = st.sampled_from(["raised", "updated", "cleared", "closed", "inProgress"])


@unhurried
@given(st.dictionaries(st.tuples(words, st.sampled_from(["go", "stop", "back"])), words), words)
def test_a_table_stands_if_and_only_if_every_state_is_reachable(
    table: dict[tuple[str, str], str], initial: str
) -> None:
    reached = {initial}
    for _ in range(len(table) + 1):
        reached |= {target for (state, _), target in table.items() if state in reached}
    mentioned = {initial, *table.values(), *(state for state, _ in table)}
    if reached == mentioned:
        assert set(Lifecycle("alarm", (initial,), table).states) == mentioned
    else:
        with pytest.raises(AssertionError, match="no way leads to"):
            Lifecycle("alarm", (initial,), table)


@pytest.mark.parametrize(
    ("initial", "table", "complaint"),
    [
        ((), {}, "no initial state"),
        (("active", "active"), {}, "twice"),
        (("active",), {("active", "stop"): "Active"}, "two spellings"),
        (("In study",), {("In study", "go"): "in_study"}, "two spellings"),
        (("active",), {("active", "stop"): "not active!"}, "no state word"),
        (("active",), {("active", "stop"): " ended"}, "no state word"),
        (("active",), {("active", "Stop it"): "ended"}, "no verb"),
    ],
)
def test_surprising_words_are_bugs(
    initial: tuple[str, ...], table: dict[tuple[str, str], str], complaint: str
) -> None:
    with pytest.raises(AssertionError, match=complaint):
        Lifecycle("thing", initial, table)


def test_the_diagram_draws_every_row() -> None:
    assert ORDER.diagram() == (
        "stateDiagram-v2\n"
        "    [*] --> acknowledged\n"
        "    [*] --> rejected\n"
        "    acknowledged --> inProgress: start\n"
        "    acknowledged --> cancelled: cancel\n"
        "    inProgress --> held: hold\n"
        "    held --> inProgress: resume\n"
        "    inProgress --> completed: complete\n"
        "    inProgress --> completed: finish\n"
        "    rejected --> [*]\n"
        "    cancelled --> [*]\n"
        "    completed --> [*]\n"
    )


def test_state_words_that_are_no_mermaid_ids_are_drawn_under_another() -> None:
    assert SPECIFICATION.diagram() == (
        "stateDiagram-v2\n"
        '    state "In study" as In_study\n'
        '    state "In design" as In_design\n'
        '    state "end" as end_\n'
        "    [*] --> In_study\n"
        "    In_study --> In_design: design\n"
        "    In_design --> end_: finish\n"
        "    end_ --> [*]\n"
    )
