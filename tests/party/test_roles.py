"""Roles, legal entities, the other accounts, agreements and permissions."""

from __future__ import annotations

from typing import Any

import pytest

from banyan.components.party import store
from banyan.components.party.contract import (
    AccountFound,
    ChangePartyRole,
    CreateAgreement,
    CreateFinancialAccount,
    CreatePartyAccount,
    CreatePartyRole,
    CreatePermission,
    CreateSettlementAccount,
    FindBillingAccount,
    FindLegalEntity,
)
from banyan.kernel.words.errors import Refused
from banyan.kernel.words.ids import BillingAccountId, PartyRoleId
from tests.party.desk import Desk, findings_of, party_ref, related


def test_a_legal_entity_is_found_with_all_that_a_bill_needs(desk: Desk) -> None:
    made = desk.legal_entity(invoiceNumbering={"prefix": "DE-", "restart": "yearly"})
    found = desk.ask(FindLegalEntity(id=PartyRoleId(made["id"])))
    assert (found.tax_id, found.currency, found.language) == ("DE123456789", "EUR", "en")
    assert (found.prefix, found.digits, found.restart) == ("DE-", 8, "yearly")
    assert found.organization_id == made["engagedParty"]["id"]
    assert made["@baseType"] == "PartyRole"


def test_all_that_is_wrong_with_a_legal_entity_is_said_at_once(desk: Desk) -> None:
    person = party_ref(desk.anna()["id"], "Individual")
    numbering = {"digits": 0, "prefix": "x" * 21}
    with pytest.raises(Refused) as no:
        desk.legal_entity(engagedParty=person, currency="XXX", invoiceNumbering=numbering)
    assert findings_of(no) == [
        ("currency", "currency"),
        ("notAnOrganization", "engagedParty.id"),
        ("numbering", "invoiceNumbering.digits"),
        ("numbering", "invoiceNumbering.prefix"),
    ]


def test_a_legal_entity_keeps_its_currency(desk: Desk) -> None:
    made = desk.legal_entity()
    with pytest.raises(Refused) as no:
        desk.put(ChangePartyRole(id=made["id"], document={**made, "currency": "USD"}, rev=1))
    assert findings_of(no) == [("immutable", "currency")]


def test_a_brand_belongs_to_a_legal_entity_that_is_not_closed(desk: Desk) -> None:
    entity = desk.legal_entity()
    brand = {"@type": "Brand", "name": "Cheap", "legalEntity": party_ref(entity["id"])}
    assert desk.put(CreatePartyRole(document=brand))["status"] == "created"
    supplier = desk.put(CreatePartyRole(document={"name": "S"}))
    other = {**brand, "legalEntity": party_ref(supplier["id"])}
    with pytest.raises(Refused) as no:
        desk.put(CreatePartyRole(document=other))
    assert findings_of(no) == [("notALegalEntity", "legalEntity.id")]
    closed = {**entity, "status": "closed"}
    desk.put(ChangePartyRole(id=entity["id"], document=closed, rev=1))
    with pytest.raises(Refused) as no:
        desk.put(CreatePartyRole(document=brand))
    assert findings_of(no) == [("closedLegalEntity", "legalEntity.id")]
    with pytest.raises(Refused) as no:
        desk.remove(store.PARTY_ROLE, entity)
    assert findings_of(no) == [("inUse", "id")]


def test_an_account_says_in_whose_name_it_is_billed(desk: Desk) -> None:
    entity, customer = desk.legal_entity(), desk.customer()
    named = [related(customer["id"]), related(entity["id"], "LegalEntity", "legalEntity")]
    account = desk.account(customer["id"], relatedParty=named)
    found: AccountFound = desk.ask(FindBillingAccount(id=BillingAccountId(account["id"])))
    assert (found.legal_entity_id, found.customer_ids) == (entity["id"], (customer["id"],))


def test_a_customer_is_a_role_but_filed_as_a_customer(desk: Desk) -> None:
    with pytest.raises(Refused) as no:
        desk.put(CreatePartyRole(document={"@type": "Customer", "name": "A"}))
    assert findings_of(no) == [("customerApi", "@type")]


