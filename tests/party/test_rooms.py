"""What other rooms keep of a party follows what becomes of it; nothing there leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from banyan.components.billing import store as billing
from banyan.components.inventory import store as inventory
from banyan.components.inventory.contract import BarParty
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
    RemoveNamed,
    UnmergeParties,
)
from banyan.components.party.service.removal import look_around, remove_named
from banyan.kernel.engine.settings import Settings
from banyan.kernel.engine.work import Work
from banyan.kernel.words.codec import Document, to_json
from banyan.kernel.words.errors import Refused
from banyan.kernel.words.messages import Call
from banyan.tmf.patching import Patch
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


def with_product(house: House, named: Document, **more: Any) -> Document:
    """A product of a customer."""
    return house.plant(inventory.PRODUCT, {"relatedParty": [owner(named)], **more})


def test_a_customer_with_live_products_stays_and_one_whose_products_ended_goes(
    house: House,
) -> None:
    customer, account = house.customer()
    product = with_product(house, customer, status="active")
    house.put(RemoveNamed(id=account["id"]))
    with pytest.raises(Refused) as no:
        house.put(RemoveNamed(id=customer["id"]))
    (found,) = no.value.refusal.findings
    assert (found.code, product["id"] in found.reason) == ("liveProducts", True)
    change = kit_messages("inventory").change
    ended = Patch({"status": "terminated"}, "merge", "")
    house.put(change(resource="product", id=product["id"], generation=5, patch=ended))
    assert house.put(RemoveNamed(id=customer["id"])) is None
    with pytest.raises(Refused) as no:
        house.put(RemoveNamed(id=customer["id"]))
    assert no.value.refusal.kind == "unknown"


def test_an_account_that_a_product_is_paid_from_stays(house: House) -> None:
    customer, account = house.customer()
    payer = {"@type": "BillingAccountRef", "id": account["id"]}
    with_product(house, customer, status="active", billingAccount=payer)
    with pytest.raises(Refused) as no:
        house.put(RemoveNamed(id=account["id"]))
    assert [each.code for each in no.value.refusal.findings] == ["liveProducts"]


def test_no_product_comes_to_live_for_who_is_gone_or_about_to_go(house: House) -> None:
    customer, account = house.customer()
    house.put(RemoveNamed(id=account["id"]))
    house.put(BarParty(party_id=customer["id"]))
    with pytest.raises(Refused) as no:
        with_product(house, customer, status="active")
    assert [each.code for each in no.value.refusal.findings] == ["partyGone"]
    old = with_product(house, customer, status="terminated")
    assert old["status"] == "terminated"


def test_who_is_named_at_the_last_moment_stays_and_may_have_products_again(house: House) -> None:
    customer, account = house.customer()
    house.put(RemoveNamed(id=account["id"]))
    room = house.house.rooms["party"]
    command = RemoveNamed(id=customer["id"])
    look_around(room.desk(CALL, "late"), command)
    whole = fill_types("BillingAccount", {"name": "Late", "relatedParty": [owner(customer)]})
    house.put(CreateBillingAccount(document=whole))
    refusal = room.database.write(
        lambda tx: remove_named(
            Work(tx, CALL, room.clock.now(), "late", room.mints, room.listeners, vault=room.vault),
            command,
            None,
        )
    )
    assert refusal is not None
    assert [each.code for each in refusal.findings] == ["inUse"]
    while house.standing.dispatchers[0].tell_due():
        pass
    assert with_product(house, customer, status="active")["status"] == "active"
