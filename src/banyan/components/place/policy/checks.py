"""What makes an address or a site acceptable. Pure: the facts are handed in."""

from __future__ import annotations

from collections.abc import Mapping

from banyan.components.place.model import KEPT_HERE, Reference, find_places, find_related_sites
from banyan.components.place.model.norm import compute_norm
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding
from banyan.kernel.words.lifecycle import Lifecycle


def check_address(address: Document) -> list[Finding]:
    """An address of the gazetteer can be told from others: a street or locality, in some town."""
    norm, findings = compute_norm(address), []
    if not norm.street and not address.get("locality") and not address.get("name"):
        reason = "an address names its street, or at least its locality or name"
        findings.append(Finding("missing", reason, "streetName"))
    if not norm.postcode and not norm.city:
        findings.append(Finding("missing", "an address has a postcode or a city", "postcode"))
    seen: set[str] = set()
    for at, part in enumerate(address.get("geographicSubAddress") or ()):
        own_id = str(part.get("id", ""))
        if own_id in seen:
            path = f"geographicSubAddress.{at}.id"
            findings.append(Finding("duplicate", f"{own_id!r} names another sub-address", path))
        seen.add(own_id)
    return findings


def check_site(site: Document, found: Mapping[Reference, Document]) -> list[Finding]:
    """The places and sites it names exist, and it is not related to itself."""
    findings = [
        Finding("unknownReference", f"there is no {_noun(each)} {each.id!r}", each.path)
        for each in (*find_places(site), *find_related_sites(site))
        if each not in found and (each.referred_type in KEPT_HERE or not each.referred_type)
    ]
    findings += [
        Finding("selfReference", "a site is not related to itself", each.path)
        for each in find_related_sites(site)
        if each.id == site.get("id")
    ]
    return findings


def _noun(reference: Reference) -> str:
    kind = reference.referred_type
    return kind[0].lower() + kind[1:] if kind else "place"


def check_first_state(document: Document, attribute: str, life: Lifecycle) -> list[Finding]:
    """A new thing starts in one of its lifecycle's initial states."""
    state = document.get(attribute)
    if state in life.initial:
        return []
    words = " or ".join(life.initial)
    return [Finding("lifecycle", f"a new {life.name} is {words}, not {state}", attribute)]


def check_step(before: Document, after: Document, attribute: str, life: Lifecycle) -> None:
    """The state stays, or takes one legal step; refuses (``conflict``) any other."""
    if before.get(attribute) != after.get(attribute):
        life.verb_for(str(before.get(attribute)), str(after.get(attribute)))
