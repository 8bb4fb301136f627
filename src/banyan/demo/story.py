"""The story: a catalogue, a customer, three orders; one walks, one is held and repaired, one goes.

Every step checks what it claims and returns its proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

from banyan.demo.visitor import Listener, Unexpected, Visitor
from banyan.kernel.words.codec import Document, from_json

CATALOG = "/tmf-api/productCatalogManagement/v5"
PARTY = "/tmf-api/partyManagement/v5"
CUSTOMER = "/tmf-api/customer/v5"
ACCOUNT = "/tmf-api/accountManagement/v5"
ORDERING = "/tmf-api/productOrderingManagement/v5"
FALLOUT = "/banyan-api/orderFalloutManagement/v1"
PRODUCT = "/tmf-api/productInventory/v5"
SERVICE = "/tmf-api/serviceInventory/v5"
RESOURCE = "/tmf-api/resourceInventoryManagement/v5"
CONFIGURED = "/tmf-api/ResourceActivationAndConfiguration/v4"
BILLING = "/tmf-api/customerBillManagement/v5"

WITHIN_S = 60.0
FIRST_VLAN = 100


@dataclass
class Story:
    """What the story has come to know; ``devices`` is where the demo's network elements live."""

    visitor: Visitor
    listener: Listener
    devices: Path
    customer_id: str = ""
    account_id: str = ""
    order_id: str = ""
    held_id: str = ""
    cancelled_id: str = ""
    notes: dict[str, Any] = field(default_factory=dict)


Step = tuple[str, Callable[[Story], str]]


def steps() -> Iterator[Step]:
    """The story, step by step: what is claimed, and what proves it."""
    yield "The catalogue is loaded from YAML files, all of it", load_catalog
    yield "A catalogue with a mistake is refused whole, with file and line", refuse_catalog
    yield "The network: a pool of VLANs and two access nodes", make_network
    yield "A customer with a billing account", make_customer
    yield "A wrong order is refused with every reason at once", refuse_order
    yield "An order walks to completion; each state arrives as an event", order_fibre
    yield "It is recorded: a product, its services, its resources", check_recorded
    yield "It is configured: the access node holds what was ordered", check_configured
    yield "It is billed, exact to the cent", check_billed
    yield "Another order meets a locked access node and is held, with the reason", hold_order
    yield "The node is unlocked, the step tried again, the order completed", repair_order
    yield "A third order is held and cancelled: everything is undone", cancel_order
    yield "Nothing is left behind: the next order gets the very same VLAN", check_nothing_left


def load_catalog(story: Story) -> str:
    """Import the demo catalogue and subscribe to order events."""
    hub = {"@type": "Hub", "callback": story.listener.url}
    story.visitor.post(f"{ORDERING}/hub", hub)
    job = story.visitor.post(f"{CATALOG}/importJob", _import_job())
    offers = story.visitor.get(f"{CATALOG}/productOffering", fields="name")
    _expect(job["status"] == "Succeeded", f"the import is {job['status']}")
    names = ", ".join(sorted(offer["name"] for offer in offers))
    return f"{job['loaded']['created']} documents loaded; on sale: {names}"


def refuse_catalog(story: Story) -> str:
    """Import a catalogue whose price has too many digits."""
    job = _import_job()
    broken = "productOfferings:\n  broken:\n    product: fibre-internet\n    monthly: cheap\n"
    job["catalogFile"].append({"name": "broken.yaml", "text": broken})
    answer = story.visitor.post(f"{CATALOG}/importJob", job, expected=400)
    found = [f for f in answer["findings"] if f["path"].startswith("broken.yaml:4")]
    _expect(bool(found), f"no finding names broken.yaml, line 4: {answer}")
    offers = story.visitor.get(f"{CATALOG}/productOffering")
    _expect(all(offer["id"] != "broken" for offer in offers), "the broken offering was loaded")
    return f"400 {found[0]['path']} {found[0]['reason']}"


