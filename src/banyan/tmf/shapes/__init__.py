"""The standard's types as data: compact tables per API, opened once into :data:`INNER`.

The inner form is v5 where the API has one, v4 with v5 sub-objects where it has not.
"""

from __future__ import annotations

from types import ModuleType
from typing import Final

from banyan.tmf.shapes import (
    banyanparty,
    catalogchange,
    inventorygraph,
    inventoryhistory,
    orderfallout,
    resourcepool,
    shared,
    tmf620,
    tmf622,
    tmf629,
    tmf632,
    tmf633,
    tmf634,
    tmf637,
    tmf638,
    tmf639,
    tmf651,
    tmf666,
    tmf669,
    tmf672,
    tmf673,
    tmf675,
    tmf678,
    tmf702,
)
from banyan.tmf.shapes.book import (
    IMPLIED,
    SCALARS,
    Attribute,
    Shape,
    ShapeBook,
    read_attribute,
    read_book,
)

__all__ = [
    "IMPLIED",
    "INNER",
    "SAME_WORD",
    "SCALARS",
    "TABLES",
    "Attribute",
    "Shape",
    "ShapeBook",
    "read_attribute",
    "read_book",
]

TABLES: Final[tuple[ModuleType, ...]] = (
    shared,
    banyanparty,
    catalogchange,
    inventorygraph,
    inventoryhistory,
    orderfallout,
    resourcepool,
    tmf620,
    tmf622,
    tmf629,
    tmf632,
    tmf633,
    tmf634,
    tmf637,
    tmf638,
    tmf639,
    tmf651,
    tmf666,
    tmf669,
    tmf672,
    tmf673,
    tmf675,
    tmf678,
    tmf702,
)


def _joined(part: str) -> dict[str, str]:
    joined: dict[str, str] = {}
    for table in TABLES:
        for name, text in getattr(table, part).items():
            assert name not in joined, f"{name} stands in two tables"
            joined[name] = text
    return joined


INNER: Final[ShapeBook] = read_book(_joined("SHAPES"), _joined("ENUMS"), _joined("UNIONS"))
"""Every type of the inner form."""

SAME_WORD: Final[dict[str, dict[str, str]]] = {"ProductStatusType": {"aborted": "aborted "}}
"""Enum words accepted in a second spelling, and the spelling of the standard they stand for."""
