"""What ordering decides: what may be ordered, what it breaks down into, what may change. Pure."""

from banyan.components.ordering.policy.changes import check_amendment, check_repair, find_end
from banyan.components.ordering.policy.checks import (
    check_currencies,
    check_draft,
    check_items,
    check_parties,
    find_account_ids,
    find_customer_id,
    find_offering_ids,
    is_account_missing,
    place_account,
)
from banyan.components.ordering.policy.work import compute_work

__all__ = [
    "check_amendment",
    "check_currencies",
    "check_draft",
    "check_items",
    "check_parties",
    "check_repair",
    "compute_work",
    "find_account_ids",
    "find_customer_id",
    "find_end",
    "find_offering_ids",
    "is_account_missing",
    "place_account",
]
