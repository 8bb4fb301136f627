"""Plans across rooms, one file each; imports contracts and events of rooms only."""

from __future__ import annotations

from banyan.journeys import order_to_active
from banyan.kernel.engine.plans.journey import Journeys

JOURNEYS = Journeys((order_to_active.JOURNEY,))
"""Every journey, in every version that may still have open plans."""

REACTIONS = (*order_to_active.REACTIONS,)
"""What the journeys hear."""
