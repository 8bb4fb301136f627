"""One handler per command and query of party."""

from __future__ import annotations

from banyan.components.party import policy, store
from banyan.components.party.contract import (
    ACCOUNTS_MAX,
    AccountFound,
    ChangeBillingAccount,
    ChangeCustomer,
    CreateBillingAccount,
    CreateCustomer,
    CustomerFound,
    FindBillingAccount,
    FindBillingAccountsOf,
    FindCustomer,
)
from banyan.components.party.model import (
    ACCOUNT_LIFE,
    CUSTOMER_LIFE,
    find_customer_ids,
    find_engaged_party,
    find_related_parties,
    with_word,
)
from banyan.kernel.engine.handlers import Handler, answers, decides
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, refuse_findings
from banyan.kernel.words.ids import BillingAccountId


def find_customer(look: Look, query: FindCustomer) -> CustomerFound | None:
    """Answer :class:`FindCustomer` with one read by key."""
    document = store.find_customer(look, query.id)
    if document is None:
        return None
    return CustomerFound(id=query.id, name=document["name"], status=document["status"])


def find_account(look: Look, query: FindBillingAccount) -> AccountFound | None:
    """Answer :class:`FindBillingAccount` with one read by key."""
    document = store.find_account(look, query.id)
    return None if document is None else _found(document)


def find_accounts_of(look: Look, query: FindBillingAccountsOf) -> tuple[AccountFound, ...]:
    """Answer :class:`FindBillingAccountsOf`: those whose customer it is, not just any party."""
    named = store.find_accounts_of(look, query.customer_id, ACCOUNTS_MAX)
    found = (_found(document) for document in named)
    return tuple(each for each in found if query.customer_id in each.customer_ids)


def _found(document: Document) -> AccountFound:
    return AccountFound(
        id=BillingAccountId(document["id"]),
        name=document["name"],
        state=document["state"],
        currency=document["currency"],
        customer_ids=find_customer_ids(document),
    )


def create_customer(work: Work, command: CreateCustomer) -> Document:
    """Answer :class:`CreateCustomer`."""
    document = store.CUSTOMER.fill(command.document, work.now)
    findings = _check_customer(work, document)
    findings += policy.check_first_state(document, "status", CUSTOMER_LIFE)
    refuse_findings("rule", findings)
    return store.add(work, store.CUSTOMER, document)


def change_customer(work: Work, command: ChangeCustomer) -> Document:
    """Answer :class:`ChangeCustomer`."""
    before = store.need(work, store.CUSTOMER, command.id).document
    document = with_word(command.document, "status", CUSTOMER_LIFE)
    document = {"status": before["status"], **document, "id": command.id}
    refuse_findings("rule", _check_customer(work, document))
    policy.check_step(before, document, "status", CUSTOMER_LIFE)
    return store.replace(work, store.CUSTOMER, document, command.rev)


def _check_customer(work: Work, document: Document) -> list[Finding]:
    engaged = find_engaged_party(document)
    references = [*find_related_parties(document), *([engaged] if engaged else [])]
    return policy.check_customer(document, store.find_referred(work, references))


def create_account(work: Work, command: CreateBillingAccount) -> Document:
    """Answer :class:`CreateBillingAccount`."""
    document = store.BILLING_ACCOUNT.fill(command.document, work.now)
    found = store.find_referred(work, find_related_parties(document))
    findings = policy.check_account(document, found)
    findings += policy.check_open(found)
    findings += policy.check_first_state(document, "state", ACCOUNT_LIFE)
    refuse_findings("rule", findings)
    return store.add(work, store.BILLING_ACCOUNT, policy.mark_customers(document, found))


def change_account(work: Work, command: ChangeBillingAccount) -> Document:
    """Answer :class:`ChangeBillingAccount`; a change of nothing leaves ``lastUpdate`` alone."""
    before = store.need(work, store.BILLING_ACCOUNT, command.id).document
    document = with_word(command.document, "state", ACCOUNT_LIFE)
    kept = {name: before[name] for name in ("state", "currency", "lastUpdate")}
    document = {**kept, **document, "id": command.id}
    found = store.find_referred(work, find_related_parties(document))
    findings = policy.check_account(document, found)
    findings += policy.check_same_currency(before, document)
    refuse_findings("rule", findings)
    policy.check_step(before, document, "state", ACCOUNT_LIFE)
    document = policy.mark_customers(document, found)
    if document != before:
        document = store.touched(document, work.now)
    return store.replace(work, store.BILLING_ACCOUNT, document, command.rev)


HANDLERS: tuple[Handler, ...] = (
    answers(FindCustomer, find_customer),
    answers(FindBillingAccount, find_account),
    answers(FindBillingAccountsOf, find_accounts_of),
    decides(CreateCustomer, create_customer),
    decides(ChangeCustomer, change_customer),
    decides(CreateBillingAccount, create_account),
    decides(ChangeBillingAccount, change_account),
)
