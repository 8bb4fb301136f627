"""Parties, customers and accounts refer to what exists, keep to their lifecycles, and stay."""

from __future__ import annotations

from datetime import timedelta

import pytest

from banyan.components.party import store
from banyan.components.party.contract import (
    AccountFound,
    ChangeBillingAccount,
    ChangeCustomer,
    CreateBillingAccount,
    CreateCustomer,
    FindBillingAccount,
    FindBillingAccountsOf,
    FindCustomer,
)
from banyan.kernel.words.errors import Refused
from banyan.kernel.words.ids import BillingAccountId, CustomerId
from banyan.tmf import documents
from tests.party.desk import CALL, OTHER, Desk, findings_of, party_ref, related


def test_a_customer_engages_an_existing_party_and_begins_as_created(desk: Desk) -> None:
    made = desk.customer()
    found = desk.room.ask(CALL, FindCustomer(id=CustomerId(made["id"])))
    assert found is not None
    assert (found.id, found.name, found.status) == (made["id"], "Anna Ast", "created")


def test_another_tenant_finds_nothing(desk: Desk) -> None:
    made = desk.customer()
    assert desk.room.ask(OTHER, FindCustomer(id=CustomerId(made["id"]))) is None
    account = desk.account(made["id"])
    assert desk.room.ask(OTHER, FindBillingAccount(id=BillingAccountId(account["id"]))) is None


def test_an_untyped_reference_finds_the_organization(desk: Desk) -> None:
    firm = desk.party(store.ORGANIZATION, {"tradingName": "Coffee"})
    assert (firm["name"], firm["tradingName"], firm["status"]) == (
        "Coffee",
        "Coffee",
        "initialized",
    )
    made = desk.put(CreateCustomer(document={"name": "C", "engagedParty": party_ref(firm["id"])}))
    assert made["engagedParty"]["id"] == firm["id"]


@pytest.mark.parametrize("referred_type", ["", "Individual", "Organization"])
def test_an_unknown_party_is_named_with_its_path(desk: Desk, referred_type: str) -> None:
    body = {"name": "N", "engagedParty": party_ref("ghost", referred_type)}
    with pytest.raises(Refused) as no:
        desk.put(CreateCustomer(document=body))
    assert findings_of(no) == [("unknownReference", "engagedParty.id")]
    assert no.value.refusal.kind == "rule"


def test_all_that_is_wrong_with_a_customer_is_said_at_once(desk: Desk) -> None:
    body = {
        "name": "N",
        "status": "closed",
        "engagedParty": party_ref("ghost"),
        "relatedParty": [related("x", "Supplier"), related("y", "Individual")],
    }
    with pytest.raises(Refused) as no:
        desk.put(CreateCustomer(document=body))
    assert findings_of(no) == [
        ("unknownReference", "relatedParty.1.partyOrPartyRole.id"),
        ("unknownReference", "engagedParty.id"),
        ("lifecycle", "status"),
    ]


def test_a_customer_does_not_engage_a_customer(desk: Desk) -> None:
    made = desk.customer()
    body = {"name": "N", "engagedParty": party_ref(made["id"], "Customer")}
    with pytest.raises(Refused) as no:
        desk.put(CreateCustomer(document=body))
    assert findings_of(no) == [("unknownReference", "engagedParty.id")]


def test_the_standards_capital_is_read_as_our_word(desk: Desk) -> None:
    assert desk.customer(status="Created")["status"] == "created"


def test_a_customer_walks_its_lifecycle_and_closed_is_the_end(desk: Desk) -> None:
    made = desk.customer()
    for status in ("active", "suspended", "active", "closed"):
        changed = desk.put(
            ChangeCustomer(
                id=made["id"],
                document={**made, "status": status},
                rev=desk.rev(store.CUSTOMER, made["id"]),
            )
        )
        assert changed["status"] == status
    again = {**made, "status": "active"}
    change = ChangeCustomer(id=made["id"], document=again, rev=desk.rev(store.CUSTOMER, made["id"]))
    with pytest.raises(Refused) as no:
        desk.put(change)
    assert no.value.refusal.kind == "conflict"


def test_a_change_made_from_an_old_revision_is_stale(desk: Desk) -> None:
    made = desk.customer()
    desk.put(ChangeCustomer(id=made["id"], document={**made, "name": "New"}, rev=1))
    with pytest.raises(Refused) as no:
        desk.put(ChangeCustomer(id=made["id"], document={**made, "name": "Newer"}, rev=1))
    assert no.value.refusal.kind == "stale"


def test_an_account_belongs_to_its_customer_and_has_a_currency(desk: Desk) -> None:
    customer = desk.customer()
    made = desk.account(customer["id"])
    assert desk.room.ask(CALL, FindBillingAccount(id=BillingAccountId(made["id"]))) == (
        AccountFound(
            id=BillingAccountId(made["id"]),
            name="Home",
            state="active",
            currency="EUR",
            customer_ids=(customer["id"],),
        )
    )
    assert desk.account(customer["id"], currency="JPY")["currency"] == "JPY"


