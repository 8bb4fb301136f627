"""The rows of our own API over personal data, and what other rows ask of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from banyan.components.party.contract import (
    ChangeHold,
    ErasePerson,
    ExportPerson,
    MergeParties,
    NoteIdentityCheck,
    PlaceHold,
    SweepRetention,
    UnmergeParties,
)
from banyan.components.party.model import (
    ERASURE_LIFE,
    LEGAL_HOLD_LIFE,
    MERGE_LIFE,
    YEARS_KEPT,
)
from banyan.kernel.engine.clock import to_wire
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refused
from banyan.kernel.words.ids import (
    ErasureId,
    ExportId,
    IdentityCheckId,
    LegalHoldId,
    MergePartyId,
    RetentionRuleId,
    RetentionSweepId,
    UnmergePartyId,
)
from banyan.tmf import documents
from banyan.tmf.resource import Resource

PRIVACY = "BANYAN-PartyPrivacy"


def _of_person(document: Document) -> str:
    return str(document.get("dataSubject") or "")


def _fill_hold(document: Document, now: datetime) -> Document:
    return {"state": "active", **document, "creationDate": to_wire(now)}


MERGE = Resource(
    api="BANYAN-PartyPrivacy",
    name="mergeParty",
    shape="MergeParty",
    room="party",
    id_type=MergePartyId,
    operations="GC",
    create=MergeParties,
    state="state",
    lifecycle=MERGE_LIFE,
    indexed=("source.id", "survivor.id"),
    server_owned=("dataSubject",),
    subject=_of_person,
)

UNMERGE = Resource(
    api="BANYAN-PartyPrivacy",
    name="unmergeParty",
    shape="UnmergeParty",
    room="party",
    id_type=UnmergePartyId,
    operations="GC",
    create=UnmergeParties,
    state="state",
    indexed=("mergeParty.id",),
)

IDENTITY_CHECK = Resource(
    api="BANYAN-PartyPrivacy",
    name="identityCheck",
    shape="IdentityCheck",
    room="party",
    id_type=IdentityCheckId,
    operations="GC",
    create=NoteIdentityCheck,
    indexed=("party.id", "status"),
    server_owned=("dataSubject",),
    subject=_of_person,
)

LEGAL_HOLD = Resource(
    api="BANYAN-PartyPrivacy",
    name="legalHold",
    shape="LegalHold",
    room="party",
    id_type=LegalHoldId,
    operations="GCU",
    create=PlaceHold,
    patch=ChangeHold,
    state="state",
    lifecycle=LEGAL_HOLD_LIFE,
    indexed=("party.id",),
    fill=_fill_hold,
)

EXPORT = Resource(
    api="BANYAN-PartyPrivacy",
    name="exportPersonalData",
    shape="ExportPersonalData",
    room="party",
    id_type=ExportId,
    operations="GC",
    create=ExportPerson,
    state="state",
    indexed=("party.id",),
    server_owned=("dataSubject",),
    subject=_of_person,
)

ERASURE = Resource(
    api="BANYAN-PartyPrivacy",
    name="erasePersonalData",
    shape="ErasePersonalData",
    room="party",
    id_type=ErasureId,
    operations="GC",
    create=ErasePerson,
    state="state",
    lifecycle=ERASURE_LIFE,
    indexed=("party.id",),
)

RETENTION_RULE = Resource(
    api="BANYAN-PartyPrivacy",
    name="retentionRule",
    shape="RetentionRule",
    room="party",
    id_type=RetentionRuleId,
    indexed=("dataClass",),
)

SWEEP = Resource(
    api="BANYAN-PartyPrivacy",
    name="retentionSweep",
    shape="RetentionSweep",
    room="party",
    id_type=RetentionSweepId,
    operations="GC",
    create=SweepRetention,
    state="state",
)

PRIVACY_RESOURCES = (
    MERGE,
    UNMERGE,
    IDENTITY_CHECK,
    LEGAL_HOLD,
    EXPORT,
    ERASURE,
    RETENTION_RULE,
    SWEEP,
)


def moved_to(look: Any, document_id: str) -> str:
    """The party or role that one of this id was merged into, empty if it never was."""
    seen: set[str] = set()
    here = document_id
    while here not in seen:
        seen.add(here)
        merges = find_merges(look, "source.id", here)
        if not merges:
            break
        here = str(merges[-1]["survivor"]["id"])
    return here if here != document_id else ""


def find_merges(look: Look | Work, path: str, party_id: str) -> list[Document]:
    """The merges that stand and can be read, by their source or survivor, oldest first."""
    merges = documents.every(look, MERGE, {path: [party_id], "state": ["done"]})
    return [merge for merge in merges if "survivor" in merge]


def find_unmerges(look: Look | Work, merge_id: str) -> list[Document]:
    """What took a merge back, if anything did."""
    return documents.every(look, UNMERGE, {"mergeParty.id": [merge_id]})


def find_sources(look: Look | Work, party_id: str) -> list[str]:
    """The ids of everybody who was ever merged into a party, directly or through another."""
    found: list[str] = []
    waiting = [party_id]
    while waiting:
        for merge in find_merges(look, "survivor.id", waiting.pop()):
            source = str(merge["source"]["id"])
            if source not in found:
                found.append(source)
                waiting.append(source)
    return found


def find_holds(look: Look | Work, ids: list[str]) -> list[Document]:
    """The legal holds on any of these parties that are active at this instant."""
    holds = documents.every(look, LEGAL_HOLD, {"party.id": ids, "state": ["active"]})
    return [hold for hold in holds if not is_over(hold, look.now)]


def find_all_holds(look: Look | Work, party_id: str) -> list[Document]:
    """Every legal hold that names this party, released ones too."""
    return documents.every(look, LEGAL_HOLD, {"party.id": [party_id]})


def is_over(hold: Document, now: datetime) -> bool:
    """Whether a hold's time has run out."""
    end = (hold.get("validFor") or {}).get("endDateTime")
    return isinstance(end, str) and datetime.fromisoformat(end) <= now


