"""What differs between two states of a catalogue, attribute by attribute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from banyan.components.catalog.model import Key, without_owned
from banyan.kernel.words.codec import Document

UNSAID = ("id", "href")


def compute_differences(
    before: Mapping[Key, Document], after: Mapping[Key, Document]
) -> list[Document]:
    """Added, removed and changed things, by resource and id; ``attribute`` says what changed.

    What the room itself writes (dates of updates, histories) is no difference.
    """
    found: list[Document] = []
    for key in sorted({*before, *after}):
        was, now = before.get(key), after.get(key)
        if was is None or now is None:
            change, attributes = "removed" if now is None else "added", []
        else:
            change = "changed"
            attributes = list(_walk("", without_owned(was), without_owned(now)))
            if not attributes:
                continue
        shown = now or was or {}
        entity = {
            "@type": "CatalogEntryRef",
            "id": key[1],
            "name": shown.get("name"),
            "version": shown.get("version"),
            "@referredType": key[0][0].upper() + key[0][1:],
        }
        difference: Document = {"@type": "CatalogDifference", "change": change, "entity": entity}
        if attributes:
            difference["attribute"] = attributes
        found.append(difference)
    return found


def _walk(path: str, was: Any, now: Any) -> Iterator[Document]:
    if was == now:
        return
    if isinstance(was, dict) and isinstance(now, dict):
        for name in sorted({*was, *now}):
            if path or name not in UNSAID:
                yield from _walk(_below(path, name), was.get(name), now.get(name))
        return
    named_was, named_now = _by_name(was), _by_name(now)
    if named_was is not None and named_now is not None:
        for name in dict.fromkeys([*named_was, *named_now]):
            yield from _walk(_below(path, name), named_was.get(name), named_now.get(name))
        if list(named_was) != list(named_now) and set(named_was) == set(named_now):
            yield _attribute(path, list(named_was), list(named_now))
        return
    are_lists = isinstance(was, list) and isinstance(now, list) and len(was) == len(now)
    if are_lists and all(isinstance(each, dict) for each in (*was, *now)):
        for at, (one, other) in enumerate(zip(was, now, strict=True)):
            yield from _walk(_below(path, str(at)), one, other)
        return
    yield _attribute(path, was, now)


def _attribute(path: str, was: Any, now: Any) -> Document:
    sides = {"before": was, "after": now}
    told = {side: value for side, value in sides.items() if value is not None}
    return {"@type": "CatalogAttributeDifference", "path": path, **told}


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _by_name(value: Any) -> dict[str, Document] | None:
    """The elements of a list by their name or id; None where they have none of their own."""
    if not isinstance(value, list):
        return None
    names = [
        str(each.get("name") or each.get("id") or "") if isinstance(each, dict) else ""
        for each in value
    ]
    if not all(names) or len(set(names)) != len(names):
        return None
    return dict(zip(names, value, strict=True))
