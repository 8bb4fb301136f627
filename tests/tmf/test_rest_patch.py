"""PATCH and DELETE: merging, refusing, and losing a race."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.tmf.lab import ORDER_V4, ORDER_V5, PARTY_V4, PARTY_V5, Lab, codes


def _at_once(several: list[Callable[[], httpx.Response]]) -> list[httpx.Response]:
    answers: list[httpx.Response] = []
    ready = threading.Barrier(len(several))

    def run(call: Callable[[], httpx.Response]) -> None:
        ready.wait()
        answers.append(call())

    threads = [threading.Thread(target=run, args=(call,)) for call in several]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_a_merge_patch_sets_removes_and_replaces_whole_lists(lab: Lab) -> None:
    skills = [{"@type": "Skill", "skillCode": "a"}, {"@type": "Skill", "skillCode": "b"}]
    made = lab.add_individual(middleName="King", skill=skills, extra={"x": 1, "y": 2})
    patch = {"familyName": "Lovelace", "middleName": None, "skill": skills[1:], "extra": {"x": 3}}
    answer = lab.http.patch(made["href"], json=patch)
    body = answer.json()
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    assert body["familyName"] == "Lovelace"
    assert "middleName" not in body
    assert body["skill"] == skills[1:]
    assert body["extra"] == {"x": 3, "y": 2}
    assert lab.http.get(made["href"]).json() == body


def test_a_v4_patch_leaves_what_only_v5_knows(lab: Lab) -> None:
    made = lab.add_order(requestedInitialState="draft", description="old")
    path = f"{ORDER_V4}/productOrder/{made['id']}"
    answer = lab.http.patch(path, json={"description": "new"})
    assert answer.status_code == 200
    assert "requestedInitialState" not in answer.json()
    after = lab.http.get(made["href"]).json()
    assert (after["description"], after["requestedInitialState"]) == ("new", "draft")


@pytest.mark.parametrize(
    ("base", "media", "status"),
    [
        (PARTY_V4, "application/merge-patch+json", 200),
        (PARTY_V4, "application/json;charset=utf-8", 200),
        (PARTY_V5, "application/merge-patch+json", 200),
        (PARTY_V5, "application/json", 200),
        (PARTY_V5, "application/json-patch+json", 400),
        (PARTY_V5, "application/json-patch-query+json", 400),
        (PARTY_V5, "application/xml", 415),
        (PARTY_V4, "application/json-patch+json", 415),
        (PARTY_V4, "application/json-patch-query+json", 415),
        (PARTY_V4, "text/plain", 415),
    ],
)
def test_a_patch_comes_as_a_merge_patch(lab: Lab, base: str, media: str, status: int) -> None:
    made = lab.add_individual()
    answer = lab.http.patch(
        f"{base}/individual/{made['id']}",
        content=b'{"familyName":"Lovelace"}',
        headers={"content-type": media},
    )
    assert answer.status_code == status


def test_identity_cant_be_patched_but_may_be_repeated(lab: Lab) -> None:
    made = lab.add_individual()
    same = {name: made[name] for name in ("id", "href", "@type")}
    assert lab.http.patch(made["href"], json=same).status_code == 200
    other = {"id": "x", "href": "http://house.example/x", "@type": "Organization"}
    answer = lab.http.patch(made["href"], json=other)
    assert answer.status_code == 400
    assert codes(answer) == {("immutable", name) for name in other}


def test_what_the_server_owns_cant_be_changed(lab: Lab) -> None:
    made = lab.add_order(requestedInitialState="draft")
    answer = lab.http.patch(made["href"], json={"creationDate": "2020-01-01T00:00:00Z"})
    assert (answer.status_code, codes(answer)) == (400, {("server_owned", "creationDate")})
    v4 = lab.http.patch(
        f"{ORDER_V4}/productOrder/{made['id']}", json={"orderDate": "2020-01-01T00:00:00Z"}
    )
    assert codes(v4) == {("server_owned", "orderDate")}


def test_the_result_is_checked_not_only_the_patch(lab: Lab) -> None:
    made = lab.add_individual()
    answer = lab.http.patch(made["href"], json={"familyName": None, "birthDate": "soon"})
    assert answer.status_code == 400
    assert codes(answer) == {("missing", "familyName"), ("bad_format", "birthDate")}
    rule = lab.http.patch(made["href"], json={"familyName": "Ada"})
    assert (rule.status_code, codes(rule)) == (422, {("sameNames", "familyName")})


def test_an_illegal_step_conflicts_and_names_the_legal_ones(lab: Lab) -> None:
    made = lab.add_order()
    answer = lab.http.patch(made["href"], json={"state": "completed"})
    assert (answer.status_code, codes(answer)) == (409, {("lifecycle", "state")})
    assert "inProgress" in answer.json()["message"]
    assert lab.http.patch(made["href"], json={"state": "inProgress"}).status_code == 200
    assert lab.http.patch(made["href"], json={"state": "inProgress"}).status_code == 200
    gone = lab.http.patch(made["href"], json={"state": None})
    assert (gone.status_code, codes(gone)) == (400, {("missing", "state")})


def test_a_patch_of_nothing_keeps_the_revision(lab: Lab) -> None:
    made = lab.add_individual()
    for _ in range(2):
        assert lab.http.patch(made["href"], json={"givenName": "Ada"}).headers["etag"] == '"1"'


@pytest.mark.parametrize("tag", ['"2"', 'W/"1"', '"x"', "1", '"7", "8"'])
def test_another_revision_than_expected_is_412(lab: Lab, tag: str) -> None:
    expected = {"if-match": tag}
    for made in (lab.add_individual(), lab.add_order()):
        patch = lab.http.patch(made["href"], json={"description": "x"}, headers=expected)
        assert patch.status_code == 412
    individual = lab.add_individual()
    assert lab.http.delete(individual["href"], headers=expected).status_code == 412
    assert lab.http.get(individual["href"]).status_code == 200


@pytest.mark.parametrize("tag", ['"1"', "*", '"7", "1"'])
def test_the_expected_revision_may_be_changed(lab: Lab, tag: str) -> None:
    for made in (lab.add_individual(), lab.add_order()):
        answer = lab.http.patch(made["href"], json={"x": 1}, headers={"if-match": tag})
        assert answer.status_code == 200


@pytest.mark.parametrize("kind", ["individual", "order"])
def test_of_two_patches_of_one_revision_one_is_refused(lab: Lab, kind: str) -> None:
    made = lab.add_individual() if kind == "individual" else lab.add_order()

    def patch(word: str) -> Callable[[], httpx.Response]:
        return lambda: lab.http.patch(
            made["href"], json={"description": word}, headers={"if-match": '"1"'}
        )

    answers = _at_once([patch("one"), patch("two")])
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    kept = next(answer for answer in answers if answer.status_code == 200)
    shown = lab.http.get(made["href"])
    assert shown.json()["description"] == kept.json()["description"]
    assert shown.headers["etag"] == '"2"'


@pytest.mark.parametrize("kind", ["individual", "order"])
def test_patches_that_expect_nothing_all_win(lab: Lab, kind: str) -> None:
    made = lab.add_individual() if kind == "individual" else lab.add_order()

    def patch(name: str) -> Callable[[], httpx.Response]:
        return lambda: lab.http.patch(made["href"], json={name: name})

    answers = _at_once([patch(f"word{number}") for number in range(6)])
    assert {answer.status_code for answer in answers} == {200}
    shown: dict[str, Any] = lab.http.get(made["href"]).json()
    assert {f"word{number}" for number in range(6)} <= set(shown)


def test_a_delete_is_204_and_then_404(lab: Lab) -> None:
    made = lab.add_individual()
    gone = lab.http.delete(made["href"])
    assert (gone.status_code, gone.content) == (204, b"")
    for answer in (
        lab.http.get(made["href"]),
        lab.http.patch(made["href"], json={"x": 1}),
        lab.http.delete(made["href"]),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "notFound")


def test_an_id_of_another_kind_is_unknown(lab: Lab) -> None:
    individual = lab.add_individual()
    path = f"{ORDER_V5}/productOrder/{individual['id']}"
    assert lab.http.get(path).status_code == 404
    assert lab.http.patch(path, json={"x": 1}).status_code == 404