def make_network(story: Story) -> str:
    """A pool and two devices of the file driver."""
    pool = {
        "@type": "ResourcePool",
        "@baseType": "LogicalResource",
        "name": "vlan",
        "category": "pool",
        "resourceCharacteristic": [
            {"name": "low", "value": FIRST_VLAN},
            {"name": "high", "value": 4094},
        ],
    }
    story.visitor.post(f"{RESOURCE}/resource", pool)
    for name in ("olt-1", "olt-2"):
        device = {
            "@type": "PhysicalResource",
            "name": name,
            "category": "accessNode",
            "resourceCharacteristic": [{"name": "driver", "value": "file"}],
        }
        story.notes[name] = story.visitor.post(f"{RESOURCE}/resource", device)["id"]
    found = story.visitor.get(f"{RESOURCE}/resource", category="accessNode")
    _expect(len(found) == 2, f"{len(found)} access nodes")
    return f"vlan {FIRST_VLAN}-4094; {', '.join(each['name'] for each in found)}, both unlocked"


def make_customer(story: Story) -> str:
    """A person, her role as customer, her account."""
    ada = {"@type": "Individual", "givenName": "Ada", "familyName": "Banks"}
    person = story.visitor.post(f"{PARTY}/individual", ada)
    engaged = {"@type": "PartyRef", "id": person["id"], "@referredType": "Individual"}
    customer = {"@type": "Customer", "name": "Ada Banks", "engagedParty": engaged}
    story.customer_id = story.visitor.post(f"{CUSTOMER}/customer", customer)["id"]
    account = {
        "@type": "BillingAccount",
        "name": "Ada's account",
        "relatedParty": [story_party(story)],
    }
    story.account_id = story.visitor.post(f"{ACCOUNT}/billingAccount", account)["id"]
    return f"{story.customer_id}, pays by {story.account_id}"


def refuse_order(story: Story) -> str:
    """An order with four mistakes."""
    order = _order(story, "fibre-9000", "olt-1")
    order["relatedParty"] = []
    order["billingAccount"]["id"] = "nobody"
    second = {"id": "1", "action": "modify", "productOffering": {"id": "fibre-100"}}
    order["productOrderItem"].append(second)
    answer = story.visitor.post(f"{ORDERING}/productOrder", order, expected=422)
    codes = [finding["code"] for finding in answer["findings"]]
    wanted = {
        "unknownOffering", "duplicateItem", "unsupportedAction", "missingCustomer",
        "unknownAccount",
    }  # fmt: skip
    _expect(set(codes) == wanted, f"findings are {codes}")
    return f"422 with {len(codes)} findings: {', '.join(codes)}"


def order_fibre(story: Story) -> str:
    """The order that just works."""
    story.order_id = _place(story, "fibre-100", "olt-1")
    state = story.listener.wait(story.order_id, _STILL, WITHIN_S)
    _expect(state == "completed", f"the order is {state}")
    link = story.listener.events[-1]["event"]["productOrder"]["href"]
    order = story.visitor.get(link.removeprefix(story.visitor.url))
    _expect(order["href"] == link, f"the event links to {link}, the order is at {order['href']}")
    return f"{story.order_id}: {' → '.join(story.listener.states(story.order_id))}"


def check_recorded(story: Story) -> str:
    """What the inventory says of the order."""
    product = _only(_products(story, story.order_id))
    _expect(product["status"] == "active", f"the product is {product['status']}")
    services, resources = _below(story, product)
    values = sorted(f"{each['name']} {each['value']}" for each in resources if each.get("value"))
    _expect(len(services) == 2, f"{len(services)} services")
    _expect(f"Service VLAN {FIRST_VLAN}" in values, f"resources are {values}")
    chain = " → ".join(each["name"] for each in services)
    return f"{product['name']} (active) → {chain} → {', '.join(values)}"


