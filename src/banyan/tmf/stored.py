"""Documents as they come out of a store: one with its revision, part of a list, what is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from banyan.kernel.words.codec import Document
from banyan.tmf.filters import Condition
from banyan.tmf.sorting import Order, Place

Accept = Callable[[Document], bool]
"""A last word on documents that match so far, for what no index and no inner path can say."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A document with its revision, and when it was made as text that orders."""

    document: Document
    rev: int
    created: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list: the documents with revisions, and how many match in all.

    ``first`` and ``last`` are the places of its ends in the list's order.
    """

    found: list[Stored]
    total: int
    first: Place = ()
    last: Place = ()


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked of a list: conditions on inner documents, an order, a page.

    All conditions must hold, and ``accept`` must say yes. Equal documents, and all if there is
    no order, stand oldest first. A page begins at ``offset``, or behind the place ``after``, or
    ends before the place ``before``.
    """

    conditions: tuple[Condition, ...] = ()
    accept: Accept | None = None
    order: tuple[Order, ...] = ()
    offset: int = 0
    limit: int | None = None
    after: Place = ()
    before: Place = ()
