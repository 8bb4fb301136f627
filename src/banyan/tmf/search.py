"""Finds documents: by index where it can, by reading where it must; the same answer either way.

What is looked up: ``id``, ``@type``, the state, and the paths the resource indexes, by equality and
range; and, if nothing else must be judged, the order by one of them. Everything else is read, a
page at a time, in memory that doesn't grow with what there is.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from operator import gt, lt
from typing import Any, Final

from banyan.kernel.engine.work import Look, Work
from banyan.tmf import statements
from banyan.tmf.filing import blind, restored
from banyan.tmf.lookups import column_of, find_lookups, is_ordered, values_of
from banyan.tmf.resource import Resource
from banyan.tmf.sorting import place_of, rank_of
from banyan.tmf.statements import NOWHERE, Form, SortForm
from banyan.tmf.stored import Page, Search, Stored

SCAN_PAGE: Final = 500
PROBE_MAX: Final = 5_000
"""Rows up to which a look-up is counted; what finds as many is not worth starting from."""
FEW: Final = 200
"""Rows so few that no look-up is asked whether it finds less."""
RANKED_MAX: Final = 20_000
"""Places held in memory while a list is put in order by reading."""
ALL: Final = 2**40
"""More than any list has."""

Rank = tuple[Any, ...]
Is = Callable[[Rank], bool]


class Finder:
    """One search over the documents of one resource, in one consistent view."""

    def __init__(self, look: Look | Work, resource: Resource, search: Search) -> None:
        self._tx = look.tx
        self._look = look
        self._resource = resource
        self._search = search
        self._lookups, self._unsure = find_lookups(
            resource, search.conditions, partial(blind, look.vault, look.tenant)
        )
        self._forms = tuple(lookup.form for lookup in self._lookups)
        self._values: dict[str, Any] = {
            "t": look.tenant, "r": resource.key, **values_of(self._lookups),
        }  # fmt: skip
        self._limit = ALL if search.limit is None else search.limit

    def page(self) -> Page:
        """What is asked for, with the total."""
        search = self._search
        if self._unsure or search.accept is not None:
            return self._read() if not search.order else self._ranked()
        if not search.order:
            return self._cut()
        order = self._order_forms()
        if order is None or search.after or search.before:
            return self._ranked()
        return self._ordered(order)

    def _run(self, statement: Any, **more: Any) -> list[Any]:
        rows: list[Any] = statement.run(self._tx, {**self._values, **more}).fetchall()
        return rows

    def _stored(self, rows: Sequence[Any]) -> list[Stored]:
        resource = self._resource
        docs = self._look.open_all([row[3] for row in rows])
        return [
            Stored(restored(resource, (*row[:3], doc)), row[4], row[5])
            for row, doc in zip(rows, docs, strict=True)
        ]

    def _form(self) -> Form:
        """The statement's form, starting from where there is least to read."""
        forms = self._forms
        if not forms:
            return Form(forms)
        if len(forms) == 1 and forms[0].is_single:
            return Form(forms, 0)
        likely = sorted(
            range(len(forms)), key=lambda at: (not forms[at].is_single, not forms[at].is_implied)
        )
        best, least = likely[0], PROBE_MAX
        for at in likely:
            count = self._run(statements.probe(forms[at], at), n=PROBE_MAX)[0][0]
            if count < least:
                best, least = at, count
            if least <= FEW:
                break
        if least < PROBE_MAX or forms[best].is_single:
            return Form(forms, best)
        return Form(forms)

    def _cut(self) -> Page:
        """A page in the order of creation."""
        search, form = self._search, self._form()
        cut: statements.Cut = "after" if search.after else "before" if search.before else ""
        where: dict[str, Any] = {"n": self._limit}
        if cut:
            where["pc"], where["pi"] = search.after or search.before
        else:
            where["o"] = search.offset
        found = self._stored(self._run(statements.page(form, cut), **where)) if self._limit else []
        if cut == "before":
            found.reverse()
        if not cut and len(found) < self._limit and (found or not search.offset):
            return self._told(found, search.offset + len(found))
        return self._told(found, self._count(form))

    def _count(self, form: Form) -> int:
        total: int = self._run(statements.count(form))[0][0]
        return total

    def _told(self, found: list[Stored], total: int) -> Page:
        if not found:
            return Page([], total)
        ends = (place_of(self._search.order, each.document, each.created) for each in
                (found[0], found[-1]))  # fmt: skip
        return Page(found, total, *ends)

    def _order_forms(self) -> tuple[SortForm, ...] | None:
        """The order as statements know it; None if one of its attributes must be read."""
        forms = []
        for at, each in enumerate(self._search.order):
            if each.shown is not None:
                return None
            column = column_of(self._resource, each.path)
            if not column and not is_ordered(self._resource, each.path):
                return None
            self._values[f"s{at}"] = each.path
            forms.append(SortForm(column, each.is_descending))
        return tuple(forms)

    def _ordered(self, order: tuple[SortForm, ...]) -> Page:
        """A page in an order that indexes know."""
        search, form = self._search, self._form()
        total = self._count(form)
        if not self._limit or search.offset >= total:
            return Page([], total)
        n = min(self._limit, total - search.offset)
        if len(order) > 1 or order[0].column or (total < PROBE_MAX and form.base != NOWHERE):
            rows = self._run(statements.gathered(form, order), n=n, o=search.offset)
            return self._told(self._stored(rows), total)
        rows = self._run(statements.walked(self._forms, order[0]), n=n, o=search.offset)
        if len(rows) < n:
            walked = self._run(statements.walked_count(self._forms, order[0]))[0][0]
            behind = max(0, search.offset - walked)
            rows += self._run(statements.unvalued(form), n=n - len(rows), o=behind)
        return self._told(self._stored(rows), total)

    def _matching(self) -> Iterator[Stored]:
        """All that match, in the order of creation, read page by page."""
        accept, unsure = self._search.accept, self._unsure
        rows = self._tx.execute(statements.scan(self._form()), self._values)
        for some in rows.yield_per(SCAN_PAGE).partitions():
            for stored in self._stored(some):
                document = stored.document
                if all(each.matches(document) for each in unsure) and (
                    accept is None or accept(document)
                ):
                    yield stored

    def _read(self) -> Page:
        """A page in the order of creation, found by reading."""
        search, limit = self._search, self._limit
        found: deque[Stored] = deque(maxlen=min(limit, ALL) if search.before else None)
        total = 0
        for stored in self._matching():
            place = (stored.created, stored.document["id"])
            if search.after:
                is_wanted = place > search.after and len(found) < limit
            elif search.before:
                is_wanted = place < search.before
            else:
                is_wanted = search.offset <= total and len(found) < limit
            if is_wanted:
                found.append(stored)
            total += 1
        return self._told(list(found), total)

    def _ranked(self) -> Page:
        """A page in an order that only reading shows.

        At most ``RANKED_MAX`` places are held at once: a page far behind takes several walks.
        """
        order, limit = self._search.order, self._limit
        if self._search.before:
            end = rank_of(order, self._search.before)
            held, total = self._best(heapq.nlargest, limit, partial(gt, end))
            return self._told(self._fetched(held[::-1]), total)
        start = rank_of(order, self._search.after) if self._search.after else ()
        skip = self._search.offset
        found: list[Rank] = []
        while True:
            size = skip + limit - len(found)
            held, total = self._best(heapq.nsmallest, min(size, RANKED_MAX), partial(lt, start))
            found += held[skip:]
            skip = max(0, skip - len(held))
            if size <= RANKED_MAX or len(held) < RANKED_MAX:
                return self._told(self._fetched(found), total)
            start = held[-1]

    def _best(
        self, pick: Callable[[int, Iterator[Rank]], list[Rank]], size: int, is_wanted: Is
    ) -> tuple[list[Rank], int]:
        """The first (or last) ``size`` wanted places of all that match, and how many match."""
        order = self._search.order
        total = 0

        def wanted() -> Iterator[Rank]:
            nonlocal total
            for stored in self._matching():
                total += 1
                rank = rank_of(order, place_of(order, stored.document, stored.created))
                if is_wanted(rank):
                    yield rank

        held = pick(max(size, 1), wanted())
        return held[:size], total

    def _fetched(self, ranks: list[Rank]) -> list[Stored]:
        rows: list[Any] = []
        for rank in ranks:
            rows += self._run(statements.ONE, i=rank[-1])
        return self._stored(rows)
