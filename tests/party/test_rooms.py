"""What other rooms keep of a party follows what becomes of it; nothing there leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from banyan.components.billing import store as billing
from banyan.components.inventory import store as inventory
from banyan.components.ordering import store as ordering
from banyan.components.party import store
from banyan.components.party.contract import (
    ChangeBillingAccount,
    ChangeCustomer,
    CreateBillingAccount,
    CreateCustomer,
    CreateIndividual,
    ErasePerson,
    MergeParties,
    UnmergeParties,
)
from banyan.kernel.engine.settings import Settings
from banyan.kernel.words.codec import Document, to_json
from banyan.kernel.words.messages import Call
from banyan.tmf.resource import Resource
from banyan.tmf.schema import fill_types
from banyan.tmf.service import kit_messages
from banyan.wiring import Standing, build

CALL = Call("default", "tester", ("admin",))
FOLLOWING = (inventory.PRODUCT, inventory.SERVICE, inventory.RESOURCE, ordering.PRODUCT_ORDER)


class House:
    """A house with a customer, and something in every room that names it."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.house = standing.house

    def put(self, command: Any) -> Any:
        """Run a command and tell everybody what came of it."""
        made = self.house.command(CALL, command, standing_key(self))
        while self.standing.dispatchers[0].tell_due():
            pass
        return made

    def plant(self, resource: Resource, document: Document) -> Document:
        """File a document past its room's rules."""
        whole = fill_types(resource.shape, document)
        command = kit_messages(resource.room).create(resource=resource.name, document=whole)
        kept: Document = self.house.rooms[resource.room].put(CALL, command, "").document
        return kept

    def get(self, resource: Resource, document_id: str) -> Document:
        """A document as it is now."""
        query = kit_messages(resource.room).find(resource=resource.name, id=document_id)
        found = self.house.rooms[resource.room].ask(CALL, query)
        assert found is not None, f"no {resource.name} {document_id}"
        return found.document

    def customer(self) -> tuple[Document, Document]:
        """A customer and its account."""
        anna = self.put(
            CreateIndividual(
                document=fill_types("Individual", {"givenName": "Anna", "familyName": "Ast"})
            )
        )
        engaged = {"id": anna["id"], "@referredType": "Individual"}
        whole = fill_types("Customer", {"name": "Anna Ast", "engagedParty": engaged})
        customer = self.put(CreateCustomer(document=whole))
        whole = fill_types("BillingAccount", {"name": "Annas", "relatedParty": [owner(customer)]})
        return customer, self.put(CreateBillingAccount(document=whole))


def standing_key(house: House) -> str:
    """A key nobody has used."""
    return f"test/{house.house.rooms['party'].mints.text()}"


def owner(customer: Document) -> Document:
    """A related party as other rooms keep it, with the name beside it."""
    named = {"id": customer["id"], "name": "Anna Ast", "@referredType": "Customer"}
    return {"role": "customer", "partyOrPartyRole": {"@type": "PartyRoleRef", **named}}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house that tells its facts when the test says so."""
    standing = build(Settings(folder=str(tmp_path)), "party-tests")
    yield House(standing)
    standing.stop()


def planted(house: House, customer: Document) -> list[tuple[Resource, str]]:
    """One document of every kind that names the customer."""
    return [
        (each, house.plant(each, {"name": "It", "relatedParty": [owner(customer)]})["id"])
        for each in FOLLOWING
    ]


def test_a_merge_is_followed_in_every_room_and_taken_back_there(house: House) -> None:
    (kept, _), (gone, account) = house.customer(), house.customer()
    things = planted(house, gone)
    body = {
        "source": {"id": gone["id"]}, "survivor": {"id": kept["id"]}, "reason": "one person",
    }  # fmt: skip
    task = house.put(MergeParties(document=fill_types("MergeParty", body)))
    for resource, own_id in [*things, (store.BILLING_ACCOUNT, account["id"])]:
        (named,) = house.get(resource, own_id)["relatedParty"]
        assert named["partyOrPartyRole"]["id"] == kept["id"], resource.name
    since = planted(house, kept)
    undo = {"mergeParty": {"id": task["id"]}, "reason": "two"}
    house.put(UnmergeParties(document=fill_types("UnmergeParty", undo)))
    for expected, found in ((gone, things), (kept, since)):
        for resource, own_id in found:
            (named,) = house.get(resource, own_id)["relatedParty"]
            assert named["partyOrPartyRole"]["id"] == expected["id"], resource.name
            assert "mergedFrom" not in named["partyOrPartyRole"]


def test_an_erased_person_keeps_no_name_in_any_room_but_on_bills(house: House) -> None:
    customer, account = house.customer()
    things = planted(house, customer)
    payer = {"id": account["id"], "name": "Annas", "@type": "BillingAccountRef"}
    bill = house.plant(billing.BILL, {"billNo": "1", "billingAccount": payer})
    closed = {**account, "state": "closed"}
    house.put(ChangeBillingAccount(id=account["id"], document=closed, rev=1))
    closed = {**customer, "status": "closed"}
    house.put(ChangeCustomer(id=customer["id"], document=closed, rev=1))
    body = {"party": {"id": customer["id"]}, "reason": "asked"}
    house.put(ErasePerson(document=fill_types("ErasePersonalData", body)))
    for resource, own_id in things:
        held = house.get(resource, own_id)
        assert held["relatedParty"][0]["partyOrPartyRole"]["id"] == customer["id"]
        assert "Anna" not in to_json(held).decode(), resource.name
    assert house.get(billing.BILL, bill["id"])["billingAccount"]["name"] == "Annas"


def test_a_bill_loses_the_name_when_it_need_not_be_kept_any_more(house: House) -> None:
    rule = {"dataClass": "taxRelevant", "years": 0}
    house.plant(store.RETENTION_RULE, rule)
    customer, account = house.customer()
    payer = {"id": account["id"], "name": "Annas", "@type": "BillingAccountRef"}
    bill = house.plant(billing.BILL, {"billNo": "1", "billingAccount": payer})
    closed = {**account, "state": "closed"}
    house.put(ChangeBillingAccount(id=account["id"], document=closed, rev=1))
    closed = {**customer, "status": "closed"}
    house.put(ChangeCustomer(id=customer["id"], document=closed, rev=1))
    body = {"party": {"id": customer["id"]}, "reason": "asked"}
    task = house.put(ErasePerson(document=fill_types("ErasePersonalData", body)))
    assert task["state"] == "done"
    assert "name" not in house.get(billing.BILL, bill["id"])["billingAccount"]
