"""Whether a party may be contacted is answered by its consents, and by nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from banyan.components.party import store
from banyan.components.party.contract import ChangeAgreement, ContactAnswer, MayContact
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Refused
from banyan.tmf import documents
from tests.party.desk import Desk, findings_of, related


def may(desk: Desk, party_id: str, purpose: str = "news", channel: str = "email") -> ContactAnswer:
    answer: ContactAnswer = desk.ask(
        MayContact(party_id=party_id, purpose=purpose, channel=channel)
    )
    return answer


def change(desk: Desk, consent: Document, **changes: Any) -> Document:
    rev = desk.within(lambda work: documents.need(work, store.AGREEMENT, consent["id"])).rev
    command = ChangeAgreement(id=consent["id"], document={**consent, **changes}, rev=rev)
    made: Document = desk.put(command)
    return made


def test_only_a_consent_for_the_purpose_and_the_channel_allows_contact(desk: Desk) -> None:
    anna = desk.anna()["id"]
    assert may(desk, anna) == ContactAnswer(is_allowed=False, reason="never given")
    consent = desk.consent(anna, "news", "email", "sms")
    assert may(desk, anna) == ContactAnswer(
        is_allowed=True, reason="given", consent_id=consent["id"]
    )
    assert may(desk, anna, channel="sms").is_allowed
    assert not may(desk, anna, channel="phone").is_allowed
    assert not may(desk, anna, purpose="profiling").is_allowed
    desk.consent(anna, "profiling", "any")
    assert may(desk, anna, purpose="profiling", channel="phone").is_allowed


def test_a_customer_is_asked_for_together_with_its_party(desk: Desk) -> None:
    customer = desk.customer()
    desk.consent(customer["engagedParty"]["id"], "news", "email")
    assert may(desk, customer["id"]).is_allowed
    assert may(desk, desk.customer()["id"]).reason == "never given"


def test_when_it_was_given_and_withdrawn_stands_in_it_and_ends_it(desk: Desk) -> None:
    anna = desk.anna()["id"]
    proof = {
        "@type": "AgreementAuthorization",
        "state": "given",
        "signatureRepresentation": "web form 17",
    }
    consent = desk.consent(anna, "news", "email", agreementAuthorization=[proof])
    assert consent["agreementAuthorization"] == [{**proof, "date": "2026-01-01T00:00:00.000Z"}]
    desk.clock.advance(timedelta(days=2))
    withdrawn = change(desk, consent, status="withdrawn")
    assert [(e["state"], e["date"]) for e in withdrawn["agreementAuthorization"]] == [
        ("given", "2026-01-01T00:00:00.000Z"),
        ("withdrawn", "2026-01-03T00:00:00.000Z"),
    ]
    assert may(desk, anna) == ContactAnswer(is_allowed=False, reason="withdrawn")
    with pytest.raises(Refused) as no:
        change(desk, withdrawn, status="given")
    assert no.value.refusal.kind == "conflict"
    again = desk.consent(anna, "news", "email")
    assert may(desk, anna).consent_id == again["id"]


def test_a_consent_counts_within_its_period_only(desk: Desk) -> None:
    anna = desk.anna()["id"]
    period = {"startDateTime": "2026-02-01T00:00:00Z", "endDateTime": "2026-03-01T00:00:00Z"}
    desk.consent(anna, "news", "email", agreementPeriod=period)
    seen = [may(desk, anna).reason]
    for days in (31, 28):
        desk.clock.advance(timedelta(days=days))
        seen.append(may(desk, anna).reason)
    assert seen == ["not yet valid", "given", "expired"]


def test_nobody_writes_to_the_unknown_and_the_dead(desk: Desk) -> None:
    assert may(desk, "ghost").reason == "unknown party"
    anna = desk.party(store.INDIVIDUAL, {"givenName": "A", "familyName": "B", "status": "deceased"})
    desk.consent(anna["id"], "news", "any")
    assert may(desk, anna["id"]) == ContactAnswer(is_allowed=False, reason="deceased")


def test_what_was_consented_to_does_not_change(desk: Desk) -> None:
    consent = desk.consent(desk.anna()["id"], "news", "email")
    wider = [*consent["characteristic"][:1], {"name": "channel", "value": "any"}]
    wording = [{"termOrCondition": [{"description": "We may sell your data."}]}]
    other = [related(desk.anna()["id"], role="consenter")]
    with pytest.raises(Refused) as no:
        change(desk, consent, characteristic=wider, agreementItem=wording, engagedParty=other)
    assert [path for _, path in findings_of(no)] == [
        "characteristic", "engagedParty", "agreementItem",
    ]  # fmt: skip
    with pytest.raises(Refused) as no:
        change(desk, consent, agreementType="commercial", status="approved")
    assert ("immutable", "agreementType") in findings_of(no)


def test_a_consent_without_purpose_channel_or_with_two_parties_is_none(desk: Desk) -> None:
    anna = desk.anna()["id"]
    engaged = [related(anna), related(anna)]
    with pytest.raises(Refused) as no:
        desk.consent(anna, "news", engagedParty=engaged, characteristic=[], status="approved")
    assert findings_of(no) == [
        ("lifecycle", "status"),
        ("missing", "characteristic"),
        ("missing", "characteristic"),
        ("oneParty", "engagedParty"),
    ]
