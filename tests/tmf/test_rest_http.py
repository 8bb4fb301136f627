"""What HTTP itself asks for: methods, media types, sizes, addresses, failures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from banyan.tmf.apis import API
from banyan.tmf.surface import RestSettings
from banyan.tmf.tables import DOCUMENT
from tests.tmf.lab import ORDER_V5, PARTY_V4, PARTY_V5, Lab, codes


@pytest.fixture
def small(database_url: str) -> Iterator[Lab]:
    """A house that takes bodies of at most 200 bytes and knows its public address."""
    opened = Lab(database_url, RestSettings("https://api.example", body_bytes_max=200))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("individual", "PUT", {"GET", "HEAD", "POST"}),
        ("individual", "DELETE", {"GET", "HEAD", "POST"}),
        ("individual/x", "POST", {"GET", "HEAD", "PATCH", "DELETE"}),
        ("hub", "PATCH", {"GET", "HEAD", "POST"}),
        ("hub/x", "PATCH", {"GET", "HEAD", "DELETE"}),
        ("openapi.json", "POST", {"GET", "HEAD"}),
    ],
)
def test_other_methods_are_405_with_the_allowed_ones(
    lab: Lab, path: str, method: str, allowed: set[str]
) -> None:
    answer = lab.http.send(method, f"{PARTY_V5}/{path}")
    assert (answer.status_code, answer.json()["code"]) == (405, "method")
    assert set(answer.headers["allow"].split(", ")) == allowed


def test_what_is_offered_is_told_when_asked(lab: Lab) -> None:
    answer = lab.http.send("OPTIONS", f"{PARTY_V5}/individual/x")
    assert (answer.status_code, answer.content) == (204, b"")
    offered = set(answer.headers["allow"].split(", "))
    assert offered == {"GET", "HEAD", "PATCH", "DELETE", "OPTIONS"}
    assert lab.http.send("OPTIONS", f"{PARTY_V5}/nothing").status_code == 404


@pytest.mark.parametrize(
    "path", ["nothing", "individual/x/y", "individuals", "individual/x", "hub/x", "customer/x/"]
)
def test_an_unknown_address_is_404_as_an_error(lab: Lab, path: str) -> None:
    answer = lab.http.get(f"{PARTY_V5}/{path}")
    assert (answer.status_code, answer.json()["@type"]) == (404, "Error")


def test_what_lies_outside_the_apis_is_left_to_others(lab: Lab) -> None:
    assert lab.http.get("/elsewhere").json()["reason"] == "Not Found"


@pytest.mark.parametrize("alias", [a for a, number in API["TMF632"].aliases.items() if number == 4])
def test_an_alias_answers_alike_and_points_to_the_main_path(lab: Lab, alias: str) -> None:
    made = lab.add_individual(alias)
    assert made["href"].startswith(f"http://house.example{PARTY_V4}/individual/")
    assert lab.http.get(f"{alias}/individual/{made['id']}").json() == made


def test_a_trailing_slash_changes_nothing(lab: Lab) -> None:
    made = lab.add_individual()
    assert lab.http.get(f"{PARTY_V5}/individual/").json() == [made]
    assert lab.http.get(f"{made['href']}/").json() == made


def test_an_id_may_need_encoding(lab: Lab) -> None:
    made = lab.add_individual()
    with lab.database._engine.begin() as tx:
        tx.execute(sa.update(DOCUMENT).values(id="a/b c?ü"))
    shown = lab.http.get(f"{PARTY_V5}/individual/a%2Fb%20c%3F%C3%BC").json()
    assert shown["id"] == "a/b c?ü"
    assert shown["givenName"] == made["givenName"]
    assert lab.http.get(shown["href"]).json() == shown
    assert lab.http.get(f"{PARTY_V5}/individual", params={"href": shown["href"]}).json() == [shown]


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 200),
        ("application/json;charset=utf-8", 200),
        ("text/html, application/*;q=0.8", 200),
        ("*/*", 200),
        ("text/html", 406),
        ("application/json;q=0, text/html", 406),
    ],
)
def test_answers_are_json_or_406(lab: Lab, accept: str, status: int) -> None:
    answer = lab.http.get(f"{PARTY_V5}/individual", headers={"accept": accept})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json;charset=utf-8"


def test_a_post_of_another_type_is_415(lab: Lab) -> None:
    sent = {"content-type": "application/x-www-form-urlencoded"}
    answer = lab.http.post(f"{PARTY_V5}/individual", content=b"a=1", headers=sent)
    assert (answer.status_code, answer.json()["code"]) == (415, "contentType")


def test_a_body_too_large_is_413_told_or_not(small: Lab) -> None:
    big = b'{"givenName":"' + b"x" * 300 + b'"}'

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(big), 64):
            yield big[start : start + 64]

    parts: list[dict[str, Any]] = [{"content": big}, {"content": chunks()}]
    for part in parts:
        sent = {"content-type": "application/json"}
        answer = small.http.post(f"{PARTY_V5}/individual", headers=sent, **part)
        assert (answer.status_code, answer.json()["code"]) == (413, "bodySize")


def test_a_body_in_pieces_is_put_together(lab: Lab) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for piece in (b'{"givenName":"A",', b"", b'"familyName":"B"}'):
            yield piece

    sent = {"content-type": "application/json"}
    answer = lab.http.post(f"{PARTY_V5}/individual", headers=sent, content=chunks())
    assert answer.status_code == 201


def test_links_begin_with_the_public_address(small: Lab) -> None:
    made = small.add_individual()
    assert made["href"].startswith(f"https://api.example{PARTY_V5}/individual/")
    page = small.http.get(f"{PARTY_V5}/individual?offset=0&limit=0")
    assert f"<https://api.example{PARTY_V5}/individual?" in page.headers["link"]


def test_head_is_get_without_a_body(lab: Lab) -> None:
    made = lab.add_individual()
    head = lab.http.send("HEAD", made["href"])
    whole = lab.http.get(made["href"])
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == whole.headers


def test_a_bug_is_500_and_the_next_request_is_served(lab: Lab) -> None:
    made = lab.add_individual()
    with lab.database._engine.begin() as tx:
        tx.execute(sa.update(DOCUMENT).values(doc="no json"))
    answer = lab.http.get(made["href"])
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "no json" not in answer.text
    assert lab.http.get(f"{ORDER_V5}/productOrder").status_code == 200


def test_each_generation_describes_itself(lab: Lab) -> None:
    for base in (PARTY_V4, PARTY_V5):
        document = lab.http.get(f"{base}/openapi.json").json()
        assert document["openapi"] == "3.1.0"
        assert document["servers"] == [{"url": base}]
        assert "/individual/{id}" in document["paths"]
        assert "/organization" not in document["paths"]


def test_findings_are_told_in_every_error(lab: Lab) -> None:
    assert codes(lab.http.get(f"{PARTY_V5}/individual?limit=x")) == {("paging", "limit")}
