"""The resource rows of party: what is served under which API, and how documents are filed."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from banyan.components.party.contract import (
    ChangeAgreement,
    ChangeAgreementSpecification,
    ChangeBillingAccount,
    ChangeCustomer,
    ChangeFinancialAccount,
    ChangeIndividual,
    ChangeOrganization,
    ChangePartyAccount,
    ChangePartyRole,
    ChangePartyRoleSpecification,
    ChangePermission,
    ChangeSettlementAccount,
    CreateAgreement,
    CreateAgreementSpecification,
    CreateBillingAccount,
    CreateCustomer,
    CreateFinancialAccount,
    CreateIndividual,
    CreateOrganization,
    CreatePartyAccount,
    CreatePartyRole,
    CreatePartyRoleSpecification,
    CreatePermission,
    CreateSettlementAccount,
    RemoveNamed,
)
from banyan.components.party.model import (
    ACCOUNT_LIFE,
    AGREEMENT_LIFE,
    AGREEMENT_SPECIFICATION_LIFE,
    CHILD,
    CONSENT,
    CUSTOMER_LIFE,
    ENGAGED,
    FINANCIAL_ACCOUNT_LIFE,
    INDIVIDUAL_LIFE,
    ORGANIZATION_LIFE,
    PARENT,
    PARTY_ACCOUNT_LIFE,
    PARTY_ROLE_LIFE,
    PARTY_ROLE_SPECIFICATION_LIFE,
    RELATED,
    SETTLEMENT_ACCOUNT_LIFE,
    SLOTS,
    Slot,
    find_at,
    find_subject,
    with_word,
    without_child,
)
from banyan.components.party.store.privacy import PRIVACY_RESOURCES, keep_held, moved_to
from banyan.kernel.engine.clock import to_wire
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refused
from banyan.kernel.words.ids import (
    AgreementId,
    AgreementSpecificationId,
    BillFormatId,
    BillingAccountId,
    BillingCycleSpecificationId,
    BillPresentationMediaId,
    CustomerId,
    FinancialAccountId,
    Id,
    IndividualId,
    OrganizationId,
    PartyAccountId,
    PartyRoleId,
    PartyRoleSpecificationId,
    PermissionId,
    SettlementAccountId,
    UserRoleId,
)
from banyan.kernel.words.lifecycle import Lifecycle
from banyan.tmf import documents
from banyan.tmf.resource import Fill, Resource

CURRENCY_UNLESS_GIVEN = "EUR"
"""The currency of an account whose creator names none; TMF666 has no such attribute."""

LANGUAGE_UNLESS_GIVEN = "en"
NUMBERING_UNLESS_GIVEN = {"prefix": "", "digits": 8, "restart": "never"}


REACHED = ("contactMedium.emailAddress", "contactMedium.phoneNumber")
"""How a caller who gives no id is found."""


def _indexed(resource: str, *more: str) -> tuple[str, ...]:
    """The paths a resource is found by: some of its own, and every reference within the room."""
    return (*more, *(slot.id_path for slot in SLOTS.get(resource, ())))


def _fill_party(document: Document, now: datetime) -> Document:
    return {"status": "initialized", **document}


def _fill_organization(document: Document, now: datetime) -> Document:
    """v5 asks for ``name``, v4 for ``tradingName``: whoever gives one gets both."""
    filled = _fill_party(document, now)
    given = {each: filled[each] for each in ("name", "tradingName") if filled.get(each)}
    for each in given.values():
        filled = {**filled, "name": each, "tradingName": each, **given}
    return filled


def _fill_customer(document: Document, now: datetime) -> Document:
    filled = {"@type": "Customer", "status": "created", **document}
    return with_word(filled, "status", CUSTOMER_LIFE)


def _fill_role(document: Document, now: datetime) -> Document:
    filled = {"@type": "PartyRole", "status": "created", **document}
    if filled["@type"] == "LegalEntity":
        given = filled.get("invoiceNumbering")
        numbering = {**NUMBERING_UNLESS_GIVEN, **(given if isinstance(given, dict) else {})}
        filled = {"language": LANGUAGE_UNLESS_GIVEN, **filled, "invoiceNumbering": numbering}
    if filled["@type"] in ("LegalEntity", "Brand"):
        filled.setdefault("@baseType", "PartyRole")
    return with_word(filled, "status", PARTY_ROLE_LIFE)


def _fills_account(type_name: str, life: Lifecycle) -> Fill:
    def fill(document: Document, now: datetime) -> Document:
        ours = {"@type": type_name, "state": "active", "currency": CURRENCY_UNLESS_GIVEN}
        return {**with_word({**ours, **document}, "state", life), "lastUpdate": to_wire(now)}

    return fill


def _fills_specification(life: Lifecycle) -> Fill:
    def fill(document: Document, now: datetime) -> Document:
        ours = {"lifecycleStatus": "In Study", "version": "1.0", "isBundle": False}
        filled = with_word({**ours, **document}, "lifecycleStatus", life)
        return {**filled, "lastUpdate": to_wire(now)}

    return fill


def _fill_agreement(document: Document, now: datetime) -> Document:
    first = "given" if document.get("agreementType") == CONSENT else "in process"
    filled = {"@type": "Agreement", "status": first, "initialDate": to_wire(now), **document}
    return with_word(filled, "status", AGREEMENT_LIFE)


def _fill_permission(document: Document, now: datetime) -> Document:
    return {**document, "creationDate": to_wire(now)}


def guard_removal(work: Any, document: Document) -> None:
    """Refuses to let go what a hold is on, or (``inUse``) a document of this room still names.

    A parent's list of children names nobody who could not leave it.
    """
    keep_held(work, document)
    _keep_named(work, document["id"], (CHILD,))


def guard_organization(work: Any, document: Document) -> None:
    """Like :func:`guard_removal`; an organization without children leaves its parent's list."""
    guard_removal(work, document)
    for reference in find_at(document, PARENT):
        parent = documents.get(work, ORGANIZATION, reference.id)
        if parent is not None:
            documents.change(work, ORGANIZATION, without_child(parent.document, document["id"]))


