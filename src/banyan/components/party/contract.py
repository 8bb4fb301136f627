"""What others may ask of party, and the room's own commands behind its APIs."""

from __future__ import annotations

import msgspec

from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Refusal
from banyan.kernel.words.ids import BillingAccountId, CustomerId, PartyRoleId
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

    ``state`` is one of ``active``, ``suspended``, ``closed``. ``legal_entity_id`` is the legal
    entity in whose name it is billed, empty where the account names none.
    """

    id: BillingAccountId
    name: str
    state: str
    currency: str
    customer_ids: tuple[str, ...]
    legal_entity_id: str = ""


class LegalEntityFound(msgspec.Struct, frozen=True, kw_only=True):
    """An organization of the operator's own in whose name bills are written.

    ``currency`` is ISO 4217, ``language`` BCP 47. Its invoices are numbered ``prefix`` + ``digits``
    digits, from 1 again each year if ``restart`` is ``yearly``, never if it is ``never``.
    """

    id: PartyRoleId
    name: str
    status: str
    organization_id: str
    tax_id: str
    currency: str
    language: str
    prefix: str
    digits: int
    restart: str


class ContactAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a party may be contacted, and by which consent, or why not.

    ``consent_id`` is empty where none allows it; ``reason`` is one of ``given``, ``never given``,
    ``withdrawn``, ``expired``, ``not yet valid``, ``unknown party`` and ``deceased``.
    """

    is_allowed: bool
    reason: str
    consent_id: str = ""


class FindCustomer(Query[CustomerFound | None], frozen=True, kw_only=True):
    """The customer of this id, or the one it was merged into, or nothing."""

    id: CustomerId


class FindBillingAccount(Query[AccountFound | None], frozen=True, kw_only=True):
    """The billing account of this id, or nothing."""

    id: BillingAccountId


class FindBillingAccountsOf(Query[tuple[AccountFound, ...]], frozen=True, kw_only=True):
    """The billing accounts of a customer in any state, oldest first, :data:`ACCOUNTS_MAX` at most.

    A customer that doesn't exist has none.
    """

    customer_id: CustomerId


class FindLegalEntity(Query[LegalEntityFound | None], frozen=True, kw_only=True):
    """The legal entity of this id, or nothing."""

    id: PartyRoleId


class MayContact(Query[ContactAnswer], frozen=True, kw_only=True):
    """May we contact this party for this purpose by this channel, now? Only a consent says yes.

    ``party_id`` is an individual, an organization, or a role one of them plays (a customer).
    ``purpose`` and ``channel`` are words as consents hold them; a consent for the channel ``any``
    covers every channel. Ask only for what needs a consent: what a contract obliges us to say
    needs none.
    """

    party_id: str
    purpose: str
    channel: str


class FileDocument(Command[Document], frozen=True, kw_only=True):
    """File a new document; answers it as it is stored.

    Refused (``rule``, ``unknownReference``) when something it refers to, of a kind kept here, does
    not exist, and when it doesn't begin in an initial state of its lifecycle.
    """

    document: Document


class ReplaceDocument(Command[Document], frozen=True, kw_only=True):
    """Replace a document by its whole new form, made from revision ``rev``.

    Refused like :class:`FileDocument`, (``conflict``) for a step its lifecycle doesn't know, and
    (``stale``) when ``rev`` is not the current one.
    """

    id: str
    document: Document
    rev: int


class CreateIndividual(FileDocument, frozen=True, kw_only=True):
    """File a new TMF632 individual."""


class ChangeIndividual(ReplaceDocument, frozen=True, kw_only=True):
    """Replace a TMF632 individual."""


class CreateOrganization(FileDocument, frozen=True, kw_only=True):
    """File a new TMF632 organization; those it names as parent and children name it back.

    Refused (``rule``) when it would have a circle above it, or a child that has another parent.
    """


class ChangeOrganization(ReplaceDocument, frozen=True, kw_only=True):
    """Replace a TMF632 organization; refused like :class:`CreateOrganization`."""


class CreateCustomer(FileDocument, frozen=True, kw_only=True):
    """File a new TMF629 customer. Its engaged party must exist."""


class ChangeCustomer(ReplaceDocument, frozen=True, kw_only=True):
    """Replace a TMF629 customer; refused like :class:`CreateCustomer`."""


class CreatePartyRole(FileDocument, frozen=True, kw_only=True):
    """File a new TMF669 party role. An engaged party it names must exist.

    A ``LegalEntity`` is played by an organization and has a currency of ISO 4217; a ``Brand``
    belongs to a legal entity that is not closed.
    """


class ChangePartyRole(ReplaceDocument, frozen=True, kw_only=True):
    """Replace a TMF669 party role; refused like :class:`CreatePartyRole`.

    Refused too for another currency of a legal entity than it had.
    """


