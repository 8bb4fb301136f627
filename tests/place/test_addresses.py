"""The gazetteer and its validation (TMF673)."""

from __future__ import annotations

import pytest

from banyan.components.place.contract import CheckAddress, FindAddress
from banyan.kernel.words.ids import GeographicAddressId
from tests.place.lab import ADDRESS, GAZETTEER, VALIDATION, Place, findings
from tests.reals import SPECS, note_missing
from tests.tmf.official import official

HOME = {
    "streetName": "Lindenstraße", "streetNr": "12", "streetNrSuffix": "b",
    "postcode": "10115", "city": "Berlin", "country": "DE",
}  # fmt: skip


def test_what_the_gazetteer_files_is_read_as_the_standard_says(place: Place) -> None:
    kept = place.record(**HOME)
    assert place.http.post(ADDRESS, json=HOME).status_code == 405
    shown = place.http.get(f"{ADDRESS}/{kept['id']}").json()
    assert shown["href"].endswith(f"{ADDRESS}/{kept['id']}")
    assert {name: shown[name] for name in HOME} == HOME
    found = place.http.get(f"{ADDRESS}?postcode=10115&streetName=Lindenstraße").json()
    assert [each["id"] for each in found] == [kept["id"]]
    assert place.ask(FindAddress(id=GeographicAddressId(kept["id"]))).line == (
        "Lindenstraße 12b, 10115 Berlin, DE"
    )


@pytest.mark.parametrize(
    "spelling",
    [
        {"streetName": "LINDENSTR.", "streetNr": "12 B", "postcode": "10115", "city": "berlin"},
        {"streetName": "Linden Strasse", "streetNr": "12b", "city": "Berlin", "postcode": "101 15"},
        {"streetName": "Lindenstraße 12b", "city": "BERLIN", "country": "Germany"},
        {"streetName": "12b Lindenstraße", "postcode": "10115", "country": "deu"},
    ],
)
def test_every_spelling_of_an_address_is_that_address(
    place: Place, spelling: dict[str, str]
) -> None:
    kept = place.record(**HOME)
    place.record(**{**HOME, "streetNr": "13", "streetNrSuffix": ""})
    task = place.validate(**spelling)
    assert (task["state"], task["validationResult"]) == ("done", "success")
    assert task["validGeographicAddress"]["id"] == kept["id"]
    assert "alternateGeographicAddress" not in task
    assert place.http.get(f"{VALIDATION}/{task['id']}").json() == task


def test_the_gazetteer_holds_an_address_once_however_it_is_spelt(place: Place) -> None:
    place.record(**HOME)
    spelling = {"streetName": "LINDEN Str.", "streetNr": "12 B", "streetNrSuffix": ""}
    body = {"@type": "GeographicAddress", **HOME, **spelling, "country": "Germany"}
    again = place.http.post(GAZETTEER, json=body)
    assert (again.status_code, findings(again)) == (409, {("sameAddress", "")})
    assert place.http.post(GAZETTEER, json={**body, "streetNr": "12 C"}).status_code == 201


def test_a_house_that_is_not_there_is_offered_its_neighbours(place: Place) -> None:
    for number in ("2", "10", "14", "40"):
        place.record(**{**HOME, "streetNr": number, "streetNrSuffix": ""})
    asked = {**HOME, "streetNr": "13", "streetNrSuffix": ""}
    task = place.validate(**asked)
    assert task["validationResult"] == "partial"
    assert "validGeographicAddress" not in task
    assert task["differingAttribute"] == ["streetNr"]
    offered = [each["streetNr"] for each in task["alternateGeographicAddress"]]
    assert offered[:2] == ["14", "10"]
    assert "alternateGeographicAddress" not in place.validated(asked, False)


def test_a_misspelt_street_is_offered_rightly_spelt(place: Place) -> None:
    kept = place.record(**HOME)
    task = place.validate(**{**HOME, "streetName": "Lindnestraße"})
    assert task["validationResult"] == "partial"
    assert [each["id"] for each in task["alternateGeographicAddress"]] == [kept["id"]]
    assert task["differingAttribute"] == ["streetName"]


