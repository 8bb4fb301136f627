"""What others may ask of party, and the room's own commands behind its API."""

from __future__ import annotations

import msgspec

from banyan.kernel.words.codec import Document
from banyan.kernel.words.ids import BillingAccountId, CustomerId
from banyan.kernel.words.messages import Command, Query

ACCOUNTS_MAX = 100
"""Accounts one answer of :class:`FindBillingAccountsOf` names."""


class CustomerFound(msgspec.Struct, frozen=True, kw_only=True):
    """A customer as others need it: who, under which name, in which state.

    ``status`` is one of ``created``, ``active``, ``suspended``, ``closed``.
    """

    id: CustomerId
    name: str
    status: str


class AccountFound(msgspec.Struct, frozen=True, kw_only=True):
    """A billing account: whose it is, its currency (ISO 4217) and its state.

    ``state`` is one of ``active``, ``suspended``, ``closed``.
    """

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


class FindBillingAccountsOf(Query[tuple[AccountFound, ...]], frozen=True, kw_only=True):
    """The billing accounts of a customer in any state, oldest first, :data:`ACCOUNTS_MAX` at most.

    A customer that doesn't exist has none.
    """

    customer_id: CustomerId


class CreateCustomer(Command[Document], frozen=True, kw_only=True):
    """File a new TMF629 customer; answers the stored document.

    Refused (``rule``, ``unknownReference``) when its engaged party, or a related party of a kind
    kept here, does not exist.
    """

    document: Document


class ChangeCustomer(Command[Document], frozen=True, kw_only=True):
    """Replace a customer by its whole new form, made from revision ``rev``.

    Refused like :class:`CreateCustomer`, and (``conflict``) for a step its lifecycle doesn't know.
    """

    id: str
    document: Document
    rev: int


class CreateBillingAccount(Command[Document], frozen=True, kw_only=True):
    """File a new TMF666 billing account; answers the stored document.

    Refused (``rule``) unless it names an existing customer that is not closed, for a related party
    of a kind kept here that doesn't exist, and for a currency ISO 4217 doesn't know.
    """

    document: Document


class ChangeBillingAccount(Command[Document], frozen=True, kw_only=True):
    """Replace a billing account by its whole new form, made from revision ``rev``.

    Refused like :class:`CreateBillingAccount`, for another currency than it had, and
    (``conflict``) for a step its lifecycle doesn't know.
    """

    id: str
    document: Document
    rev: int
