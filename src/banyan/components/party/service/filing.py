"""How a document of party is filed and replaced: one way for every resource, rules as a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from banyan.components.party import store
from banyan.components.party.contract import FileDocument, ReplaceDocument
from banyan.components.party.model import RETAINED, find_references, with_word
from banyan.components.party.policy import rules
from banyan.components.party.policy.rules import Found
from banyan.components.party.service.subjects import follow_role, with_subject
from banyan.kernel.engine.clock import to_wire
from banyan.kernel.engine.handlers import Handler, decides
from banyan.kernel.engine.work import Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, refuse_findings
from banyan.tmf.resource import Resource

Check = Callable[[Document, Found], list[Finding]]
Compare = Callable[[Document, Document], list[Finding]]
Settle = Callable[[Work, Document | None, Document], Document]


def _no_findings(document: Document, found: Found) -> list[Finding]:
    return []


def _no_difference(before: Document, after: Document) -> list[Finding]:
    return []


def _as_it_is(work: Work, before: Document | None, after: Document) -> Document:
    return after


@dataclass(frozen=True)
class Filing:
    """What is particular about filing one resource.

    ``check`` looks at every new form, ``check_first`` at the first one only, ``compare`` at what a
    change changes. ``kept`` are attributes that a change which leaves them out leaves as they are.
    ``settle`` has the last word, in the transaction: it may change other documents too, and answers
    what is stored; a document that is new has its id by then.
    """

    resource: Resource
    create: type[Any]
    patch: type[Any]
    check: Check = _no_findings
    check_first: Check = _no_findings
    compare: Compare = _no_difference
    kept: tuple[str, ...] = ()
    settle: Settle = _as_it_is

    def handlers(self) -> tuple[Handler, ...]:
        """The handlers of its two commands."""
        return (decides(self.create, self.file), decides(self.patch, self.change))

    def file(self, work: Work, command: FileDocument) -> Document:
        """Answer its :class:`FileDocument`."""
        resource = self.resource
        document = resource.fill(command.document, work.now)
        document, findings = self._checked(work, document)
        if resource.lifecycle is not None:
            findings += rules.check_first_state(document, resource.state, resource.lifecycle)
        refuse_findings("rule", findings)
        document = {**document, "id": str(work.mint(resource.id_type))}
        document = with_subject(work, resource, self.settle(work, None, document))
        return store.add(work, resource, document, document["id"])

    def change(self, work: Work, command: ReplaceDocument) -> Document:
        """Answer its :class:`ReplaceDocument`; a change of nothing leaves ``lastUpdate`` alone."""
        resource = self.resource
        before = store.need(work, resource, command.id).document
        kept = {name: before[name] for name in self._kept() if name in before}
        document = {**kept, **command.document, "id": command.id}
        if resource.lifecycle is not None:
            document = with_word(document, resource.state, resource.lifecycle)
        document, findings = self._checked(work, document, is_new=False)
        refuse_findings("rule", [*findings, *self.compare(before, document)])
        if resource.lifecycle is not None:
            rules.check_step(before, document, resource.state, resource.lifecycle)
        document = with_subject(work, resource, self.settle(work, before, document))
        document = _with_end(resource, document, to_wire(work.now))
        if document != before and "lastUpdate" in before:
            document = {**document, "lastUpdate": to_wire(work.now)}
        replaced = store.replace(work, resource, document, command.rev)
        if before.get("dataSubject") != document.get("dataSubject"):
            follow_role(work, document["id"])
        return replaced

    def _kept(self) -> tuple[str, ...]:
        own = ("lastUpdate", "closedDate", "identityCheck")
        return (*own, *self.kept, *([self.resource.state] if self.resource.lifecycle else []))

    def _checked(
        self, work: Work, document: Document, *, is_new: bool = True
    ) -> tuple[Document, list[Finding]]:
        references = list(find_references(self.resource.name, document))
        found = store.find_referred(work, references)
        findings = rules.check_references(references, found) + self.check(document, found)
        if is_new:
            findings += self.check_first(document, found)
        return rules.mark_kinds(document, found), findings


def _with_end(resource: Resource, document: Document, at: str) -> Document:
    """The document with the time it was closed at, where it is kept for a while after that."""
    if resource.name not in RETAINED or resource.lifecycle is None or "closedDate" in document:
        return document
    is_over = document.get(resource.state) in resource.lifecycle.terminal
    return {**document, "closedDate": at} if is_over else document
