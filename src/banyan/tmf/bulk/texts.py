"""Which attributes of a resource hold text by the standard: a postcode 01067 is no number."""

from __future__ import annotations

from typing import Final

from banyan.tmf.bulk.sheets import IsText, Path
from banyan.tmf.edge import v4_book, v4_type
from banyan.tmf.faces import Face
from banyan.tmf.shapes import INNER, ShapeBook

_TEXTS: Final = frozenset({"string", "dateTime", "date", "uri"})


def text_paths(face: Face) -> IsText:
    """Whether the values at a path of a document in this generation are texts."""
    resource = face.resource
    book, root = INNER, resource.shape
    if face.is_v4:
        book, root = v4_book(resource.api), v4_type(resource.api, resource.name)

    def is_text(path: Path) -> bool:
        types = {root}
        for name in path:
            if isinstance(name, str):
                types = {each for held in types for each in _types_of(book, held, name)}
        return bool(types) and all(each in _TEXTS or each in book.enums for each in types)

    return is_text


def _types_of(book: ShapeBook, held: str, name: str) -> set[str]:
    if not book.is_object(held):
        return set()
    if name.startswith("@"):
        return {"string"}
    shapes = [book.shapes[member] for member in book.family(held) if member in book.shapes]
    return {s.attributes[name].type for s in shapes if name in s.attributes}
