"""The generation edge: v4 documents become the inner form and come back unchanged.

Inside there is one form (v5; v4 with v5 sub-objects where no v5 exists). What v4 has no place for
is stored and not shown; what only v4 has is kept under its own name. The law: v4 → inner → v4
gives every legal v4 document back, with at most ``@type`` and what :data:`WAIVERS` lists added.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, refused
from banyan.tmf.apis import API
from banyan.tmf.edges import (
    tmf620,
    tmf622,
    tmf629,
    tmf632,
    tmf633,
    tmf634,
    tmf637,
    tmf638,
    tmf639,
    tmf651,
    tmf666,
    tmf669,
    tmf672,
    tmf673,
    tmf674,
    tmf675,
    tmf678,
    tmf702,
)
from banyan.tmf.edges.codecs import Names
from banyan.tmf.edges.plan import Edge, Plan, Slot
from banyan.tmf.edges.view import v4_key, v4_view
from banyan.tmf.schema import Checker, Form
from banyan.tmf.shapes import ShapeBook

_TABLES: Final = {
    "TMF620": tmf620,
    "TMF622": tmf622,
    "TMF629": tmf629,
    "TMF632": tmf632,
    "TMF633": tmf633,
    "TMF634": tmf634,
    "TMF637": tmf637,
    "TMF638": tmf638,
    "TMF639": tmf639,
    "TMF651": tmf651,
    "TMF666": tmf666,
    "TMF669": tmf669,
    "TMF672": tmf672,
    "TMF673": tmf673,
    "TMF674": tmf674,
    "TMF675": tmf675,
    "TMF678": tmf678,
    "TMF702": tmf702,
}

WAIVERS: Final[dict[str, str]] = {
    "Organization.name": (
        "v4 asks for tradingName, v5 for name: each stands in for a missing other, so the answer "
        "may hold a name the client did not send"
    ),
    "ContactMedium.mediumType": (
        "optional in TMF632 and TMF666, and all a v4 client has to tell media apart: where nobody "
        "sent it, the kind of the medium says it"
    ),
}
"""Attributes (of a v4 type) that v4 → inner → v4 may add, and why. There is nothing it loses."""


@cache
def _edge(api: str) -> Edge:
    return Edge(_TABLES[api])


@cache
def _plan(api: str, resource: str) -> Plan:
    return _edge(api).plan(API[api].resource(resource).type_name)


def to_inner(api: str, resource: str, document: Document) -> Document:
    """A v4 document (or merge patch) as inner form; nothing v4 says is lost.

    Anything malformed is left as it is, for the check to find. Missing ``@type`` are not filled
    here, except where the restructuring decides them. Refuses a document nested too deeply.
    """
    return _crossed(_plan(api, resource).inward, document)


def to_v4(api: str, resource: str, document: Document) -> Document:
    """The v4 view of an inner document."""
    return _crossed(_plan(api, resource).outward, document)


def _crossed(cross: Any, document: Document) -> Document:
    try:
        crossed: Document = cross(document)
    except RecursionError:
        raise refused("malformed", "too_deep", "nested too deeply") from None
    return crossed


@cache
def v4_book(api: str) -> ShapeBook:
    """The v4 shapes of an API, derived from the inner shapes and the edge rules."""
    roots = [r.type_name for r in API[api].resources_in(4)]
    return v4_view(_edge(api), roots)


def v4_type(api: str, resource: str) -> str:
    """The name of a resource's shape in :func:`v4_book`."""
    return v4_key(_edge(api), API[api].resource(resource).type_name)


@cache
def _checker(api: str) -> Checker:
    return Checker(v4_book(api))


def check_v4(api: str, resource: str, document: Any, *, partial: bool = False) -> list[Finding]:
    """Everything wrong with a v4 create body (``partial``: merge patch), in v4 paths.

    What v4 makes mandatory is demanded, not what only v5 does; attributes that start with ``@``
    are not missed.
    """
    form: Form = "partial" if partial else "create"
    found = _checker(api).check(v4_type(api, resource), document, form)
    return [f for f in found if f.code != "missing" or f.path.rpartition(".")[2][:1] != "@"]


def path_to_v4(api: str, resource: str, path: str) -> str:
    """Where a v4 caller finds what the inner form has at ``path``."""
    return _walked(_plan(api, resource), path, inward=False)


def path_to_inner(api: str, resource: str, path: str) -> str:
    """Where the inner form has what a v4 caller (a filter, ``fields``) calls ``path``."""
    return _walked(_plan(api, resource), path, inward=True)


