"""One handler per command and query of party."""

from __future__ import annotations

from functools import partial

from banyan.components.party import store
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
)
from banyan.components.party.policy import rules
from banyan.components.party.policy.consents import (
    check_consent,
    check_same_consent,
    is_consent,
    with_authorization,
)
from banyan.components.party.policy.rules import Found
from banyan.components.party.service import privacy, questions, removal
from banyan.components.party.service.filing import Filing
from banyan.components.party.service.hierarchy import settle_organization
from banyan.kernel.engine.clock import to_wire
from banyan.kernel.engine.handlers import Handler
from banyan.kernel.engine.work import Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding


def _keep_currency(before: Document, after: Document) -> list[Finding]:
    return rules.check_fixed(before, after, ("currency",))


def _keep_role(before: Document, after: Document) -> list[Finding]:
    return _keep_currency(before, after) if before.get("@type") == "LegalEntity" else []


def _check_agreement(document: Document, found: Found) -> list[Finding]:
    return check_consent(document)


def _date_consent(work: Work, before: Document | None, after: Document) -> Document:
    moved = before is None or before.get("status") != after.get("status")
    return with_authorization(after, to_wire(work.now)) if moved and is_consent(after) else after


_account = partial(Filing, check_first=rules.check_open, compare=_keep_currency, kept=("currency",))

FILINGS: tuple[Filing, ...] = (
    Filing(store.INDIVIDUAL, CreateIndividual, ChangeIndividual),
    Filing(store.ORGANIZATION, CreateOrganization, ChangeOrganization, settle=settle_organization),
    Filing(store.CUSTOMER, CreateCustomer, ChangeCustomer, rules.check_customer),
    Filing(
        store.PARTY_ROLE, CreatePartyRole, ChangePartyRole, rules.check_role, compare=_keep_role
    ),
    Filing(
        store.PARTY_ROLE_SPECIFICATION, CreatePartyRoleSpecification, ChangePartyRoleSpecification
    ),
    _account(store.PARTY_ACCOUNT, CreatePartyAccount, ChangePartyAccount, check=rules.check_owned),
    _account(
        store.BILLING_ACCOUNT, CreateBillingAccount, ChangeBillingAccount, check=rules.check_billed
    ),
    _account(
        store.SETTLEMENT_ACCOUNT,
        CreateSettlementAccount,
        ChangeSettlementAccount,
        check=rules.check_owned,
    ),
    _account(
        store.FINANCIAL_ACCOUNT,
        CreateFinancialAccount,
        ChangeFinancialAccount,
        check=rules.check_account,
    ),
    Filing(
        store.AGREEMENT,
        CreateAgreement,
        ChangeAgreement,
        _check_agreement,
        compare=check_same_consent,
        settle=_date_consent,
    ),
    Filing(
        store.AGREEMENT_SPECIFICATION, CreateAgreementSpecification, ChangeAgreementSpecification
    ),
    Filing(store.PERMISSION, CreatePermission, ChangePermission),
)
"""How each resource with rules of its own is filed; the others are the kit's alone."""

HANDLERS: tuple[Handler, ...] = (
    *questions.HANDLERS,
    *privacy.HANDLERS,
    *removal.HANDLERS,
    *(handler for filing in FILINGS for handler in filing.handlers()),
)
