"""What inventory does when asked: one function per command."""

from __future__ import annotations

from banyan.components.inventory.service import (
    graph,
    history,
    parties,
    pool_values,
    pools,
    records,
)
from banyan.kernel.engine.handlers import Handler

HANDLERS: tuple[Handler, ...] = (
    *pools.HANDLERS,
    *pool_values.HANDLERS,
    *records.HANDLERS,
    *graph.HANDLERS,
    *history.HANDLERS,
    *parties.HANDLERS,
)
