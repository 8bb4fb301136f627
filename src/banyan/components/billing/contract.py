"""What other rooms and journeys may ask of billing."""

from __future__ import annotations

import msgspec

from banyan.kernel.words.codec import Document
from banyan.kernel.words.ids import AppliedRateId, BillingAccountId, ProductId, ProductOrderId
from banyan.kernel.words.messages import Command, Query
from banyan.kernel.words.price import PriceTerms


class ChargingStarted(msgspec.Struct, frozen=True, kw_only=True):
    """The billing rates that were applied, in the order of the prices."""

    rates: tuple[AppliedRateId, ...]


class StartCharging(Command[ChargingStarted], frozen=True, kw_only=True):
    """Apply the prices of an active product to its account: one rate per price.

    Once per order item: a repeat returns the first rates. Recurring prices are charged in advance
    for their first full period, which starts at ``start`` (RFC 3339, with an offset). Refused, with
    every finding: a ``start`` or period that is none, a currency unknown or another than the
    account's open rates have (``currency``).
    """

    order_id: ProductOrderId
    item_id: str
    product_id: ProductId
    product_name: str
    account_id: BillingAccountId
    start: str
    prices: tuple[PriceTerms, ...]


class StopCharging(Command[None], frozen=True, kw_only=True):
    """Undo :class:`StartCharging`: take the item's rates away, if any.

    Refused (``billedAlready``) once one of them stands on a bill.
    """

    order_id: ProductOrderId
    item_id: str


class BillOnDemand(Command[Document], frozen=True, kw_only=True):
    """Put every open rate of the task's ``billingAccount`` on one new bill (TMF678 v5
    CustomerBillOnDemand); answers the finished task, which names the bill.

    Refused (``nothingToBill``) when the account has no open rate.
    """

    document: Document


class ChargedItem(msgspec.Struct, frozen=True, kw_only=True):
    """How many charges of an order item there are, and the bills they stand on."""

    order_id: ProductOrderId
    item_id: str
    lines: int
    bills: tuple[str, ...]


class ListCharged(Query[tuple[ChargedItem, ...]], frozen=True, kw_only=True):
    """Every order item that was ever charged."""


class ForgetNames(Command[None], frozen=True, kw_only=True):
    """Take away the names kept beside references to ``ids``. A repeat changes nothing."""

    ids: tuple[str, ...]
