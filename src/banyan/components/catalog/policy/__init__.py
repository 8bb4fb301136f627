"""What catalog decides: terms, prices, soundness, fulfilment and publication. Pure."""

from banyan.components.catalog.policy.difference import compute_differences
from banyan.components.catalog.policy.fulfilment import find_obstacle, find_unfulfilled
from banyan.components.catalog.policy.publication import STATUS, check_edit, check_parts, check_step
from banyan.components.catalog.policy.soundness import check_catalog
from banyan.components.catalog.policy.terms import compute_terms

__all__ = [
    "STATUS",
    "check_catalog",
    "check_edit",
    "check_parts",
    "check_step",
    "compute_differences",
    "compute_terms",
    "find_obstacle",
    "find_unfulfilled",
]
