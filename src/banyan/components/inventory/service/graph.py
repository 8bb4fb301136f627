"""What carries what: inventory's answers from the graph."""

from __future__ import annotations

from banyan.components.inventory.contract import FindCarriers, FindDependants, GraphFound
from banyan.components.inventory.store import graph
from banyan.kernel.engine.handlers import Handler, answers
from banyan.kernel.engine.work import Look


def find_carriers(look: Look, query: FindCarriers) -> GraphFound:
    """Answer :class:`FindCarriers`."""
    return graph.walk(look, query.node, graph.DOWN, graph.Limits.of(query))


def find_dependants(look: Look, query: FindDependants) -> GraphFound:
    """Answer :class:`FindDependants`."""
    return graph.walk(look, query.node, graph.UP, graph.Limits.of(query))


HANDLERS: tuple[Handler, ...] = (
    answers(FindCarriers, find_carriers),
    answers(FindDependants, find_dependants),
)
