"""Two houses, each a program of its own: B keeps catalogue and parties, A sells by them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from banyan.kernel.words.codec import Document, to_json
from banyan.kernel.words.errors import Refused
from tests.journeys.shop import INDIVIDUALS, ORDERS, Shop, individual, open_shop
from tests.remote.houses import RunningHouse, wait_for
from tests.tmf.receiver import Receiver

CATALOG_V4 = "/tmf-api/productCatalogManagement/v4"
CATALOG = "/tmf-api/productCatalogManagement/v5"
OFFERINGS = f"{CATALOG}/productOffering"
OF_THE_SERVER = ("id", "href", "lastUpdate", "lifecycleHistory", "version")
SWAPPED = ("TMF620", "TMF633", "TMF634", "TMF632")


class Houses:
    """Both houses, and a shop opened at A."""

    def __init__(self, a: RunningHouse, b: RunningHouse) -> None:
        self.a = a
        self.b = b
        a.wait_in_step()
        self.shop: Shop = open_shop(a.client)

    def wait_sold(self, order_id: str) -> Document:
        """The order once it is completed."""

        def look() -> Document:
            shown: Document = self.a.client.get(f"{ORDERS}/{order_id}")
            return shown if shown["state"] == "completed" else {}

        return wait_for(look, f"the end of {order_id}: {self.a.said()[-2000:]}")

    def sell(self, offering: str) -> str:
        """Order at A and wait for it."""
        order_id = str(self.a.client.post(ORDERS, self.shop.body((offering, "olt-1")))["id"])
        self.wait_sold(order_id)
        return order_id

    def draft_like(self, known: str, new: str) -> Document:
        """B's offering ``known`` under another id, not published."""
        return {**self.offering_like(known, new), "lifecycleStatus": "In Study"}

    def offering_like(self, known: str, new: str) -> Document:
        """B's offering ``known`` under another id."""
        found: Document = self.b.client.get(f"{OFFERINGS}/{known}")
        kept = {k: v for k, v in found.items() if k not in OF_THE_SERVER}
        return {**kept, "id": new, "name": f"Called {new}"}

    def name_at_a(self, offering: str, base: str = CATALOG) -> str:
        """What A calls an offering."""
        return str(self.a.client.get(f"{base}/productOffering/{offering}")["name"])


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Houses]:
    """B, and A whose documents live there."""
    folder = tmp_path_factory.mktemp("houses")
    b = RunningHouse(folder / "b")
    there = {"url": b.url, "token": f"file:{b.home / 'admin.token'}", "repeats_posts": True}
    a = RunningHouse(folder / "a", remote=dict.fromkeys(SWAPPED, there))
    try:
        yield Houses(a, b)
    finally:
        a.kill()
        b.kill()


@pytest.fixture
def ear(houses: Houses) -> Iterator[Receiver]:
    """Somebody who listens to A's catalogue."""
    receiver = Receiver()
    hub = houses.a.client.post(f"{CATALOG}/hub", {"@type": "Hub", "callback": receiver.url})
    yield receiver
    houses.a.client.call("DELETE", f"{CATALOG}/hub/{hub['id']}")
    receiver.close()


def kinds(events: list[dict[str, Any]], offering: str) -> list[str]:
    """What was heard about an offering."""
    return [
        each["eventType"]
        for each in events
        if each["event"].get("productOffering", {}).get("id") == offering
    ]


def test_an_offering_made_at_b_is_sold_at_a_at_once(houses: Houses) -> None:
    houses.b.client.post(OFFERINGS, houses.offering_like("fibre-100", "fresh"))
    houses.sell("fresh")


def test_subscribers_of_a_hear_what_happens_at_b(houses: Houses, ear: Receiver) -> None:
    wanted = [
        "ProductOfferingCreateEvent",
        "ProductOfferingAttributeValueChangeEvent",
        "ProductOfferingDeleteEvent",
    ]
    houses.b.client.post(OFFERINGS, houses.draft_like("fibre-100", "heard"))
    wait_for(lambda: kinds(ear.events, "heard") == wanted[:1], "its creation")
    houses.b.client.patch(f"{OFFERINGS}/heard", {"name": "Renamed at B"})
    wait_for(lambda: kinds(ear.events, "heard") == wanted[:2], "its change")
    last = [e for e in ear.events if e["event"]["productOffering"]["id"] == "heard"][-1]
    assert last["event"]["productOffering"]["name"] == "Renamed at B"
    assert last["event"]["productOffering"]["href"].startswith(houses.a.url)
    houses.b.client.call("DELETE", f"{OFFERINGS}/heard")
    wait_for(lambda: kinds(ear.events, "heard") == wanted, "its removal")


