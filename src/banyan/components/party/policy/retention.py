"""How long records are kept, and what keeps a person from being forgotten. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from banyan.components.party.model import IDENTITY_CHECK_LIFE
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding

_OPEN: Final = ("created", "active", "suspended")


def check_erasable(held: Iterable[tuple[str, Document]]) -> list[Finding]:
    """``held`` are the resources and documents of a person: no role and no account is open."""
    findings = []
    for resource, document in held:
        state = document.get("status") if resource in ("customer", "partyRole") else None
        if resource.endswith("Account"):
            state = document.get("state")
        if state in _OPEN:
            reason = f"{document['id']} is {state}: close it first"
            findings.append(Finding("open", reason, "party.id"))
    return findings


def compute_release(closed: Iterable[str], years: int, now: datetime) -> datetime:
    """When records of a class may go: ``years`` after the last of them was closed.

    ``closed`` are the times they were closed at, empty for what never was: that counts from now.
    """
    times = [datetime.fromisoformat(at) if at else now for at in closed]
    return max((_years_later(at, years) for at in times), default=now)


def _years_later(at: datetime, years: int) -> datetime:
    try:
        return at.replace(year=at.year + years)
    except ValueError:  # the 29th of February
        return at.replace(year=at.year + years, day=28)


def check_identity_step(party: Document, status: str) -> None:
    """Refuses (``conflict``) a check that does not follow from the last one."""
    before = str((party.get("identityCheck") or {}).get("status") or "notChecked")
    if status != before:
        IDENTITY_CHECK_LIFE.verb_for(before, status)


def find_expired(party: Document, now: datetime) -> bool:
    """Whether a passed check has run out."""
    check: Mapping[str, str] = party.get("identityCheck") or {}
    end = check.get("expiryDate")
    return bool(check.get("status") == "passed" and end and datetime.fromisoformat(str(end)) <= now)
