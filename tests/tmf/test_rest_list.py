"""GET of lists: filters, projection and paging (TMF630)."""

from __future__ import annotations

import re

import pytest

from banyan.tmf.surface import RestSettings
from tests.tmf.lab import ORDER_V4, ORDER_V5, PARTY_V4, PARTY_V5, Lab, names

PARTY = {
    "@type": "RelatedPartyRefOrPartyRoleRef",
    "role": "customer",
    "partyOrPartyRole": {"@type": "PartyRef", "id": "p-7", "@referredType": "Individual"},
}


def _people(lab: Lab, count: int) -> None:
    for number in range(count):
        lab.add_individual(familyName=f"N{number}")


@pytest.mark.parametrize("base", [PARTY_V4, PARTY_V5])
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("familyName=N1", ["N1"]),
        ("familyName=N1,N2", ["N1", "N2"]),
        ("familyName=N2&familyName=N1", ["N1", "N2"]),
        ("familyName=N0&givenName=Ada", ["N0"]),
        ("familyName=N0&givenName=Bob", []),
        ('familyName="N1"', ["N1"]),
        ("middleName=King+of%20Hearts", ["N3"]),
        ("status=initialized&familyName=N3", ["N3"]),
        ("status=validated", []),
        ("@type=Individual&familyName=N1", ["N1"]),
        ("%40type=Organization", []),
        ("id=nobody", []),
        ("unheardOf=1", []),
        ("birthDate=1815-12-10T01:00:00%2B01:00", ["N4"]),
        ("birthDate=1815-12-10T00:00:00.000Z", ["N4"]),
        ("number=1.5", ["N5"]),
        ("flag=true", ["N5"]),
    ],
)
def test_equality_finds_what_is_equal(lab: Lab, base: str, query: str, found: list[str]) -> None:
    _people(lab, 3)
    lab.add_individual(familyName="N3", middleName="King of Hearts")
    lab.add_individual(familyName="N4", birthDate="1815-12-10T00:00:00Z")
    lab.add_individual(familyName="N5", number=1.50, flag=True)
    answer = lab.http.get(f"{base}/individual?{query}")
    assert answer.status_code == 200
    assert names(answer) == found
    assert answer.headers["x-total-count"] == str(len(found))


def test_a_v4_filter_is_asked_in_v4_words(lab: Lab) -> None:
    order = lab.add_order(relatedParty=[PARTY])
    lab.add_order()
    v4, v5 = f"{ORDER_V4}/productOrder", f"{ORDER_V5}/productOrder"
    for path in (
        f"{v4}?relatedParty.id=p-7",
        f"{v4}?relatedParty.role=customer&orderDate=2026-01-31T12:00:00Z",
        f"{v5}?relatedParty.partyOrPartyRole.id=p-7",
        f"{v5}?relatedParty.partyOrPartyRole.id=p-7&creationDate=2026-01-31T13:00:00%2B01:00",
    ):
        assert names(lab.http.get(path), "id") == [order["id"]], path
    for path in (f"{v4}?relatedParty.partyOrPartyRole.id=p-7", f"{v5}?orderDate=x"):
        assert lab.http.get(path).json() == []
    assert len(lab.http.get(f"{v4}?orderDate=2026-01-31T12:00:00.000Z").json()) == 2


def test_a_v4_word_that_stands_for_another_is_found_by_what_v4_shows(lab: Lab) -> None:
    made = lab.add_individual()
    for state in ("validated", "deceased"):
        assert lab.http.patch(made["href"], json={"status": state}).status_code == 200
    assert names(lab.http.get(f"{PARTY_V5}/individual?status=deceased"), "id") == [made["id"]]
    shown = lab.http.get(f"{PARTY_V4}/individual/{made['id']}").json()["status"]
    assert names(lab.http.get(f"{PARTY_V4}/individual?status={shown}"), "id") == [made["id"]]


@pytest.mark.parametrize("base", [PARTY_V4, PARTY_V5])
def test_every_first_level_attribute_of_an_answer_can_be_asked_for(lab: Lab, base: str) -> None:
    _people(lab, 2)
    made = lab.add_individual(base, familyName="Sought", birthDate="1815-12-10T00:00:00Z")
    for name, value in made.items():
        answer = lab.http.get(f"{base}/individual", params={name: value})
        assert made["id"] in names(answer, "id"), name
        assert lab.http.get(f"{base}/individual", params={name: f"{value}x"}).json() == [], name


def test_a_list_shows_only_the_wanted_fields(lab: Lab) -> None:
    _people(lab, 1)
    v5 = lab.http.get(f"{PARTY_V5}/individual?fields=familyName,status").json()[0]
    assert set(v5) == {"id", "href", "@type", "familyName", "status"}
    none = lab.http.get(f"{PARTY_V4}/individual?fields=none").json()[0]
    assert set(none) == {"id", "href"}
    one = lab.http.get(f"{v5['href']}?fields=familyName").json()
    assert set(one) == {"id", "href", "@type", "familyName"}


