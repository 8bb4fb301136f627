"""What billing shows: TMF678 rates, bills, and bills on demand."""

from __future__ import annotations

from banyan.components.billing.store import BILL, RATE, TASK
from banyan.tmf.resource import Resource

RESOURCES: tuple[Resource, ...] = (BILL, RATE, TASK)
