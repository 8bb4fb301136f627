"""What a visitor does before and with an order, through the front door: bodies, paths, stock."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import banyan.demo
from banyan.cli.catalog import IMPORT_JOB, collect
from banyan.kernel.words.codec import Document

ORDERS = "/tmf-api/productOrderingManagement/v5/productOrder"
CANCELLATIONS = "/tmf-api/productOrderingManagement/v5/cancelProductOrder"
FALLOUTS = "/banyan-api/orderFalloutManagement/v1/orderFallout"
RESOLUTIONS = "/banyan-api/orderFalloutManagement/v1/resolveOrderFallout"
INDIVIDUALS = "/tmf-api/partyManagement/v5/individual"
CUSTOMERS = "/tmf-api/customer/v5/customer"
ACCOUNTS = "/tmf-api/accountManagement/v5/billingAccount"
PRODUCTS = "/tmf-api/productInventory/v5/product"
SERVICES = "/tmf-api/serviceInventory/v5/service"
RESOURCES = "/tmf-api/resourceInventoryManagement/v5/resource"
CONFIGURED = "/tmf-api/ResourceActivationAndConfiguration/v4/resource"
RATES = "/tmf-api/customerBillManagement/v5/appliedCustomerBillingRate"
PLANS = "/banyan-api/planManagement/v1/plan"

POOL = "vlan"
POOL_LOW, POOL_HIGH = 100, 4000
DEVICES = ("olt-1", "olt-2")
Item = tuple[str, str]
"""An offering and the access node it is ordered at."""


class Visitor(Protocol):
    """Whoever speaks HTTP with the house: ``banyan.cli.client.Client``, or a lab."""

    def get(self, path: str, **params: str) -> Any:
        """GET; the body."""
        ...

    def post(self, path: str, body: Document, key: str = "") -> Document:
        """POST; the body of the answer."""
        ...

    def patch(self, path: str, body: Document) -> Document:
        """PATCH; the body of the answer."""
        ...


class Shop:
    """A customer with an account, a catalogue to choose from, a network to live on."""

    def __init__(self, visitor: Visitor, customer_id: str, account_id: str) -> None:
        self.visitor = visitor
        self.customer_id = customer_id
        self.account_id = account_id

    def body(self, *items: Item) -> Document:
        """A product order."""
        return {
            "@type": "ProductOrder",
            "billingAccount": {"@type": "BillingAccountRef", "id": self.account_id},
            "relatedParty": [_party("RelatedPartyOrPartyRole", self.customer_id)],
            "productOrderItem": [_item(str(n), *item) for n, item in enumerate(items, 1)],
        }

    def order(self, *items: Item, key: str = "") -> str:
        """Order; the id."""
        chosen = items or (("fibre-100", "olt-1"),)
        return str(self.visitor.post(ORDERS, self.body(*chosen), key)["id"])

    def shown(self, order_id: str) -> Document:
        """The order as it stands."""
        found: Document = self.visitor.get(f"{ORDERS}/{order_id}")
        return found

    def cancel(self, order_id: str, key: str = "") -> Document:
        """Ask for the order's cancellation."""
        return self.visitor.post(CANCELLATIONS, cancellation(order_id), key)

    def fallouts(self, order_id: str, state: str = "held") -> list[Document]:
        """The order's held steps."""
        found: list[Document] = self.visitor.get(
            FALLOUTS, **{"productOrder.id": order_id, "state": state}
        )
        return found

    def resolve(self, fallout: Document, action: str, **changes: str) -> Document:
        """Decide on a held step; ``changes`` are characteristics."""
        body = {
            "@type": "ResolveOrderFallout",
            "action": action,
            "reason": f"{action} was decided",
            "orderFallout": {"@type": "OrderFalloutRef", "id": fallout["id"]},
            "characteristic": [
                {"@type": "StringCharacteristic", "name": name, "value": value}
                for name, value in changes.items()
            ],
        }
        return self.visitor.post(RESOLUTIONS, body)

    def lock(self, device: str, state: str = "locked") -> None:
        """Lock a device in the inventory, or unlock it."""
        (found,) = self.visitor.get(RESOURCES, name=device)
        body = {"@type": found["@type"], "administrativeState": state}
        self.visitor.patch(f"{RESOURCES}/{found['id']}", body)


def cancellation(order_id: str) -> Document:
    """A cancelProductOrder task."""
    return {
        "@type": "CancelProductOrder",
        "cancellationReason": "changed my mind",
        "productOrder": {"@type": "ProductOrderRef", "id": order_id},
    }


def open_shop(visitor: Visitor) -> Shop:
    """Load the demo catalogue, build the network, let the first customer in."""
    visitor.post(IMPORT_JOB, collect(Path(banyan.demo.__file__).parent / "catalog"))
    span = {"low": POOL_LOW, "high": POOL_HIGH}
    visitor.post(RESOURCES, _resource("ResourcePool", POOL, span))
    for device in DEVICES:
        visitor.post(RESOURCES, _resource("PhysicalResource", device, {"driver": "file"}))
    ada = visitor.post(INDIVIDUALS, individual("Ada"))
    party = {"@type": "PartyRef", "id": ada["id"], "@referredType": "Individual"}
    body = {"@type": "Customer", "name": "Ada Banks", "engagedParty": party}
    customer = visitor.post(CUSTOMERS, body)
    account = visitor.post(
        ACCOUNTS,
        {
            "@type": "BillingAccount",
            "name": "Ada's account",
            "relatedParty": [_party("RelatedPartyOrPartyRole", customer["id"])],
        },
    )
    return Shop(visitor, customer["id"], account["id"])


def individual(given_name: str) -> Document:
    """A person."""
    return {"@type": "Individual", "givenName": given_name, "familyName": "Banks"}


def _party(kind: str, customer_id: str) -> Document:
    role = {"@type": "PartyRoleRef", "id": customer_id, "@referredType": "Customer"}
    return {"@type": kind, "role": "customer", "partyOrPartyRole": role}


def _item(name: str, offering: str, node: str) -> Document:
    chosen = {"@type": "StringCharacteristic", "name": "accessNode", "value": node}
    return {
        "@type": "ProductOrderItem",
        "id": name,
        "action": "add",
        "productOffering": {"@type": "ProductOfferingRef", "id": offering},
        "product": {"@type": "Product", "productCharacteristic": [chosen]},
    }


def _resource(kind: str, name: str, characteristics: Document) -> Document:
    return {
        "@type": kind,
        "name": name,
        "category": "pool" if kind == "ResourcePool" else "accessNode",
        "resourceCharacteristic": [
            {"@type": "Characteristic", "name": key, "value": value}
            for key, value in characteristics.items()
        ],
    }