@pytest.mark.parametrize("create", [CreatePartyAccount, CreateSettlementAccount])
def test_a_party_and_a_settlement_account_belong_to_somebody_who_exists(
    desk: Desk, create: Any
) -> None:
    role = desk.put(CreatePartyRole(document={"name": "Roaming partner"}))
    for owner in (role["id"], desk.anna()["id"], desk.customer()["id"]):
        made = desk.put(create(document={"name": "A", "relatedParty": [related(owner)]}))
        assert made["relatedParty"][0]["partyOrPartyRole"]["@referredType"]
    with pytest.raises(Refused) as no:
        desk.put(create(document={"name": "A", "relatedParty": [related("x", "Supplier")]}))
    assert findings_of(no) == [("unknownReference", "relatedParty")]


def test_an_account_names_a_financial_account_that_exists_and_keeps_it_there(desk: Desk) -> None:
    money = desk.put(CreateFinancialAccount(document={"name": "Ledger"}))
    body = {"name": "A", "relatedParty": [related(desk.anna()["id"])]}
    named = {**body, "financialAccount": {"id": money["id"]}}
    desk.put(CreatePartyAccount(document=named))
    with pytest.raises(Refused) as no:
        desk.remove(store.FINANCIAL_ACCOUNT, money)
    assert findings_of(no) == [("inUse", "id")]
    lost = {**body, "financialAccount": {"id": "ghost"}, "creditLimit": {"unit": "USD"}}
    with pytest.raises(Refused) as no:
        desk.put(CreatePartyAccount(document=lost))
    assert findings_of(no) == [
        ("unknownReference", "financialAccount.id"),
        ("currency", "creditLimit.unit"),
    ]


def test_a_bill_structure_names_formats_that_exist_or_holds_its_own(desk: Desk) -> None:
    paper = desk.party(store.BILL_FORMAT, {"@type": "BillFormat", "name": "Paper"})
    customer = desk.customer()["id"]
    by_reference = {"format": {"@type": "BillFormatRef", "id": paper["id"]}}
    own = {"format": {"@type": "BillFormat", "id": "own", "name": "Own"}}
    for structure in (by_reference, own):
        desk.account(customer, billStructure=structure)
    lost = {"format": {"@type": "BillFormatRef", "id": "ghost"}}
    with pytest.raises(Refused) as no:
        desk.account(customer, billStructure=lost)
    assert findings_of(no) == [("unknownReference", "billStructure.format.id")]


def test_an_agreement_engages_who_exists_and_waits_for_approval_at_first(desk: Desk) -> None:
    item = [{"termOrCondition": [{"description": "30 days"}]}]
    body = {"name": "Frame", "agreementType": "commercial", "agreementItem": item}
    person = desk.anna()["id"]
    made = desk.put(CreateAgreement(document={**body, "engagedParty": [related(person)]}))
    assert (made["status"], made["initialDate"]) == ("in process", "2026-01-01T00:00:00.000Z")
    with pytest.raises(Refused) as no:
        desk.remove(store.INDIVIDUAL, {"id": person})
    assert findings_of(no) == [("inUse", "id")]
    engaged = [related("ghost", "Individual")]
    lost = {**body, "engagedParty": engaged, "status": "withdrawn"}
    with pytest.raises(Refused) as no:
        desk.put(CreateAgreement(document=lost))
    assert findings_of(no) == [
        ("unknownReference", "engagedParty.0.partyOrPartyRole.id"),
        ("lifecycle", "status"),
        ("lifecycle", "status"),
    ]


def test_a_permission_is_somebodys_who_exists(desk: Desk) -> None:
    body = {"validFor": {}, "user": related(desk.anna()["id"], "Individual")}
    made = desk.put(CreatePermission(document=body))
    assert made["creationDate"] == "2026-01-01T00:00:00.000Z"
    role = {"manageableAsset": {"id": "any"}, "userRole": {"id": "ghost"}}
    with pytest.raises(Refused) as no:
        desk.put(CreatePermission(document={**body, "assetUserRole": [role]}))
    assert findings_of(no) == [("unknownReference", "assetUserRole.0.userRole.id")]