def _keep_named(work: Any, named_id: str, skipped: tuple[Slot, ...]) -> None:
    for resource in OWN_RESOURCES:
        for slot in SLOTS.get(resource.name, ()):
            if slot in skipped:
                continue
            count = documents.find(work, resource, {slot.id_path: [named_id]}, limit=0).total
            if count:
                reason = f"{named_id} is still named by {count} {resource.name} ({slot.id_path})"
                raise refused("conflict", "inUse", reason, "id")


INDIVIDUAL = Resource(
    api="TMF632",
    name="individual",
    shape="Individual",
    room="party",
    id_type=IndividualId,
    create=CreateIndividual,
    patch=ChangeIndividual,
    state="status",
    lifecycle=INDIVIDUAL_LIFE,
    indexed=_indexed("individual", "givenName", "familyName", "name", *REACHED),
    owners=("id",),
    own_changes=("contactMedium", "languageAbility", "preferredGivenName"),
    fill=_fill_party,
    remove=RemoveNamed,
    guard_removal=guard_removal,
    subject=partial(find_subject, "individual"),
    personal=("givenName", "familyName", "name", *REACHED),
    moved_to=moved_to,
    server_owned=("dataSubject", "identityCheck"),
)

ORGANIZATION = Resource(
    api="TMF632",
    name="organization",
    shape="Organization",
    room="party",
    id_type=OrganizationId,
    create=CreateOrganization,
    patch=ChangeOrganization,
    state="status",
    lifecycle=ORGANIZATION_LIFE,
    indexed=_indexed("organization", "name", "tradingName"),
    owners=("id",),
    own_changes=("contactMedium",),
    fill=_fill_organization,
    remove=RemoveNamed,
    guard_removal=guard_organization,
    moved_to=moved_to,
    server_owned=("identityCheck",),
)

CUSTOMER = Resource(
    api="TMF629",
    name="customer",
    shape="Customer",
    room="party",
    id_type=CustomerId,
    create=CreateCustomer,
    patch=ChangeCustomer,
    state="status",
    lifecycle=CUSTOMER_LIFE,
    indexed=_indexed("customer", "name", *REACHED),
    owners=("id",),
    fill=_fill_customer,
    remove=RemoveNamed,
    guard_removal=guard_removal,
    subject=partial(find_subject, "customer"),
    personal=("name", *REACHED),
    moved_to=moved_to,
    server_owned=("dataSubject",),
)

PARTY_ROLE = Resource(
    api="TMF669",
    name="partyRole",
    shape="PartyRole",
    room="party",
    id_type=PartyRoleId,
    create=CreatePartyRole,
    patch=ChangePartyRole,
    state="status",
    lifecycle=PARTY_ROLE_LIFE,
    indexed=_indexed("partyRole", "name", "role", *REACHED),
    owners=(ENGAGED.id_path, "id"),
    fill=_fill_role,
    remove=RemoveNamed,
    guard_removal=guard_removal,
    subject=partial(find_subject, "partyRole"),
    personal=("name", *REACHED),
    moved_to=moved_to,
    server_owned=("dataSubject",),
)

PARTY_ROLE_SPECIFICATION = Resource(
    api="TMF669",
    name="partyRoleSpecification",
    shape="PartyRoleSpecification",
    room="party",
    id_type=PartyRoleSpecificationId,
    create=CreatePartyRoleSpecification,
    patch=ChangePartyRoleSpecification,
    state="lifecycleStatus",
    lifecycle=PARTY_ROLE_SPECIFICATION_LIFE,
    indexed=_indexed("partyRoleSpecification", "name"),
    server_owned=("lastUpdate",),
    fill=_fills_specification(PARTY_ROLE_SPECIFICATION_LIFE),
    guard_removal=guard_removal,
)


