"""What is held about a person: checked, held back, exported, kept as long as must be, forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from banyan.components.party import store
from banyan.components.party.contract import (
    ChangeBillingAccount,
    ChangeCustomer,
    ChangeHold,
    ErasePerson,
    ExportPerson,
    FindBillingAccount,
    FindCustomer,
    NoteIdentityCheck,
    PlaceHold,
    SweepRetention,
)
from banyan.kernel.engine.tables import AUDIT
from banyan.kernel.engine.verify import verify
from banyan.kernel.words.codec import Document, to_json
from banyan.kernel.words.errors import Refused
from banyan.kernel.words.ids import BillingAccountId, CustomerId
from banyan.tmf import documents
from banyan.tmf.tables import DOCUMENT, PATH
from tests.party.desk import Desk, findings_of, related
from tests.party.test_merging import merge


def erase(desk: Desk, party_id: str) -> Document:
    body = {"@type": "ErasePersonalData", "party": {"id": party_id}, "reason": "asked"}
    made: Document = desk.put(ErasePerson(document=body))
    return made


def sweep(desk: Desk) -> list[tuple[str, str]]:
    made = desk.put(SweepRetention(document={}))
    return [(each["action"], each["subject"]["id"]) for each in made["outcome"]]


def close(desk: Desk, customer: Document, account: Document | None = None) -> None:
    if account is not None:
        closed = {**account, "state": "closed"}
        rev = desk.rev(store.BILLING_ACCOUNT, account["id"])
        desk.put(ChangeBillingAccount(id=account["id"], document=closed, rev=rev))
    rev = desk.rev(store.CUSTOMER, customer["id"])
    closed = {**customer, "status": "closed"}
    desk.put(ChangeCustomer(id=customer["id"], document=closed, rev=rev))


def written(desk: Desk) -> str:
    """Everything that stands in the room's own tables, as it is stored."""

    def read(work: Any) -> str:
        rows = [
            str(row)
            for table in (DOCUMENT, PATH, AUDIT)
            for row in work.tx.execute(sa.select(table))
        ]
        return "\n".join(rows)

    return str(desk.within(read))


def test_what_is_personal_is_nowhere_written_as_it_is(desk: Desk) -> None:
    customer = desk.customer(name="Anna Ast", contactMedium=[{"emailAddress": "anna@b.c"}])
    desk.account(customer["id"], name="Annas Konto")
    desk.consent(customer["engagedParty"]["id"], "news", "email")
    text = written(desk)
    assert customer["id"] in text
    for word in ("Anna", "Ast", "anna@b.c", "news"):
        assert f'"{word}' not in text, word
        assert f"'{word}'" not in text, word


def test_a_person_is_found_by_name_and_address_all_the_same(desk: Desk) -> None:
    customer = desk.customer(contactMedium=[{"emailAddress": "anna@b.c"}])
    for path, value in (("name", "Anna Ast"), ("contactMedium.emailAddress", "anna@b.c")):
        found = desk.every(store.CUSTOMER, {path: [value]})
        assert [each["id"] for each in found] == [customer["id"]]


def test_who_is_checked_shows_it_and_each_check_stays_on_record(desk: Desk) -> None:
    anna = desk.anna()["id"]

    def check(status: str, **more: str) -> Document:
        body = {"party": {"id": anna}, "status": status, **more}
        made: Document = desk.put(NoteIdentityCheck(document=body))
        return made

    check("pending")
    passed = check(
        "passed", method="passport", evidenceReference="scan-17",
        expiryDate="2027-01-01T00:00:00Z",
    )  # fmt: skip
    assert (passed["checkedBy"], passed["checkDate"]) == ("tester", "2026-01-01T00:00:00.000Z")
    shown = (desk.get(store.INDIVIDUAL, anna) or {})["identityCheck"]
    assert (shown["status"], shown["evidenceReference"]) == ("passed", "scan-17")
    with pytest.raises(Refused) as no:
        check("notChecked")
    assert no.value.refusal.kind == "conflict"
    assert sweep(desk) == []
    desk.clock.advance(timedelta(days=366))
    assert sweep(desk) == [("identityExpired", anna)]
    assert (desk.get(store.INDIVIDUAL, anna) or {})["identityCheck"]["status"] == "expired"
    assert sweep(desk) == []
    checks = desk.within(lambda work: documents.every(work, store.IDENTITY_CHECK))
    assert [each["status"] for each in checks] == ["pending", "passed"]


def test_an_export_holds_everything_of_the_person_and_its_ids(desk: Desk) -> None:
    customer = desk.customer()
    account = desk.account(customer["id"])
    person = customer["engagedParty"]["id"]
    consent = desk.consent(person, "news", "email")
    desk.account(desk.customer()["id"])
    made = desk.put(ExportPerson(document={"party": {"id": customer["id"]}, "reason": "asked"}))
    found = {each["document"]["id"] for each in made["content"]}
    assert found == {person, customer["id"], account["id"], consent["id"]}
    assert set(made["identifier"]) == {person, customer["id"], account["id"]}
    firm = {"party": {"id": desk.firm("Coffee")["id"]}, "reason": "asked"}
    with pytest.raises(Refused) as no:
        desk.put(ExportPerson(document=firm))
    assert findings_of(no) == [("notAPerson", "party.id")]


