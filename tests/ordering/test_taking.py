"""An order is taken when everything in it fits, and refused with all that does not."""

from __future__ import annotations

from typing import Any

from banyan.components.ordering.contract import DecomposeOrder
from banyan.kernel.words.codec import Document, from_json
from banyan.kernel.words.ids import ProductOrderId
from tests.journeys.shop import ACCOUNTS, CUSTOMERS, ORDERS
from tests.ordering.desk import ORDERS_V4, Desk, findings

OFFERINGS = "/tmf-api/productCatalogManagement/v5/productOffering"


def v4_order(desk: Desk, **more: Any) -> Document:
    """An order as a v4 client writes it."""
    customer = {"id": desk.shop.customer_id, "@referredType": "Customer", "role": "customer"}
    return {
        "relatedParty": [customer],
        "billingAccount": {"id": desk.shop.account_id},
        "productOrderItem": [
            {
                "id": "100",
                "action": "add",
                "productOffering": {"id": "fibre-100"},
                "product": {
                    "productCharacteristic": [
                        {"name": "accessNode", "valueType": "string", "value": "olt-1"}
                    ]
                },
            }
        ],
        **more,
    }


def body(desk: Desk, **more: Any) -> Document:
    """An order as a v5 client writes it."""
    return {**desk.shop.body(("fibre-100", "olt-1")), **more}


def test_a_v4_client_orders_and_finds_what_the_profile_demands(desk: Desk) -> None:
    answer = desk.post(ORDERS_V4, v4_order(desk, externalId="crm-7"))
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert answer.headers["location"] == made["href"]
    assert made["state"] == made["productOrderItem"][0]["state"] == "acknowledged"
    assert made["orderDate"]
    assert "creationDate" not in made
    for wanted in (f"relatedParty.id={desk.shop.customer_id}", "externalId=crm-7",
                   "state=acknowledged", f"orderDate={made['orderDate']}",
                   "productOrderItem.id=100"):  # fmt: skip
        found = desk.lab.send("GET", f"{ORDERS_V4}?{wanted}").json()
        assert [each["id"] for each in found] == [made["id"]], wanted


def test_all_that_is_wrong_is_said_at_once_at_the_callers_own_paths(desk: Desk) -> None:
    wrong = v4_order(desk)
    wrong["relatedParty"][0]["id"] = "ghost"
    wrong["billingAccount"]["id"] = "ghost"
    first = wrong["productOrderItem"][0]
    first["product"]["productCharacteristic"][0]["name"] = "acessNode"
    wrong["productOrderItem"] += [
        {"id": "100", "action": "add", "productOffering": {"id": "fibre-9"}, "quantity": 2},
        {"id": "a/b", "action": "delete"},
        {"id": "3", "action": "add", "product": {"id": "p-1"}},
    ]
    answer = desk.post(ORDERS_V4, wrong)
    assert answer.status_code == 422
    v4 = {
        ("unknownCustomer", "relatedParty.0.id"),
        ("unknownAccount", "billingAccount.id"),
        ("characteristicUnknown", "productOrderItem.0.product.productCharacteristic.0.name"),
        ("duplicateItem", "productOrderItem.1.id"),
        ("unknownOffering", "productOrderItem.1.productOffering.id"),
        ("quantity", "productOrderItem.1.quantity"),
        ("itemId", "productOrderItem.2.id"),
        ("unsupportedAction", "productOrderItem.2.action"),
        ("productId", "productOrderItem.3.product.id"),
        ("missingOffering", "productOrderItem.3.productOffering"),
    }
    assert findings(answer) == v4
    wrong["@type"] = "ProductOrder"
    party = {"@type": "PartyRoleRef", "id": "ghost", "@referredType": "Customer"}
    wrong["relatedParty"] = [{"role": "customer", "partyOrPartyRole": party}]
    v5 = {
        (code, path.replace("relatedParty.0.id", "relatedParty.0.partyOrPartyRole.id"))
        for code, path in v4
    }
    assert findings(desk.post(ORDERS, wrong)) == v5
    assert desk.lab.send("GET", ORDERS).json() == []


