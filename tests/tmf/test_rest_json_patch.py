"""PATCH with operations, over HTTP: the same rules as a merge patch, and its own refusals."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.tmf.lab import ORDER_V4, PARTY_V5, Lab, codes

JSON_PATCH = "application/json-patch+json"
QUERY_PATCH = "application/json-patch-query+json"
SKILLS = [
    {"@type": "Skill", "skillCode": "a", "skillName": "splicing", "level": 1},
    {"@type": "Skill", "skillCode": "b", "skillName": "climbing", "level": 2},
]


def operate(
    lab: Lab, href: str, *operations: Any, media: str = JSON_PATCH, rev: str = ""
) -> httpx.Response:
    headers = {"content-type": media, **({"if-match": rev} if rev else {})}
    return lab.http.send("PATCH", href, json=list(operations), headers=headers)


def test_json_patch_is_taken_whole_or_not_at_all(lab: Lab) -> None:
    made = lab.add_individual(skill=SKILLS)
    answer = operate(
        lab, made["href"],
        {"op": "test", "path": "/href", "value": made["href"]},
        {"op": "replace", "path": "/familyName", "value": "Lovelace"},
        {"op": "remove", "path": "/skill/0"},
        {"op": "add", "path": "/vendor~1word", "value": 1},
    )  # fmt: skip
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    body = answer.json()
    assert (body["familyName"], body["skill"], body["vendor/word"]) == ("Lovelace", SKILLS[1:], 1)
    failed = operate(
        lab, made["href"],
        {"op": "remove", "path": "/vendor~1word"},
        {"op": "test", "path": "/familyName", "value": "Byron"},
    )  # fmt: skip
    assert (failed.status_code, codes(failed)) == (409, {("testFailed", "1.path")})
    lost = operate(lab, made["href"], {"op": "remove", "path": "/skill/7"})
    assert (lost.status_code, codes(lost)) == (400, {("noSuchPath", "0.path")})
    assert lab.http.get(made["href"]).json() == body


def test_a_query_patch_picks_items_by_content(lab: Lab) -> None:
    made = lab.add_individual(skill=SKILLS)
    for path, level in (
        ("/skill/level?skill.skillCode=b", 5),
        ("skill[?@.skillCode=='b'].level", 6),
    ):
        answer = operate(
            lab, made["href"], {"op": "replace", "path": path, "value": level}, media=QUERY_PATCH
        )
        assert [skill["level"] for skill in answer.json()["skill"]] == [1, level]
    none = {"op": "remove", "path": "/skill?skill.skillCode=z"}
    assert operate(lab, made["href"], none, media=QUERY_PATCH).status_code == 400


@pytest.mark.parametrize("kind", ["individual", "order"])
@pytest.mark.parametrize("media", [JSON_PATCH, QUERY_PATCH])
def test_operations_change_neither_identity_nor_what_the_server_owns(
    lab: Lab, media: str, kind: str
) -> None:
    made = lab.add_individual() if kind == "individual" else lab.add_order()
    names = ["id", "href", "@type", *(["creationDate"] if kind == "order" else [])]
    for name in names:
        for change in ({"op": "replace", "value": "2020-01-01T00:00:00Z"}, {"op": "remove"}):
            answer = operate(lab, made["href"], {**change, "path": f"/{name}"}, media=media)
            assert answer.status_code == 400
            assert name in {path for _, path in codes(answer)}
    whole = operate(lab, made["href"], {"op": "replace", "path": "", "value": []})
    assert (whole.status_code, whole.json()["code"]) == (400, "wrong_type")
    assert lab.http.get(made["href"]).headers["etag"] == '"1"'


def test_the_outcome_of_operations_is_checked_like_any_other(lab: Lab) -> None:
    made = lab.add_individual()
    gone = operate(lab, made["href"], {"op": "remove", "path": "/familyName"})
    assert (gone.status_code, codes(gone)) == (400, {("missing", "familyName")})
    same = {"op": "copy", "from": "/givenName", "path": "/familyName"}
    rule = operate(lab, made["href"], same)
    assert (rule.status_code, codes(rule)) == (422, {("sameNames", "familyName")})


@pytest.mark.parametrize("media", [JSON_PATCH, QUERY_PATCH])
def test_operations_walk_the_lifecycle_of_a_room_with_its_own_command(lab: Lab, media: str) -> None:
    made = lab.add_order()
    jump = {"op": "replace", "path": "/state", "value": "completed"}
    answer = operate(lab, made["href"], jump, media=media)
    assert (answer.status_code, codes(answer)) == (409, {("lifecycle", "state")})
    step = {"op": "replace", "path": "/state", "value": "inProgress"}
    assert operate(lab, made["href"], step, media=media).json()["state"] == "inProgress"
    stale = operate(lab, made["href"], step, media=media, rev='"1"')
    assert stale.status_code == 412
    assert operate(lab, made["href"], step, media=media, rev='"2"').status_code == 200


def test_operations_on_what_v4_shows_otherwise_lose_nothing(lab: Lab) -> None:
    note = {"text": "call", "vendor": {"deep": [1, 2]}}
    made = lab.add_order(base=ORDER_V4, externalId="x-1", note=[note])
    v5 = f"/tmf-api/productOrderingManagement/v5/productOrder/{made['id']}"
    before = lab.http.get(v5).json()
    only_v5 = [{"@type": "OrderRelationship", "id": "o-1", "relationshipType": "follows"}]
    after = operate(lab, v5, {"op": "add", "path": "/orderRelationship", "value": only_v5}).json()
    assert after == {**before, "orderRelationship": only_v5}
    assert lab.http.get(made["href"]).json() == made
    lab.http.patch(made["href"], json={"description": "v4"})
    assert lab.http.get(v5).json() == {**after, "description": "v4"}


@pytest.mark.parametrize("body", ['{"op":"remove"}', "1", "[1]", '[{"op":"eat","path":"/x"}]', "["])
def test_what_is_no_list_of_operations_is_refused(lab: Lab, body: str) -> None:
    made = lab.add_individual()
    for media in (JSON_PATCH, QUERY_PATCH):
        answer = lab.http.send(
            "PATCH",
            f"{PARTY_V5}/individual/{made['id']}",
            content=body.encode(),
            headers={"content-type": media},
        )
        assert answer.status_code == 400
        assert answer.json()["@type"] == "Error"
