"""Consents: TMF651 agreements of the type ``consent``. Pure.

Why there: a consent is something a party agrees to, with its own id, period, wording and proof, and
it must be listed, subscribed to and kept like one. TMF632 and TMF669 offer no more than a
characteristic of the party for it, which has none of these.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from banyan.components.party.contract import ContactAnswer
from banyan.components.party.model import CONSENT, SLOTS, find_at, find_value
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding

ANY: Final = "any"
FIXED: Final = ("purpose", "channel")
_ENGAGED: Final = SLOTS["agreement"][0]


def is_consent(agreement: Document) -> bool:
    """Whether an agreement is a consent."""
    return agreement.get("agreementType") == CONSENT


def check_consent(document: Document) -> list[Finding]:
    """A consent says who consents, what to, and by which channel; other agreements don't say given.

    ``purpose`` is one word, ``channel`` one or several.
    """
    given = document.get("status") in ("given", "withdrawn")
    if not is_consent(document):
        if given:
            reason = f"only a consent is {document.get('status')}"
            return [Finding("lifecycle", reason, "status")]
        return []
    findings = []
    if not given:
        findings.append(Finding("lifecycle", "a consent is given or withdrawn", "status"))
    if not isinstance(find_value(document, "purpose"), str):
        reason = "a consent has the characteristic purpose, a text"
        findings.append(Finding("missing", reason, "characteristic"))
    if not _words(find_value(document, "channel")):
        reason = "a consent has the characteristic channel, a text or several"
        findings.append(Finding("missing", reason, "characteristic"))
    if len(find_at(document, _ENGAGED)) != 1:
        findings.append(Finding("oneParty", "a consent is one party's", "engagedParty"))
    return findings


def check_same_consent(before: Document, after: Document) -> list[Finding]:
    """What somebody consented to can't be changed behind his back, nor become something else."""
    if is_consent(before) != is_consent(after):
        reason = "an agreement does not become a consent, nor a consent another agreement"
        return [Finding("immutable", reason, "agreementType")]
    if not is_consent(before):
        return []
    findings = [
        Finding("immutable", f"a consent keeps its {name}: withdraw it instead", "characteristic")
        for name in FIXED
        if find_value(before, name) != find_value(after, name)
    ]
    if [e.id for e in find_at(before, _ENGAGED)] != [e.id for e in find_at(after, _ENGAGED)]:
        findings.append(Finding("immutable", "a consent stays its party's", "engagedParty"))
    if before.get("agreementItem") != after.get("agreementItem"):
        findings.append(Finding("immutable", "a consent keeps its wording", "agreementItem"))
    return findings


def with_authorization(document: Document, at: str) -> Document:
    """The consent with a dated entry for its state: when it was given, when withdrawn.

    An entry the client wrote for that state stays as it is: it may hold the signature and a date
    of its own.
    """
    state = document.get("status")
    entries = [each for each in document.get("agreementAuthorization") or () if each]
    mine = [each for each in entries if each.get("state") == state]
    if not mine:
        entries.append({"@type": "AgreementAuthorization", "state": state, "date": at})
    else:
        entries = [{"date": at, **each} if each is mine[-1] else each for each in entries]
    return {**document, "agreementAuthorization": entries}


def find_permission(
    consents: Iterable[Document], purpose: str, channel: str, now: datetime
) -> ContactAnswer:
    """What these consents (oldest first) say about a purpose and a channel at an instant.

    Any one that is given and valid allows it; otherwise the youngest says why not.
    """
    answer = ContactAnswer(is_allowed=False, reason="never given")
    for consent in consents:
        if find_value(consent, "purpose") != purpose:
            continue
        if not {channel, ANY} & set(_words(find_value(consent, "channel"))):
            continue
        reason = _standing(consent, now)
        own = ContactAnswer(is_allowed=reason == "given", reason=reason, consent_id=consent["id"])
        if own.is_allowed:
            return own
        answer = ContactAnswer(is_allowed=False, reason=reason)
    return answer


def _standing(consent: Document, now: datetime) -> str:
    if consent.get("status") != "given":
        return str(consent.get("status"))
    period = consent.get("agreementPeriod") or {}
    begins, ends = _instant(period.get("startDateTime")), _instant(period.get("endDateTime"))
    if begins is not None and now < begins:
        return "not yet valid"
    if ends is not None and now >= ends:
        return "expired"
    return "given"


def _instant(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def _words(value: Any) -> list[str]:
    found = value if isinstance(value, list) else [value]
    return [each for each in found if isinstance(each, str) and each]
