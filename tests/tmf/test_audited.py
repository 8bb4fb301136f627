"""Every change of a document is told with what was before and after, in its own transaction."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from banyan.kernel.engine.tables import AUDIT
from banyan.kernel.engine.verify import verify
from banyan.kernel.words.codec import from_json
from tests.tmf.lab import ORDER_V5, PARTY_V4, PARTY_V5, Lab


def told(lab: Lab) -> list[dict[str, Any]]:
    """The audit, oldest first."""
    with lab.database.read() as tx:
        query = sa.select(AUDIT).order_by(AUDIT.c.number)
        return [dict(row) for row in tx.execute(query).mappings()]


def test_a_created_document_is_told_whole(lab: Lab) -> None:
    made = lab.add_individual(nickName="Al")
    (row,) = told(lab)
    assert (row["verb"], row["resource"], row["id"], row["rev"], row["before"]) == (
        "create", "individual", made["id"], 1, "",
    )  # fmt: skip
    assert (row["command"], row["tenant"], row["actor"]) == (
        "desk.CreateDocument", "north", "tester",
    )  # fmt: skip
    after = from_json(row["after"])
    assert {k: v for k, v in made.items() if k not in ("id", "href")} == after


def test_a_change_is_told_by_the_attributes_that_differ(lab: Lab) -> None:
    made = lab.add_individual(nickName="Al")
    patch = {"familyName": "Banks", "nickName": None, "title": "Dr", "status": "validated"}
    answer = lab.http.patch(f"{PARTY_V5}/individual/{made['id']}", json=patch)
    assert answer.status_code == 200, answer.text
    row = told(lab)[-1]
    assert (row["verb"], row["rev"]) == ("change", 2)
    assert from_json(row["before"]) == {
        "familyName": "Byron", "nickName": "Al", "status": "initialized",
    }  # fmt: skip
    assert from_json(row["after"]) == {
        "familyName": "Banks", "title": "Dr", "status": "validated",
    }  # fmt: skip


def test_a_patch_of_nothing_and_a_refusal_tell_nothing(lab: Lab) -> None:
    made = lab.add_individual()
    path = f"{PARTY_V4}/individual/{made['id']}"
    assert lab.http.patch(path, json={"familyName": "Byron"}).status_code == 200
    assert lab.http.patch(path, json={"familyName": "Ada"}).status_code == 422
    assert len(told(lab)) == 1


def test_a_removed_document_is_told_as_it_last_was(lab: Lab) -> None:
    made = lab.add_individual()
    assert lab.http.delete(f"{PARTY_V5}/individual/{made['id']}").status_code == 204
    row = told(lab)[-1]
    assert (row["verb"], row["rev"], row["after"]) == ("remove", 1, "")
    assert from_json(row["before"]) == from_json(told(lab)[0]["after"])


def test_a_rooms_own_command_is_told_by_its_documents_once(lab: Lab) -> None:
    made = lab.add_order()
    path = f"{ORDER_V5}/productOrder/{made['id']}"
    assert lab.http.patch(path, json={"description": "soon"}).status_code == 200
    assert [(row["command"], row["verb"]) for row in told(lab)] == [
        ("desk.TakeOrder", "create"),
        ("desk.AmendOrder", "change"),
    ]
    assert from_json(told(lab)[-1]["after"]) == {"description": "soon"}
    assert verify(lab.database).broken == ""


def test_a_subscription_is_told_as_the_command_that_made_it(lab: Lab) -> None:
    body = {"@type": "Hub", "callback": "http://127.0.0.1:9/events"}
    assert lab.http.post(f"{PARTY_V5}/hub", json=body).status_code == 201
    (row,) = told(lab)
    assert (row["command"], row["verb"]) == ("desk.CreateHub", "run")
    assert from_json(row["after"])["callback"] == body["callback"]