def test_what_a_conformance_kit_makes_up_is_refused_as_unknown(desk: Desk) -> None:
    made_up = {
        "productOrderItem": [{"id": "1", "action": "add", "productOffering": {"id": "4711"}}],
        "relatedParty": [{"id": "4712", "@referredType": "Individual", "role": "customer"}],
    }
    answer = desk.post(ORDERS_V4, made_up)
    assert answer.status_code == 422
    assert findings(answer) == {
        ("unknownOffering", "productOrderItem.0.productOffering.id"),
        ("unknownCustomer", "relatedParty.0.id"),
        ("missingAccount", "billingAccount"),
    }
    assert "there is no product offering '4711'" in answer.json()["message"]


def test_an_id_of_another_kind_names_nobody(desk: Desk) -> None:
    wrong = v4_order(desk)
    wrong["relatedParty"][0]["id"] = desk.shop.account_id
    wrong["billingAccount"]["id"] = desk.shop.customer_id
    assert findings(desk.post(ORDERS_V4, wrong)) == {
        ("unknownCustomer", "relatedParty.0.id"), ("unknownAccount", "billingAccount.id"),
    }  # fmt: skip


def test_the_customers_only_active_account_pays_if_none_is_named(desk: Desk) -> None:
    order = v4_order(desk)
    del order["billingAccount"]
    made = desk.post(ORDERS_V4, order)
    assert made.json()["billingAccount"]["id"] == desk.shop.account_id
    other = desk.account()
    refused = desk.post(ORDERS_V4, order)
    assert findings(refused) == {("missingAccount", "billingAccount")}
    assert other in refused.json()["reason"]
    for account in (other, desk.shop.account_id):
        desk.lab.patch(f"{ACCOUNTS}/{account}", {"@type": "BillingAccount", "state": "closed"})
        last = desk.post(ORDERS_V4, order)
        assert last.status_code == (201 if account == other else 422)


def test_each_item_may_be_paid_by_its_own_account(desk: Desk) -> None:
    crowns = desk.account(currency="SEK")
    order = desk.shop.body(("fibre-100", "olt-1"), ("fibre-100", "olt-2"))
    del order["billingAccount"]
    mine = {"@type": "BillingAccountRef", "id": desk.shop.account_id}
    order["productOrderItem"][0]["billingAccount"] = mine
    order["productOrderItem"][1]["billingAccount"] = {**mine, "id": crowns}
    refused = desk.post(ORDERS, order)
    assert findings(refused) == {("currency", "productOrderItem.1.productOffering.id")}
    order["productOrderItem"][1]["billingAccount"] = mine
    assert desk.post(ORDERS, order).status_code == 201
    order["productOrderItem"][1]["billingAccount"] = {**mine, "id": "ghost"}
    ghost = desk.post(ORDERS, order)
    assert findings(ghost) == {("unknownAccount", "productOrderItem.1.billingAccount.id")}


def test_a_suspended_customer_and_account_of_somebody_else_are_refused(desk: Desk) -> None:
    other = desk.lab.get(f"{CUSTOMERS}/{desk.shop.customer_id}")
    made = desk.lab.post(
        CUSTOMERS, {"@type": "Customer", "name": "Bob", "engagedParty": other["engagedParty"]}
    )
    for status in ("active", "suspended"):
        change = {"@type": "Customer", "status": status}
        desk.lab.patch(f"{CUSTOMERS}/{made['id']}", change)
    order = v4_order(desk)
    order["relatedParty"][0]["id"] = made["id"]
    assert findings(desk.post(ORDERS_V4, order)) == {
        ("customerStatus", "relatedParty.0.id"), ("foreignAccount", "billingAccount.id"),
    }  # fmt: skip


def test_the_customer_is_known_by_role_or_else_by_being_the_only_one(desk: Desk) -> None:
    order = v4_order(desk)
    order["relatedParty"][0]["role"] = "buyer"
    assert desk.post(ORDERS_V4, order).status_code == 201
    order["relatedParty"].append({"id": "b", "@referredType": "Customer", "role": "seller"})
    assert findings(desk.post(ORDERS_V4, order)) == {("missingCustomer", "relatedParty")}