def test_an_untyped_related_party_that_is_a_customer_is_marked_as_one(desk: Desk) -> None:
    customer = desk.customer()
    body = {"name": "A", "relatedParty": [related(customer["id"]), related("x", "Supplier")]}
    made = desk.put(CreateBillingAccount(document=body))
    assert [each["partyOrPartyRole"]["@referredType"] for each in made["relatedParty"]] == [
        "Customer",
        "Supplier",
    ]


def test_all_that_is_wrong_with_an_account_is_said_at_once(desk: Desk) -> None:
    body = {
        "name": "A",
        "currency": "XXX",
        "state": "closed",
        "relatedParty": [related("ghost", "Customer")],
    }
    with pytest.raises(Refused) as no:
        desk.put(CreateBillingAccount(document=body))
    assert findings_of(no) == [
        ("unknownReference", "relatedParty.0.partyOrPartyRole.id"),
        ("currency", "currency"),
        ("lifecycle", "state"),
    ]


def test_an_account_without_any_customer_is_refused(desk: Desk) -> None:
    with pytest.raises(Refused) as no:
        desk.put(CreateBillingAccount(document={"name": "A", "relatedParty": [related("x")]}))
    assert findings_of(no) == [("unknownReference", "relatedParty")]


def test_nobody_opens_an_account_for_a_closed_customer_but_may_close_one(desk: Desk) -> None:
    customer = desk.customer()
    account = desk.account(customer["id"])
    closed = {**customer, "status": "closed"}
    desk.put(ChangeCustomer(id=customer["id"], document=closed, rev=1))
    with pytest.raises(Refused) as no:
        desk.account(customer["id"])
    assert findings_of(no) == [("closedCustomer", "relatedParty.0.partyOrPartyRole.id")]
    change = ChangeBillingAccount(id=account["id"], document={**account, "state": "closed"}, rev=1)
    assert desk.put(change)["state"] == "closed"


def test_an_account_keeps_its_currency(desk: Desk) -> None:
    account = desk.account(desk.customer()["id"])
    change = ChangeBillingAccount(id=account["id"], document={**account, "currency": "USD"}, rev=1)
    with pytest.raises(Refused) as no:
        desk.put(change)
    assert findings_of(no) == [("immutable", "currency")]


def test_last_update_moves_with_a_change_and_only_then(desk: Desk) -> None:
    account = desk.account(desk.customer()["id"])
    desk.clock.advance(timedelta(days=1))
    same = desk.put(ChangeBillingAccount(id=account["id"], document=account, rev=1))
    assert same["lastUpdate"] == "2026-01-01T00:00:00.000Z"
    renamed = {**account, "name": "Work"}
    changed = desk.put(ChangeBillingAccount(id=account["id"], document=renamed, rev=1))
    assert changed["lastUpdate"] == "2026-01-02T00:00:00.000Z"


def test_what_is_still_named_stays_and_what_is_not_goes(desk: Desk) -> None:
    customer = desk.customer()
    account = desk.account(customer["id"])
    person = {"id": customer["engagedParty"]["id"]}
    for resource, document in ((store.INDIVIDUAL, person), (store.CUSTOMER, customer)):
        with pytest.raises(Refused) as no:
            desk.remove(resource, document)
        assert no.value.refusal.kind == "conflict"
        assert findings_of(no) == [("inUse", "id")]
    desk.remove(store.BILLING_ACCOUNT, account)
    desk.remove(store.CUSTOMER, customer)
    desk.remove(store.INDIVIDUAL, person)
    assert desk.room.ask(CALL, FindCustomer(id=CustomerId(customer["id"]))) is None


def test_a_refused_creation_leaves_nothing_behind(desk: Desk) -> None:
    with pytest.raises(Refused):
        desk.put(CreateCustomer(document={"name": "N", "engagedParty": party_ref("ghost")}))
    assert desk.within(lambda work: documents.find(work, store.CUSTOMER).total) == 0


def test_a_customers_accounts_are_found_oldest_first_and_nobody_elses(desk: Desk) -> None:
    one, other = desk.customer()["id"], desk.customer()["id"]
    first, second = desk.account(one), desk.account(one, name="Office", currency="SEK")
    desk.account(other, relatedParty=[related(other), related(one, "Supplier", "payee")])
    found = desk.room.ask(CALL, FindBillingAccountsOf(customer_id=CustomerId(one)))
    assert [(each.id, each.currency) for each in found] == [
        (first["id"], "EUR"), (second["id"], "SEK"),
    ]  # fmt: skip
    assert desk.room.ask(OTHER, FindBillingAccountsOf(customer_id=CustomerId(one))) == ()
