"""The client: what it asks of a server, what it makes of the answers, and when it asks again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banyan.kernel.engine.clock import DrivenClock
from banyan.kernel.words.errors import Later, NeedsPerson, Never, Refused
from banyan.tmf.client import Server, TmfClient, compute_patch, find_server
from banyan.tmf.edge import merge_patch
from banyan.tmf.line import Manners
from tests.tmf.scripted import Reply, Scripted

QUICK = Manners(timeout_s=0.5)
BASE = "/tmf-api/productCatalogManagement/v5"
OFFERING = {"@type": "ProductOffering", "id": "fibre", "name": "Fibre"}
HOME = "http://house.example"

Meet = Callable[..., tuple[Scripted, TmfClient]]


@pytest.fixture
def meet() -> Iterator[Meet]:
    """A scripted server with a client for it."""
    opened: list[tuple[Scripted, TmfClient]] = []

    def made(
        *replies: Reply,
        manners: Manners = QUICK,
        generation: int = 5,
        clock: DrivenClock | None = None,
    ) -> tuple[Scripted, TmfClient]:
        server = Scripted(*replies)
        place = find_server("TMF620", server.origin, generation)
        opened.append((server, TmfClient(place, manners, clock, HOME)))
        return opened[-1]

    yield made
    for server, client in opened:
        client.close()
        server.close()


@pytest.mark.parametrize(
    ("url", "generation", "found"),
    [
        ("https://b.example", None, (f"https://b.example{BASE}", 5)),
        ("https://b.example/", 4, ("https://b.example/tmf-api/productCatalogManagement/v4", 4)),
        ("https://b.example/cat/v4/", None, ("https://b.example/cat/v4", 4)),
        ("https://b.example/cat/v4.1", None, ("https://b.example/cat/v4.1", 4)),
        ("https://b.example/cat", None, ("https://b.example/cat", 5)),
    ],
)
def test_a_url_says_where_the_api_is_and_which_generation_it_speaks(
    url: str, generation: int | None, found: tuple[str, int]
) -> None:
    server = find_server("TMF620", url, generation)
    assert (server.url, server.generation) == found


@pytest.mark.parametrize(
    ("api", "url", "generation"),
    [
        ("TMF999", "https://b.example", None),
        ("TMF620", "ftp://b.example", None),
        ("TMF620", "b.example", None),
        ("TMF620", "https://me:secret@b.example", None),
        ("TMF620", "https://b.example?x=1", None),
        ("TMF620", "https://b.example/v3", None),
        ("TMF633", "https://b.example", 5),
    ],
)
def test_a_server_that_cannot_be_spoken_to_is_refused(
    api: str, url: str, generation: int | None
) -> None:
    with pytest.raises(Refused) as caught:
        find_server(api, url, generation)
    assert caught.value.refusal.findings[0].path == f"remote.{api}"


def test_a_careless_answer_is_read_as_what_it_means(meet: Meet) -> None:
    told = {
        "name": "Fibre",
        "href": "http://inner.name/api/productOffering/fibre",
        "description": None,
        "x-vendor": {"deep": [1]},
        "productSpecification": {"id": "spec", "href": f"{BASE}/productSpecification/spec"},
    }
    server, client = meet(Reply(body=told))
    seen = client.get("productOffering", "fibre")
    assert seen is not None
    assert seen.document == {
        "@type": "ProductOffering",
        "id": "fibre",
        "name": "Fibre",
        "x-vendor": {"deep": [1]},
        "productSpecification": {
            "@type": "ProductSpecificationRef",
            "id": "spec",
            "href": f"{HOME}{BASE}/productSpecification/spec",
        },
    }
    assert server.asked[0].path == f"{BASE}/productOffering/fibre"


def test_an_address_of_this_house_is_told_as_an_address_of_the_server(meet: Meet) -> None:
    server, client = meet(Reply(201, OFFERING))
    spec = {"id": "spec", "href": f"{HOME}{BASE}/productSpecification/spec"}
    client.create("productOffering", {**OFFERING, "productSpecification": spec}, "key-1")
    told = server.asked[0]
    assert told.body["productSpecification"]["href"] == (
        f"{server.origin}{BASE}/productSpecification/spec"
    )
    assert told.headers["idempotency-key"] == "key-1"


def test_a_number_for_an_id_is_text(meet: Meet) -> None:
    _, client = meet(Reply(201, {"id": 7, "name": "Fibre"}))
    assert client.create("productOffering", OFFERING).document["id"] == "7"


def test_a_created_document_without_id_has_that_of_its_location(meet: Meet) -> None:
    location = (("location", f"{BASE}/productOffering/a%20b"),)
    _, client = meet(Reply(201, {"name": "Fibre"}, location))
    assert client.create("productOffering", OFFERING).document["id"] == "a b"


def test_v4_servers_are_spoken_to_in_v4(meet: Meet) -> None:
    party = {"id": "p", "role": "owner", "@referredType": "Individual"}
    server, client = meet(
        Reply(201, {"id": "c", "name": "All", "relatedParty": [party]}), generation=4
    )
    made = client.create(
        "productCatalog",
        {
            "@type": "ProductCatalog",
            "name": "All",
            "relatedParty": [
                {
                    "@type": "RelatedPartyRefOrPartyRoleRef",
                    "role": "owner",
                    "partyOrPartyRole": {
                        "@type": "PartyRef",
                        "id": "p",
                        "@referredType": "Individual",
                    },
                }
            ],
        },
    )
    assert server.asked[0].path == "/tmf-api/productCatalogManagement/v4/catalog"
    assert server.asked[0].body["relatedParty"][0]["id"] == "p"
    assert made.document["relatedParty"][0]["partyOrPartyRole"]["id"] == "p"


def _page(ids: range, *headers: tuple[str, str], status: int = 200) -> Reply:
    return Reply(status, [{"id": str(each), "name": str(each)} for each in ids], headers)


@pytest.mark.parametrize(
    "replies",
    [
        (_page(range(3)), _page(range(3, 5)), _page(range(0))),
        (_page(range(3), ("X-Total-Count", "5"), status=206), _page(range(3, 5), status=206),
         _page(range(0))),
        (_page(range(3), ("Link", f'<http://inner.name{BASE}/x?offset=3&limit=3>; rel="next"')),
         _page(range(3, 5)), _page(range(0))),
        (_page(range(3)), _page(range(3, 5)), Reply(404, {"code": "E", "reason": "beyond"})),
        (_page(range(3)), _page(range(3, 5)), Reply(416, b"")),
        (_page(range(3)), _page(range(1, 5)), _page(range(1, 5))),
        (_page(range(5)), _page(range(5))),
    ],
)  # fmt: skip
def test_a_list_is_read_to_its_end_however_it_is_paged(
    meet: Meet, replies: tuple[Reply, ...]
) -> None:
    _, client = meet(*replies)
    found = [each["id"] for each in client.each("productOffering", page=3)]
    assert found == ["0", "1", "2", "3", "4"]


def test_the_token_stays_with_the_server_whatever_a_link_says(meet: Meet) -> None:
    link = ("Link", '<http://127.0.0.1:1/steal?offset=1>; rel="next"')
    server, client = meet(_page(range(1), link), _page(range(0)), manners=Manners("secret", 0.5))
    assert len(list(client.each("productOffering"))) == 1
    assert [each.path.partition("?")[0] for each in server.asked] == [f"{BASE}/productOffering"] * 2
    assert server.asked[1].path.endswith("?offset=1")
    assert server.asked[0].headers["authorization"] == "Bearer secret"


def test_what_may_be_repeated_is_asked_again(meet: Meet) -> None:
    server, client = meet(Reply(503), Reply(502), Reply(body=OFFERING))
    assert client.get("productOffering", "fibre") is not None
    assert len(server.asked) == 3


def test_a_post_whose_answer_was_lost_is_sent_once_unless_the_server_knows_keys(meet: Meet) -> None:
    server, client = meet(Reply(503), Reply(201, OFFERING))
    with pytest.raises(Later):
        client.create("productOffering", OFFERING, "key-1")
    assert len(server.asked) == 1
    manners = Manners(timeout_s=0.5, repeats_posts=True)
    server, client = meet(Reply(503), Reply(201, OFFERING), manners=manners)
    client.create("productOffering", OFFERING, "key-1")
    assert {each.headers["idempotency-key"] for each in server.asked} == {"key-1"}
    assert len(server.asked) == 2


def test_a_server_that_says_when_is_left_alone_until_then(meet: Meet) -> None:
    clock = DrivenClock(datetime(2026, 1, 1, tzinfo=UTC))
    server, client = meet(
        Reply(503, b"", (("Retry-After", "7"),)), Reply(body=OFFERING), clock=clock
    )
    with pytest.raises(Later) as caught:
        client.get("productOffering", "fibre")
    assert caught.value.seconds == 7
    clock.advance(timedelta(seconds=3))
    with pytest.raises(Later) as caught:
        client.get("productOffering", "fibre")
    assert caught.value.seconds == pytest.approx(4)
    assert len(server.asked) == 1
    clock.advance(timedelta(seconds=4))
    assert client.get("productOffering", "fibre") is not None
    assert client.line.outage is None


def test_a_server_that_hangs_is_away_after_its_timeout(meet: Meet) -> None:
    server, client = meet(Reply(hangs=True), manners=Manners(timeout_s=0.1, attempts=2))
    with pytest.raises(Later):
        client.get("productOffering", "fibre")
    assert len(server.asked) == 2
    assert client.line.outage is not None


@pytest.mark.parametrize("status", [301, 401, 403])
def test_a_wrong_address_or_token_needs_a_person(meet: Meet, status: int) -> None:
    _, client = meet(Reply(status, b"", (("Location", "http://other.example/"),)))
    with pytest.raises(NeedsPerson):
        client.get("productOffering", "fibre")


def test_a_list_that_is_not_there_needs_a_person(meet: Meet) -> None:
    _, client = meet(Reply(404, {"code": "E404", "reason": "nothing here"}))
    with pytest.raises(NeedsPerson):
        list(client.each("productOffering"))


@pytest.mark.parametrize("body", [b"<html>", b"[1", [{"name": "no id"}], {"not": "a list"}])
def test_an_answer_that_cannot_be_read_is_never_taken(meet: Meet, body: object) -> None:
    _, client = meet(Reply(200, body))
    with pytest.raises(Never):
        client.page("productOffering")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, "malformed"), (409, "conflict"), (412, "stale"), (422, "rule"), (405, "method"),
     (415, "media_type"), (501, "unsupported"), (418, "rule")],
)  # fmt: skip
def test_a_refusal_comes_with_its_reasons(meet: Meet, status: int, kind: str) -> None:
    error = {"code": "17", "reason": "bad name", "message": "must be short"}
    _, client = meet(Reply(status, error))
    with pytest.raises(Refused) as caught:
        client.create("productOffering", OFFERING)
    refusal = caught.value.refusal
    assert refusal.kind == kind
    assert (refusal.findings[0].code, refusal.findings[0].reason) == (
        "17",
        "bad name: must be short",
    )


def test_a_refusal_of_a_v4_server_names_the_inner_path(meet: Meet) -> None:
    found = {"code": "x", "reason": "y", "path": "relatedParty.0.id"}
    _, client = meet(Reply(400, {"code": "x", "findings": [found]}), generation=4)
    with pytest.raises(Refused) as caught:
        client.create("productCatalog", {"@type": "ProductCatalog", "name": "All"})
    path = caught.value.refusal.findings[0].path
    assert path == "relatedParty.0.partyOrPartyRole.id"


def test_a_token_that_was_changed_is_read_again(meet: Meet, tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("old")
    server, client = meet(Reply(401), Reply(body=OFFERING), manners=Manners(f"file:{secret}", 0.5))
    secret.write_text("new\n")
    assert client.get("productOffering", "fibre") is not None
    sent = [each.headers["authorization"] for each in server.asked]
    assert sent == ["Bearer old", "Bearer new"]


def test_a_change_sends_what_differs_and_the_revision_it_was_made_from(meet: Meet) -> None:
    server, client = meet(Reply(200, {**OFFERING, "name": "Fast"}, (("ETag", '"2"'),)))
    before = {**OFFERING, "description": "old", "isBundle": False}
    seen = client.change(
        "productOffering", before, {**OFFERING, "name": "Fast", "isBundle": False}, '"1"'
    )
    assert server.asked[0].body == {"@type": "ProductOffering", "name": "Fast", "description": None}
    assert server.asked[0].headers["if-match"] == '"1"'
    assert server.asked[0].headers["content-type"] == "application/merge-patch+json"
    assert seen.etag == '"2"'


def test_a_change_that_is_only_promised_shows_what_is_there_now(meet: Meet) -> None:
    _, client = meet(Reply(202), Reply(body=OFFERING))
    seen = client.patch("productOffering", "fibre", {"name": "Fast"})
    assert not seen.is_done
    assert seen.document["name"] == "Fibre"


def test_a_creation_that_is_only_promised_is_no_document_yet(meet: Meet) -> None:
    _, client = meet(Reply(202, b""))
    with pytest.raises(Later):
        client.create("productOffering", OFFERING)


def test_subscriptions_come_and_go(meet: Meet) -> None:
    server, client = meet(
        Reply(201, b"", (("Location", f"{BASE}/hub/h1"),)), Reply(405), Reply(404), Reply(204)
    )
    assert client.subscribe("http://house.example/listener") == "h1"
    assert client.subscriptions() is None
    client.unsubscribe("h1")
    client.unsubscribe("h1")
    assert server.asked[0].body["@type"] == "Hub"
    assert [each.method for each in server.asked] == ["POST", "GET", "DELETE", "DELETE"]


NO_NULLS = st.recursive(
    st.sampled_from([True, 0, 1, "x", "y"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=6,
)
OBJECT = st.dictionaries(st.sampled_from("abc"), NO_NULLS, max_size=3)


@given(OBJECT, OBJECT)
def test_a_computed_patch_turns_one_into_the_other(
    before: dict[str, object], after: dict[str, object]
) -> None:
    assert merge_patch(before, compute_patch(before, after)) == after


def test_a_server_knows_its_own_path() -> None:
    assert Server("TMF620", "https://b.example/cat/v4", 4).base_path == "/cat/v4"
