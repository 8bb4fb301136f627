"""Own things only: what a caller whose call says what he ``owns`` may see, make and change; pure.

A resource row names its ``owners``: paths at which the ids of a thing's owners stand. A thing is
somebody's own if one of these is among the ids that stand for him; anything else is not there for
him. What he makes may name nobody but himself, anywhere in it, and of what he has he may change
the row's ``own_changes`` only.

Such calls reach lists and single things of rows with owners only; the gateway lets them to nothing
else. What a room asks on the way of such a call is not narrowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, refuse_findings
from banyan.kernel.words.messages import Call
from banyan.tmf.faces import Face
from banyan.tmf.resource import Resource
from banyan.tmf.values import values_at

NAMING: Final = frozenset(
    {
        "agreement",
        "billingAccount",
        "customer",
        "engagedParty",
        "financialAccount",
        "party",
        "partyOrPartyRole",
        "payer",
        "product",
        "relatedParty",
    }
)
"""Attributes, at any depth, that name whom or whose something is about."""


def is_own(call: Call, resource: Resource, document: Document) -> bool:
    """Whether the document is there for the caller."""
    if call.owns is None:
        return True
    return any(
        value in call.owns
        for path in resource.owners
        for value in values_at(document, _parts(path))
    )


def check_new(
    call: Call, resource: Resource, document: Document, place: Callable[[str], str] = str
) -> None:
    """Refuses (``forbidden``) a new document that is not the caller's, or names anybody else.

    ``place`` says where an inner path lies in the caller's form.
    """
    if call.owns is None:
        return
    findings = [
        Finding("notYours", f"{own_id!r} is not you or yours", place(path))
        for own_id, path in _named(document, "")
        if own_id not in call.owns
    ]
    if not findings and not is_own(call, resource, document):
        owners = " or ".join(map(place, resource.owners))
        findings = [Finding("notYours", f"you may only make your own: say so at {owners}")]
    refuse_findings("forbidden", findings)


def check_change(call: Call, face: Face, before: Document, after: Document) -> None:
    """Refuses (``forbidden``) a change of anything an owner may not change of his own."""
    resource, place = face.resource, face.place
    if call.owns is None:
        return
    names = {*before, *after} - {*resource.own_changes, "lastUpdate"}
    findings = [
        Finding("notYoursToChange", "can be changed by us only; please ask for it", place(name))
        for name in sorted(names)
        if before.get(name) != after.get(name)
    ]
    findings += [
        Finding("notYours", f"{own_id!r} is not you or yours", place(path))
        for name in resource.own_changes
        for own_id, path in _named({name: after.get(name)}, "")
        if own_id not in call.owns
    ]
    refuse_findings("forbidden", findings)


def _parts(path: str) -> list[str]:
    return path.split(".")


def _named(value: Any, path: str, is_naming: bool = False) -> Iterator[tuple[str, str]]:
    """Every id that names whom or whose something is about, with its path."""
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield from _named(item, f"{path}.{position}", is_naming)
    elif isinstance(value, dict):
        for name, inner in value.items():
            below = f"{path}.{name}" if path else name
            if name == "id" and is_naming and isinstance(inner, str):
                yield inner, below
            else:
                yield from _named(inner, below, name in NAMING)
