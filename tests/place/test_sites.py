"""Sites (TMF674) and locations (TMF675)."""

from __future__ import annotations

from typing import Any

import pytest

from banyan.components.place.contract import FindSite
from banyan.kernel.words.ids import GeographicSiteId
from tests.place.lab import ADDRESS, GAZETTEER, LOCATION, SITE, Place, findings, made


def site_at(place: Place, *places: dict[str, Any], **more: Any) -> dict[str, Any]:
    return made(place.http.post(SITE, json={"name": "Exchange", "place": list(places), **more}))


def test_a_site_without_anything_is_legal(place: Place) -> None:
    kept = made(place.http.post(SITE, json={}))
    assert (kept["status"], kept["@type"]) == ("active", "GeographicSite")


def test_a_site_stands_where_its_places_are(place: Place) -> None:
    address = place.record(streetName="Parkweg", streetNr="1", city="Bonn")
    ref = {"id": address["id"], "@referredType": "GeographicAddress"}
    kept = site_at(place, ref, status="planned")
    found = place.ask(FindSite(id=GeographicSiteId(kept["id"])))
    assert (found.status, found.address_ids) == ("planned", (address["id"],))
    listed = place.http.get(f"{SITE}?place.id={address['id']}").json()
    assert [each["id"] for each in listed] == [kept["id"]]
    gone = place.http.delete(f"{GAZETTEER}/{address['id']}")
    assert (gone.status_code, findings(gone)) == (409, {("inUse", "id")})
    assert place.http.get(f"{ADDRESS}/{address['id']}").status_code == 200


def test_a_place_or_site_that_is_not_there_is_refused_at_its_path(place: Place) -> None:
    body = {
        "place": [{"id": "ghost"}, {"id": "x", "@referredType": "ParkingLot"}],
        "siteRelationship": [{"id": "nobody", "relationshipType": "within"}],
    }
    answer = place.http.post(SITE, json=body)
    assert answer.status_code == 422
    assert findings(answer) == {
        ("unknownReference", "place.0.id"), ("unknownReference", "siteRelationship.0.id"),
    }  # fmt: skip


def test_a_site_takes_legal_steps_only_and_not_to_itself(place: Place) -> None:
    kept = site_at(place, status="planned")
    path = f"{SITE}/{kept['id']}"
    assert place.http.patch(path, json={"status": "former"}).status_code == 409
    assert place.http.patch(path, json={"status": "underConstruction"}).status_code == 200
    own = [{"id": kept["id"], "relationshipType": "within"}]
    refused = place.http.patch(path, json={"siteRelationship": own})
    assert findings(refused) == {("selfReference", "siteRelationship.0.id")}
    assert place.http.post(SITE, json={"status": "former"}).status_code == 422


def test_a_site_another_is_related_to_stays(place: Place) -> None:
    yard = site_at(place)
    within = [{"id": yard["id"], "relationshipType": "within"}]
    shed = site_at(place, siteRelationship=within)
    assert place.http.delete(f"{SITE}/{yard['id']}").status_code == 409
    assert place.http.delete(f"{SITE}/{shed['id']}").status_code == 204
    assert place.http.delete(f"{SITE}/{yard['id']}").status_code == 204


RING = [[0, 0], [2, 0], [2, 1], [0, 0]]


def location(kind: str, coordinates: Any, **more: Any) -> dict[str, Any]:
    shape = {"type": kind, "coordinates": coordinates}
    return {"@type": f"GeoJson{kind}", "name": "x", "geoJson": shape, **more}


@pytest.mark.parametrize(
    ("kind", "coordinates", "box"),
    [
        ("Point", [13.4, 52.5], [13.4, 52.5, 13.4, 52.5]),
        ("MultiPoint", [[1, 2], [3, -4]], [1, -4, 3, 2]),
        ("LineString", [[1, 2, 80], [3, 4, 90]], [1, 2, 3, 4]),
        ("MultiLineString", [[[1, 2], [3, 4]], [[0, 0], [9, 9]]], [0, 0, 9, 9]),
        ("Polygon", [RING], [0, 0, 2, 1]),
    ],
)
def test_a_location_gets_the_box_around_it(
    place: Place, kind: str, coordinates: Any, box: list[float]
) -> None:
    kept = made(place.http.post(LOCATION, json=location(kind, coordinates)))
    assert kept["bbox"] == box
    assert kept["geoJson"]["coordinates"] == coordinates
    assert place.http.get(f"{LOCATION}/{kept['id']}").json() == kept


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (location("Point", [200, 0]), "geoJson.coordinates"),
        (location("Point", [0, 91]), "geoJson.coordinates"),
        (location("Point", "here"), "geoJson.coordinates"),
        (location("Point", [True, 0]), "geoJson.coordinates"),
        (location("Point", []), "geoJson.coordinates"),
        (location("LineString", [[0, 0]]), "geoJson.coordinates"),
        (location("LineString", []), "geoJson.coordinates"),
        (location("MultiPoint", [[0, 0], [0, "1"]]), "geoJson.coordinates.1"),
        (location("Polygon", [RING, [*RING[:-1], [5, 5]]]), "geoJson.coordinates.1"),
        (location("Polygon", [[[0, 0], [1, 1], [0, 0]]]), "geoJson.coordinates.0"),
        ({**location("Point", [0, 0]), "@type": "GeoJsonPolygon"}, "geoJson.type"),
        (location("Point", [0, 0], bbox=[1, 2]), "bbox"),
    ],
)
def test_what_is_no_place_on_earth_is_refused_at_its_path(
    place: Place, body: dict[str, Any], path: str
) -> None:
    answer = place.http.post(LOCATION, json=body)
    assert answer.status_code == 422, answer.text
    assert ("geometry", path) in findings(answer)


def test_a_location_that_does_not_say_its_type_is_a_plain_one(place: Place) -> None:
    kept = made(place.http.post(LOCATION, json={"name": "x"}))
    assert kept["@type"] == "GeographicLocation"
