"""One handler per command and query of place."""

from __future__ import annotations

from banyan.components.place import store
from banyan.components.place.contract import (
    ALTERNATIVES_MAX,
    AddressChecked,
    AddressFound,
    ChangeAddress,
    ChangeSite,
    CheckAddress,
    CreateSite,
    FindAddress,
    FindSite,
    RecordAddress,
    SiteFound,
    ValidateAddress,
)
from banyan.components.place.model import (
    SITE_LIFE,
    find_places,
    find_related_sites,
    with_part_ids,
)
from banyan.components.place.model.norm import EXACT_WAYS, find_keys
from banyan.components.place.policy import checks
from banyan.components.place.policy.matching import (
    Match,
    is_same,
    match_addresses,
    write_line,
)
from banyan.kernel.engine.handlers import Handler, answers, decides
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, refuse_findings, refused
from banyan.kernel.words.ids import GeographicAddressId


def find_address(look: Look, query: FindAddress) -> AddressFound | None:
    """Answer :class:`FindAddress` with one read by key."""
    document = store.find(look, store.ADDRESS, query.id)
    return None if document is None else _found(document)


def find_site(look: Look, query: FindSite) -> SiteFound | None:
    """Answer :class:`FindSite` with one read by key."""
    document = store.find(look, store.SITE, query.id)
    if document is None:
        return None
    addresses = [
        each.id for each in find_places(document) if each.referred_type == "GeographicAddress"
    ]
    return SiteFound(
        id=query.id,
        name=str(document.get("name") or ""),
        status=document["status"],
        address_ids=tuple(addresses),
    )


def check_address(look: Look, query: CheckAddress) -> AddressChecked:
    """Answer :class:`CheckAddress`."""
    match = _match(look, query.address, query.alternatives_max)
    return AddressChecked(
        verdict=match.verdict,
        found=None if match.found is None else _found(match.found),
        alternatives=tuple(_found(each) for each in match.alternatives),
        differences=match.differences,
    )


def _found(document: Document) -> AddressFound:
    return AddressFound(
        id=GeographicAddressId(document["id"]), line=write_line(document), address=document
    )


def _match(look: Look | Work, address: Document, most: int) -> Match:
    """Look under ever wider keys until something is like the submitted address."""
    for way, key in find_keys(address).items():
        candidates = store.find_by_key(look, way, key)
        match = match_addresses(address, candidates, most) if candidates else None
        if match is not None and match.verdict != "fail":
            return match
    return Match("fail", None, ())


def record_address(work: Work, command: RecordAddress) -> Document:
    """Answer :class:`RecordAddress`."""
    document = command.document
    _check_address(work, document)
    return store.add(work, store.GAZETTEER_ADDRESS, document)


def change_address(work: Work, command: ChangeAddress) -> Document:
    """Answer :class:`ChangeAddress`."""
    document = with_part_ids({**command.document, "id": command.id})
    _check_address(work, document)
    return store.replace(work, store.GAZETTEER_ADDRESS, document, command.rev)


def _check_address(work: Work, document: Document) -> None:
    refuse_findings("rule", checks.check_address(document))
    keys = find_keys(document)
    sharp = [way for way in EXACT_WAYS if way in keys]
    for way in sharp or keys:
        for other in store.find_by_key(work, way, keys[way]):
            if other["id"] != document.get("id") and is_same(other, document):
                reason = f"{other['id']} is the same address: {write_line(other)}"
                raise refused("conflict", "sameAddress", reason)


def validate_address(work: Work, command: ValidateAddress) -> Document:
    """Answer :class:`ValidateAddress`: filed as accepted, then done, in one transaction."""
    task = store.add(work, store.VALIDATION, command.document)
    submitted = task["submittedGeographicAddress"]
    wants = task["provideAlternative"] is True
    match = _match(work, submitted, ALTERNATIVES_MAX if wants else 0)
    done = {**task, "state": "done", "validationResult": match.verdict}
    if match.found is not None:
        done["validGeographicAddress"] = _named(match.found, submitted)
    if wants and match.alternatives:
        done["alternateGeographicAddress"] = [_named(each, {}) for each in match.alternatives]
    if match.differences:
        done["differingAttribute"] = list(match.differences)
    return store.replace(work, store.VALIDATION, done)


def _named(address: Document, submitted: Document) -> Document:
    """An address of the gazetteer; the part of it that was asked for, if it has that one."""
    parts = submitted.get("geographicSubAddress")
    if not parts:
        return address
    wanted = [_part_of(part) for part in parts]
    held = [p for p in address.get("geographicSubAddress") or () if _part_of(p) in wanted]
    return {**address, "geographicSubAddress": held or parts}


def _part_of(part: Document) -> tuple[str, ...]:
    names = ("buildingName", "levelType", "levelNumber", "subUnitType", "subUnitNumber")
    return tuple(str(part.get(name) or "").casefold() for name in names)


def create_site(work: Work, command: CreateSite) -> Document:
    """Answer :class:`CreateSite`."""
    document = command.document
    findings = _check_site(work, document)
    findings += checks.check_first_state(document, "status", SITE_LIFE)
    refuse_findings("rule", findings)
    return store.add(work, store.SITE, document)


def change_site(work: Work, command: ChangeSite) -> Document:
    """Answer :class:`ChangeSite`."""
    before = store.need(work, store.SITE, command.id).document
    document = {**command.document, "id": command.id}
    refuse_findings("rule", _check_site(work, document))
    checks.check_step(before, document, "status", SITE_LIFE)
    return store.replace(work, store.SITE, document, command.rev)


def _check_site(work: Work, document: Document) -> list[Finding]:
    named = [*find_places(document), *find_related_sites(document)]
    return checks.check_site(document, store.find_referred(work, named))


HANDLERS: tuple[Handler, ...] = (
    answers(FindAddress, find_address),
    answers(FindSite, find_site),
    answers(CheckAddress, check_address),
    decides(RecordAddress, record_address),
    decides(ChangeAddress, change_address),
    decides(ValidateAddress, validate_address),
    decides(CreateSite, create_site),
    decides(ChangeSite, change_site),
)