class CreatePartyRoleSpecification(FileDocument, frozen=True, kw_only=True):
    """File a new TMF669 party role specification."""


class ChangePartyRoleSpecification(ReplaceDocument, frozen=True, kw_only=True):
    """Replace a TMF669 party role specification."""


class CreatePartyAccount(FileDocument, frozen=True, kw_only=True):
    """File a new TMF666 party account.

    Refused (``rule``) unless it names a party or role that exists and is not closed, and for a
    currency ISO 4217 doesn't know.
    """


class ChangePartyAccount(ReplaceDocument, frozen=True, kw_only=True):
    """Replace a TMF666 party account. Refused for another currency than it had."""


class CreateBillingAccount(FileDocument, frozen=True, kw_only=True):
    """File a new TMF666 billing account: like a party account, and it names a customer."""


class ChangeBillingAccount(ReplaceDocument, frozen=True, kw_only=True):
    """Replace a TMF666 billing account. Refused for another currency than it had."""


class CreateSettlementAccount(FileDocument, frozen=True, kw_only=True):
    """File a new TMF666 settlement account; refused like :class:`CreatePartyAccount`."""


class ChangeSettlementAccount(ReplaceDocument, frozen=True, kw_only=True):
    """Replace a TMF666 settlement account. Refused for another currency than it had."""


class CreateFinancialAccount(FileDocument, frozen=True, kw_only=True):
    """File a new TMF666 financial account; v4 asks for no related party."""


class ChangeFinancialAccount(ReplaceDocument, frozen=True, kw_only=True):
    """Replace a TMF666 financial account. Refused for another currency than it had."""


class CreateAgreement(FileDocument, frozen=True, kw_only=True):
    """File a new TMF651 agreement; the parties it engages that are kept here must exist.

    One of the type ``consent`` has the characteristics ``purpose`` and ``channel`` and engages one
    party; it begins as ``given``.
    """


class ChangeAgreement(ReplaceDocument, frozen=True, kw_only=True):
    """Replace a TMF651 agreement.

    What a consent was given for never changes: it is withdrawn, and another given.
    """


class CreateAgreementSpecification(FileDocument, frozen=True, kw_only=True):
    """File a new TMF651 agreement specification."""


class ChangeAgreementSpecification(ReplaceDocument, frozen=True, kw_only=True):
    """Replace a TMF651 agreement specification."""


class CreatePermission(FileDocument, frozen=True, kw_only=True):
    """File a new TMF672 permission; its user, granter and user roles must exist if kept here."""


class ChangePermission(ReplaceDocument, frozen=True, kw_only=True):
    """Replace a TMF672 permission."""


class MergeParties(FileDocument, frozen=True, kw_only=True):
    """Make one of two parties, or of two roles of a kind: the survivor takes what it lacks.

    Every reference in this room follows in the same transaction, other rooms hear
    ``PartiesMerged``; the source's id answers the survivor from then on. A repeat answers the first
    task. Refused (``rule``) for two kinds, for one that stands above the other, and where the
    source is the survivor; (``conflict``) for what was erased.
    """


class UnmergeParties(FileDocument, frozen=True, kw_only=True):
    """Take a merge back: the source is filed again, and what followed to the survivor goes back.

    What the survivor was given since stays its own. A repeat answers the first task. Refused
    (``conflict``) when a later merge stands upon it, when the survivor is gone or erased, and when
    something the source referred to is gone.
    """


class NoteIdentityCheck(FileDocument, frozen=True, kw_only=True):
    """Note that somebody checked who a party is; the party shows the latest as ``identityCheck``.

    Refused (``conflict``) for a step its lifecycle doesn't know.
    """


class PlaceHold(FileDocument, frozen=True, kw_only=True):
    """Hold everything of a party or role: no deletion, and erasure waits, until it is released."""


class ChangeHold(ReplaceDocument, frozen=True, kw_only=True):
    """Change or release a hold; a released one stays so."""


class ExportPerson(FileDocument, frozen=True, kw_only=True):
    """Everything this room holds about a person, and the ids it goes by in other rooms."""


class ErasePerson(FileDocument, frozen=True, kw_only=True):
    """Forget a person: destroy the key its data lies under, as far as no hold and no law forbids.

    A hold lets it wait; records of a class that must be kept are kept, under a key of their own,
    until their time is over. A repeat answers the first task. Refused (``conflict``) while an
    account or a role of the person is open.
    """


class SweepRetention(FileDocument, frozen=True, kw_only=True):
    """Do what is due now: end holds, let identity checks expire, erase what had to wait."""


class RemoveNamed(Command[Refusal | None], frozen=True, kw_only=True):
    """Delete a party, role or account: nothing here names it, no hold is on it, no product lives.

    Inventory is asked first and lets no product come to live for it from then on; what is found
    wrong only after that is answered, not raised, so that inventory hears that it stays.
    """

    id: str
    revs: tuple[int, ...] = ()
