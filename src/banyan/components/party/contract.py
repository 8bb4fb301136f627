"""What other rooms may ask of party."""

from __future__ import annotations

import msgspec

from banyan.kernel.words.ids import BillingAccountId, CustomerId
from banyan.kernel.words.messages import Query


class CustomerFound(msgspec.Struct, frozen=True, kw_only=True):
    """A customer as others need it: who, under which name, in which state."""

    id: CustomerId
    name: str
    status: str


class AccountFound(msgspec.Struct, frozen=True, kw_only=True):
    """A billing account: whose it is, its currency (ISO 4217) and its state."""

    id: BillingAccountId
    name: str
    state: str
    currency: str
    customer_ids: tuple[str, ...]


class FindCustomer(Query[CustomerFound | None], frozen=True, kw_only=True):
    """The customer of this id, or nothing."""

    id: CustomerId


class FindBillingAccount(Query[AccountFound | None], frozen=True, kw_only=True):
    """The billing account of this id, or nothing."""

    id: BillingAccountId
