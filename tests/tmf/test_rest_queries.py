"""Lists of an API that declares everything: JSONPath, cursors, and whatever strangers send."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from banyan.kernel.words.errors import Refused
from banyan.kernel.words.ids import ResourceId
from banyan.tmf.filters import read_query
from banyan.tmf.resource import Resource
from tests.served import Served
from tests.tmf.lab import names

V4 = "/tmf-api/resourceInventoryManagement/v4/resource"
V5 = "/tmf-api/resourceInventoryManagement/v5/resource"
RESOURCE = Resource(
    api="TMF639", name="resource", shape="Resource", room="shed", id_type=ResourceId,
    state="lifecycleState", indexed=("name", "startOperatingDate"), may_choose_id=True,
)  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def shed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """Seven resources, in one database for many examples."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('shed')}"
    else:
        url = request.getfixturevalue("postgres_url")
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    served = Served("shed", url, [RESOURCE], [])
    for number in range(7):
        body = {
            "@type": "Resource", "name": f"N{number}", "size": number * 1.5,
            "startOperatingDate": f"2026-01-0{7 - number}T00:00:00Z", "description": "same",
            "note": [{"@type": "Note", "text": f"text {number}", "author": "Ada"}],
        }  # fmt: skip
        assert served.http.post(V5, json=body).status_code == 201
    yield served
    served.close()


def _links(answer: httpx.Response) -> dict[str, str]:
    found = re.findall(r'<([^>]*)>; rel="(\w+)"', answer.headers.get("link", ""))
    return {rel: link for link, rel in found}


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("note[?(@.text=='text 3')]", ["N3"]),
        ("$.note[?(@author=='Ada')]", [f"N{n}" for n in range(7)]),
        ("$[?@.size > 7.4]", ["N5", "N6"]),
        ("$[?@.size == 1.5 || @.name == 'N0']", ["N0", "N1"]),
        ("note[?search(@.text, '[56]$')]", ["N5", "N6"]),
        ("$..author", [f"N{n}" for n in range(7)]),
        ("nothing", []),
    ],
)
def test_a_jsonpath_finds_the_documents_it_finds_something_in(
    shed: Served, expression: str, found: list[str]
) -> None:
    answer = shed.http.get(V5, params={"filter": expression})
    assert (answer.status_code, names(answer, "name")) == (200, found)
    assert answer.headers["x-total-count"] == str(len(found))


def test_a_jsonpath_narrows_what_other_filters_find(shed: Served) -> None:
    query = {"filter": "$[?@.size > 3]", "name.lt": "N5", "sort": "-name", "limit": "1"}
    answer = shed.http.get(V5, params=query)
    assert (answer.status_code, names(answer, "name")) == (206, ["N4"])
    assert answer.headers["x-total-count"] == "2"


@pytest.mark.parametrize(
    ("expression", "status"),
    [
        ("note[?(", 400),
        ("$[?@.a > 1e999]", 400),
        ("$..[?@..x]", 501),
        ("$[?$.a]", 501),
        ("$[*,*][*,*][*,*][*,*][*,*]", 501),
    ],
)
def test_a_jsonpath_that_is_none_or_could_run_for_ever_is_refused(
    shed: Served, expression: str, status: int
) -> None:
    answer = shed.http.get(V5, params={"filter": expression})
    assert answer.status_code == status
    assert answer.json()["findings"][0]["path"] == "filter"
    assert shed.http.get(V4, params={"filter": expression}).status_code == 501


@pytest.mark.parametrize("sort", ["", "&sort=-name", "&sort=description,startOperatingDate"])
def test_cursors_lead_through_a_list_and_back(shed: Served, sort: str) -> None:
    whole = names(shed.http.get(f"{V5}?fields=name{sort}"), "name")
    page = shed.http.get(f"{V5}?fields=name&limit=3{sort}")
    seen = [names(page, "name")]
    while "next" in _links(page) and names(page, "name"):
        page = shed.http.get(_links(page)["next"])
        seen.append(names(page, "name"))
    assert [name for some in seen for name in some] == whole
    back = shed.http.get(_links(page)["prev"])
    assert names(back, "name") == seen[-2]


def test_a_page_by_cursor_is_not_moved_by_what_is_made_or_removed(shed: Served) -> None:
    made = shed.http.post(V5, json={"@type": "Resource", "name": "A"}).json()
    first = shed.http.get(f"{V5}?sort=name&limit=2")
    assert names(first, "name") == ["A", "N0"]
    assert shed.http.delete(made["href"]).status_code == 204
    assert names(shed.http.get(_links(first)["next"]), "name") == ["N1", "N2"]


@pytest.mark.parametrize(
    "query", ["after=x", "after=W10", "before=WyJhIl0", "after=W251bGwsbnVsbF0"]
)
def test_a_cursor_that_is_none_is_400(shed: Served, query: str) -> None:
    answer = shed.http.get(f"{V5}?{query}")
    assert (answer.status_code, answer.json()["findings"][0]["code"]) == (400, "cursor")


attributes = [
    *("name", "id", "@type", "href", "lifecycleState", "startOperatingDate", "size", "note"),
    *("note.text", "x" * 200, "%00", "fields", "sort", "filter", "after", "before", "offset"),
    *("limit", "note.regex", "name.gt", "lifecycleState.lte", "id.gte"),
]
signs = [
    *("=", "==", "=~", ">", ">=", "<", "<=", "%3E", "%3D~", "%3C%3D"),
    *(".eq=", ".regex=", ".lt=", ""),
]
hostile = [
    *("N1", "%00", "1e999", "-1", "2026-01-05", "0001-01-01T00:00:00+14:00", "true", '"'),
    *("%22a,b", "$[?@.size>1]", "$..*", "[?@", "WyJhIl0", "-name,size", "%F0%9F", "(a+)+$"),
    *("\\", "%01%00"),
]
words = st.one_of(
    st.sampled_from(hostile),
    st.text(max_size=12).map(lambda text: quote(text.encode("utf-8", "ignore"))),
    st.text("%&;,=<>~!.$@[]()'\"\\0123 ax", max_size=12),
    st.integers().map(str),
)
queries = st.lists(
    st.tuples(st.sampled_from(attributes), st.sampled_from(signs), words, st.sampled_from("&;,"))
    .map("".join), min_size=1, max_size=5,
).map("".join)  # fmt: skip


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(base=st.sampled_from([V4, V5]), query=queries)
def test_no_query_makes_the_house_fail(shed: Served, base: str, query: str) -> None:
    answer = shed.http.get(f"{base}?{query}")
    assert answer.status_code in (200, 206, 400, 501), answer.text


@given(st.text())
def test_any_text_is_read_as_a_query_or_refused(text: str) -> None:
    assert _kind_of(text) in ("", "malformed")


def _kind_of(text: str) -> str:
    try:
        for each in read_query(text).conditions:
            each.matches({"a": 1})
    except Refused as error:
        return error.refusal.kind
    return ""
