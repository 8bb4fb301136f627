"""Two parties become one, and one becomes two again. Pure."""

from __future__ import annotations

from typing import Any, Final

from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding

_OWN: Final = frozenset(
    {
        "id",
        "@type",
        "@baseType",
        "href",
        "status",
        "dataSubject",
        "identityCheck",
        "organizationParentRelationship",
        "organizationChildRelationship",
    }
)
"""What a party never takes from another: who it is, how far it has come, where it stands."""


def check_merge(
    source: Document | None, survivor: Document | None, kinds: tuple[str, str]
) -> list[Finding]:
    """Only two of a kind become one, and nobody becomes himself."""
    findings = []
    for name, found in (("source", source), ("survivor", survivor)):
        if found is None:
            reason = "there is no such individual, organization, customer or party role"
            findings.append(Finding("unknownReference", reason, f"{name}.id"))
    if source is None or survivor is None:
        return findings
    if source["id"] == survivor["id"]:
        return [Finding("same", "a party is merged into another one", "survivor.id")]
    if kinds[0] != kinds[1] or source.get("@type") != survivor.get("@type"):
        reason = f"a {source.get('@type')} does not become a {survivor.get('@type')}"
        return [Finding("otherKind", reason, "survivor.id")]
    if "currency" in source and source["currency"] != survivor.get("currency"):
        reason = "they number and charge in two currencies"
        return [Finding("otherCurrency", reason, "survivor.id")]
    return []


def check_chain(source_id: str, survivor_id: str, chain: set[str]) -> list[Finding]:
    """``chain`` are the organizations above the two: neither may stand above the other."""
    if not {source_id, survivor_id} & chain:
        return []
    reason = "one stands above the other: take it out of the hierarchy first"
    return [Finding("circle", reason, "source.id")]


def combine(survivor: Document, source: Document) -> Document:
    """The survivor with what it lacks and the source has; lists are united."""
    merged = dict(survivor)
    for name, value in source.items():
        if name in _OWN:
            continue
        own = merged.get(name)
        if own is None or own == "":
            merged[name] = value
        elif isinstance(own, list) and isinstance(value, list):
            merged[name] = [*own, *(item for item in value if item not in own)]
    return merged


def part(now: Document, before: Document, after: Document) -> Document:
    """The survivor as it would be if the merge had not made ``after`` of ``before``.

    What was changed since stays changed; of a list only what the merge put in goes.
    """
    parted: Document = {}
    for name in {**before, **now}:
        value = _parted(now.get(name), before.get(name), after.get(name))
        if value is not None and value != []:
            parted[name] = value
    return parted


def _parted(now: Any, before: Any, after: Any) -> Any:
    if now == after:
        return before
    if isinstance(now, list) and isinstance(after, list):
        kept = before if isinstance(before, list) else []
        return [item for item in now if item in kept or item not in after]
    return now
