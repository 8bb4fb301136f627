"""The graph's edges, kept with the documents that tell them, and walked hop by hop.

A walk asks once per hop (in chunks of nodes) instead of once per node, or in one recursive
statement: so it ends in circles, knows every shortest way, stops where it is told to, and takes
the same few round trips on both databases (``bench/inventory_graph.py`` compares the three).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from banyan.components.inventory.contract import (
    FindCarriers,
    FindDependants,
    GraphFound,
    NodeFound,
)
from banyan.components.inventory.model import Edge
from banyan.components.inventory.store.tables import EDGE
from banyan.components.inventory.wire import find_edges, node_of
from banyan.kernel.engine.db import Quick
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refused
from banyan.tmf.tables import DOCUMENT

DOWN = "down"
UP = "up"
NAMED_MAX = 5
"""How many a refusal names."""

_SAID = (EDGE.c.tenant == sa.bindparam("t")) & (EDGE.c.source == sa.bindparam("s"))
_PUT = Quick(EDGE.insert())
_DROP = Quick(EDGE.delete().where(_SAID))
_ON_IT = Quick(
    sa.select(EDGE.c.upper, EDGE.c.source)
    .where(
        EDGE.c.tenant == sa.bindparam("t"),
        EDGE.c.lower == sa.bindparam("n"),
        EDGE.c.carries == sa.literal_column("1"),
    )
    .order_by(EDGE.c.upper)
)
_IS_FILED = Quick(
    sa.select(DOCUMENT.c.id).where(
        DOCUMENT.c.tenant == sa.bindparam("t"),
        DOCUMENT.c.resource == sa.bindparam("r"),
        DOCUMENT.c.id == sa.bindparam("i"),
    )
)

_TOLD = tuple(
    Quick(
        sa.select(sa.func.count()).where(
            EDGE.c.tenant == sa.bindparam("t"), end == sa.bindparam("n")
        )
    )
    for end in (EDGE.c.upper, EDGE.c.lower)
)


def keep_edges(work: Work, kind: str, before: Document | None, after: Document | None) -> None:
    """Put the edges a document tells now in the place of those it told before."""
    old = find_edges(kind, before) if before is not None else ()
    new = find_edges(kind, after) if after is not None else ()
    if old == new:
        return
    source = node_of(kind, str((after or before or {})["id"]))
    if old:
        _DROP.run(work.tx, {"t": work.tenant, "s": source})
    _PUT.run_many(work.tx, [_row(work.tenant, source, at, edge) for at, edge in enumerate(new)])


def _row(tenant: str, source: str, at: int, edge: Edge) -> dict[str, Any]:
    return {
        "tenant": tenant, "source": source, "at": at, "upper": edge.upper, "lower": edge.lower,
        "relation": edge.relation, "carries": int(edge.carries),
    }  # fmt: skip


def refuse_carrier(work: Work, kind: str, document_id: str) -> None:
    """Refuse (``carries``) what something that is still there stands on; names who it is."""
    node = node_of(kind, document_id)
    rows = _ON_IT.run(work.tx, {"t": work.tenant, "n": node}).fetchall()
    on_it = dict.fromkeys(
        upper for upper, source in rows if source != node or _is_filed(work, upper)
    )
    if on_it:
        names = ", ".join(list(on_it)[:NAMED_MAX])
        more = f" and {len(on_it) - NAMED_MAX} more" if len(on_it) > NAMED_MAX else ""
        raise refused("conflict", "carries", f"{names}{more} stand on {node}: end them first")


def _is_filed(work: Work, node: str) -> bool:
    kind, _, document_id = node.partition(":")
    where = {"t": work.tenant, "r": kind, "i": document_id}
    return _IS_FILED.run(work.tx, where).fetchone() is not None


def is_known(look: Look | Work, node: str) -> bool:
    """Whether any document tells of the node."""
    return any(
        query.run(look.tx, {"t": look.tenant, "n": node}).fetchone()[0] > 0 for query in _TOLD
    )


# -- walking ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limits:
    """What a walk follows, answers and ends at."""

    relations: frozenset[str]
    kinds: frozenset[str]
    depth_max: int
    nodes_max: int

    @classmethod
    def of(cls, query: FindCarriers | FindDependants) -> Limits:
        """The limits a query names."""
        relations, kinds = frozenset(query.relations), frozenset(query.kinds)
        return cls(relations, kinds, query.depth_max, query.nodes_max)


_SIZES = (1, 16, 256)
"""Nodes asked for at once: few sizes, so that every statement is prepared once."""


def _hop(here: sa.Column[str], there: sa.Column[str], carries: int, size: int) -> Quick:
    among: list[sa.BindParameter[str]] = [sa.bindparam(f"n{number}") for number in range(size)]
    return Quick(
        sa.select(here, there, EDGE.c.relation).where(
            EDGE.c.tenant == sa.bindparam("t"),
            here.in_(among),
            EDGE.c.carries == sa.literal_column(str(carries)),
        )
    )


_WAYS: dict[str, tuple[tuple[sa.Column[str], sa.Column[str]], ...]] = {
    DOWN: ((EDGE.c.upper, EDGE.c.lower),),
    UP: ((EDGE.c.lower, EDGE.c.upper),),
    "both": ((EDGE.c.upper, EDGE.c.lower), (EDGE.c.lower, EDGE.c.upper)),
}
_HOPS = {
    (way, carries): {size: [_hop(*ends, carries, size) for ends in pairs] for size in _SIZES}
    for way, pairs in _WAYS.items()
    for carries in (0, 1)
}


def walk(look: Look | Work, start: str, way: str, limits: Limits) -> GraphFound:
    """Everything that ``start`` leads to that way, nearest first, each with its shortest way."""
    previous: dict[str, str] = {}
    nodes: list[NodeFound] = []
    ahead, depth = [start], 0
    while ahead and (depth < limits.depth_max or not limits.depth_max):
        depth += 1
        behind, ahead = ahead, []
        for here, there, relation in _edges(look, behind, way, limits.relations):
            if there in previous or there == start:
                continue
            if len(previous) == limits.nodes_max:
                return GraphFound(
                    start=start, nodes=tuple(nodes), previous=previous, is_whole=False
                )
            previous[there] = here
            ahead.append(there)
            if not limits.kinds or there.partition(":")[0] in limits.kinds:
                nodes.append(NodeFound(node=there, depth=depth, relation=relation))
    return GraphFound(start=start, nodes=tuple(nodes), previous=previous)


def _edges(
    look: Look | Work, nodes: Sequence[str], way: str, relations: frozenset[str]
) -> Iterator[tuple[str, str, str]]:
    """The edges out of ``nodes`` as (from, to, relation), in an order that does not change."""
    hops = [_HOPS[way, 1]] + ([_HOPS["both", 0]] if relations else [])
    for chunk in _chunks(nodes):
        values = {"t": look.tenant} | {f"n{at}": node for at, node in enumerate(chunk)}
        found = {
            tuple(row)
            for sized in hops
            for hop in sized[len(chunk)]
            for row in hop.run(look.tx, values).fetchall()
        }
        for here, there, relation in sorted(found):
            if not relations or relation in relations:
                yield here, there, relation


def _chunks(nodes: Sequence[str]) -> Iterator[Sequence[str]]:
    """``nodes`` in pieces of the known sizes; the last is filled up with what is in it."""
    at = 0
    while at < len(nodes):
        left = len(nodes) - at
        size = next((size for size in _SIZES if size >= left), _SIZES[-1])
        chunk = list(nodes[at : at + size])
        yield chunk + chunk[-1:] * (size - len(chunk))
        at += size
