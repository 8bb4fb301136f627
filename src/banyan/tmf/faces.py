"""A face: one resource as one generation of its API shows it. All mapping goes through here.

Inner documents go in and out; what a caller sends, sees, patches or filters by is in the form of
the caller's generation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding
from banyan.tmf.apis import API, Generation
from banyan.tmf.documents import Accept
from banyan.tmf.edge import check_v4, merge_patch, merge_v4_patch, path_to_v4, to_inner, to_v4
from banyan.tmf.filters import Condition
from banyan.tmf.resource import Resource
from banyan.tmf.schema import check_shape, fill_types, server_owned
from banyan.tmf.shapes import INNER


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

    def read(self, body: Document) -> tuple[Document, list[Finding]]:
        """The inner form of a create body, with what is wrong with its shape in its own paths.

        A v4 body is judged by v4 alone: what v5 asks beyond that, v4 clients can't know.
        """
        resource = self.resource
        if not self.is_v4:
            inner = fill_types(resource.shape, self._offered(body))
            return inner, check_shape(resource.shape, inner)
        findings = check_v4(resource.api, resource.name, body)
        if findings:
            return body, findings
        inner = self._offered(to_inner(resource.api, resource.name, body))
        return fill_types(resource.shape, inner), []

    def _offered(self, inner: Document) -> Document:
        return {name: value for name, value in inner.items() if name not in self.dropped}

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

    def narrowed(
        self, conditions: Sequence[Condition]
    ) -> tuple[dict[str, Sequence[str]], Accept | None]:
        """Conditions in the caller's form as what the store can look up, and a last word.

        v4 conditions are judged on what v4 shows; the index only saves reading what can't match.
        """
        if not self.is_v4:
            return {each.path: each.values for each in conditions}, None
        wanted: dict[str, Sequence[str]] = {}
        judged: list[Condition] = []
        for each in conditions:
            inner = self._looked_up.get(each.path)
            if inner is not None:
                wanted[inner] = each.values
            if each.path != "id":
                judged.append(each)
        if not judged:
            return wanted, None

        def accept(document: Document) -> bool:
            shown = self.outward(document)
            return all(each.matches(shown) for each in judged)

        return wanted, accept

    @cached_property
    def _looked_up(self) -> dict[str, str]:
        """v4 paths whose values stand unchanged at an indexed inner path, with that path."""
        found = {"id": "id"}
        for inner in self.resource.indexed:
            shown = self.place(inner)
            if inner.endswith(".id") or (shown == inner and not self._is_word(inner)):
                found[shown] = inner
        return found

    def _is_word(self, path: str) -> bool:
        """Whether the values at an inner path are words of a list: those may differ in v4."""
        attribute = INNER.shapes[self.resource.shape].attributes.get(path)
        return attribute is None or attribute.type in INNER.enums


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