def test_what_is_like_nothing_fails_and_a_street_alone_is_open(place: Place) -> None:
    place.record(**HOME)
    assert place.validate(streetName="Rue Verte", city="Lyon")["validationResult"] == "fail"
    other = {**HOME, "country": "AT"}
    assert place.validate(**other)["validationResult"] == "fail"
    street = place.validate(streetName="Lindenstraße", postcode="10115")
    assert (street["validationResult"], street["differingAttribute"]) == ("partial", ["streetNr"])


def test_a_range_of_numbers_covers_its_houses(place: Place) -> None:
    kept = place.record(streetName="Rue Verte", streetNr="4", streetNrLast="10", city="Lyon")
    assert (
        place.validate(streetName="r. verte", streetNr="8", city="LYON")["validGeographicAddress"][
            "id"
        ]
        == kept["id"]
    )
    assert place.validate(streetName="Rue Verte", streetNr="11", city="Lyon")[
        "validationResult"
    ] == "partial"  # fmt: skip


def test_an_address_changes_and_is_found_where_it_is_now(place: Place) -> None:
    kept = place.record(**HOME)
    moved = place.http.patch(f"{GAZETTEER}/{kept['id']}", json={"streetName": "Parkweg"})
    assert moved.status_code == 200, moved.text
    assert place.validate(**HOME)["validationResult"] == "fail"
    assert place.validate(**{**HOME, "streetName": "Parkweg"})["validationResult"] == "success"
    assert place.http.delete(f"{GAZETTEER}/{kept['id']}").status_code == 204
    assert place.http.get(f"{ADDRESS}/{kept['id']}").status_code == 404
    assert place.validate(**{**HOME, "streetName": "Parkweg"})["validationResult"] == "fail"


def test_an_address_nobody_could_find_is_refused_with_all_that_lacks(place: Place) -> None:
    answer = place.http.post(GAZETTEER, json={"@type": "GeographicAddress", "country": "DE"})
    assert answer.status_code == 422
    assert findings(answer) == {("missing", "streetName"), ("missing", "postcode")}


def test_flats_are_read_below_their_address(place: Place) -> None:
    flats = [
        {"@type": "GeographicSubAddress", "levelNumber": "3", "subUnitNumber": "12"},
        {"@type": "GeographicSubAddress", "levelNumber": "4", "subUnitNumber": "13"},
    ]
    kept = place.record(**HOME, geographicSubAddress=flats)
    below = f"{ADDRESS}/{kept['id']}/geographicSubAddress"
    listed = place.http.get(below)
    assert [each["id"] for each in listed.json()] == ["1", "2"]
    assert listed.headers["x-total-count"] == "2"
    one = place.http.get(f"{below}/2")
    assert (one.json()["subUnitNumber"], one.json()["href"][-len(below) - 2 :]) == (
        "13", f"{below}/2",
    )  # fmt: skip
    assert place.http.get(f"{below}?levelNumber=3&limit=1").json()[0]["id"] == "1"
    assert place.http.get(f"{below}?limit=1").status_code == 206
    assert place.http.get(f"{below}/9").status_code == 404
    assert place.http.get(f"{ADDRESS}/nobody/geographicSubAddress").status_code == 404
    assert place.http.post(below, json=flats[0]).status_code == 405
    asked = {**HOME, "geographicSubAddress": [flats[1]]}
    task = place.validate(**asked)
    assert [p["id"] for p in task["validGeographicAddress"]["geographicSubAddress"]] == ["2"]


def test_other_rooms_ask_without_leaving_a_trace(place: Place) -> None:
    kept = place.record(**HOME)
    checked = place.ask(CheckAddress(address=HOME))
    assert (checked.verdict, checked.found.id) == ("success", kept["id"])
    assert place.http.get(VALIDATION).json() == []


def test_what_is_answered_is_valid_by_the_official_file(place: Place) -> None:
    if SPECS is None:
        note_missing("official v4 files")
        return
    place.record(**HOME)
    judge = official(SPECS, "TMF673", 4)
    for task in (place.validate(**HOME), place.validate(**{**HOME, "streetNr": "14"})):
        assert judge.problems("GeographicAddressValidation", task) == []
    for address in place.http.get(ADDRESS).json():
        assert judge.problems("GeographicAddress", address) == []
