"""The ``fields`` parameter: what of a document is shown. What is stored never changes."""

from __future__ import annotations

from typing import Any, Final

from banyan.kernel.words.codec import Document

_ALWAYS: Final = ("id", "href")


def project(document: Document, fields: list[str] | None, generation: int) -> Document:
    """The chosen attributes of ``document``, plus ``id`` and ``href``, in v5 also ``@type``.

    ``fields`` holds attribute names, dotted for nested ones (a list is projected item by item);
    nothing, or an empty list, shows all, ``none`` alone shows only what is always shown. Names
    the document does not have are ignored.
    """
    if not fields:
        return document
    always = (*_ALWAYS, "@type") if generation >= 5 else _ALWAYS
    chosen: dict[str, Any] = {}
    for part in ",".join(fields).split(","):
        level = chosen
        names = part.strip().split(".")
        for name in names[:-1]:
            level = level.setdefault(name, {})
            if level is _ALL:
                break
        else:
            level[names[-1]] = _ALL
    return _chosen(document, chosen, always)


_ALL: Final[dict[str, Any]] = {"": None}


def _chosen(document: Document, chosen: dict[str, Any], always: tuple[str, ...]) -> Document:
    shown: Document = {}
    for key, value in document.items():
        below = chosen.get(key)
        if below is _ALL or key in always:
            shown[key] = value
        elif below is not None:
            kept = _nested(value, below, tuple(k for k in always if k.startswith("@")))
            if kept is not None:
                shown[key] = kept
    return shown


def _nested(value: Any, chosen: dict[str, Any], always: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return _chosen(value, chosen, always)
    if isinstance(value, list):
        return [_chosen(item, chosen, always) for item in value if isinstance(item, dict)]
    return None
