"""A resource that names whose data it is: sealed wherever it is kept, and gone with its key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from banyan.kernel.engine.db import Database
from banyan.kernel.engine.dispatch import Dispatcher, Fact
from banyan.kernel.engine.tables import KERNEL
from banyan.kernel.engine.vault import MARK, Vault
from banyan.kernel.engine.verify import verify
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.messages import Call
from banyan.tmf import documents
from banyan.tmf.tables import KIT
from tests.tmf.lab import INDIVIDUAL, PARTY_V4, PARTY_V5, Lab, names

CALL = Call("north", "tester")
SECRET = "Byronovska"
BORN = "1999-09-09T00:00:00Z"


def _whose(document: Document) -> str:
    """Whoever is known by a name is somebody; test documents without one are nobody's."""
    return "" if document.get("familyName") == "Company" else str(document["id"])


PERSON = replace(INDIVIDUAL, subject=_whose, personal=("familyName", "birthDate"))


@pytest.fixture
def lab(database_url: str) -> Iterator[Lab]:
    """A house whose individuals are sealed."""
    opened = Lab(database_url, individual=PERSON, vault=Vault(bytes(32)))
    yield opened
    opened.close()


def erase(lab: Lab, subject: str) -> bool:
    """Destroy a person's key."""

    def work(tx: sa.Connection) -> bool:
        own = Work(tx, CALL, lab.clock.now(), "k", lab.mints, {}, vault=lab.room.vault)
        return documents.erase(own, subject)

    return bool(lab.room.upkeep(work))


def everything(database: Database) -> str:
    """All that is stored, as text."""
    with database.read() as tx:
        return repr([
            tx.execute(sa.select(table)).all()
            for table in (*KERNEL.sorted_tables, *KIT.sorted_tables)
        ])  # fmt: skip


def add_watched(lab: Lab) -> str:
    """A person made and changed under a hub and an idempotency key; the id."""
    hub = {"@type": "Hub", "callback": "http://127.0.0.1:9/events"}
    assert lab.http.post(f"{PARTY_V5}/hub", json=hub).status_code == 201
    body = {"@type": "Individual", "givenName": "Augustine", "familyName": SECRET}
    again = {"idempotency-key": "k1"}
    made = lab.http.post(f"{PARTY_V5}/individual", json=body, headers=again)
    assert made.status_code == 201, made.text
    path = f"{PARTY_V5}/individual/{made.json()['id']}"
    changed = lab.http.patch(path, json={"familyName": f"{SECRET} II", "birthDate": BORN})
    assert changed.status_code == 200, changed.text
    return str(made.json()["id"])


def test_nothing_that_is_stored_shows_a_person(lab: Lab) -> None:
    add_watched(lab)
    stored = everything(lab.database)
    assert SECRET not in stored
    assert BORN[:10] not in stored
    assert "Augustine" not in stored


def test_a_sealed_document_is_served_and_found_like_any_other(lab: Lab) -> None:
    added = add_watched(lab)
    for base in (PARTY_V4, PARTY_V5):
        one = lab.http.get(f"{base}/individual/{added}").json()
        assert one["familyName"] == f"{SECRET} II"
        found = lab.http.get(f"{base}/individual", params={"familyName": f"{SECRET} II"})
        assert [each["id"] for each in found.json()] == [added]
        assert not lab.http.get(f"{base}/individual", params={"familyName": SECRET}).json()
    born = lab.http.get(f"{PARTY_V5}/individual", params={"birthDate": BORN})
    assert [each["id"] for each in born.json()] == [added]


def test_documents_that_are_nobodys_are_found_beside_sealed_ones(lab: Lab) -> None:
    lab.add_individual(familyName="Company")
    lab.add_individual(familyName="Banks")
    for name in ("Company", "Banks"):
        found = lab.http.get(f"{PARTY_V5}/individual", params={"familyName": name})
        assert names(found) == [name]
    assert len(lab.http.get(f"{PARTY_V5}/individual", params={"givenName": "Ada"}).json()) == 2


def test_a_repeat_gets_its_sealed_first_answer(lab: Lab) -> None:
    added = add_watched(lab)
    body = {"@type": "Individual", "givenName": "Augustine", "familyName": SECRET}
    again = lab.http.post(f"{PARTY_V5}/individual", json=body, headers={"idempotency-key": "k1"})
    assert again.status_code == 201
    assert (again.json()["id"], again.json()["familyName"]) == (added, SECRET)


def test_erasure_leaves_an_id_a_type_and_a_state(lab: Lab) -> None:
    added, other = add_watched(lab), lab.add_individual()["id"]
    assert erase(lab, added)
    assert erase(lab, added), "a repeat changes nothing"
    shown = lab.http.get(f"{PARTY_V5}/individual/{added}").json()
    assert shown.keys() == {"id", "href", "@type", "status"}
    found = lab.http.get(f"{PARTY_V5}/individual", params={"familyName": f"{SECRET} II"})
    assert found.json() == []
    assert {each["id"] for each in lab.http.get(f"{PARTY_V5}/individual").json()} == {added, other}
    assert lab.http.get(f"{PARTY_V5}/individual/{other}").json()["familyName"] == "Byron"


def test_what_was_erased_is_neither_changed_nor_answered_again(lab: Lab) -> None:
    added = add_watched(lab)
    erase(lab, added)
    path = f"{PARTY_V5}/individual/{added}"
    changed = lab.http.patch(path, json={"givenName": "Eve", "familyName": "Eden"})
    assert changed.status_code == 409, changed.text
    body = {"@type": "Individual", "givenName": "Augustine", "familyName": SECRET}
    again = lab.http.post(f"{PARTY_V5}/individual", json=body, headers={"idempotency-key": "k1"})
    assert (again.status_code, again.json()["code"]) == (409, "erased")
    assert lab.http.delete(path).status_code == 204
    assert lab.http.get(path).status_code == 404


def test_the_audit_still_verifies_after_an_erasure(lab: Lab) -> None:
    added = add_watched(lab)
    erase(lab, added)
    lab.http.delete(f"{PARTY_V5}/individual/{added}")
    checked = verify(lab.database)
    assert (checked.rows, checked.broken) == (4, "")


def test_facts_reach_who_hears_them_unsealed_and_empty_once_erased(lab: Lab) -> None:
    heard: list[Fact] = []

    def hear(facts: Any) -> list[Exception | None]:
        heard.extend(facts)
        return [None for _ in facts]

    added = add_watched(lab)
    dispatcher = Dispatcher([lab.room], hear, "hub:", lab.clock)
    dispatcher.tell_due()
    assert SECRET in heard[0].body
    erase(lab, added)
    dispatcher.tell_due()
    assert [MARK in fact.body for fact in heard] == [False, False]
    assert heard[-1].body == ""


def test_all_of_a_persons_documents_are_known(lab: Lab) -> None:
    added = add_watched(lab)
    lab.add_individual()
    with lab.database.read() as tx:
        look = Look(tx, CALL, lab.clock.now(), lab.room.vault)
        assert documents.find_ids_of(look, added) == [("individual", added)]
