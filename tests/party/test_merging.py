"""Two parties become one: the old id leads to it, nothing dangles, and it can be taken back."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from banyan.components.party import store
from banyan.components.party.contract import (
    CreateCustomer,
    CreateIndividual,
    FindCustomer,
    MayContact,
    MergeParties,
    UnmergeParties,
)
from banyan.components.party.model import CHILD, PARENT, find_at, find_references
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Refused
from banyan.kernel.words.ids import CustomerId
from banyan.tmf import documents
from tests.party.desk import Desk, findings_of, party_ref, related
from tests.served import Served

PARTY_V5 = "/tmf-api/partyManagement/v5"
PRIVACY = "/banyan-api/partyPrivacy/v1"


def merge(desk: Desk, source: str, survivor: str) -> Document:
    body = {
        "@type": "MergeParty",
        "source": {"id": source},
        "survivor": {"id": survivor},
        "reason": "the same",
    }
    made: Document = desk.put(MergeParties(document=body))
    return made


def unmerge(desk: Desk, task: Document) -> Document:
    named = {"id": task["id"]}
    body = {"@type": "UnmergeParty", "mergeParty": named, "reason": "two after all"}
    made: Document = desk.put(UnmergeParties(document=body))
    return made


def all_documents(desk: Desk) -> dict[str, Document]:
    """Everything the room has but its tasks, by id."""
    return {each["id"]: each for resource in store.OWN_RESOURCES for each in desk.every(resource)}


def dangling(desk: Desk) -> list[str]:
    """Every reference that leads nowhere."""
    lost = []
    for resource in store.OWN_RESOURCES:
        for each in desk.every(resource):
            named = list(find_references(resource.name, each))
            found = desk.within(partial(store.find_referred, references=named))
            lost += [f"{each['id']} {ref.path} {ref.id}" for ref in named if ref not in found]
    return lost


def test_references_follow_and_the_old_id_answers_the_survivor(desk: Desk) -> None:
    one, other = desk.customer(), desk.customer(contactMedium=[{"emailAddress": "a@b.c"}])
    account = desk.account(other["id"])
    task = merge(desk, other["id"], one["id"])
    assert (task["state"], task["followed"]) == ("done", 1)
    held = desk.get(store.BILLING_ACCOUNT, account["id"]) or {}
    (owner,) = held["relatedParty"]
    assert owner["partyOrPartyRole"]["id"] == one["id"]
    assert owner["partyOrPartyRole"]["mergedFrom"] == [other["id"]]
    assert held["dataSubject"] == one["engagedParty"]["id"]
    found = desk.ask(FindCustomer(id=CustomerId(other["id"])))
    assert found.id == one["id"]
    survivor = desk.get(store.CUSTOMER, one["id"]) or {}
    assert survivor["contactMedium"] == [{"emailAddress": "a@b.c"}]
    assert dangling(desk) == []


def test_merging_twice_is_merging_once(desk: Desk) -> None:
    one, other = desk.anna()["id"], desk.anna()["id"]
    first = merge(desk, other, one)
    before = all_documents(desk)
    assert merge(desk, other, one) == first
    assert all_documents(desk) == before


def test_a_chain_of_merges_leads_to_its_end(desk: Desk) -> None:
    a, b, c = (desk.customer()["id"] for _ in range(3))
    merge(desk, a, b)
    merge(desk, b, c)
    assert desk.ask(FindCustomer(id=CustomerId(a))).id == c


def test_only_two_of_a_kind_become_one(desk: Desk) -> None:
    person, firm = desk.anna()["id"], desk.firm("Coffee")["id"]
    for source, survivor, found in (
        (person, firm, [("otherKind", "survivor.id")]),
        (person, person, [("same", "survivor.id")]),
        ("ghost", person, [("unknownReference", "source.id")]),
    ):
        with pytest.raises(Refused) as no:
            merge(desk, source, survivor)
        assert findings_of(no) == found
    top = desk.legal_entity()["id"]
    with pytest.raises(Refused) as no:
        merge(desk, top, desk.legal_entity(currency="USD")["id"])
    assert findings_of(no) == [("otherCurrency", "survivor.id")]


def test_organizations_are_merged_with_their_children_unless_one_is_above(desk: Desk) -> None:
    top = desk.firm("Top")["id"]

    def below(firm: str) -> Document:
        return {"organization": {"id": firm}}

    one = desk.firm("One", organizationParentRelationship=below(top))["id"]
    other = desk.firm("Other", organizationParentRelationship=below(top))["id"]
    child = desk.firm("Child", organizationParentRelationship=below(other))["id"]
    with pytest.raises(Refused) as no:
        merge(desk, child, top)
    assert findings_of(no) == [("circle", "source.id")]
    before = all_documents(desk)
    task = merge(desk, other, one)
    assert agrees(desk)
    assert [each.id for each in find_at(desk.get(store.ORGANIZATION, child) or {}, PARENT)] == [one]
    unmerge(desk, task)
    assert agrees(desk)
    assert without_order(all_documents(desk)) == without_order(before)


def without_order(found: dict[str, Document]) -> Any:
    """Documents with the order of children, which a way there and back may change, taken out."""
    children = "organizationChildRelationship"
    return {
        key: {**each, children: sorted(each.get(children, ()), key=str)}
        for key, each in found.items()
    }


def agrees(desk: Desk) -> bool:
    """Whether both ends of every link between organizations say the same."""
    every = desk.within(lambda work: documents.every(work, store.ORGANIZATION))
    ends = sorted((up.id, each["id"]) for each in every for up in find_at(each, PARENT))
    return ends == sorted((each["id"], low.id) for each in every for low in find_at(each, CHILD))


def test_what_is_taken_back_is_as_it_was_and_what_came_since_stays(desk: Desk) -> None:
    one, other = desk.customer(), desk.customer(description="Anna at work")
    account = desk.account(other["id"])
    before = all_documents(desk)
    task = merge(desk, other["id"], one["id"])
    new = desk.account(one["id"], name="Since")
    undone = unmerge(desk, task)
    assert (undone["state"], undone["followed"]) == ("done", 1)
    after = all_documents(desk)
    assert after.pop(new["id"])["relatedParty"] == new["relatedParty"]
    assert after == before
    assert unmerge(desk, task) == undone
    assert desk.ask(FindCustomer(id=CustomerId(other["id"]))).id == other["id"]
    assert after[account["id"]]["dataSubject"] == other["engagedParty"]["id"]


def test_a_merge_upon_which_another_stands_is_not_taken_back(desk: Desk) -> None:
    a, b, c = (desk.anna()["id"] for _ in range(3))
    first, second = merge(desk, a, c), merge(desk, b, c)
    with pytest.raises(Refused) as no:
        unmerge(desk, first)
    assert findings_of(no) == [("laterMerge", "mergeParty.id")]
    unmerge(desk, second)
    unmerge(desk, first)
    with pytest.raises(Refused) as no:
        unmerge(desk, {"id": "ghost"})
    assert findings_of(no) == [("unknownReference", "mergeParty.id")]


def test_a_consent_follows_the_person(desk: Desk) -> None:
    one, other = desk.anna()["id"], desk.anna()["id"]
    desk.consent(other, "news", "email")
    merge(desk, other, one)
    for each in (one, other):
        answer = desk.ask(MayContact(party_id=each, purpose="news", channel="email"))
        assert answer.is_allowed, each


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["merge", "unmerge", "account", "engage"]),
        st.integers(0, 3),
        st.integers(0, 3),
    ),
    max_size=10,
)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_whatever_is_merged_and_taken_back_nothing_dangles(desk: Desk, steps: Any) -> None:
    people = [
        desk.put(CreateIndividual(document={"givenName": "P", "familyName": str(n)}))["id"]
        for n in range(4)
    ]
    customers = [
        desk.put(
            CreateCustomer(document={"name": "C", "engagedParty": party_ref(person, "Individual")})
        )["id"]
        for person in people
    ]
    tasks: list[Document] = []
    for verb, at, to in steps:
        try:
            if verb == "merge":
                tasks.append(merge(desk, people[at], people[to]))
            elif verb == "unmerge" and tasks:
                unmerge(desk, tasks[at % len(tasks)])
            elif verb == "account":
                tasks.append(merge(desk, customers[at], customers[to]))
            elif verb == "engage":
                desk.account(customers[at], relatedParty=[related(customers[at], "Customer")])
        except Refused:
            pass
        assert dangling(desk) == []


def test_over_http_the_old_id_is_answered_with_where_it_is_now(served: Served) -> None:
    ids = []
    for name in ("Anna", "Anne"):
        person = {"@type": "Individual", "givenName": name, "familyName": "Ast"}
        ids.append(served.http.post(f"{PARTY_V5}/individual", json=person).json()["id"])
    kept, gone = ids
    body: Document = {
        "@type": "MergeParty",
        "source": {"id": gone},
        "survivor": {"id": kept},
        "reason": "one person",
    }
    task = served.http.post(f"{PRIVACY}/mergeParty", json=body)
    assert task.status_code == 201, task.text
    answer = served.http.get(f"{PARTY_V5}/individual/{gone}")
    assert (answer.status_code, answer.json()["id"]) == (200, kept)
    assert answer.headers["content-location"].endswith(f"/individual/{kept}")
    assert "content-location" not in served.http.get(f"{PARTY_V5}/individual/{kept}").headers
    patch = {"@type": "Individual", "title": "Dr"}
    changed = served.http.patch(f"{PARTY_V5}/individual/{gone}", json=patch)
    assert (changed.json()["id"], changed.json()["title"]) == (kept, "Dr")
    refused = served.http.delete(f"{PARTY_V5}/individual/{gone}")
    assert (refused.status_code, refused.json()["code"]) == (409, "moved")
    assert served.http.get(f"{PARTY_V5}/individual/ghost").status_code == 404