def test_an_erased_person_is_gone_and_what_the_law_keeps_goes_later(desk: Desk) -> None:
    customer = desk.customer()
    account = desk.account(customer["id"], name="Annas Konto")
    person = customer["engagedParty"]["id"]
    friend = desk.party(
        store.INDIVIDUAL,
        {"givenName": "F", "familyName": "G", "relatedParty": [related(person, "Individual")]},
    )
    with pytest.raises(Refused) as no:
        erase(desk, person)
    assert findings_of(no) == [("open", "party.id"), ("open", "party.id")]
    close(desk, customer, account)
    task = erase(desk, person)
    assert task["state"] == "inProgress"
    assert [each["dataClass"] for each in task["keptUntil"]] == ["taxRelevant"]
    assert desk.get(store.INDIVIDUAL, person) == {
        "id": person, "@type": "Individual", "status": "initialized",
    }  # fmt: skip
    assert desk.ask(FindCustomer(id=CustomerId(customer["id"]))).name == ""
    kept = desk.ask(FindBillingAccount(id=BillingAccountId(account["id"])))
    assert kept.name == "Annas Konto"
    assert erase(desk, person) == task
    assert (desk.get(store.INDIVIDUAL, friend["id"]) or {})["givenName"] == "F"
    desk.clock.advance(timedelta(days=9 * 365))
    assert sweep(desk) == [("waits", person)]
    desk.clock.advance(timedelta(days=368))
    assert sweep(desk) == [("erased", person)]
    assert desk.ask(FindBillingAccount(id=BillingAccountId(account["id"]))) is None
    done = desk.within(lambda work: store.find(work, store.ERASURE, task["id"]))
    assert (done["state"], "keptUntil" in done) == ("done", False)
    assert sweep(desk) == []


def test_a_rule_says_how_long_a_class_is_kept(desk: Desk) -> None:
    rule = {"@type": "RetentionRule", "dataClass": "taxRelevant", "years": 0}
    desk.within(lambda work: documents.create(work, store.RETENTION_RULE, rule))
    customer = desk.customer()
    account = desk.account(customer["id"])
    close(desk, customer, account)
    assert erase(desk, customer["id"])["state"] == "done"
    assert desk.ask(FindBillingAccount(id=BillingAccountId(account["id"]))) is None


def test_a_hold_forbids_deletion_and_lets_erasure_wait(desk: Desk) -> None:
    anna = desk.anna()
    body = {"party": {"id": anna["id"]}, "reason": "lawsuit 7", "state": "active"}
    hold = desk.put(PlaceHold(document=body))
    with pytest.raises(Refused) as no:
        desk.remove(store.INDIVIDUAL, anna)
    assert findings_of(no) == [("legalHold", "id")]
    task = erase(desk, anna["id"])
    assert (task["state"], task["waitsFor"][0]["id"]) == ("acknowledged", hold["id"])
    assert (desk.get(store.INDIVIDUAL, anna["id"]) or {})["givenName"] == "Anna"
    assert sweep(desk) == [("waits", anna["id"])]
    desk.put(ChangeHold(id=hold["id"], document={**hold, "state": "released"}, rev=1))
    assert sweep(desk) == [("erased", anna["id"])]
    assert "givenName" not in (desk.get(store.INDIVIDUAL, anna["id"]) or {})


def test_a_hold_ends_by_the_clock(desk: Desk) -> None:
    anna = desk.anna()
    until = {"endDateTime": "2026-02-01T00:00:00Z"}
    body = {"party": {"id": anna["id"]}, "reason": "audit", "state": "active", "validFor": until}
    hold = desk.put(PlaceHold(document=body))
    erase(desk, anna["id"])
    desk.clock.advance(timedelta(days=32))
    assert sweep(desk) == [("holdReleased", hold["id"]), ("erased", anna["id"])]


def test_who_was_merged_into_the_person_is_forgotten_with_it(desk: Desk) -> None:
    one, other = desk.anna()["id"], desk.anna()["id"]
    task = merge(desk, other, one)
    erase(desk, one)
    found = desk.within(lambda work: store.find(work, store.MERGE, task["id"]))
    assert "sourceBefore" not in found
    for own_id in (one, other):
        assert desk.is_erased(own_id), own_id


def test_names_beside_references_of_others_go_with_the_person(desk: Desk) -> None:
    anna = desk.anna()["id"]
    named = {
        "role": "contact",
        "partyOrPartyRole": {"id": anna, "name": "Anna Ast", "@referredType": "Individual"},
    }
    firm = desk.firm("Coffee", relatedParty=[named])
    erase(desk, anna)
    held = desk.get(store.ORGANIZATION, firm["id"]) or {}
    assert held["relatedParty"][0]["partyOrPartyRole"]["id"] == anna
    assert "Anna" not in to_json(held).decode()


def test_the_chain_of_the_audit_holds_after_an_erasure_and_tells_nothing(desk: Desk) -> None:
    customer = desk.customer()
    close(desk, customer)
    rows = verify(desk.database).rows
    erase(desk, customer["id"])
    checked = verify(desk.database)
    assert checked.broken == ""
    assert checked.rows > rows
    opened = desk.within(
        lambda work: work.open_all([row.after for row in work.tx.execute(sa.select(AUDIT))])
    )
    assert None in opened
    assert "Anna" not in str(opened)