def test_what_is_written_through_a_lands_at_b_and_is_heard_once(
    houses: Houses, ear: Receiver
) -> None:
    body = houses.draft_like("fibre-100", "written")
    made = houses.a.client.post(OFFERINGS, body)
    assert made["href"] == f"{houses.a.url}{OFFERINGS}/written"
    assert houses.b.client.get(f"{OFFERINGS}/written")["name"] == "Called written"
    houses.a.client.patch(f"{CATALOG_V4}/productOffering/written", {"name": "By v4"})
    assert houses.b.client.get(f"{OFFERINGS}/written")["name"] == "By v4"
    assert houses.name_at_a("written", CATALOG_V4) == "By v4"
    houses.a.client.call("DELETE", f"{OFFERINGS}/written")
    assert houses.b.asked(f"{OFFERINGS}/written") is None
    assert houses.a.asked(f"{OFFERINGS}/written") is None
    houses.b.client.post(OFFERINGS, houses.draft_like("fibre-100", "after"))
    wait_for(lambda: kinds(ear.events, "after"), "what came after")
    assert kinds(ear.events, "written") == [
        "ProductOfferingCreateEvent",
        "ProductOfferingAttributeValueChangeEvent",
        "ProductOfferingDeleteEvent",
    ]
    houses.b.client.call("DELETE", f"{OFFERINGS}/after")


def test_b_decides_and_says_why(houses: Houses) -> None:
    with pytest.raises(Refused) as caught:
        houses.a.client.post(OFFERINGS, houses.offering_like("fibre-100", "fibre-1000"))
    assert caught.value.refusal.findings[0].code == "duplicate"
    with pytest.raises(Refused) as caught:
        houses.a.client.call("DELETE", f"{CATALOG}/productSpecification/fibre-internet")
    assert caught.value.refusal.findings[0].code == "inUse"


def test_a_party_of_b_is_a_customer_at_a(houses: Houses) -> None:
    grace = houses.b.client.post(INDIVIDUALS, individual("Grace"))
    party = {"@type": "PartyRef", "id": grace["id"], "@referredType": "Individual"}
    body = {"@type": "Customer", "name": "Grace Banks", "engagedParty": party}
    customers = "/tmf-api/customer/v5/customer"
    customer = houses.a.client.post(customers, body)
    with pytest.raises(Refused) as caught:
        houses.a.client.call("DELETE", f"{INDIVIDUALS}/{grace['id']}")
    assert caught.value.refusal.findings[0].code == "inUse"
    with pytest.raises(Refused):
        houses.a.client.post(customers, {**body, "engagedParty": {**party, "id": "nobody"}})
    houses.a.client.call("DELETE", f"{customers}/{customer['id']}")
    houses.a.client.call("DELETE", f"{INDIVIDUALS}/{grace['id']}")
    assert houses.b.asked(f"{INDIVIDUALS}/{grace['id']}") is None


def test_with_b_away_orders_go_on_and_readers_are_told_when_to_come_back(houses: Houses) -> None:
    a, b = houses.a, houses.b
    houses.name_at_a("fibre-1000")
    b.kill()
    try:
        with httpx.Client(headers={"authorization": a.bearer}, trust_env=False) as http:
            for method, path in (("GET", f"{OFFERINGS}/fibre-100"), ("GET", OFFERINGS)):
                answer = http.request(method, a.url + path)
                assert answer.status_code == 503
                assert int(answer.headers["retry-after"]) >= 1
            answer = http.patch(f"{a.url}{OFFERINGS}/fibre-100", json={"name": "Lost"})
            assert answer.status_code == 503
        houses.sell("fibre-1000")
        assert a.remotes["TMF620"]["state"] == "away"
    finally:
        b.start()
    b.client.patch(f"{OFFERINGS}/fibre-1000", {"statusReason": "after the outage"})
    a.wait_in_step()
    shown = wait_for(lambda: a.asked(f"{OFFERINGS}/fibre-1000"), "an answer of A")
    assert shown["statusReason"] == "after the outage"
    assert "remote.away" in a.said()
    assert "remote.back" in a.said()


