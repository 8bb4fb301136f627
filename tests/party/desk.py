"""The party room on a database of its own, and short ways to put things into it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

import banyan.kernel.engine.migrations
import banyan.tmf.migrations
from banyan.components.party import service, store
from banyan.components.party.contract import (
    ChangeOrganization,
    CreateAgreement,
    CreateBillingAccount,
    CreateCustomer,
    CreateOrganization,
    CreatePartyRole,
)
from banyan.kernel.engine.clock import DrivenClock
from banyan.kernel.engine.db import Database
from banyan.kernel.engine.migrate import find_migrations, migrate
from banyan.kernel.engine.mint import Mint
from banyan.kernel.engine.room import Room
from banyan.kernel.engine.vault import Vault
from banyan.kernel.engine.work import Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Refused
from banyan.kernel.words.messages import Call
from banyan.tmf import documents
from banyan.tmf.resource import Resource
from banyan.tmf.schema import fill_types
from banyan.tmf.service import kit_handlers

CALL = Call("t1", "tester")
OTHER = Call("t2", "tester")


class Desk:
    """The room with its database, and short ways to put things into it."""

    def __init__(self, database_url: str) -> None:
        self.clock = DrivenClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.database = Database("party", database_url)
        migrate(
            self.database,
            self.clock,
            [
                *find_migrations("kernel", banyan.kernel.engine.migrations),
                *find_migrations("tmf", banyan.tmf.migrations),
            ],
        )
        self.mints = Mint(self.clock)
        handlers = (*kit_handlers("party", store.RESOURCES), *service.HANDLERS)
        self.vault = Vault(bytes(32))
        self.room = Room("party", self.database, self.clock, self.mints, handlers, self.vault)
        self.count = 0

    def put(self, command: Any, call: Call = CALL) -> Any:
        """Run a command under a key of its own."""
        self.count += 1
        return self.room.put(call, command, f"key-{self.count}")

    def ask(self, query: Any) -> Any:
        """Answer a query."""
        return self.room.ask(CALL, query)

    def within(self, run: Callable[[Work], Any]) -> Any:
        """Run something in a transaction of the room."""
        return self.database.write(
            lambda tx: run(Work(tx, CALL, self.clock.now(), "k", self.mints, {}, vault=self.vault))
        )

    def party(self, resource: Resource, document: Document) -> Document:
        """A filled document, filed as it is."""
        filled = resource.fill(document, self.clock.now())
        made: Document = self.within(lambda work: documents.create(work, resource, filled))
        return made

    def anna(self) -> Document:
        """A person."""
        return self.party(store.INDIVIDUAL, {"givenName": "Anna", "familyName": "Ast"})

    def get(self, resource: Resource, document_id: str) -> Document | None:
        """A document as it is stored now, or nothing."""
        found: Document | None = self.within(lambda work: store.find(work, resource, document_id))
        return found

    def every(self, resource: Resource, wanted: dict[str, list[str]] | None = None) -> Any:
        """Every document of a resource that matches."""
        return self.within(lambda work: documents.every(work, resource, wanted))

    def is_erased(self, subject: str) -> bool:
        """Whether a key was destroyed."""
        found: bool = self.within(lambda work: store.is_erased(work, subject))
        return found

    def rev(self, resource: Resource, document_id: str) -> int:
        """The revision of a document."""
        rev: int = self.within(lambda work: documents.need(work, resource, document_id).rev)
        return rev

    def remove(self, resource: Resource, document: Document) -> None:
        """Delete a document the way the kit does."""

        def run(work: Work) -> None:
            resource.guard_removal(work, document)
            documents.remove(work, resource, document["id"])

        self.within(run)

    def customer(self, **more: Any) -> Document:
        """A customer whose party is a new person."""
        engaged = party_ref(self.anna()["id"], "Individual")
        body = {"name": "Anna Ast", "engagedParty": engaged, **more}
        made: Document = self.put(CreateCustomer(document=body))
        return made

    def account(self, customer_id: str, **more: Any) -> Document:
        """A billing account of a customer."""
        body = {"name": "Home", "relatedParty": [related(customer_id, "Customer")], **more}
        made: Document = self.put(CreateBillingAccount(document=body))
        return made

    def firm(self, name: str, **more: Any) -> Document:
        """An organization."""
        whole = fill_types("Organization", {"tradingName": name, **more})
        made: Document = self.put(CreateOrganization(document=whole))
        return made

    def move(self, firm_id: str, **changes: Any) -> Document:
        """An organization with some attributes changed; None takes one away."""
        stored = self.within(lambda work: documents.need(work, store.ORGANIZATION, firm_id))
        whole = {k: v for k, v in {**stored.document, **changes}.items() if v is not None}
        whole = fill_types("Organization", whole)
        command = ChangeOrganization(id=firm_id, document=whole, rev=stored.rev)
        made: Document = self.put(command)
        return made

    def legal_entity(self, **more: Any) -> Document:
        """A legal entity of a new organization."""
        engaged = party_ref(self.firm("Operator Ltd")["id"], "Organization")
        body = {
            "@type": "LegalEntity", "name": "Operator Ltd", "engagedParty": engaged,
            "taxId": "DE123456789", "currency": "EUR", **more,
        }  # fmt: skip
        made: Document = self.put(CreatePartyRole(document=body))
        return made

    def consent(self, party_id: str, purpose: str, *channels: str, **more: Any) -> Document:
        """A consent a party has given."""
        body = {
            "name": "May we?",
            "agreementType": "consent",
            "engagedParty": [related(party_id, role="consenter")],
            "agreementItem": [{"termOrCondition": [{"description": "We may write to you."}]}],
            "characteristic": [
                {"name": "purpose", "value": purpose},
                {"name": "channel", "value": list(channels)},
            ],
            **more,
        }
        whole = fill_types("Agreement", body)
        made: Document = self.put(CreateAgreement(document=whole))
        return made


def party_ref(party_id: str, referred_type: str = "") -> Document:
    """A reference to a party or role."""
    return {"id": party_id, **({"@referredType": referred_type} if referred_type else {})}


def related(party_id: str, referred_type: str = "", role: str = "customer") -> Document:
    """A related party."""
    return {"role": role, "partyOrPartyRole": party_ref(party_id, referred_type)}


def findings_of(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    """Code and path of each finding."""
    return [(each.code, each.path) for each in refused.value.refusal.findings]
