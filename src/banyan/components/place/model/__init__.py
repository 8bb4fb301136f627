"""Lifecycles of places, and what a place refers to. Pure.

TMF673 lists the words of a validation; those of a site are free in the standard, the table is ours
with the words it recommends.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from banyan.kernel.words.codec import Document
from banyan.kernel.words.lifecycle import Lifecycle

SITE_LIFE = Lifecycle(
    name="geographic site",
    initial=("planned", "underConstruction", "active", "inactive"),
    table={
        ("planned", "build"): "underConstruction",
        ("planned", "open"): "active",
        ("planned", "cancel"): "cancelled",
        ("underConstruction", "open"): "active",
        ("underConstruction", "cancel"): "cancelled",
        ("active", "pause"): "inactive",
        ("active", "close"): "former",
        ("inactive", "resume"): "active",
        ("inactive", "close"): "former",
    },
)

VALIDATION_LIFE = Lifecycle(
    name="geographic address validation",
    initial=("accepted",),
    table={
        ("accepted", "start"): "inProgress",
        ("accepted", "finish"): "done",
        ("inProgress", "finish"): "done",
        ("accepted", "fail"): "terminatedWithError",
        ("inProgress", "fail"): "terminatedWithError",
    },
)

KEPT_HERE = ("GeographicAddress", "GeographicSite", "GeographicLocation")
"""Values of ``@referredType`` whose documents this room owns."""


class Reference(msgspec.Struct, frozen=True):
    """One reference inside a site: where it stands, what it names, of which kind (or empty)."""

    path: str
    id: str
    referred_type: str


def find_places(site: Document) -> Iterator[Reference]:
    """Every place a site refers to, in order; an embedded place names nothing."""
    for at, place in enumerate(site.get("place") or ()):
        if not isinstance(place, dict) or not isinstance(place.get("id"), str):
            continue
        said, kind = place.get("@referredType"), place.get("@type")
        if isinstance(said, str):
            yield Reference(f"place.{at}.id", place["id"], said)
        elif kind in (None, "PlaceRef", "PlaceRefOrValue", *(f"{each}Ref" for each in KEPT_HERE)):
            named = str(kind or "").removesuffix("Ref")
            kept = named if named in KEPT_HERE else ""
            yield Reference(f"place.{at}.id", place["id"], kept)


def find_related_sites(site: Document) -> Iterator[Reference]:
    """Every other site a site is related to."""
    for at, related in enumerate(site.get("siteRelationship") or ()):
        if isinstance(related, dict) and isinstance(related.get("id"), str):
            yield Reference(f"siteRelationship.{at}.id", related["id"], "GeographicSite")


def with_part_ids(address: Document) -> Document:
    """The address with an ``id`` in every sub-address: a number none of its others has.

    Ids that were given stay, so a sub-address keeps its address when another goes.
    """
    parts = address.get("geographicSubAddress")
    if not isinstance(parts, list):
        return address
    taken = {part["id"] for part in parts if isinstance(part, dict) and part.get("id")}
    number, named = 0, []
    for part in parts:
        if isinstance(part, dict) and not part.get("id"):
            number += 1
            while str(number) in taken:
                number += 1
            part = {**part, "id": str(number)}
        named.append(part)
    return {**address, "geographicSubAddress": named}