def test_what_a_missed_while_it_was_down_it_finds_when_it_is_back(houses: Houses) -> None:
    houses.a.kill()
    houses.b.client.post(OFFERINGS, houses.offering_like("fibre-100", "unheard"))
    houses.a.start()
    houses.a.wait_in_step()
    houses.b.kill()
    try:
        houses.sell("unheard")
    finally:
        houses.b.start()


def test_what_is_sold_stays_sold_whatever_b_says_later(houses: Houses) -> None:
    body = houses.shop.body(("fibre-100", "olt-1"))
    order_id = houses.a.client.post(ORDERS, body)["id"]
    houses.b.client.patch(f"{OFFERINGS}/fibre-100", {"lifecycleStatus": "Retired"})
    houses.wait_sold(order_id)

    def refused() -> str:
        try:
            houses.a.client.post(ORDERS, body)
        except Refused as error:
            return error.refusal.findings[0].code
        return ""

    assert wait_for(refused, "the news that it is sold no more") == "notSellable"
    houses.b.client.patch(f"{OFFERINGS}/fibre-100", {"lifecycleStatus": "Active"})


def test_the_listener_knows_its_secret_only(houses: Houses) -> None:
    hubs = houses.b.client.get(f"{CATALOG}/hub")
    callback = next(h["callback"] for h in hubs if h["callback"].startswith(houses.a.url))
    event = {"eventType": "x", "event": {"productOffering": {"id": "fibre-100"}}}
    with httpx.Client(trust_env=False) as http:
        assert http.post(callback, json=event).status_code == 204
        assert http.post(f"{callback}/listener/x", json=event).status_code == 204
        assert http.post(f"{callback}0", json=event).status_code == 404
        assert http.post(callback.rpartition("/")[0], json=event).status_code == 404
        assert http.get(callback).status_code == 405
    secret = callback.rpartition("/")[2]
    assert len(secret) >= 32
    assert secret not in houses.a.said()
    assert secret not in str(houses.a.client.get("/healthz"))


def test_lines_imported_at_a_are_made_at_b(houses: Houses) -> None:
    drafts = [houses.draft_like("fibre-100", f"line-{number}") for number in range(3)]
    del drafts[1]["name"]
    lines = b"\n".join(map(to_json, drafts))
    headers = {"content-type": "application/x-ndjson", "authorization": houses.a.bearer}
    bulk = f"{houses.a.url}{CATALOG}/bulk/productOffering?keep=id"
    with httpx.Client(trust_env=False, timeout=30) as http:
        told = http.post(bulk, content=lines, headers=headers).json()
    assert (told["created"], told["refused"], told["errors"][0]["line"]) == (2, 1, 2)
    assert houses.b.client.get(f"{OFFERINGS}/line-0")["name"] == "Called line-0"
    assert houses.b.asked(f"{OFFERINGS}/line-1") is None
    for made in ("line-0", "line-2"):
        houses.a.client.call("DELETE", f"{OFFERINGS}/{made}")


def test_what_hangs_together_at_b_is_tidied_up_at_b(houses: Houses) -> None:
    organizations = "/tmf-api/partyManagement/v5/organization"
    parent = houses.a.client.post(organizations, {"@type": "Organization", "name": "Parent"})
    relation = {
        "@type": "OrganizationParentRelationship",
        "relationshipType": "subsidiary",
        "organization": {"@type": "OrganizationRef", "id": parent["id"]},
    }
    child = {"@type": "Organization", "name": "Child", "organizationParentRelationship": relation}
    made = houses.a.client.post(organizations, child)
    there = f"{organizations}/{parent['id']}"
    assert made["id"] in str(houses.a.client.get(there))
    houses.a.client.call("DELETE", f"{organizations}/{made['id']}")
    assert houses.b.asked(f"{organizations}/{made['id']}") is None
    assert made["id"] not in str(houses.a.client.get(there))
    houses.a.client.call("DELETE", there)
    assert houses.b.asked(there) is None


def test_a_refusal_names_the_place_in_the_callers_generation(houses: Houses) -> None:
    lost = {"role": "friend", "id": "nobody", "@referredType": "Individual"}
    body = {"givenName": "Grace", "familyName": "Banks", "relatedParty": [lost]}
    with pytest.raises(Refused) as caught:
        houses.a.client.post("/tmf-api/party/v4/individual", body)
    assert caught.value.refusal.findings[0].path == "relatedParty.0.id"