def keep_held(work: Any, document: Document) -> None:
    """Refuses (``legalHold``) to let go what a hold is on, directly or through its person."""
    ids = [document["id"], *filter(None, [document.get("dataSubject")])]
    for hold in find_holds(work, ids):
        reason = f"{hold['id']} holds it: {hold['reason']}"
        raise refused("conflict", "legalHold", reason, "id")


def find_years(look: Look | Work, record_class: str) -> int:
    """For how many years a class of records is kept: by the youngest rule, or the usual time."""
    rules = documents.every(look, RETENTION_RULE, {"dataClass": [record_class]})
    return int(rules[-1]["years"]) if rules else YEARS_KEPT[record_class]


def find_erasures(look: Look | Work, wanted: dict[str, list[str]]) -> list[Document]:
    """Erasures by what they are about or how far they have come, oldest first."""
    return documents.every(look, ERASURE, wanted)


def find_merge_ids(look: Look | Work, ids: list[str]) -> list[str]:
    """The ids of all merges that any of these took part in, those taken back too."""
    found: dict[str, None] = {}
    for path in ("source.id", "survivor.id"):
        for merge in documents.every(look, MERGE, {path: ids}):
            found[merge["id"]] = None
    return list(found)


def find_active_holds(look: Look | Work) -> list[Document]:
    """Every hold that nobody has released, oldest first."""
    return documents.every(look, LEGAL_HOLD, {"state": ["active"]})


def find_passed_checks(look: Look | Work) -> list[Document]:
    """Every check that was passed and is readable, oldest first."""
    checks = documents.every(look, IDENTITY_CHECK, {"status": ["passed"]})
    return [check for check in checks if "party" in check]
