"""TMF675 Geographic Location: the kinds of GeoJSON (RFC 7946), as the v4 file has them."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "GeoJsonLineString": "(GeographicLocation) geoJson:LineString",
    "GeoJsonMultiLineString": "(GeographicLocation) geoJson:MultiLineString",
    "GeoJsonMultiPoint": "(GeographicLocation) geoJson:MultiPoint",
    "GeoJsonPoint": "(GeographicLocation) geoJson:Point",
    "GeoJsonPolygon": "(GeographicLocation) geoJson:Polygon",
    "LineString": "coordinates:any! type",
    "MultiLineString": "coordinates:any! type!",
    "MultiPoint": "coordinates:any! type!",
    "Point": "coordinates:any! type!",
    "Polygon": "coordinates:any! type!",
}

ENUMS: dict[str, str] = {}

UNIONS: dict[str, str] = {}