def check_configured(story: Story) -> str:
    """What activation says the device was told, and what the device itself holds."""
    told = _only(_configured(story, story.order_id))
    wanted = {"downloadSpeed": 100, "vlan": FIRST_VLAN}
    values = {each["name"]: each["value"] for each in told["resourceCharacteristic"]}
    _expect(values["configuration"] == wanted, f"activation says {values}")
    held = from_json((story.devices / "olt-1.json").read_bytes())["services"]
    _expect(held == {told["name"]: wanted}, f"the device holds {held}")
    shown = ", ".join(f"{name} = {value}" for name, value in wanted.items())
    return f"{story.devices / 'olt-1.json'} holds {shown}"


def check_billed(story: Story) -> str:
    """The first bill: one month in advance and the fee, with 19 % tax on their sum."""
    rates = story.visitor.get(
        f"{BILLING}/appliedCustomerBillingRate", **{"billingAccount.id": story.account_id}
    )
    net = sorted(Decimal(str(rate["taxExcludedAmount"]["value"])) for rate in rates)
    _expect(net == [Decimal("39.90"), Decimal("49.00")], f"the rates are {net}")
    account = {"@type": "BillingAccountRef", "id": story.account_id}
    demand = {"@type": "CustomerBillOnDemand", "billingAccount": account}
    task = story.visitor.post(f"{BILLING}/customerBillOnDemand", demand)
    bill = story.visitor.get(f"{BILLING}/customerBill/{task['customerBill']['id']}")
    due = Decimal(str(bill["amountDue"]["value"]))
    _expect(due == Decimal("105.79"), f"the bill is over {due}")
    lines = " + ".join(str(each) for each in net)
    return f"bill {bill['billNo']}: {lines} net, 19 % tax 16.89, due {due} EUR"


def hold_order(story: Story) -> str:
    """An order for a node that a technician has locked."""
    _set_lock(story, "locked")
    story.held_id = _place(story, "fibre-1000", "olt-2")
    story.listener.wait(story.held_id, ("held",), WITHIN_S)
    fallout = _only(_fallouts(story, story.held_id))
    _expect("olt-2" in fallout["reason"], f"the reason is {fallout['reason']}")
    return f"held at {fallout['step']}: {fallout['reason']}"


def repair_order(story: Story) -> str:
    """Unlock the node, then decide on the held step."""
    _set_lock(story, "unlocked")
    fallout = _only(_fallouts(story, story.held_id))
    decision = {
        "@type": "ResolveOrderFallout",
        "action": "retry",
        "reason": "olt-2 is open again",
        "orderFallout": {"@type": "OrderFalloutRef", "id": fallout["id"]},
    }
    story.visitor.post(f"{FALLOUT}/resolveOrderFallout", decision)
    state = story.listener.wait(story.held_id, _ENDED, WITHIN_S)
    _expect(state == "completed", f"the order is {state}")
    solved = story.visitor.get(f"{FALLOUT}/orderFallout/{fallout['id']}")
    _expect(solved["state"] == "resolved", f"the fallout is {solved['state']}")
    return f"{story.held_id}: {' → '.join(story.listener.states(story.held_id))}"


def cancel_order(story: Story) -> str:
    """Hold one more order and cancel it."""
    _set_lock(story, "locked")
    story.cancelled_id = _place(story, "fibre-100", "olt-2")
    story.listener.wait(story.cancelled_id, ("held",), WITHIN_S)
    wanted = {"@type": "ProductOrderRef", "id": story.cancelled_id}
    cancel = {
        "@type": "CancelProductOrder",
        "cancellationReason": "the customer moves elsewhere",
        "productOrder": wanted,
    }
    task = story.visitor.post(f"{ORDERING}/cancelProductOrder", cancel)
    state = story.listener.wait(story.cancelled_id, _ENDED, WITHIN_S)
    _expect(state == "cancelled", f"the order is {state}")
    task = story.visitor.get(f"{ORDERING}/cancelProductOrder/{task['id']}")
    _expect(task["state"] == "done", f"the cancellation is {task['state']}")
    _set_lock(story, "unlocked")
    return f"{story.cancelled_id}: {' → '.join(story.listener.states(story.cancelled_id))}"


