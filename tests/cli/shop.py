"""What the tests order: the demo's catalogue, a network, a customer, and an order of hers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from banyan.demo.visitor import Visitor
from banyan.kernel.words.codec import Document

CATALOG = Path(__file__).resolve().parents[2] / "src" / "banyan" / "demo" / "catalog"
ORDERS = "/tmf-api/productOrderingManagement/v5/productOrder"
RESOURCES = "/tmf-api/resourceInventoryManagement/v5/resource"
PRODUCTS = "/tmf-api/productInventory/v5/product"


def make_network(visitor: Visitor) -> None:
    """A pool and two access nodes, named by their ids."""
    pool = [{"name": "low", "value": 100}, {"name": "high", "value": 199}]
    visitor.post(
        RESOURCES, {"@type": "ResourcePool", "name": "vlan", "resourceCharacteristic": pool}
    )
    for node in ("olt-1", "olt-2"):
        driver = [{"name": "driver", "value": "file"}]
        device = {"@type": "PhysicalResource", "id": node, "name": node, "category": "accessNode"}
        visitor.post(RESOURCES, {**device, "resourceCharacteristic": driver})


def set_lock(visitor: Visitor, node: str, state: str) -> None:
    """Lock or unlock an access node."""
    visitor.patch(
        f"{RESOURCES}/{node}", {"@type": "PhysicalResource", "administrativeState": state}
    )


def make_customer(visitor: Visitor) -> Document:
    """A customer with an account: what an order says of them."""
    person = visitor.post(
        "/tmf-api/partyManagement/v5/individual",
        {"@type": "Individual", "givenName": "Ada", "familyName": "Banks"},
    )
    engaged = {"@type": "PartyRef", "id": person["id"], "@referredType": "Individual"}
    customer = visitor.post(
        "/tmf-api/customer/v5/customer",
        {"@type": "Customer", "name": "Ada Banks", "engagedParty": engaged},
    )
    party = {"@type": "PartyRoleRef", "id": customer["id"], "@referredType": "Customer"}
    related = [{"role": "customer", "partyOrPartyRole": party}]
    account = visitor.post(
        "/tmf-api/accountManagement/v5/billingAccount",
        {"@type": "BillingAccount", "name": "Ada pays", "relatedParty": related},
    )
    paying = {"@type": "BillingAccountRef", "id": account["id"]}
    return {"relatedParty": related, "billingAccount": paying}


def order_body(buyer: Document, node: str) -> dict[str, Any]:
    """An order of one fibre line at ``node``."""
    chosen = [{"name": "accessNode", "value": node}]
    item = {
        "@type": "ProductOrderItem",
        "id": "1",
        "action": "add",
        "productOffering": {"@type": "ProductOfferingRef", "id": "fibre-100"},
        "product": {"@type": "Product", "productCharacteristic": chosen},
    }
    return {"@type": "ProductOrder", **buyer, "productOrderItem": [item]}
