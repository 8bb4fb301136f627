"""POST: what is stored, what is answered, and what a repeat gets."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from banyan.kernel.engine.tables import ANSWER
from banyan.kernel.words.codec import Document
from tests.tmf.lab import (
    ORDER_BODY,
    ORDER_V4,
    ORDER_V5,
    PARTY_V4,
    PARTY_V5,
    Lab,
    codes,
)

ADA: Document = {"@type": "Individual", "givenName": "Ada", "familyName": "Byron"}


def test_a_create_answers_the_whole_stored_resource_at_its_location(lab: Lab) -> None:
    answer = lab.http.post(f"{PARTY_V5}/individual", json={**ADA, "vendorWord": {"x": [1, 2.50]}})
    body = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == body["href"]
    assert body["href"] == f"http://house.example{PARTY_V5}/individual/{body['id']}"
    assert answer.headers["etag"] == '"1"'
    assert body["vendorWord"] == {"x": [1, 2.50]}
    assert body["status"] == "initialized"
    assert lab.http.get(body["href"]).json() == body


@pytest.mark.parametrize("digits", ["12.30", "0.1", "1e300", "9" * 18 + "." + "9" * 20, "-0.00"])
def test_numbers_keep_their_digits(lab: Lab, digits: str) -> None:
    raw = f'{{"givenName":"Ada","familyName":"Byron","amount":{digits}}}'
    sent = {"content-type": "application/json"}
    answer = lab.http.post(f"{PARTY_V5}/individual", content=raw, headers=sent)
    assert answer.status_code == 201
    shown = lab.http.get(answer.headers["location"]).text
    kept = json.loads(shown, parse_float=Decimal)["amount"]
    assert str(kept) == str(Decimal(digits))


def test_a_room_with_an_own_command_answers_alike(lab: Lab) -> None:
    answer = lab.http.post(f"{ORDER_V5}/productOrder", json=ORDER_BODY)
    body = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == body["href"]
    assert (body["state"], body["creationDate"]) == ("acknowledged", "2026-01-31T12:00:00.000Z")


def test_one_resource_is_shown_in_both_generations_under_one_id(lab: Lab) -> None:
    made = lab.http.post(
        f"{PARTY_V4}/individual", json={"givenName": "Ada", "familyName": "B", "fullName": "Ada B"}
    ).json()
    assert made["href"].startswith(f"http://house.example{PARTY_V4}/")
    shown = lab.http.get(f"{PARTY_V5}/individual/{made['id']}").json()
    assert shown["name"] == "Ada B"
    assert "fullName" not in shown
    assert shown["href"] == f"http://house.example{PARTY_V5}/individual/{made['id']}"


def test_what_the_server_owns_is_ignored_on_create(lab: Lab) -> None:
    sent = {**ORDER_BODY, "id": "mine", "href": "http://elsewhere.example/", "state": "completed"}
    body = lab.http.post(f"{ORDER_V5}/productOrder", json=sent).json()
    assert body["id"] != "mine"
    assert body["state"] == "acknowledged"
    assert "elsewhere" not in body["href"]


def test_every_finding_comes_at_once_and_nothing_is_stored(lab: Lab) -> None:
    item = {"@type": "ProductOrderItem", "id": 7, "action": "explode"}
    sent = {"@type": "ProductOrder", "productOrderItem": [item], "description": ["x"]}
    answer = lab.http.post(f"{ORDER_V5}/productOrder", json=sent)
    assert answer.status_code == 400
    assert codes(answer) == {
        ("wrong_type", "productOrderItem.0.id"),
        ("unknown_word", "productOrderItem.0.action"),
        ("wrong_type", "description"),
    }
    assert lab.http.get(f"{ORDER_V5}/productOrder").json() == []


def test_a_broken_rule_is_422_with_its_path(lab: Lab) -> None:
    answer = lab.http.post(f"{PARTY_V5}/individual", json={**ADA, "familyName": "Ada"})
    assert (answer.status_code, codes(answer)) == (422, {("sameNames", "familyName")})


def test_a_room_refuses_in_the_words_of_the_callers_generation(lab: Lab) -> None:
    item = {**ORDER_BODY["productOrderItem"][0], "productOffering": {"id": "gone"}}
    v4 = lab.http.post(f"{ORDER_V4}/productOrder", json={"productOrderItem": [item]})
    assert (v4.status_code, codes(v4)) == (422, {("offeringGone", "relatedParty.0.id")})
    v5 = lab.http.post(
        f"{ORDER_V5}/productOrder", json={"@type": "ProductOrder", "productOrderItem": [item]}
    )
    assert codes(v5) == {("offeringGone", "relatedParty.0.partyOrPartyRole.id")}


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "json"),
        (b"{", "json"),
        (b'{"familyName": NaN}', "json"),
        (b'{"givenName":"A","givenName":"B","familyName":"C"}', "duplicateKey"),
        (b'{"givenName":"A","given\\u004eame":"B","familyName":"C"}', "duplicateKey"),
        (b'{"a":"\\u003a\\u003a","b" : 1,"b":2}', "duplicateKey"),
        (b'{"givenName":' + b"[" * 80 + b"]" * 80 + b"}", "too_deep"),
        (b"[" * 20_000 + b"]" * 20_000, "too_deep"),
        (b'{"givenName":"A","familyName":"B","x":1e999999999}', "numberRange"),
        (b'{"givenName":"A","familyName":"B","x":[-1.5E-0400]}', "numberRange"),
        (b"[1]", "wrong_type"),
        (b'{"givenName":"\xff"}', "json"),
    ],
)
def test_a_body_in_doubt_is_malformed(lab: Lab, raw: bytes, code: str) -> None:
    sent = {"content-type": "application/json"}
    answer = lab.http.post(f"{PARTY_V5}/individual", content=raw, headers=sent)
    assert answer.status_code == 400
    assert answer.json()["code"] == code


def test_colons_in_texts_and_escapes_are_no_duplicates(lab: Lab) -> None:
    raw = b'{"@type" : "Individual", "givenName":"a:b\\u003a", "familyName" :"::1e999"}'
    sent = {"content-type": "application/json; charset=utf-8"}
    answer = lab.http.post(f"{PARTY_V5}/individual", content=raw, headers=sent)
    assert answer.status_code == 201
    assert answer.json()["givenName"] == "a:b:"


def test_v5_projects_the_answer_of_a_create(lab: Lab) -> None:
    body = lab.http.post(f"{PARTY_V5}/individual?fields=givenName", json=ADA).json()
    assert set(body) == {"id", "href", "@type", "givenName"}


class TestIdempotencyKey:
    """A key makes a POST repeatable."""

    @pytest.mark.parametrize(
        ("path", "sent"),
        [(f"{PARTY_V5}/individual", ADA), (f"{ORDER_V5}/productOrder", ORDER_BODY)],
    )
    def test_a_repeat_gets_the_first_answer_even_later(
        self, lab: Lab, path: str, sent: Document
    ) -> None:
        key = {"idempotency-key": "k-1"}
        first = lab.http.post(path, json=sent, headers=key)
        lab.clock.advance(timedelta(days=1))
        again = lab.http.post(path, json=sent, headers=key)
        assert (again.status_code, again.json()) == (201, first.json())
        assert again.headers["location"] == first.headers["location"]
        assert len(lab.http.get(path).json()) == 1

    def test_another_body_under_the_same_key_conflicts(self, lab: Lab) -> None:
        key = {"idempotency-key": "k-1"}
        lab.http.post(f"{PARTY_V5}/individual", json=ADA, headers=key)
        other = lab.http.post(
            f"{PARTY_V5}/individual", json={**ADA, "givenName": "Augusta"}, headers=key
        )
        assert (other.status_code, other.json()["code"]) == (409, "keyReused")

    def test_a_key_belongs_to_its_actor_and_tenant(self, lab: Lab) -> None:
        made = set()
        for actor, tenant in (("a", "north"), ("b", "north"), ("a", "south")):
            sent = {"idempotency-key": "k-1", "x-actor": actor, "x-tenant": tenant}
            made.add(lab.http.post(f"{PARTY_V5}/individual", json=ADA, headers=sent).json()["id"])
        assert len(made) == 3

    def test_a_refused_create_may_be_repaired_under_its_key(self, lab: Lab) -> None:
        key = {"idempotency-key": "k-1"}
        bad = lab.http.post(f"{PARTY_V5}/individual", json={"givenName": "Ada"}, headers=key)
        good = lab.http.post(f"{PARTY_V5}/individual", json=ADA, headers=key)
        assert (bad.status_code, good.status_code) == (400, 201)

    def test_an_empty_or_endless_key_is_malformed(self, lab: Lab) -> None:
        for key in ("", "k" * 300):
            answer = lab.http.post(
                f"{PARTY_V5}/individual", json=ADA, headers={"idempotency-key": key}
            )
            assert answer.status_code == 400

    def test_only_a_key_keeps_an_answer(self, lab: Lab) -> None:
        lab.http.post(f"{PARTY_V5}/individual", json=ADA)
        lab.http.post(f"{PARTY_V5}/individual", json=ADA, headers={"idempotency-key": "k-1"})
        with lab.database.read() as tx:
            kept = tx.execute(sa.select(sa.func.count()).select_from(ANSWER)).scalar()
        assert kept == 1

    def test_racing_repeats_make_one_resource(self, lab: Lab) -> None:
        answers: list[Any] = []

        def post() -> None:
            key = {"idempotency-key": "k-race"}
            answers.append(lab.http.post(f"{PARTY_V5}/individual", json=ADA, headers=key))

        threads = [threading.Thread(target=post) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert len(lab.http.get(f"{PARTY_V5}/individual").json()) == 1
