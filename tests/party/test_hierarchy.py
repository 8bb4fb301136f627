"""Organizations above and below each other: both ends agree, and nobody is above itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from banyan.components.party import store
from banyan.components.party.model import CHILD, PARENT, find_at
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Refused
from banyan.tmf import documents
from tests.party.desk import Desk, findings_of
from tests.party.test_merging import merge, unmerge


def below(firm_id: str, word: str = "") -> Document:
    link: Document = {"organization": {"id": firm_id}}
    return {**link, "relationshipType": word} if word else link


def parent_of(desk: Desk, firm_id: str) -> str:
    found = find_at(desk.get(store.ORGANIZATION, firm_id) or {}, PARENT)
    return found[0].id if found else ""


def children_of(desk: Desk, firm_id: str) -> list[str]:
    return [each.id for each in find_at(desk.get(store.ORGANIZATION, firm_id) or {}, CHILD)]


def test_who_names_a_parent_stands_in_its_list_with_the_same_word(desk: Desk) -> None:
    group = desk.firm("Group")["id"]
    shop = desk.firm("Shop", organizationParentRelationship=below(group, "ownedBy"))["id"]
    (link,) = (desk.get(store.ORGANIZATION, group) or {})["organizationChildRelationship"]
    assert (link["organization"]["id"], link["organization"]["name"]) == (shop, "Shop")
    assert link["relationshipType"] == "ownedBy"
    desk.move(shop, organizationParentRelationship=below(group, "franchise"))
    (link,) = (desk.get(store.ORGANIZATION, group) or {})["organizationChildRelationship"]
    assert link["relationshipType"] == "franchise"


def test_who_lists_a_child_is_its_parent_until_it_lists_it_no_more(desk: Desk) -> None:
    shop = desk.firm("Shop")["id"]
    group = desk.firm("Group", organizationChildRelationship=[below(shop)])["id"]
    assert parent_of(desk, shop) == group
    desk.move(group, organizationChildRelationship=None)
    assert parent_of(desk, shop) == ""


def test_who_moves_leaves_the_old_parents_list(desk: Desk) -> None:
    old, new = desk.firm("Old")["id"], desk.firm("New")["id"]
    shop = desk.firm("Shop", organizationParentRelationship=below(old))["id"]
    desk.move(shop, organizationParentRelationship=below(new))
    assert (children_of(desk, old), children_of(desk, new)) == ([], [shop])


def test_another_parents_child_is_not_taken_in_passing(desk: Desk) -> None:
    old = desk.firm("Old")["id"]
    shop = desk.firm("Shop", organizationParentRelationship=below(old))["id"]
    with pytest.raises(Refused) as no:
        desk.firm("New", organizationChildRelationship=[below(shop)])
    path = "organizationChildRelationship.0.organization.id"
    assert findings_of(no) == [("otherParent", path)]
    assert parent_of(desk, shop) == old


def test_a_circle_is_refused_wherever_it_closes(desk: Desk) -> None:
    top = desk.firm("Top")["id"]
    middle = desk.firm("Middle", organizationParentRelationship=below(top))["id"]
    low = desk.firm("Low", organizationParentRelationship=below(middle))["id"]
    for firm, above in ((top, low), (top, top), (middle, low)):
        with pytest.raises(Refused) as no:
            desk.move(firm, organizationParentRelationship=below(above))
        assert findings_of(no) == [("circle", "organizationParentRelationship.organization.id")]
    with pytest.raises(Refused) as no:
        desk.move(top, organizationChildRelationship=[below(middle), below(top), below(middle)])
    assert [code for code, _ in findings_of(no)] == ["circle", "duplicate"]
    assert [parent_of(desk, each) for each in (top, middle, low)] == ["", top, middle]


def test_an_unknown_parent_is_refused_at_its_place(desk: Desk) -> None:
    with pytest.raises(Refused) as no:
        desk.firm("Shop", organizationParentRelationship=below("ghost"))
    path = "organizationParentRelationship.organization.id"
    assert findings_of(no) == [("unknownReference", path)]


def test_a_parent_stays_while_it_has_children_and_a_child_goes_from_its_list(desk: Desk) -> None:
    group = desk.firm("Group")
    shop = desk.firm("Shop", organizationParentRelationship=below(group["id"]))
    with pytest.raises(Refused) as no:
        desk.remove(store.ORGANIZATION, group)
    assert findings_of(no) == [("inUse", "id")]
    desk.remove(store.ORGANIZATION, shop)
    assert children_of(desk, group["id"]) == []
    desk.remove(store.ORGANIZATION, group)


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["parent", "orphan", "children", "remove", "merge", "unmerge"]),
        st.integers(0, 4),
        st.lists(st.integers(0, 4), min_size=1, max_size=3),
    ),
    max_size=16,
)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(moves=MOVES)
def test_whatever_is_moved_both_ends_agree_and_no_circle_closes(desk: Desk, moves: Any) -> None:
    firms = [desk.firm(f"F{number}")["id"] for number in range(5)]
    tasks: list[Document] = []
    for verb, at, others in moves:
        stored = desk.get(store.ORGANIZATION, firms[at])
        if stored is None:
            continue
        try:
            if verb == "parent":
                link = below(firms[others[0]])
                desk.move(firms[at], organizationParentRelationship=link)
            elif verb == "orphan":
                desk.move(firms[at], organizationParentRelationship=None)
            elif verb == "merge":
                tasks.append(merge(desk, firms[at], firms[others[0]]))
            elif verb == "unmerge":
                unmerge(desk, tasks[at % len(tasks)] if tasks else {"id": "none"})
            elif verb == "children":
                links = [below(firms[each]) for each in others]
                desk.move(firms[at], organizationChildRelationship=links)
            else:
                desk.remove(store.ORGANIZATION, stored)
        except Refused:
            pass
    every = desk.within(lambda work: documents.every(work, store.ORGANIZATION))
    ids = {each["id"] for each in every}
    ends = {(parent.id, each["id"]) for each in every for parent in find_at(each, PARENT)}
    lists = [(each["id"], child.id) for each in every for child in find_at(each, CHILD)]
    assert sorted(ends) == sorted(lists)
    assert {one for pair in ends for one in pair} <= ids
    above = {child: parent for parent, child in ends}
    for start in ids:
        here, steps = start, 0
        while here in above:
            here, steps = above[here], steps + 1
            assert steps <= len(ids), "a circle"
