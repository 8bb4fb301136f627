"""Identity checks, legal holds, export and erasure of what is held about a person."""

from __future__ import annotations

from datetime import datetime

from banyan.components.party import store
from banyan.components.party.contract import (
    ChangeHold,
    ErasePerson,
    ExportPerson,
    FileDocument,
    MergeParties,
    NoteIdentityCheck,
    PlaceHold,
    ReplaceDocument,
    SweepRetention,
    UnmergeParties,
)
from banyan.components.party.events import PersonErased, RecordsErased
from banyan.components.party.model import (
    LEGAL_HOLD_LIFE,
    RETAINED,
    YEARS_KEPT,
    find_subject,
    subjects_of,
)
from banyan.components.party.policy import retention, rules
from banyan.components.party.service.merging import merge_parties, unmerge_parties
from banyan.kernel.engine.clock import to_wire
from banyan.kernel.engine.handlers import Handler, decides
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refuse_findings, refused
from banyan.tmf import references
from banyan.tmf.resource import Resource

_CHECKED = ("status", "method", "evidenceReference", "checkedBy", "checkDate", "expiryDate")


def note_identity_check(work: Work, command: FileDocument) -> Document:
    """Answer :class:`NoteIdentityCheck`: who did it is the caller where nobody else is named."""
    document = {"checkedBy": work.call.actor, "checkDate": to_wire(work.now), **command.document}
    resource, party = _need_party(work, document)
    if resource.name not in ("individual", "organization"):
        reason = "an individual or an organization is who somebody is; a role is what it plays"
        raise refused("rule", "notAParty", reason, "party.id")
    retention.check_identity_step(party, document["status"])
    subject = find_subject(resource.name, party)
    store.refuse_erased(work, subject)
    check = {name: document[name] for name in _CHECKED if name in document}
    if check != party.get("identityCheck"):
        store.replace(work, resource, {**party, "identityCheck": check})
    document = {**document, "party": {**document["party"], "id": party["id"]}}
    return store.add(
        work, store.IDENTITY_CHECK, {**document, **({"dataSubject": subject} if subject else {})}
    )


def _need_party(work: Work, document: Document) -> tuple[Resource, Document]:
    """The party or role a task is about, wherever it was merged into; refused if there is none."""
    party_id = str(document["party"]["id"])
    resource, party = store.find_party(work, store.moved_to(work, party_id) or party_id)
    if resource is None or party is None:
        reason = f"there is no party or role {party_id!r}"
        raise refused("rule", "unknownReference", reason, "party.id")
    return resource, party


def place_hold(work: Work, command: FileDocument) -> Document:
    """Answer :class:`PlaceHold`."""
    _, party = _need_party(work, command.document)
    findings = rules.check_first_state(command.document, "state", LEGAL_HOLD_LIFE)
    refuse_findings("rule", findings)
    named = {**command.document["party"], "id": party["id"]}
    return store.add(work, store.LEGAL_HOLD, {**command.document, "party": named})


def change_hold(work: Work, command: ReplaceDocument) -> Document:
    """Answer :class:`ChangeHold`: whom it is on does not change."""
    before = store.need(work, store.LEGAL_HOLD, command.id).document
    document = {**command.document, "id": command.id}
    findings = rules.check_fixed(before, document, ("party",))
    refuse_findings("rule", findings)
    rules.check_step(before, document, "state", LEGAL_HOLD_LIFE)
    return store.replace(work, store.LEGAL_HOLD, document, command.rev)


def _need_person(work: Work, document: Document) -> str:
    """The person a task is about: itself, or who plays the role that is named."""
    resource, party = _need_party(work, document)
    person = party["id"] if resource is store.INDIVIDUAL else party.get("dataSubject")
    if not isinstance(person, str) or not person:
        reason = f"{party['id']} is no person, and no person plays it"
        raise refused("rule", "notAPerson", reason, "party.id")
    return person


def export_person(work: Work, command: FileDocument) -> Document:
    """Answer :class:`ExportPerson`: what lies under the person's keys, and what else names it."""
    person = _need_person(work, command.document)
    store.refuse_erased(work, person)
    held = _find_held(work, person)
    ids = _ids_of(work, person, held)
    named = references.find_naming(work, store.OWN_RESOURCES, ids)
    every = {document["id"]: (resource, document) for resource, document in [*held, *named]}
    content = [
        {"api": resource.api, "resource": resource.name, "document": document}
        for resource, document in every.values()
        if resource.name != store.EXPORT.name
    ]
    filed = {
        **command.document,
        "state": "done",
        "completionDate": to_wire(work.now),
        "identifier": ids,
        "content": content,
        "dataSubject": person,
    }
    return store.add(work, store.EXPORT, filed)


def _find_held(look: Look | Work, person: str) -> list[tuple[Resource, Document]]:
    """Everything under the keys of a person and of whoever was merged into it."""
    persons = [person, *store.find_sources(look, person)]
    subjects = [subject for each in persons for subject in subjects_of(each)]
    return [each for subject in subjects for each in store.find_sealed(look, subject)]


def _ids_of(look: Look | Work, person: str, held: list[tuple[Resource, Document]]) -> list[str]:
    """The ids a person goes by: its own, those merged into it, its roles and its accounts."""
    own = ("individual", "customer", "partyRole")
    ids = [person, *store.find_sources(look, person)]
    for resource, document in held:
        if resource.name in own or resource.name.endswith("Account"):
            ids += [document["id"], *store.find_sources(look, document["id"])]
    return list(dict.fromkeys(ids))


