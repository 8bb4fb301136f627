"""GeoJSON as TMF675 has it (RFC 7946, WGS 84): what is sound, and the box around it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding

_KINDS: Final[Mapping[str, tuple[str, int]]] = {
    "GeoJsonPoint": ("Point", 0),
    "GeoJsonMultiPoint": ("MultiPoint", 1),
    "GeoJsonLineString": ("LineString", 1),
    "GeoJsonMultiLineString": ("MultiLineString", 2),
    "GeoJsonPolygon": ("Polygon", 2),
}
"""``@type`` → the GeoJSON type of RFC 7946 and how deep its positions are nested."""

POSITIONS_MAX: Final = 50_000


def check_location(location: Document) -> list[Finding]:
    """Its GeoJSON is what its ``@type`` says, with positions on earth (RFC 7946, WGS 84)."""
    shape, named = location.get("geoJson"), str(location.get("@type"))
    findings = _check_box(location.get("bbox"))
    if shape is None or named not in _KINDS:
        return findings
    kind, depth = _KINDS[named]
    if shape.get("type", kind) != kind:
        reason = f"{named} holds a {kind}, not {shape['type']!r}"
        findings.append(Finding("geometry", reason, "geoJson.type"))
        return findings
    lines = _lines(shape.get("coordinates"), depth, "geoJson.coordinates", findings)
    if findings:
        return findings
    least = {"LineString": 2, "MultiLineString": 2, "Polygon": 4}.get(kind, 1)
    for path, line in lines:
        if len(line) < least:
            findings.append(Finding("geometry", f"has at least {least} positions", path))
        elif kind == "Polygon" and line[0] != line[-1]:
            reason = "a ring ends with the position it begins with"
            findings.append(Finding("geometry", reason, path))
    return findings


def _check_box(box: Any) -> list[Finding]:
    if box is None:
        return []
    if len(box) not in (4, 6):
        return [Finding("geometry", "a bounding box has 4 numbers, or 6", "bbox")]
    half = len(box) // 2
    corners = [("bbox", list(box[:half])), ("bbox", list(box[half:]))]
    return [found for path, corner in corners for found in _check_position(corner, path)]


def _lines(
    value: Any, depth: int, path: str, findings: list[Finding]
) -> list[tuple[str, list[Any]]]:
    """Every list of positions of a geometry with its path; what is wrong goes to ``findings``."""
    if depth == 0:
        findings += _check_position(value, path)
        return [(path, [value])]
    if not isinstance(value, list) or not value:
        findings.append(Finding("geometry", "must be a list that is not empty", path))
        return []
    if depth == 1:
        if len(value) > POSITIONS_MAX:
            findings.append(Finding("geometry", f"at most {POSITIONS_MAX} positions", path))
            return []
        for at, position in enumerate(value):
            findings += _check_position(position, f"{path}.{at}")
        return [(path, value)]
    return [
        line
        for at, inner in enumerate(value)
        for line in _lines(inner, depth - 1, f"{path}.{at}", findings)
    ]


def _check_position(position: Any, path: str) -> list[Finding]:
    if not isinstance(position, list) or not 2 <= len(position) <= 3:
        return [Finding("geometry", "a position is longitude, latitude and perhaps height", path)]
    if any(isinstance(each, bool) or not hasattr(each, "real") for each in position):
        return [Finding("geometry", "a position holds numbers", path)]
    longitude, latitude = position[0], position[1]
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        reason = f"longitude {longitude}, latitude {latitude} is no place on earth"
        return [Finding("geometry", reason, path)]
    return []


def compute_box(location: Document) -> Sequence[Any]:
    """The bounding box (west, south, east, north) of a sound location's positions; may be empty."""
    shape, named = location.get("geoJson"), str(location.get("@type"))
    if shape is None or named not in _KINDS:
        return ()
    lines = _lines(shape.get("coordinates"), _KINDS[named][1], "", [])
    positions = [position for _, line in lines for position in line]
    if not positions:
        return ()
    longitudes, latitudes = [p[0] for p in positions], [p[1] for p in positions]
    return (min(longitudes), min(latitudes), max(longitudes), max(latitudes))