def test_a_draft_is_refused_and_acknowledged_is_what_happens_anyway(desk: Desk) -> None:
    assert desk.post(ORDERS, body(desk, requestedInitialState="acknowledged")).status_code == 201
    draft = desk.post(ORDERS, body(desk, requestedInitialState="draft"))
    assert draft.status_code == 422
    assert findings(draft) == {("unsupportedInitialState", "requestedInitialState")}


def test_a_hundred_items_are_taken_and_one_more_is_not(desk: Desk) -> None:
    many = desk.shop.body(*[("fibre-100", "olt-1")] * 100)
    assert desk.post(ORDERS, many).status_code == 201
    more = desk.shop.body(*[("fibre-100", "olt-1")] * 101)
    assert findings(desk.post(ORDERS, more)) == {("tooManyItems", "productOrderItem")}


def test_the_order_shows_what_was_sold_to_the_cent(desk: Desk) -> None:
    order = desk.shop.body(("fibre-100", "olt-1"), ("fibre-1000", "olt-2"))
    order["orderTotalPrice"] = order["productOrderItem"][0]["itemPrice"] = [
        {"@type": "OrderPrice", "priceType": "oneTime", "price": {"@type": "Price"}}
    ]
    answer = desk.post(ORDERS, order)
    assert answer.status_code == 201, answer.text
    made = from_json(answer.content)
    item = made["productOrderItem"][0]
    assert (item["productOffering"]["name"], item["productOffering"]["version"]) == (
        "Fibre 100", "1.0",
    )  # fmt: skip
    assert [shown(each) for each in item["itemPrice"]] == [
        ("recurring", "month", "39.90", "47.48"), ("oneTime", None, "49.00", "58.31"),
    ]  # fmt: skip
    assert [shown(each) for each in made["orderTotalPrice"]] == [
        ("recurring", "month", "99.80", "118.76"), ("oneTime", None, "98.00", "116.62"),
    ]  # fmt: skip
    old = desk.lab.send("GET", f"{ORDERS_V4}/{made['id']}")
    price = from_json(old.content)["orderTotalPrice"][0]["price"]
    assert str(price["taxIncludedAmount"]["value"]) == "118.76"


def shown(price: Document) -> tuple[Any, ...]:
    """What an OrderPrice says."""
    net, gross = price["price"]["dutyFreeAmount"], price["price"]["taxIncludedAmount"]
    assert net["unit"] == gross["unit"] == "EUR"
    assert price["price"]["taxRate"] == 19
    period = price.get("recurringChargePeriod")
    return price["priceType"], period, str(net["value"]), str(gross["value"])


def test_an_order_is_sold_the_version_it_names_and_else_the_one_in_force(desk: Desk) -> None:
    offering = f"{OFFERINGS}/fibre-100"
    first = desk.lab.get(offering)
    second = {**first, "version": "2.0", "name": "Fibre 100 plus", "lifecycleStatus": "Active"}
    for name in ("href", "lastUpdate", "lifecycleHistory"):
        second.pop(name, None)
    assert desk.post(OFFERINGS, second).status_code == 201
    assert desk.lab.get(offering)["version"] == "2.0"
    order = body(desk)
    item = order["productOrderItem"][0]
    other = {**item, "id": "2", "productOffering": {**item["productOffering"], "version": "1.0"}}
    taken = desk.post(ORDERS, {**order, "productOrderItem": [item, other]})
    assert taken.status_code == 201, taken.text
    shown = taken.json()
    sold = [each["productOffering"] for each in shown["productOrderItem"]]
    assert [(each["id"], each["version"]) for each in sold] == [
        ("fibre-100", "2.0"), ("fibre-100", "1.0"),
    ]  # fmt: skip
    work = desk.put(DecomposeOrder(order_id=ProductOrderId(shown["id"])))
    assert [each.product["productOffering"]["version"] for each in work.items] == ["2.0", "1.0"]
    assert {each.product["productOffering"]["id"] for each in work.items} == {"fibre-100"}
    other["productOffering"] = {**other["productOffering"], "version": "9"}
    refused = desk.post(ORDERS, {**order, "productOrderItem": [item, other]})
    assert findings(refused) == {("otherVersion", "productOrderItem.1.productOffering.version")}