def check_nothing_left(story: Story) -> str:
    """No product, no configuration, no charge; and the reserved VLAN is free again."""
    _expect(not _products(story, story.cancelled_id), "a product is left")
    _expect(not _configured(story, story.cancelled_id), "a configuration is left")
    _expect(not _fallouts(story, story.cancelled_id), "a fallout is open")
    order_id = _place(story, "fibre-100", "olt-2")
    state = story.listener.wait(order_id, _STILL, WITHIN_S)
    _expect(state == "completed", f"the order is {state}")
    _, resources = _below(story, _only(_products(story, order_id)))
    vlans = [each["value"] for each in resources if each["name"] == "Service VLAN"]
    _expect(vlans == [str(FIRST_VLAN + 2)], f"the next order got VLAN {vlans}")
    return f"no product, configuration or charge of it; VLAN {vlans[0]} went to the next order"


_ENDED = ("completed", "cancelled", "failed", "rejected")
_STILL = (*_ENDED, "held")


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Unexpected(otherwise)


def _only(found: list[Document]) -> Document:
    _expect(len(found) == 1, f"{len(found)} found where there should be one")
    return found[0]


def _import_job() -> Document:
    folder = files("banyan.demo") / "catalog"
    found = [
        {"name": each.name, "text": each.read_text("utf-8")}
        for each in sorted(folder.iterdir(), key=lambda item: item.name)
        if each.name.endswith(".yaml")
    ]
    return {"@type": "ImportJob", "url": "inline:demo", "catalogFile": found}


def story_party(story: Story) -> Document:
    """The customer as related party."""
    reference = {"@type": "PartyRoleRef", "id": story.customer_id, "@referredType": "Customer"}
    return {"role": "customer", "partyOrPartyRole": reference}


def _order(story: Story, offering: str, node: str) -> Document:
    return {
        "@type": "ProductOrder",
        "relatedParty": [story_party(story)],
        "billingAccount": {"@type": "BillingAccountRef", "id": story.account_id},
        "productOrderItem": [
            {
                "@type": "ProductOrderItem",
                "id": "1",
                "action": "add",
                "productOffering": {"@type": "ProductOfferingRef", "id": offering},
                "product": {
                    "@type": "Product",
                    "productCharacteristic": [{"name": "accessNode", "value": node}],
                },
            }
        ],
    }


def _place(story: Story, offering: str, node: str) -> str:
    order = story.visitor.post(f"{ORDERING}/productOrder", _order(story, offering, node))
    return str(order["id"])


def _products(story: Story, order_id: str) -> list[Document]:
    wanted = {"productOrderItem.orderId": order_id}
    found: list[Document] = story.visitor.get(f"{PRODUCT}/product", **wanted)
    return found


def _configured(story: Story, order_id: str) -> list[Document]:
    found: list[Document] = story.visitor.get(f"{CONFIGURED}/resource")
    return [each for each in found if order_id in str(each)]


def _fallouts(story: Story, order_id: str) -> list[Document]:
    wanted = {"productOrder.id": order_id, "state": "held"}
    found: list[Document] = story.visitor.get(f"{FALLOUT}/orderFallout", **wanted)
    return found


def _below(story: Story, product: Document) -> tuple[list[Document], list[Document]]:
    """All services below a product, from the customer's down, and all resources they use."""
    services, resources = [], []
    waiting = [each["id"] for each in product["realizingService"]]
    while waiting:
        service = story.visitor.get(f"{SERVICE}/service/{waiting.pop(0)}")
        services.append(service)
        waiting += [each["service"]["id"] if "service" in each else each["id"]
                    for each in service.get("supportingService", ())]  # fmt: skip
        for each in service.get("supportingResource", ()):
            resources.append(story.visitor.get(f"{RESOURCE}/resource/{each['id']}"))
    return services, resources


def _set_lock(story: Story, state: str) -> None:
    story.visitor.patch(
        f"{RESOURCE}/resource/{story.notes['olt-2']}",
        {"@type": "PhysicalResource", "administrativeState": state},
    )
