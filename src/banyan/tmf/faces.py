"""A face: one resource as one generation of its API shows it. All mapping goes through here.

Inner documents go in and out; what a caller sends, sees, patches or filters by is in the form of
the caller's generation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding
from banyan.tmf.apis import API, Generation
from banyan.tmf.edge import (
    check_v4,
    merge_patch,
    merge_v4_patch,
    path_to_v4,
    to_inner,
    to_v4,
    words_shown,
)
from banyan.tmf.filters import Condition, Sort
from banyan.tmf.jsonpaths import compile_jsonpath
from banyan.tmf.lookups import column_of
from banyan.tmf.resource import Resource
from banyan.tmf.schema import check_shape, fill_types, server_owned
from banyan.tmf.shapes import INNER
from banyan.tmf.sorting import Order
from banyan.tmf.stored import Search


class Face:
    """One resource in one generation; everything that doesn't depend on a request, found once."""

    def __init__(self, resource: Resource, generation: Generation) -> None:
        api = API[resource.api]
        facts = api.resource(resource.name)
        self.resource = resource
        self.generation = generation
        self.noun = facts.name_in(generation)
        self.base = api.version(generation).base_path
        self.path = f"{self.base}/{self.noun}"
        self.operations = "".join(o for o in facts.operations if o in resource.operations)
        self.is_v4 = generation == 4
        self.dropped = frozenset(
            {"href", *resource.server_owned, *server_owned(resource.shape, update=False)}
            | (set() if resource.may_choose_id else {"id"})
        )
        self.guarded = sorted(
            {*resource.server_owned, *server_owned(resource.shape, update=True)}
            - {"id", "href", "@type"}
        )
        self.has_last_update = "lastUpdate" in INNER.shapes[resource.shape].attributes

    def read(self, body: Document, *, keeps_id: bool = False) -> tuple[Document, list[Finding]]:
        """The inner form of a create body, with what is wrong with its shape in its own paths.

        A v4 body is judged by v4 alone: what v5 asks beyond that, v4 clients can't know. Who
        ``keeps_id`` brings documents from another house, under the ids they had there.
        """
        resource = self.resource
        dropped = self.dropped - {"id"} if keeps_id else self.dropped
        if not self.is_v4:
            inner = fill_types(resource.shape, _without(body, dropped))
            return inner, check_shape(resource.shape, inner)
        findings = check_v4(resource.api, resource.name, body)
        if findings:
            return body, findings
        inner = _without(to_inner(resource.api, resource.name, body), dropped)
        return fill_types(resource.shape, inner), []

    def outward(self, document: Document) -> Document:
        """The caller's form of an inner document, without ``href``."""
        if self.is_v4:
            return to_v4(self.resource.api, self.resource.name, document)
        return document

    def merged(self, stored: Document, patch: Document) -> Document:
        """The inner document after a merge patch (RFC 7396) in the caller's form."""
        if self.is_v4:
            return merge_v4_patch(self.resource.api, self.resource.name, stored, patch)
        merged: Document = merge_patch(stored, patch)
        return merged

    def place(self, path: str) -> str:
        """Where a finding at an inner path lies in the caller's form."""
        if self.is_v4 and path:
            return path_to_v4(self.resource.api, self.resource.name, path)
        return path

    def placed(self, findings: Iterable[Finding]) -> list[Finding]:
        """Findings with their paths in the caller's form."""
        return [Finding(found.code, found.reason, self.place(found.path)) for found in findings]

    def search(
        self, conditions: Sequence[Condition], sort: Sequence[Sort], jsonpath: str = ""
    ) -> Search:
        """Conditions, an order and a JSONPath in the caller's form as what a store can find.

        v4 is judged by what v4 shows. Where that is what is stored, the store looks it up;
        elsewhere it may look up what can match, and the last word is said on the v4 form.
        """
        found: list[Condition] = []
        judged: list[Condition] = []
        for each in conditions:
            inner, is_exact = self._inner_condition(each)
            if inner is not None:
                found.append(inner)
            if not is_exact:
                judged.append(each)
        order = tuple(self._order(each) for each in sort)
        if not judged and not jsonpath:
            return Search(tuple(found), order=order)
        tests: list[Callable[[Document], bool]] = [each.matches for each in judged]
        if jsonpath:
            tests.append(compile_jsonpath(jsonpath))

        def accept(document: Document) -> bool:
            shown = self.outward(document)
            return all(test(shown) for test in tests)

        return Search(tuple(found), accept, order)

    def _inner_condition(self, condition: Condition) -> tuple[Condition | None, bool]:
        """What must hold of the inner form, and whether that is all the condition says."""
        if not self.is_v4:
            return condition, True
        found, is_exact = [], True
        for each in condition.each():
            path = self._looked_up.get(each.path)
            if path is None:
                return None, False
            words = self._words[path]
            if not words:
                is_exact = is_exact and words is not None
                if words is None and each.operator != "eq":
                    return None, False
                found.append(replace(each, path=path))
            elif each.operator == "eq":
                values = [own for value in each.values for own in _shown_as(words, value)]
                found.append(Condition(path, tuple(values)))
            else:
                return None, False
        return replace(found[0], alternatives=tuple(found[1:])), is_exact

    def _order(self, sort: Sort) -> Order:
        path = self._looked_up.get(sort.path) if self.is_v4 else sort.path
        if path is None or (self.is_v4 and self._words[path] != {}):
            shown = self.outward if self.is_v4 else None
            return Order(sort.path, sort.is_descending, shown)
        is_column = bool(column_of(self.resource, path))
        return Order(path, sort.is_descending, is_column=is_column)

    @cached_property
    def _looked_up(self) -> dict[str, str]:
        """v4 paths of what can be looked up, with the inner path each."""
        resource = self.resource
        inner = ["id", "@type", *([resource.state] if resource.state else []), *resource.indexed]
        return {
            self.place(path): path
            for path in inner
            if self._words[path] is not None or path.endswith(".id")
        }

    @cached_property
    def _words(self) -> dict[str, Mapping[str, str] | None]:
        """How v4 shows the values at inner paths that can be looked up: :func:`words_shown`."""
        resource = self.resource
        paths = dict.fromkeys(("@type", resource.state, *resource.indexed))
        shown = {path: words_shown(resource.api, resource.name, path) for path in paths if path}
        return {**shown, "id": {}}


def _shown_as(words: Mapping[str, str], value: str) -> list[str]:
    """The inner words that v4 shows as a value."""
    found = [inner for inner, shown in words.items() if shown == value]
    return found if value in words else [*found, value]


def _without(document: Document, names: frozenset[str]) -> Document:
    return {name: value for name, value in document.items() if name not in names}


def bases_of(api: str, generation: Generation) -> list[str]:
    """The base path of an API's generation, then the aliases it answers under too."""
    facts = API[api]
    aliases = [base for base, number in facts.aliases.items() if number == generation]
    return [facts.version(generation).base_path, *aliases]


def faces_of(resource: Resource) -> list[Face]:
    """The resource in every generation that has it."""
    api = API[resource.api]
    served = api.resource(resource.name)
    return [Face(resource, number) for number in api.generations if served.served_in(number)]
