"""Decisions of the inventories. Pure."""

from banyan.components.inventory.policy.pools import check_same_pool, fits
from banyan.components.inventory.policy.records import check_length, check_records

__all__ = ["check_length", "check_records", "check_same_pool", "fits"]
