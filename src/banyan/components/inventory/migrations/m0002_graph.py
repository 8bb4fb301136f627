"""The graph: edges that documents tell of each other, filled from the documents there are.

What an edge is was decided by ``wire/edges.py`` when this was released, and is written down here
once more: a migration does not change when the code does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic.operations import Operations

PAGE = 500
_LOWER = {
    "product": (
        ("realizingService", "service"), ("realizingResource", "resource"), ("product", "product"),
    ),
    "service": (("supportingService", "service"), ("supportingResource", "resource")),
    "resource": (("supportingResource", "resource"),),
}  # fmt: skip
_RELATED = {
    "product": ("productRelationship", ""),
    "service": ("serviceRelationship", "service"),
    "resource": ("resourceRelationship", "resource"),
}
_ON = {
    "relieson", "dependson", "requires", "uses", "needs", "issupportedby", "supportedby",
    "iscarriedby", "carriedby", "iscontainedin", "containedin", "containedby", "isinstalledin",
    "installedin", "isinstalledon", "installedon", "ishostedby", "hostedby", "hostedon", "runson",
    "isrealizedby", "realizedby", "realizes", "bundles", "comprises", "haspart", "consistsof",
    "aggregates", "ischildof", "childof",
}  # fmt: skip
_UNDER = {
    "supports", "carries", "contains", "hosts", "isrequiredby", "requiredby", "isusedby", "usedby",
    "ispartof", "partof", "isbundledin", "bundledin", "ismemberof", "memberof", "isparentof",
    "parentof",
}  # fmt: skip
_ENDED = {"terminated", "cancelled", "aborted"}

Row = tuple[str, str, str, int]


def upgrade(op: Operations) -> None:
    """Create ``edge`` and fill it."""
    edge = op.create_table(
        "edge",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("source", sa.String(160), primary_key=True),
        sa.Column("at", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("upper", sa.String(160), nullable=False),
        sa.Column("lower", sa.String(160), nullable=False),
        sa.Column("relation", sa.String(64), nullable=False),
        sa.Column("carries", sa.SmallInteger, nullable=False),
    )
    for name, first, second in (("edge_down", "upper", "lower"), ("edge_up", "lower", "upper")):
        op.create_index(name, "edge", ["tenant", first, "carries", second, "relation"])
    tx = op.get_bind()
    if not sa.inspect(tx).has_table("document"):
        return
    found = tx.execute(
        sa.text("SELECT tenant, resource, id, state, doc FROM document WHERE resource IN "
                "('product', 'service', 'resource')")
    )  # fmt: skip
    for rows in found.partitions(PAGE):
        filed = [
            dict(zip(("tenant", "source", "at", "upper", "lower", "relation", "carries"), line,
                     strict=True))
            for row in rows
            if row.state.strip() not in _ENDED
            for line in _lines(row)
        ]  # fmt: skip
        if filed:
            tx.execute(edge.insert(), filed)


def _lines(row: Any) -> Iterator[tuple[Any, ...]]:
    source = f"{row.resource}:{row.id}"
    edges = dict.fromkeys(_edges(row.resource, source, json.loads(row.doc)))
    for at, edge in enumerate(each for each in edges if each[0] != each[1]):
        yield (row.tenant, source, at, *edge)


def _edges(kind: str, own: str, document: dict[str, Any]) -> Iterator[Row]:
    for attribute, below in _LOWER[kind]:
        for ref in document.get(attribute) or ():
            if ref.get("id"):
                yield own, f"{below}:{ref['id']}", attribute, 1
    attribute, inner = _RELATED[kind]
    for each in document.get(attribute) or ():
        ref = each.get(inner) or {} if inner else each
        relation = str(each.get("relationshipType") or "")
        word = "".join(c for c in relation.lower() if c.isalnum())
        there = f"{kind}:{ref.get('id')}"
        if ref.get("id"):
            ends = (there, own) if word in _UNDER else (own, there)
            yield *ends, relation[:64], int(word in _ON or word in _UNDER)
    for each in document.get("relatedParty") or ():
        party, role = each.get("partyOrPartyRole") or {}, str(each.get("role") or "")
        is_customer = "Customer" in (party.get("@referredType"), party.get("@type"))
        if party.get("id") and (is_customer or role.lower() in ("customer", "user", "subscriber")):
            yield f"customer:{party['id']}", own, role[:64] or "customer", 1
