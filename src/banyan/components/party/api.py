"""What party serves: TMF632, TMF629, TMF669, TMF666, TMF651 and TMF672."""

from __future__ import annotations

from banyan.components.party import store

RESOURCES = store.RESOURCES
