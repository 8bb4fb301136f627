"""The lifecycles of orders, cancellations and fallouts; what was sold, to whom, who pays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from banyan.kernel.words.codec import Document
from banyan.kernel.words.lifecycle import Lifecycle
from banyan.kernel.words.price import PriceTerms

OPEN_STATES: Final = ("acknowledged", "pending", "held", "inProgress")
"""States in which an order may still be asked to be cancelled."""

PRODUCT_ORDER_LIFE: Final = Lifecycle(
    "TMF622 productOrder",
    ("acknowledged",),
    {
        ("acknowledged", "reject"): "rejected",
        ("acknowledged", "wait"): "pending",
        ("acknowledged", "hold"): "held",
        ("acknowledged", "begin"): "inProgress",
        ("pending", "begin"): "inProgress",
        ("held", "resume"): "inProgress",
        ("inProgress", "wait"): "pending",
        ("inProgress", "hold"): "held",
        ("inProgress", "complete"): "completed",
        ("inProgress", "fail"): "failed",
        ("held", "fail"): "failed",
        ("acknowledged", "fail"): "failed",
        ("inProgress", "complete_partly"): "partial",
        **{(state, "assess_cancellation"): "assessingCancellation" for state in OPEN_STATES},
        ("assessingCancellation", "accept_cancellation"): "pendingCancellation",
        ("assessingCancellation", "refuse_cancellation"): "inProgress",
        ("assessingCancellation", "cancel"): "cancelled",
        ("pendingCancellation", "cancel"): "cancelled",
    },
)
"""TMF622: the words are the standard's; the transitions are Banyan's, the standard has none."""

ITEM_LIFE: Final = Lifecycle(
    "TMF622 productOrderItem",
    ("acknowledged",),
    {
        ("acknowledged", "reject"): "rejected",
        ("acknowledged", "wait"): "pending",
        ("acknowledged", "hold"): "held",
        ("acknowledged", "begin"): "inProgress",
        ("pending", "begin"): "inProgress",
        ("held", "resume"): "inProgress",
        ("inProgress", "wait"): "pending",
        ("inProgress", "hold"): "held",
        **{
            (state, verb): target
            for state in ("inProgress", "held", "assessingCancellation")
            for verb, target in (("complete", "completed"), ("fail", "failed"))
        },
        ("completed", "reopen"): "inProgress",
        ("completed", "fail"): "failed",
        ("completed", "cancel"): "cancelled",
        **{(state, "assess_cancellation"): "assessingCancellation" for state in OPEN_STATES},
        ("assessingCancellation", "accept_cancellation"): "pendingCancellation",
        ("assessingCancellation", "refuse_cancellation"): "inProgress",
        ("assessingCancellation", "cancel"): "cancelled",
        ("pendingCancellation", "cancel"): "cancelled",
    },
)
"""Items go where their order goes, each by the same verb; a verb that does not apply to an item
(it is completed already) leaves it as it is. A completed item is reopened when it is undone.
"""

CANCEL_LIFE: Final = Lifecycle(
    "TMF622 cancelProductOrder",
    ("acknowledged",),
    {
        ("acknowledged", "begin"): "inProgress",
        ("acknowledged", "finish"): "done",
        ("inProgress", "finish"): "done",
        ("acknowledged", "refuse"): "terminatedWithError",
        ("inProgress", "refuse"): "terminatedWithError",
    },
)

DECISION_LIFE: Final = Lifecycle(
    "resolveOrderFallout", ("acknowledged",), {("acknowledged", "finish"): "done"}
)

FALLOUT_LIFE: Final = Lifecycle(
    "orderFallout",
    ("held",),
    {
        ("held", "decide"): "resolving",
        ("held", "resolve"): "resolved",
        ("resolving", "resolve"): "resolved",
        ("resolving", "hold"): "held",
    },
)
"""A held order step: somebody decides on it, and it is resolved once the step goes on."""


class SoldNode(msgspec.Struct, frozen=True, kw_only=True):
    """A specification as it was when it was sold, with its parts; see catalog's `SpecNode`."""

    id: str
    name: str
    version: str
    layer: Literal["product", "customerFacing", "resourceFacing", "resource"]
    schema_type: str
    characteristics: tuple[Document, ...] = ()
    takes: dict[str, str] = {}
    parts: tuple[SoldNode, ...] = ()


class SoldOffering(msgspec.Struct, frozen=True, kw_only=True):
    """The terms an item was sold on: a snapshot, whatever the catalogue says later."""

    id: str
    name: str
    version: str
    is_sellable: bool
    why_not_sellable: str
    specification: SoldNode
    prices: tuple[PriceTerms, ...]


class Buyer(msgspec.Struct, frozen=True, kw_only=True):
    """The customer of an order, as party knows it."""

    id: str
    name: str
    status: str


class Payer(msgspec.Struct, frozen=True, kw_only=True):
    """The billing account of an order, as party knows it."""

    id: str
    name: str
    state: str
    currency: str
    customer_ids: tuple[str, ...]


def find_terms(offerings: Mapping[str, SoldOffering], reference: Document) -> SoldOffering | None:
    """The terms a reference means: those of the version it says, else of the one in force."""
    of_version = offerings.get(offering_address(reference)) if reference.get("version") else None
    return of_version or offerings.get(str(reference["id"]))


def offering_address(reference: Document) -> str:
    """How catalog is asked for one version of an offering (TMF620)."""
    return f"{reference['id']}:(version={reference['version']})"
