"""What stands on what: the graph of products, services, resources and customers."""

from __future__ import annotations

import msgspec

from banyan.kernel.words.messages import Query


class NodeFound(msgspec.Struct, frozen=True, kw_only=True):
    """One thing found in the graph, named ``<kind>:<id>``.

    ``depth`` is the number of edges of the shortest way from the start, ``relation`` the last of
    them.
    """

    node: str
    depth: int
    relation: str


class GraphFound(msgspec.Struct, frozen=True, kw_only=True):
    """Everything found, nearest first.

    ``previous`` has for every node on the way the one before it: the shortest ways make a tree.
    ``is_whole`` is false where ``nodes_max`` ended the search.
    """

    start: str
    nodes: tuple[NodeFound, ...]
    previous: dict[str, str]
    is_whole: bool = True

    def path(self, node: str) -> tuple[str, ...]:
        """The nodes of the shortest way from the start to ``node``, both included."""
        way = [node]
        while way[-1] != self.start:
            way.append(self.previous[way[-1]])
        return tuple(reversed(way))


class FindCarriers(Query[GraphFound], frozen=True, kw_only=True):
    """What carries this? Everything the node ``<kind>:<id>`` stands on, directly or not.

    ``kind`` is ``product``, ``service`` or ``resource`` (``customer`` too: what is theirs).
    Followed are the edges that carry; with ``relations`` the edges of these names only, whichever
    way they were told and whether they carry or not. ``kinds`` limits what is answered, not what
    is walked through; ``depth_max`` ends it after so many edges, if it is not 0. Circles end. An
    unknown node has nothing below it.
    """

    node: str
    relations: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    depth_max: int = 0
    nodes_max: int = 1_000_000


class FindDependants(Query[GraphFound], frozen=True, kw_only=True):
    """Who stands on this? The same upwards, up to the customers (nodes ``customer:<id>``)."""

    node: str
    relations: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    depth_max: int = 0
    nodes_max: int = 1_000_000