def erase_person(work: Work, command: FileDocument) -> Document:
    """Answer :class:`ErasePerson`."""
    person = _need_person(work, command.document)
    for earlier in store.find_erasures(work, {"party.id": [person]}):
        return earlier
    held = [(resource.name, document) for resource, document in _find_held(work, person)]
    refuse_findings("conflict", retention.check_erasable(held))
    named = {"@type": "EntityRef", "id": person, "@referredType": "Individual"}
    task = {**command.document, "party": named, "creationDate": to_wire(work.now)}
    task = store.add(work, store.ERASURE, {**task, "state": "acknowledged"})
    return advance_erasure(work, task)


def advance_erasure(work: Work, task: Document) -> Document:
    """Erase what may be erased now; the task says what waits for which hold, and until when."""
    person = task["party"]["id"]
    rest = {key: value for key, value in task.items() if key not in ("waitsFor", "keptUntil")}
    held = _find_held(work, person)
    if task["state"] == "acknowledged":
        rest["identifier"] = _ids_of(work, person, held)
    kept = task.get("keptUntil") or []
    holds = store.find_holds(work, rest["identifier"])
    if holds:
        waits = [{"@type": "EntityRef", "id": e["id"], "@referredType": "LegalHold"} for e in holds]
        waiting = {**rest, "waitsFor": waits, **({"keptUntil": kept} if kept else {})}
        return store.replace(work, store.ERASURE, waiting)
    if task["state"] == "acknowledged":
        kept = _find_kept(work, held)
        _forget(work, person, rest["identifier"])
    left = [each for each in kept if datetime.fromisoformat(each["until"]) > work.now]
    for each in kept:
        if each not in left:
            _forget_class(work, person, each["dataClass"], rest["identifier"])
    if left:
        return store.replace(
            work, store.ERASURE, {**rest, "keptUntil": left, "state": "inProgress"}
        )
    done = {**rest, "state": "done", "completionDate": to_wire(work.now)}
    return store.replace(work, store.ERASURE, done)


def _find_kept(work: Work, held: list[tuple[Resource, Document]]) -> list[Document]:
    """Which classes of a person's records are kept, and until when; without any: now."""
    kept = []
    for record_class in YEARS_KEPT:
        closed = [
            str(document.get("closedDate") or "")
            for resource, document in held
            if find_subject(resource.name, document).endswith(f".{record_class}")
        ]
        years = store.find_years(work, record_class)
        until = retention.compute_release(closed, years, work.now)
        kept.append({"dataClass": record_class, "until": to_wire(until)})
    return kept


def _forget(work: Work, person: str, ids: list[str]) -> None:
    """Destroy the keys of the person and of its merges, and the names beside references to it.

    Records that are kept stay as they are, the names in them too.
    """
    blank = references.nameless(ids)
    for resource, document in references.find_naming(work, store.OWN_RESOURCES, ids):
        if resource.name not in RETAINED:
            store.replace(work, resource, blank(document))
    for own_id in [*ids, *store.find_merge_ids(work, ids)]:
        store.erase(work, own_id)
    work.say(PersonErased(subject=person, ids=tuple(ids)))


def _forget_class(work: Work, person: str, record_class: str, ids: list[str]) -> None:
    for own_id in ids:
        store.erase(work, f"{own_id}.{record_class}")
    work.say(RecordsErased(subject=person, record_class=record_class, ids=tuple(ids)))


def sweep_retention(work: Work, command: FileDocument) -> Document:
    """Answer :class:`SweepRetention`; what it did stands in ``outcome``, each with its reason."""
    outcome: list[Document] = []
    for hold in store.find_active_holds(work):
        if store.is_over(hold, work.now):
            released = {**hold, "state": "released", "releaseReason": "its time was over"}
            store.replace(work, store.LEGAL_HOLD, released)
            outcome.append(_outcome("holdReleased", "its time was over", hold["id"], "LegalHold"))
    for check in store.find_passed_checks(work):
        outcome += _expire(work, check)
    for task in store.find_erasures(work, {"state": ["acknowledged", "inProgress"]}):
        after = advance_erasure(work, task)
        person = task["party"]["id"]
        if after["state"] != task["state"]:
            reason = f"the erasure {task['id']} is {after['state']}"
            outcome.append(_outcome("erased", reason, person, "Individual"))
        else:
            outcome.append(_outcome("waits", _why(after), person, "Individual"))
    filed = {
        **command.document,
        "state": "done",
        "completionDate": to_wire(work.now),
        "outcome": outcome,
    }
    return store.add(work, store.SWEEP, filed)


def _expire(work: Work, check: Document) -> list[Document]:
    resource, party = store.find_party(work, str(check["party"]["id"]))
    if resource is None or party is None or not retention.find_expired(party, work.now):
        return []
    expired = {**party["identityCheck"], "status": "expired"}
    store.replace(work, resource, {**party, "identityCheck": expired})
    reason = f"its identity check ended at {expired['expiryDate']}"
    return [_outcome("identityExpired", reason, party["id"], resource.shape)]


def _why(task: Document) -> str:
    held = [each["id"] for each in task.get("waitsFor") or ()]
    kept = [f"{each['dataClass']} until {each['until']}" for each in task.get("keptUntil") or ()]
    return f"held by {', '.join(held)}" if held else f"kept: {', '.join(kept)}"


def _outcome(action: str, reason: str, own_id: str, kind: str) -> Document:
    subject = {"@type": "EntityRef", "id": own_id, "@referredType": kind}
    return {"action": action, "reason": reason, "subject": subject}


HANDLERS: tuple[Handler, ...] = (
    decides(NoteIdentityCheck, note_identity_check),
    decides(PlaceHold, place_hold),
    decides(ChangeHold, change_hold),
    decides(ExportPerson, export_person),
    decides(ErasePerson, erase_person),
    decides(SweepRetention, sweep_retention),
    decides(MergeParties, merge_parties),
    decides(UnmergeParties, unmerge_parties),
)
