"""Which edges of the graph a document (v5 form) tells: what stands on what.

An ended document (terminated, cancelled, aborted) stands on nothing and carries nothing any more:
it tells no edges. A reference without an id, and a value embedded without one, tell none either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from banyan.components.inventory.model import (
    PRODUCT_LIFE,
    RELATION_MAX,
    SERVICE_LIFE,
    Edge,
)
from banyan.kernel.words.codec import Document

ON: Final = "on"
UNDER: Final = "under"
BESIDE: Final = "beside"

_WORDS: Final = {
    ON: (
        "reliesOn dependsOn requires uses needs isSupportedBy supportedBy isCarriedBy carriedBy "
        "isContainedIn containedIn containedBy isInstalledIn installedIn isInstalledOn installedOn "
        "isHostedBy hostedBy hostedOn runsOn isRealizedBy realizedBy realizes bundles comprises "
        "hasPart consistsOf aggregates isChildOf childOf"
    ),
    UNDER: (
        "supports carries contains hosts isRequiredBy requiredBy isUsedBy usedBy isPartOf partOf "
        "isBundledIn bundledIn isMemberOf memberOf isParentOf parentOf"
    ),
}


def _plain(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.lower())


DIRECTION: Final = {_plain(word): way for way, words in _WORDS.items() for word in words.split()}
"""``relationshipType`` (a free string in the standard; case and separators don't matter) → whether
the document that says it stands *on* the related one or *under* it. Any other type, like
``connectedTo`` or ``backup``, says that both are *beside* each other.
"""

_ENDED: Final = frozenset({*PRODUCT_LIFE.terminal, *SERVICE_LIFE.terminal})
_CUSTOMER_ROLES: Final = frozenset({"customer", "user", "subscriber"})
_LOWER: Final = {
    "product": {
        "realizingService": "service",
        "realizingResource": "resource",
        "product": "product",
    },
    "service": {"supportingService": "service", "supportingResource": "resource"},
    "resource": {"supportingResource": "resource"},
}
"""Attributes whose references carry the document, and the kind they refer to."""

_RELATED: Final = {
    "product": ("productRelationship", "", "product"),
    "service": ("serviceRelationship", "service", "service"),
    "resource": ("resourceRelationship", "resource", "resource"),
}
_STATE: Final = {"product": "status", "service": "state"}


def node_of(kind: str, document_id: str) -> str:
    """How a thing is named in the graph."""
    return f"{kind}:{document_id}"


def is_ended(kind: str, document: Document) -> bool:
    """Whether the document is a record of what is over."""
    return str(document.get(_STATE.get(kind, ""), "")).strip() in _ENDED


def find_edges(kind: str, document: Document) -> tuple[Edge, ...]:
    """The edges that ``document``, a ``kind`` in v5 form with its id, tells; each once."""
    if is_ended(kind, document):
        return ()
    own = node_of(kind, document["id"])
    found = [
        *_carriers(kind, own, document),
        *_related(kind, own, document),
        *_connected(own, document),
        *_customers(own, document),
    ]
    return tuple(dict.fromkeys(edge for edge in found if edge.upper != edge.lower))


def _carriers(kind: str, own: str, document: Document) -> Iterator[Edge]:
    for attribute, below in _LOWER[kind].items():
        for ref in _listed(document.get(attribute)):
            if _id_of(ref):
                yield Edge(own, node_of(below, _id_of(ref)), attribute)


def _related(kind: str, own: str, document: Document) -> Iterator[Edge]:
    attribute, inner, other = _RELATED[kind]
    for each in _listed(document.get(attribute)):
        ref = each.get(inner) if inner else each
        relation = str(each.get("relationshipType") or "")[:RELATION_MAX]
        if not isinstance(ref, dict) or not _id_of(ref):
            continue
        there = node_of(other, _id_of(ref))
        way = DIRECTION.get(_plain(relation), BESIDE)
        upper, lower = (there, own) if way == UNDER else (own, there)
        yield Edge(upper, lower, relation, carries=way != BESIDE)


def _connected(own: str, document: Document) -> Iterator[Edge]:
    """TMF639 ResourceFunction: its graphs connect endpoints, and the function stands on them."""
    for graph in _listed(document.get("connectivity")):
        for connection in _listed(graph.get("connection")):
            ends = [_id_of(end) for end in _listed(connection.get("endpoint")) if _id_of(end)]
            nodes = [node_of("resource", end) for end in ends]
            for node in nodes:
                yield Edge(own, node, "connectivity")
            for node in nodes[1:]:
                yield Edge(nodes[0], node, "connectedTo", carries=False)


def _customers(own: str, document: Document) -> Iterator[Edge]:
    """Who stands on it in the end: related parties that are customers by type or by role."""
    for each in _listed(document.get("relatedParty")):
        party, role = each.get("partyOrPartyRole"), str(each.get("role") or "")
        if not isinstance(party, dict) or not _id_of(party):
            continue
        is_customer = party.get("@referredType") == "Customer" or party.get("@type") == "Customer"
        if is_customer or role.lower() in _CUSTOMER_ROLES:
            yield Edge(node_of("customer", _id_of(party)), own, role[:RELATION_MAX] or "customer")


def _listed(value: Any) -> list[Document]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _id_of(ref: Document) -> str:
    found = ref.get("id")
    return found if isinstance(found, str) else ""