@pytest.mark.parametrize("base", [PARTY_V4, PARTY_V5])
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("familyName.gt=N1", ["N2", "N3"]),
        ("familyName%3E%3DN1&familyName.lt=N3", ["N1", "N2"]),
        ("birthDate%3E1815-12-10", ["N2", "N3"]),
        ("birthDate.gte=1815-12-10T00:00:00Z&birthDate.lte=1816-12-10", ["N1", "N2"]),
        ("shoe.lt=10", ["N1", "N2"]),
        ("shoe%3C%3D9.0", ["N1", "N2"]),
        ("familyName%3D~%5B13%5D%24", ["N1", "N3"]),
        ("shoe=40;familyName=N1", ["N1", "N3"]),
        ("status.regex=^init&sort=-familyName", ["N3", "N2", "N1"]),
        ("sort=-shoe", ["N3", "N2", "N1"]),
        ("sort=birthDate&limit=3", ["N1", "N2", "N3"]),
        ("sort=-status,-familyName", ["N3", "N2", "N1"]),
        ("sort=unheardOf", ["N1", "N2", "N3"]),
        ("href.eq=elsewhere", []),
    ],
)
def test_comparisons_and_orders_find_what_they_say(
    lab: Lab, base: str, query: str, found: list[str]
) -> None:
    for number, shoe in ((1, 8), (2, 9), (3, 40)):
        born = f"{1814 + number}-12-10T00:00:00Z"
        lab.add_individual(familyName=f"N{number}", birthDate=born, shoe=shoe)
    answer = lab.http.get(f"{base}/individual?{query}")
    assert (answer.status_code, names(answer)) == (200, found)
    assert answer.headers["x-total-count"] == str(len(found))


def test_v4_dates_and_words_are_compared_as_v4_shows_them(lab: Lab) -> None:
    order = lab.add_order()
    v4 = f"{ORDER_V4}/productOrder"
    assert names(lab.http.get(f"{v4}?orderDate.gt=2026-01-31"), "id") == [order["id"]]
    assert lab.http.get(f"{v4}?orderDate.lt=2026-01-31").json() == []
    assert names(lab.http.get(f"{v4}?state=acknowledged&sort=-orderDate"), "id") == [order["id"]]


@pytest.mark.parametrize("query", ["familyName.regex=(", "familyName.like=x", "a!=1", "sort=-"])
def test_a_refusal_of_a_query_names_the_parameter(lab: Lab, query: str) -> None:
    answer = lab.http.get(f"{PARTY_V5}/individual?{query}")
    assert answer.status_code == 400
    assert query.startswith(answer.json()["findings"][0]["path"])


def test_pages_are_206_until_they_are_the_whole(lab: Lab) -> None:
    _people(lab, 5)
    whole = lab.http.get(f"{PARTY_V5}/individual")
    assert (whole.status_code, whole.headers["x-total-count"]) == (200, "5")
    assert "link" not in whole.headers
    page = lab.http.get(f"{PARTY_V5}/individual?offset=1&limit=2")
    assert (page.status_code, names(page)) == (206, ["N1", "N2"])
    assert (page.headers["x-total-count"], page.headers["x-result-count"]) == ("5", "2")
    assert lab.http.get(f"{PARTY_V5}/individual?limit=5").status_code == 200
    beyond = lab.http.get(f"{PARTY_V5}/individual?offset=9")
    assert (beyond.status_code, beyond.json()) == (200, [])
    none = lab.http.get(f"{PARTY_V5}/individual?limit=0")
    assert (none.status_code, none.headers["x-result-count"]) == (206, "0")


@pytest.mark.parametrize("query", ["givenName=Ada", "familyName=N0,N1,N2,N3,N4", "x=%3E%22&y=,"])
def test_links_lead_through_all_pages(lab: Lab, query: str) -> None:
    for number in range(5):
        lab.add_individual(familyName=f"N{number}", x='>"', y="")
    seen: list[str] = []
    url = f"{PARTY_V5}/individual?{query}&limit=2"
    for _ in range(3):
        page = lab.http.get(url)
        assert page.status_code == 206
        seen += names(page)
        links = dict(re.findall(r'<([^>]*)>; rel="(\w+)"', page.headers["link"]))
        wanted = {rel: link for link, rel in links.items()}
        url = wanted.get("next", "")
    assert seen == ["N0", "N1", "N2", "N3", "N4"]
    assert not url
    assert names(lab.http.get(wanted["last"])) == ["N4"]
    assert names(lab.http.get(wanted["prev"])) == ["N2", "N3"]
    assert names(lab.http.get(wanted["first"])) == ["N0", "N1"]


def test_above_the_cap_an_answer_says_where_it_goes_on(database_url: str) -> None:
    lab = Lab(database_url, RestSettings(page_max=2))
    _people(lab, 3)
    for query in ("", "?limit=100"):
        page = lab.http.get(f"{PARTY_V5}/individual{query}")
        assert (page.status_code, names(page)) == (206, ["N0", "N1"])
        assert 'offset=2&limit=2>; rel="next"' in page.headers["link"]
    lab.close()


@pytest.mark.parametrize(
    "query", ["limit=-1", "limit=many", "offset=-1", "familyName", "a=" * 9_000]
)
def test_a_bad_query_is_400(lab: Lab, query: str) -> None:
    assert lab.http.get(f"{PARTY_V5}/individual?{query}").status_code == 400


@pytest.mark.parametrize("query", ["filter=%24..x", "after=x", "before=x"])
def test_what_an_api_does_not_declare_is_501(lab: Lab, query: str) -> None:
    assert lab.http.get(f"{PARTY_V5}/individual?{query}").status_code == 501


def test_tenants_dont_see_each_other(lab: Lab) -> None:
    made = lab.add_individual()
    south = {"x-tenant": "south"}
    assert lab.http.get(f"{PARTY_V5}/individual", headers=south).json() == []
    assert lab.http.get(made["href"], headers=south).status_code == 404
    assert lab.http.patch(made["href"], json={"x": 1}, headers=south).status_code == 404
    assert lab.http.delete(made["href"], headers=south).status_code == 404