def _walked(start: Plan, path: str, *, inward: bool) -> str:
    plan: Plan | None = start
    parts = path.split(".") if path else []
    walked: list[str] = []
    while parts and plan is not None:
        for codec in plan.rule.codecs:
            moved = codec.inner_path(parts) if inward else codec.v4_path(parts)
            if moved is not None:
                parts = moved
                break
        head = parts.pop(0)
        names = plan.rule.renames if inward else plan.out_of
        walked.append(names.get(head, head))
        slot: Slot | None = plan.slots.get(names.get(head, head) if inward else head)
        if parts and parts[0].isdigit():
            walked.append(parts.pop(0))
        plan = slot.usual_plan() if slot is not None else None
    return ".".join(walked + parts)


def words_shown(api: str, resource: str, path: str) -> Mapping[str, str] | None:
    """How v4 shows the values at an inner path: as they are, but for the words of this mapping.

    None where v4 may show other values there, or some of them only.
    """
    plan: Plan | None = _plan(api, resource)
    parts = path.split(".")
    while plan is not None:
        head, *below = parts
        shown = [plan.out_of.get(head, head), *below]
        for codec in plan.rule.codecs:
            moved = codec.v4_path(parts) is not None or codec.inner_path(shown) is not None
            if moved or isinstance(codec, Names):
                return None
        if head in plan.dropped or (head in plan.out_of and shown[0] in plan.declared):
            return None
        if not below:
            return plan.type_out if head == "@type" else plan.words_out.get(head, {})
        slot = plan.slots.get(head)
        if slot is None:
            return {}
        if slot.is_open:
            return None
        plan, parts = slot.usual_plan(), below
    return {}


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396: null deletes, objects merge, everything else (arrays too) replaces."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def merge_v4_patch(api: str, resource: str, stored: Document, patch: Document) -> Document:
    """The stored inner document after a v4 merge patch; what v4 can't see stays.

    The patch applies to the v4 view. Inside a replaced array, an item that is still there (same
    id, else same name, else equal) keeps what v4 does not show of it. A word v4 shows as its
    nearest (``suspended`` as ``inactive``) stays unless the patch sets another.
    """
    view = to_v4(api, resource, stored)
    try:
        merged = merge_patch(view, patch)
    except RecursionError:
        raise refused("malformed", "too_deep", "nested too deeply") from None
    before = to_inner(api, resource, view)
    carried: Document = _carried(stored, before, to_inner(api, resource, merged))
    return carried


_NOTHING: Final = object()


def _carried(stored: Any, before: Any, after: Any) -> Any:
    """``after`` with what ``stored`` had beyond ``before``, the form it took through v4."""
    if after == before:
        return stored
    if isinstance(stored, dict) and isinstance(before, dict) and isinstance(after, dict):
        # what the way through v4 derived, and the patch left alone, nobody said: not stored
        kept = {k: v for k, v in after.items() if k in stored or before.get(k, _NOTHING) != v}
        for key, value in stored.items():
            if key not in before:
                kept.setdefault(key, value)
            elif key in after:
                kept[key] = _carried(value, before[key], after[key])
        return kept
    if isinstance(stored, list) and isinstance(before, list) and isinstance(after, list):
        hidden = stored[len(before) :] if len(before) <= 1 else []
        free = list(range(min(len(stored), len(before))))
        items = []
        for item in after:
            at = _same_item(item, before, free)
            if at is None:
                items.append(item)
            else:
                free.remove(at)
                items.append(_carried(stored[at], before[at], item))
        return items + hidden
    return after


def _same_item(item: Any, before: list[Any], free: list[int]) -> int | None:
    for same in (_key_id, _key_nested, _key_name, lambda value: value):
        key = same(item)
        if key is not None:
            for at in free:
                if same(before[at]) == key:
                    return at
    return None


def _key_id(item: Any) -> Any:
    return item.get("id") if isinstance(item, dict) else None


def _key_nested(item: Any) -> Any:
    """Who or what a role is about: the role and the id of the reference nested in it."""
    if not isinstance(item, dict):
        return None
    for inside in ("partyOrPartyRole", "place", "entity", "channel"):
        held = item.get(inside)
        if isinstance(held, dict) and held.get("id") is not None:
            return (item.get("role"), held["id"])
    return None


def _key_name(item: Any) -> Any:
    return item.get("name") if isinstance(item, dict) else None
