"""What a create body or a patch makes of a document: pure, with every finding at once.

Shapes are checked first (``malformed``); a room's own rules see well-formed documents only.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from banyan.kernel.engine.clock import to_wire
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, Refusal, Refused, refuse_findings, refused
from banyan.tmf.faces import Face
from banyan.tmf.patching import Patch, run_patch
from banyan.tmf.schema import check_stored, fill_types

ID_MAX: Final = 128
"""Characters of an id that a client chooses."""

_FIXED: Final = ("id", "@type")


def compute_new(face: Face, body: Any, now: datetime, *, keeps_id: bool = False) -> Document:
    """The inner document that a create body asks for, filled and checked.

    Attributes the server owns are ignored; an ``id`` stays only where the resource lets it be
    chosen, or with ``keeps_id``. Refuses every shape finding (``malformed``), or every broken rule
    (``rule``).
    """
    resource = face.resource
    if not isinstance(body, dict):
        raise refused("malformed", "wrong_type", "the body must be a JSON object")
    inner, findings = face.read(body, keeps_id=keeps_id)
    chosen = inner.get("id")
    if isinstance(chosen, str) and not 0 < len(chosen) <= ID_MAX:
        findings.append(Finding("id_length", f"must have 1 to {ID_MAX} characters", "id"))
    refuse_findings("malformed", findings)
    filled = resource.fill(inner, now)
    refuse_findings("rule", face.placed(resource.check(filled)))
    return filled


def compute_change(face: Face, stored: Document, patch: Patch, now: datetime) -> Document:
    """The inner document after a patch in the caller's form; ``stored`` itself if nothing is.

    Refuses changes of ``id``, ``href``, ``@type`` and of what the server owns (``malformed``), a
    result that is out of shape (``malformed``), an illegal step of the lifecycle (``conflict``)
    and broken rules (``rule``); for operations also what
    :func:`banyan.tmf.patching.run_patch` does.
    """
    resource = face.resource
    if patch.form == "merge":
        merged, findings = _merged(face, stored, patch.body)
    else:
        merged, findings = _operated(face, stored, patch)
    merged = fill_types(resource.shape, merged)
    findings += [
        Finding("server_owned", "is the server's own and can't be changed", face.place(name))
        for name in face.guarded
        if merged.get(name) != stored.get(name)
    ]
    findings += face.placed(_new_findings(resource.shape, stored, merged))
    refuse_findings("malformed", findings)
    if merged == stored:
        return stored
    _check_step(face, stored, merged)
    refuse_findings("rule", face.placed(resource.check(merged)))
    if face.has_last_update and merged.get("lastUpdate") == stored.get("lastUpdate"):
        merged["lastUpdate"] = to_wire(now)
    return merged


def _merged(face: Face, stored: Document, patch: Any) -> tuple[Document, list[Finding]]:
    """What a merge patch (RFC 7396) makes of a document; identity may be repeated, not changed."""
    if not isinstance(patch, dict):
        raise refused("malformed", "wrong_type", "a merge patch must be a JSON object")
    shown = face.outward(stored) if any(name in patch for name in _FIXED) else {}
    changed = [name for name in _FIXED if name in patch and patch[name] != shown.get(name)]
    if "href" in patch:
        href = patch["href"]
        if not isinstance(href, str) or not href.endswith(f"/{face.noun}/{stored['id']}"):
            changed.append("href")
    asked = {name: value for name, value in patch.items() if name not in ("href", *_FIXED)}
    return face.merged(stored, asked), _immutable(changed)


def _operated(face: Face, stored: Document, patch: Patch) -> tuple[Document, list[Finding]]:
    """What operations, which only v5 has, make of a document: v5 shows all that is stored."""
    assert not face.is_v4
    shown = {**stored, "href": patch.href}
    after = run_patch(patch, shown)
    changed = [name for name in (*_FIXED, "href") if after.get(name) != shown.get(name)]
    free = {name: value for name, value in after.items() if name not in ("href", *_FIXED)}
    return {**{name: stored[name] for name in _FIXED}, **free}, _immutable(changed)


def _immutable(names: list[str]) -> list[Finding]:
    return [Finding("immutable", "can't be changed", name) for name in names]


def _new_findings(shape: str, stored: Document, merged: Document) -> list[Finding]:
    """What is wrong now and was not before: a v4 client may have left out what v5 demands."""
    findings = check_stored(shape, merged)
    if not findings:
        return []
    before = check_stored(shape, stored)
    return [found for found in findings if found not in before]


def _check_step(face: Face, stored: Document, merged: Document) -> None:
    resource = face.resource
    if resource.lifecycle is None:
        return
    before, after = stored.get(resource.state), merged.get(resource.state)
    if before == after or before is None:
        return
    if after is None:
        raise refused("malformed", "missing", "can't be taken away", face.place(resource.state))
    try:  # the standard spells one state word with a trailing blank
        resource.lifecycle.verb_for(before.strip(), after.strip())
    except Refused as error:
        path = face.place(resource.state)
        found = [Finding(f.code, f.reason, path) for f in error.refusal.findings]
        raise Refused(Refusal(error.refusal.kind, tuple(found))) from None
