"""Whether what a specification is made of can be fulfilled by the drivers that are installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from banyan.components.catalog.model import (
    DEPTH_MAX,
    NEEDED,
    NODES_MAX,
    RESOURCE_SPECIFICATION,
    Abilities,
    Key,
    find_characteristics,
    find_links,
    split_address,
)
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding

DEVICE = "device"
TECHNOLOGY = "technology"
OPERATIONS = "operations"


def find_obstacle(document: Document, abilities: Abilities) -> str:
    """Why no installed driver can configure this resource specification; empty if one can.

    A resource is configured if it has the characteristic ``device`` or names a ``technology``; one
    that has neither is taken from a pool or only recorded, and needs no driver. ``operations``
    names what it asks of a driver, configure, read and remove unless it says otherwise.
    """
    named = {each["name"]: each for each in find_characteristics(RESOURCE_SPECIFICATION, document)}
    technologies = _values(named.get(TECHNOLOGY))
    if DEVICE not in named and not technologies:
        return ""
    operations = _values(named.get(OPERATIONS)) or NEEDED
    able = [each for each in abilities if set(operations) <= set(each.operations)]
    lacking = [t for t in technologies if not any(t in each.technologies for each in able)]
    if able and not lacking:
        return ""
    what = f"technology {lacking[0]!r} with " if lacking else ""
    there = "; ".join(
        f"{each.driver}: {', '.join(each.technologies)} ({', '.join(each.operations)})"
        for each in abilities
    )
    wanted = f"{what}{', '.join(operations)}"
    return f"no installed driver offers {wanted}; there are {there or 'no drivers'}"


def _values(characteristic: Document | None) -> tuple[str, ...]:
    entries = (characteristic or {}).get("characteristicValueSpecification") or []
    values = [each.get("value") for each in entries if isinstance(each, dict)]
    flat = [v for value in values for v in (value if isinstance(value, list) else [value])]
    return tuple(v for v in flat if isinstance(v, str))


def find_unfulfilled(
    key: Key, document: Document, documents: Mapping[Key, Document], abilities: Abilities
) -> list[Finding]:
    """Every leaf below (and including) ``document`` that no driver can fulfil, with the way to it.

    The path is that of the document's own reference the way begins with; empty for itself.
    """
    return list(_walk("", (key,), document, documents, abilities, [0]))


def _walk(
    path: str,
    trail: tuple[Key, ...],
    document: Document,
    documents: Mapping[Key, Document],
    abilities: Abilities,
    count: list[int],
) -> Iterator[Finding]:
    kind = trail[-1][0]
    count[0] += 1
    if len(trail) > DEPTH_MAX or count[0] > NODES_MAX:
        return
    if kind == RESOURCE_SPECIFICATION:
        obstacle = find_obstacle(document, abilities)
        if obstacle:
            way = " → ".join(split_address(name)[0] for _, name in trail)
            yield Finding("unfulfillable", f"{way}: {obstacle}", path)
    for link in find_links(kind, document):
        below = documents.get(link.target)
        if below is None or not link.is_part or link.target in trail:
            continue
        start = path or link.path
        yield from _walk(start, (*trail, link.target), below, documents, abilities, count)
