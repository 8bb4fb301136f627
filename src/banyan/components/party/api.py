"""What party serves: TMF632 individual and organization, TMF629 customer, TMF666 billingAccount."""

from __future__ import annotations

from banyan.components.party import store

RESOURCES = store.RESOURCES
