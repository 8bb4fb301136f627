"""The graph over HTTP: two collections that are worked out when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from banyan.components.inventory.contract import GraphFound, NodeFound
from banyan.components.inventory.store import graph
from banyan.components.inventory.store.filed import PRODUCT, RESOURCE, SERVICE
from banyan.components.inventory.wire.questions import Question
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refused
from banyan.kernel.words.ids import GraphNodeId
from banyan.tmf import documents
from banyan.tmf.filters import Condition
from banyan.tmf.resource import Resource

KINDS: Final = {"product": PRODUCT, "service": SERVICE, "resource": RESOURCE}
_KNOWN: Final = ("of", "relation", "kind", "depth")
_BETWEEN: Final = "~"


class GraphView:
    """What ``of=<kind>:<id>`` leads to, nearest first, each with its shortest way.

    Who asks of nothing finds nothing. ``relation`` names the edges to follow, ``kind`` what to
    show, ``depth`` how far to go.
    """

    def __init__(self, shape: str, way: str) -> None:
        self._shape = shape
        self._way = way

    def page(
        self, look: Look, conditions: Sequence[Condition], offset: int, limit: int | None
    ) -> tuple[list[Document], int]:
        """A page of what is found."""
        question = Question(conditions, _KNOWN)
        if not question.one("of"):
            return [], 0
        start = _read_node(question.one("of"))
        kinds = frozenset(question.several("kind"))
        limits = graph.Limits(
            frozenset(question.several("relation")), kinds, question.count("depth"), NODES_MAX
        )
        found = self._walk(look, start, limits)
        end = None if limit is None else offset + limit
        return self._shown(look, found, found.nodes[offset:end]), len(found.nodes)

    def find(self, look: Look, document_id: str) -> Document | None:
        """One node found from another, by the id the list gave it."""
        start, _, node = document_id.partition(_BETWEEN)
        if not node:
            return None
        limits = graph.Limits(frozenset(), frozenset(), 0, NODES_MAX)
        found = graph.walk(look, start, self._way, limits)
        return next(
            iter(self._shown(look, found, [n for n in found.nodes if n.node == node])), None
        )

    def remove(self, work: Work, document_id: str) -> None:
        """Refused: edges go with what the documents say."""
        raise refused("method", "method", "DELETE is not offered here")

    def _walk(self, look: Look, start: str, limits: graph.Limits) -> GraphFound:
        found = graph.walk(look, start, self._way, limits)
        if not found.nodes and not _names(look, [start]) and not graph.is_known(look, start):
            raise refused("unknown", "unknownNode", f"there is no {start}", "of")
        if not found.is_whole:
            reason = f"leads to more than {NODES_MAX} things: narrow it by depth or relation"
            raise refused("limited", "tooMany", reason, "of")
        return found

    def _shown(self, look: Look, found: GraphFound, nodes: Sequence[NodeFound]) -> list[Document]:
        filed = _names(look, [each.node for each in nodes])
        return [self._document(found, each, filed.get(each.node, {})) for each in nodes]

    def _document(self, found: GraphFound, each: NodeFound, filed: Document) -> Document:
        kind, _, document_id = each.node.partition(":")
        resource = KINDS.get(kind)
        entity = {
            "@type": "EntityRef",
            "id": document_id,
            "name": filed.get("name"),
            "@referredType": filed.get("@type") or kind.capitalize(),
        }
        state = str(filed.get(resource.state, "")).strip() if resource else ""
        return {
            "id": f"{found.start}{_BETWEEN}{each.node}",
            "@type": self._shape,
            "of": found.start,
            "kind": kind,
            "entity": {name: value for name, value in entity.items() if value},
            "depth": each.depth,
            "relation": each.relation,
            "path": list(found.path(each.node)),
            **({"state": state} if state else {}),
        }


def _read_node(text: str) -> str:
    kind, colon, document_id = text.partition(":")
    if not colon or not document_id or kind not in (*KINDS, "customer"):
        kinds = ", ".join((*KINDS, "customer"))
        reason = f"is <kind>:<id>, where the kind is one of {kinds}"
        raise refused("malformed", "wrongNode", reason, "of")
    return text


def _names(look: Look, nodes: Sequence[str]) -> dict[str, Document]:
    """The documents of those nodes that have one."""
    wanted: dict[str, list[str]] = {}
    for node in nodes:
        kind, _, document_id = node.partition(":")
        wanted.setdefault(kind, []).append(document_id)
    return {
        f"{kind}:{document['id']}": document
        for kind, ids in wanted.items()
        if kind in KINDS
        for document in documents.every(look, KINDS[kind], {"id": ids})
    }


NODES_MAX: Final = 1_000_000
"""Things one answer is picked from."""


def _row(name: str, shape: str, way: str) -> Resource:
    return Resource(
        api="BANYAN-InventoryGraph",
        name=name,
        shape=shape,
        room="inventory",
        id_type=GraphNodeId,
        operations="G",
        view=GraphView(shape, way),
    )


CARRIER = _row("carrier", "InventoryCarrier", graph.DOWN)
DEPENDANT = _row("dependant", "InventoryDependant", graph.UP)
