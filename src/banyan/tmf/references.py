"""References inside documents that must follow what they name: to another id, back, or nameless.

A reference is an object with an ``id`` that says it is one (``@referredType``, or a ``@type`` that
ends in ``Ref``), at any depth. One that was led to another id keeps the old one in ``mergedFrom``,
the last led from at the end: so it can be led back, and only where it was led from.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.tmf import documents
from banyan.tmf.resource import Resource

TRACE = "mergedFrom"
"""The attribute of a reference that holds the ids it was led from."""

Change = Callable[[Document], Document]
"""A document with some of its references changed; the document itself where there are none."""


def is_reference(value: Any) -> bool:
    """Whether a value inside a document refers to something by its id."""
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        return False
    named = value.get("@type")
    return "@referredType" in value or (isinstance(named, str) and named.endswith("Ref"))


def led(old: str, new: str) -> Change:
    """Leads every reference to ``old`` to ``new``; the name beside it stays."""

    def change(reference: Document) -> Document:
        kept = {key: value for key, value in reference.items() if key != "href"}
        if reference["id"] == old:
            return {**kept, "id": new, TRACE: [*(reference.get(TRACE) or ()), old]}
        if reference.get("partyId") == old:
            return {**kept, "partyId": new}
        return reference

    return lambda document: _mapped(document, change)


def led_back(old: str, new: str) -> Change:
    """Undoes :func:`led` where a reference was last led from ``old`` to ``new``."""

    def change(reference: Document) -> Document:
        trace = reference.get(TRACE) or []
        if reference["id"] != new or trace[-1:] != [old]:
            return reference
        kept = {key: value for key, value in reference.items() if key != TRACE}
        return {**kept, "id": old, **({TRACE: trace[:-1]} if trace[:-1] else {})}

    return lambda document: _mapped(document, change)


def nameless(ids: Collection[str]) -> Change:
    """Takes the name away that is kept beside every reference to one of ``ids``."""

    def change(reference: Document) -> Document:
        if reference["id"] not in ids and reference.get("partyId") not in ids:
            return reference
        return {k: v for k, v in reference.items() if k not in ("name", "partyName")}

    return lambda document: _mapped(document, change)


def _mapped(document: Document, change: Change) -> Document:
    mapped: Document = _walked(document, change, is_whole=True)
    return mapped


def _walked(value: Any, change: Change, *, is_whole: bool = False) -> Any:
    if isinstance(value, list):
        return [_walked(item, change) for item in value]
    if not isinstance(value, dict):
        return value
    inner = {key: _walked(item, change) for key, item in value.items()}
    return inner if is_whole or not is_reference(inner) else change(inner)


def find_naming(
    look: Look | Work, resources: Iterable[Resource], ids: Collection[str]
) -> list[tuple[Resource, Document]]:
    """Every document that refers to one of ``ids`` at an indexed path, each once."""
    found: dict[tuple[str, str], tuple[Resource, Document]] = {}
    for resource in resources:
        if resource.view is not None:
            continue
        for path in resource.indexed:
            if path.endswith(".id"):
                for document in documents.every(look, resource, {path: sorted(ids)}):
                    found[resource.name, document["id"]] = (resource, document)
    return list(found.values())


def change_naming(
    work: Work, resources: Iterable[Resource], ids: Collection[str], change: Change
) -> int:
    """Change every document that :func:`find_naming` finds; answers how many became another."""
    count = 0
    for resource, document in find_naming(work, resources, ids):
        changed = change(document)
        if changed != document:
            documents.change(work, resource, changed)
            count += 1
    return count