def _account(
    name: str,
    id_type: type[Id],
    life: Lifecycle,
    create: type[Any],
    patch: type[Any],
) -> Resource:
    shape = name[0].upper() + name[1:]
    return Resource(
        api="TMF666",
        name=name,
        shape=shape,
        room="party",
        id_type=id_type,
        create=create,
        patch=patch,
        state="state",
        lifecycle=life,
        indexed=_indexed(name, "name", "currency", "accountType"),
        owners=(RELATED.id_path,),
        server_owned=("lastUpdate", "dataSubject", "closedDate"),
        fill=_fills_account(shape, life),
        remove=RemoveNamed,
        guard_removal=guard_removal,
        subject=partial(find_subject, name),
        personal=("name",),
    )


PARTY_ACCOUNT = _account(
    "partyAccount", PartyAccountId, PARTY_ACCOUNT_LIFE, CreatePartyAccount, ChangePartyAccount
)
BILLING_ACCOUNT = _account(
    "billingAccount", BillingAccountId, ACCOUNT_LIFE, CreateBillingAccount, ChangeBillingAccount
)
SETTLEMENT_ACCOUNT = _account(
    "settlementAccount",
    SettlementAccountId,
    SETTLEMENT_ACCOUNT_LIFE,
    CreateSettlementAccount,
    ChangeSettlementAccount,
)
FINANCIAL_ACCOUNT = _account(
    "financialAccount",
    FinancialAccountId,
    FINANCIAL_ACCOUNT_LIFE,
    CreateFinancialAccount,
    ChangeFinancialAccount,
)


def _plain(name: str, id_type: type[Id]) -> Resource:
    return Resource(
        api="TMF666",
        name=name,
        shape=name[0].upper() + name[1:],
        room="party",
        id_type=id_type,
        indexed=("name",),
        guard_removal=guard_removal,
    )


BILLING_CYCLE_SPECIFICATION = _plain("billingCycleSpecification", BillingCycleSpecificationId)
BILL_FORMAT = _plain("billFormat", BillFormatId)
BILL_PRESENTATION_MEDIA = _plain("billPresentationMedia", BillPresentationMediaId)

AGREEMENT = Resource(
    api="TMF651",
    name="agreement",
    shape="Agreement",
    room="party",
    id_type=AgreementId,
    create=CreateAgreement,
    patch=ChangeAgreement,
    state="status",
    lifecycle=AGREEMENT_LIFE,
    indexed=_indexed("agreement", "name", "agreementType"),
    owners=(SLOTS["agreement"][0].id_path,),
    fill=_fill_agreement,
    guard_removal=guard_removal,
    subject=partial(find_subject, "agreement"),
    server_owned=("dataSubject", "closedDate"),
)

AGREEMENT_SPECIFICATION = Resource(
    api="TMF651",
    name="agreementSpecification",
    shape="AgreementSpecification",
    room="party",
    id_type=AgreementSpecificationId,
    create=CreateAgreementSpecification,
    patch=ChangeAgreementSpecification,
    state="lifecycleStatus",
    lifecycle=AGREEMENT_SPECIFICATION_LIFE,
    indexed=_indexed("agreementSpecification", "name"),
    server_owned=("lastUpdate",),
    fill=_fills_specification(AGREEMENT_SPECIFICATION_LIFE),
    guard_removal=guard_removal,
)

USER_ROLE = Resource(
    api="TMF672",
    name="userRole",
    shape="UserRole",
    room="party",
    id_type=UserRoleId,
    operations="GCU",
    indexed=("involvementRole", "entitlement.function", "entitlement.action"),
)

PERMISSION = Resource(
    api="TMF672",
    name="permission",
    shape="Permission",
    room="party",
    id_type=PermissionId,
    operations="GCU",
    create=CreatePermission,
    patch=ChangePermission,
    indexed=_indexed("permission", "privilege.function"),
    fill=_fill_permission,
    subject=partial(find_subject, "permission"),
    server_owned=("dataSubject",),
)

OWN_RESOURCES = (
    INDIVIDUAL,
    ORGANIZATION,
    CUSTOMER,
    PARTY_ROLE,
    PARTY_ROLE_SPECIFICATION,
    PARTY_ACCOUNT,
    BILLING_ACCOUNT,
    SETTLEMENT_ACCOUNT,
    FINANCIAL_ACCOUNT,
    BILLING_CYCLE_SPECIFICATION,
    BILL_FORMAT,
    BILL_PRESENTATION_MEDIA,
    AGREEMENT,
    AGREEMENT_SPECIFICATION,
    USER_ROLE,
    PERMISSION,
)

RESOURCES = (*OWN_RESOURCES, *PRIVACY_RESOURCES)

REMOVABLE = tuple(resource for resource in OWN_RESOURCES if resource.remove is not None)
"""What products may hang on."""

MERGEABLE = (INDIVIDUAL, ORGANIZATION, CUSTOMER, PARTY_ROLE)
"""Of which two may become one."""

KINDS = {
    **{resource.shape: resource for resource in OWN_RESOURCES},
    "LegalEntity": PARTY_ROLE,
    "Brand": PARTY_ROLE,
}
"""Every value of ``@referredType`` whose documents this room owns."""
