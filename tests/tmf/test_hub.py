"""Subscribing to events, and being told: in order, again after a failure, in both generations."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from banyan.kernel.engine.dispatch import Dispatcher, parked
from banyan.kernel.engine.tables import DELIVERY
from banyan.tmf.callbacks import check_callback, is_public
from banyan.tmf.hub import HubTeller
from banyan.tmf.parking import DELIVERY_BASE, delivery_routes
from banyan.tmf.surface import RestSettings
from tests.tmf.lab import (
    ORDER_V4,
    ORDER_V5,
    PARTY_V4,
    PARTY_V5,
    RESOURCES,
    Caller,
    Http,
    Lab,
    codes,
)
from tests.tmf.receiver import Receiver

PUBLIC = "http://house.example"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A subscriber."""
    opened = Receiver()
    yield opened
    opened.close()


@contextmanager
def telling(lab: Lab) -> Iterator[HubTeller]:
    """A dispatcher at work for hubs, as long as the block lasts."""
    teller = HubTeller([lab.room], RESOURCES, PUBLIC)
    dispatcher = Dispatcher([lab.room], teller, "hub:")
    dispatcher.start()
    try:
        yield teller
    finally:
        dispatcher.stop()
        lab.room.bells.clear()
        teller.close()


def _subscribe(lab: Lab, base: str, receiver: Receiver, query: str = "") -> dict[str, Any]:
    body: dict[str, Any] = {"callback": receiver.url, "query": query}
    answer = lab.http.post(f"{base}/hub", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _due(lab: Lab) -> int:
    with lab.database.read() as tx:
        count: int = tx.execute(sa.select(sa.func.count()).select_from(DELIVERY)).scalar_one()
    return count


def _is_all_told(lab: Lab) -> bool:
    """Whether nothing is due any more, within ten seconds."""
    pause = threading.Event()
    return any(_due(lab) == 0 or pause.wait(0.05) for _ in range(200))


class TestSubscribing:
    """POST, GET and DELETE of hub."""

    def test_a_subscription_is_answered_at_its_location(self, lab: Lab) -> None:
        sent = {"callback": "http://127.0.0.1:1/x", "query": "eventType=IndividualCreateEvent"}
        v4 = lab.http.post(f"{PARTY_V4}/hub", json=sent)
        assert v4.status_code == 201
        assert v4.json() == {"id": v4.json()["id"], **sent}
        assert v4.headers["location"] == f"{PUBLIC}{PARTY_V4}/hub/{v4.json()['id']}"
        assert lab.http.get(v4.headers["location"]).json() == v4.json()
        v5 = lab.http.post(f"{PARTY_V5}/hub", json={"@type": "Hub", **sent})
        assert v5.json()["@type"] == "Hub"
        assert v5.json()["href"] == v5.headers["location"]
        assert lab.http.get(f"{PARTY_V5}/hub").json() == [v5.json()]

    def test_the_same_callback_and_query_twice_conflict(self, lab: Lab) -> None:
        sent = {"callback": "http://127.0.0.1:1/x"}
        assert lab.http.post(f"{PARTY_V4}/hub", json=sent).status_code == 201
        again = lab.http.post(f"{PARTY_V4}/hub", json=sent)
        assert (again.status_code, codes(again)) == (409, {("duplicate", "callback")})
        other = lab.http.post(f"{PARTY_V4}/hub", json={**sent, "query": "eventType=x"})
        assert other.status_code == 201
        assert lab.http.post(f"{PARTY_V5}/hub", json=sent).status_code == 201
        assert lab.http.post(f"{ORDER_V4}/hub", json=sent).status_code == 201

    @pytest.mark.parametrize(
        "sent",
        [
            {},
            {"callback": ""},
            {"callback": 7},
            {"callback": "/relative"},
            {"callback": "ftp://there.example/"},
            {"callback": "http:///nowhere"},
            {"callback": "http://user:word@there.example/"},
            {"callback": "http://there.example:99999/"},
            {"callback": "http://there.example/a b"},
            {"callback": "http://there.example/" + "x" * 2_000},
            {"callback": "http://there.example/", "query": "eventType"},
            {"callback": "http://there.example/", "query": ["x"]},
            {"callback": "http://there.example/", "query": "limit=3"},
            [],
        ],
    )
    def test_a_bad_subscription_is_400(self, lab: Lab, sent: Any) -> None:
        assert lab.http.post(f"{PARTY_V5}/hub", json=sent).status_code == 400

    def test_a_query_that_can_not_be_kept_is_400(self, lab: Lab) -> None:
        sent = {"callback": "http://127.0.0.1:1/x", "query": "sort=event.individual.age"}
        assert lab.http.post(f"{PARTY_V5}/hub", json=sent).status_code == 400

    def test_a_subscription_ends_once_and_only_at_its_own_address(self, lab: Lab) -> None:
        made = lab.http.post(f"{PARTY_V4}/hub", json={"callback": "http://127.0.0.1:1/x"}).json()
        path = f"{PARTY_V4}/hub/{made['id']}"
        assert lab.http.get(f"{PARTY_V5}/hub/{made['id']}").status_code == 404
        assert lab.http.delete(f"{PARTY_V5}/hub/{made['id']}").status_code == 404
        assert lab.http.delete(path, headers={"x-tenant": "south"}).status_code == 404
        assert lab.http.delete(path).status_code == 204
        assert lab.http.delete(path).status_code == 404
        assert lab.http.delete(f"{PARTY_V4}/hub/individual-1").status_code == 404

    @pytest.mark.parametrize(
        "host",
        ["127.0.0.1", "localhost", "[::1]", "10.0.0.7", "192.168.1.1", "169.254.169.254", "0.0.0.0"]
    )  # fmt: skip
    def test_callbacks_into_the_own_network_are_refused_unless_allowed(
        self, database_url: str, host: str
    ) -> None:
        strict = Lab(database_url, RestSettings(allow_private_callbacks=False))
        answer = strict.http.post(f"{PARTY_V5}/hub", json={"callback": f"http://{host}/x"})
        assert (answer.status_code, codes(answer)) == (400, {("callback", "callback")})
        strict.close()
        assert check_callback(f"http://{host}/x", allow_private=True)

    def test_a_public_callback_is_taken_strictly_too(self) -> None:
        callback = "https://8.8.8.8/events"
        assert check_callback(callback, allow_private=False) == callback

    @pytest.mark.parametrize(
        ("number", "public"),
        [
            ("8.8.8.8", True), ("2001:4860:4860::8888", True), ("100.64.0.1", False),
            ("224.0.0.1", False), ("255.255.255.255", False), ("::ffff:10.0.0.1", False),
            ("::ffff:8.8.8.8", True), ("64:ff9b::7f00:1", False), ("2002:7f00:1::", False),
            ("::127.0.0.1", False), ("fe80::1", False), ("fd00::1", False), ("ff02::1", False),
        ],
    )  # fmt: skip
    def test_a_number_is_public_only_with_what_it_wraps(self, number: str, public: bool) -> None:
        assert is_public(ipaddress.ip_address(number)) is public

    def test_an_event_goes_nowhere_private_though_it_was_subscribed(
        self, lab: Lab, receiver: Receiver
    ) -> None:
        _subscribe(lab, PARTY_V5, receiver)
        lab.add_individual()
        teller = HubTeller([lab.room], RESOURCES, PUBLIC, allow_private_callbacks=False)
        dispatcher = Dispatcher([lab.room], teller, "hub:", lab.clock)
        for _ in range(3):
            assert dispatcher.tell_due() == 0
            lab.clock.advance(timedelta(seconds=61))
        assert receiver.tries == []
        teller.close()


class TestTelling:
    """What a subscriber gets."""

    def test_one_change_is_told_in_both_generations_with_one_event_id(
        self, lab: Lab, receiver: Receiver
    ) -> None:
        _subscribe(lab, ORDER_V4, receiver)
        _subscribe(lab, ORDER_V5, receiver)
        with telling(lab):
            order = lab.add_order()
            events = receiver.wait_for(2)
        v4 = next(event for event in events if "timeOcurred" in event)
        v5 = next(event for event in events if "timeOccurred" in event)
        assert v4["eventId"] == v5["eventId"]
        assert v4["eventType"] == v5["eventType"] == v5["@type"] == "ProductOrderCreateEvent"
        assert v4["eventTime"] == "2026-01-31T12:00:00.000Z" == v4["timeOcurred"]
        assert v4["correlationId"] == "thread-1"
        assert v5["event"]["productOrder"] == order
        shown = v4["event"]["productOrder"]
        assert shown["orderDate"] == order["creationDate"]
        assert shown["href"] == f"{PUBLIC}{ORDER_V4}/productOrder/{order['id']}"
        assert "creationDate" not in shown
        for headers in receiver.headers:
            assert headers["path"] == "/events?for=me"
            assert headers["idempotency-key"] == v4["eventId"]
            assert headers["content-type"] == "application/json;charset=utf-8"

    def test_every_change_is_told_once_and_in_order(self, lab: Lab, receiver: Receiver) -> None:
        _subscribe(lab, PARTY_V5, receiver)
        with telling(lab):
            made = lab.add_individual()
            for number in range(5):
                lab.http.patch(made["href"], json={"middleName": f"M{number}"})
            lab.http.patch(made["href"], json={"middleName": "M4"})
            lab.http.patch(made["href"], json={"status": "validated", "middleName": "last"})
            lab.http.delete(made["href"])
            events = receiver.wait_for(8)
            assert _is_all_told(lab)
        words = [event["eventType"].removeprefix("Individual") for event in events]
        middle = "AttributeValueChangeEvent"
        assert words == ["CreateEvent", *[middle] * 5, "StateChangeEvent", "DeleteEvent"]
        names = [event["event"]["individual"].get("middleName") for event in events[1:]]
        assert names == ["M0", "M1", "M2", "M3", "M4", "last", "last"]
        assert len({event["eventId"] for event in events}) == 8

    @pytest.mark.parametrize("failures", [[500], [404, 503, 302]])
    def test_a_failing_subscriber_is_told_again_and_its_order_is_kept(
        self, lab: Lab, receiver: Receiver, failures: list[int]
    ) -> None:
        _subscribe(lab, PARTY_V5, receiver)
        receiver.failures.extend(failures)
        with telling(lab):
            made = lab.add_individual()
            lab.http.patch(made["href"], json={"middleName": "M"})
            events = receiver.wait_for(2)
        assert [event["eventType"] for event in events] == [
            "IndividualCreateEvent",
            "IndividualAttributeValueChangeEvent",
        ]
        assert len(receiver.tries) == 2 + len(failures)
        first = events[0]["eventId"]
        assert [event["eventId"] for event in receiver.tries[:-1]] == [first] * (len(failures) + 1)

    def test_what_was_not_told_before_a_restart_is_told_after_it(
        self, lab: Lab, receiver: Receiver
    ) -> None:
        _subscribe(lab, PARTY_V5, receiver)
        with telling(lab):
            lab.add_individual(familyName="Before")
            receiver.wait_for(1)
        lab.add_individual(familyName="Between")
        assert _due(lab) == 1
        with telling(lab):
            lab.add_individual(familyName="After")
            events = receiver.wait_for(3)
        told = [event["event"]["individual"]["familyName"] for event in events]
        assert told == ["Before", "Between", "After"]

    def test_a_stuck_subscriber_does_not_hold_up_another(
        self, lab: Lab, receiver: Receiver
    ) -> None:
        stuck = Receiver()
        stuck.hold.clear()
        _subscribe(lab, PARTY_V5, stuck)
        _subscribe(lab, PARTY_V5, receiver)
        with telling(lab):
            for number in range(4):
                lab.add_individual(familyName=f"N{number}")
                receiver.wait_for(number + 1, seconds=2)
            assert stuck.events == []
            stuck.hold.set()
            stuck.wait_for(4)
            assert _is_all_told(lab)
        stuck.close()
        told = [event["event"]["individual"]["familyName"] for event in stuck.tries]
        assert told == ["N0", "N1", "N2", "N3"]

    def test_a_dead_callback_is_kept_with_its_reason(self, lab: Lab, receiver: Receiver) -> None:
        _subscribe(lab, PARTY_V5, receiver)
        receiver.close()
        lab.add_individual()
        teller = HubTeller([lab.room], RESOURCES, PUBLIC)
        dispatcher = Dispatcher([lab.room], teller, "hub:", lab.clock)
        for _ in range(12):
            assert dispatcher.tell_due() == 0
            lab.clock.advance(timedelta(seconds=61))
        (left,) = parked(lab.room)
        assert left["attempts"] == 12
        assert "ConnectError" in left["reason"]
        teller.close()

    def test_what_is_parked_is_shown_with_what_waits_and_told_in_order_when_asked(
        self, lab: Lab, receiver: Receiver
    ) -> None:
        made = _subscribe(lab, PARTY_V5, receiver)
        receiver.failures.extend([500] * 12)
        person = lab.add_individual(familyName="First")
        lab.http.patch(person["href"], json={"familyName": "Second"})
        teller = HubTeller([lab.room], RESOURCES, PUBLIC)
        dispatcher = Dispatcher([lab.room], teller, "hub:", lab.clock)
        for _ in range(40):
            dispatcher.tell_due()
            lab.clock.advance(timedelta(seconds=61))
        desk = Http(Caller(Starlette(routes=delivery_routes([lab.room], RestSettings()))))
        (left,) = desk.get(f"{DELIVERY_BASE}/parkedDelivery?hub={made['id']}").json()
        assert (left["attempts"], left["waitingBehind"], left["hub"]) == (12, 1, made["id"])
        assert left["reason"].endswith("answered 500")
        south = {"x-tenant": "south"}
        assert desk.get(f"{DELIVERY_BASE}/parkedDelivery", headers=south).json() == []
        again = f"{DELIVERY_BASE}/redelivery"
        assert desk.post(again, json={}, headers=south).json()["count"] == 0
        assert desk.post(again, json={"hub": "other"}).json()["count"] == 0
        assert desk.post(again, json={"hub": made["id"]}).json()["count"] == 1
        assert desk.post(again, json={}).json()["count"] == 0
        assert desk.post(again, json={"hub": 7}).status_code == 400
        assert desk.get(f"{DELIVERY_BASE}/parkedDelivery?color=red").status_code == 400
        desk.close()
        for _ in range(40):
            dispatcher.tell_due()
        told = [event["event"]["individual"]["familyName"] for event in receiver.events]
        assert told == ["First", "Second"]
        teller.close()

    def test_an_ended_subscription_gets_nothing_more(self, lab: Lab, receiver: Receiver) -> None:
        made = _subscribe(lab, PARTY_V5, receiver)
        lab.add_individual()
        assert lab.http.delete(made["href"]).status_code == 204
        with telling(lab):
            other = Receiver()
            _subscribe(lab, PARTY_V5, other)
            lab.add_individual()
            other.wait_for(1)
            other.close()
        assert receiver.tries == []
        assert _due(lab) == 0

    @pytest.mark.parametrize(
        ("base", "query", "told"),
        [
            (ORDER_V5, "eventType=ProductOrderStateChangeEvent", ["inProgress", "completed"]),
            (ORDER_V4, "event.productOrder.state=completed", ["completed"]),
            (
                ORDER_V5,
                "eventType=ProductOrderCreateEvent,ProductOrderDeleteEvent",
                ["acknowledged"],
            ),
            (ORDER_V4, "event.productOrder.creationDate=2026-01-31T12:00:00Z", []),
            (ORDER_V4, "event.productOrder.orderDate=2026-01-31T13:00:00%2B01:00", ["*"]),
        ],
    )
    def test_a_query_lets_through_what_it_names(
        self, lab: Lab, receiver: Receiver, base: str, query: str, told: list[str]
    ) -> None:
        watch = Receiver()
        _subscribe(lab, base, receiver, query)
        _subscribe(lab, base, watch)
        with telling(lab):
            made = lab.add_order()
            for state in ("inProgress", "completed"):
                lab.http.patch(made["href"], json={"state": state})
            watch.wait_for(3)
        watch.close()
        states = [event["event"]["productOrder"]["state"] for event in receiver.events]
        assert states == (["acknowledged", "inProgress", "completed"] if told == ["*"] else told)

    def test_fields_show_part_of_the_event(self, lab: Lab, receiver: Receiver) -> None:
        _subscribe(lab, PARTY_V4, receiver, "fields=event.individual.familyName")
        with telling(lab):
            lab.add_individual()
            (event,) = receiver.wait_for(1)
        assert set(event) == {"eventId", "eventTime", "eventType", "event"}
        assert event["event"]["individual"]["familyName"] == "Byron"
        assert "givenName" not in event["event"]["individual"]
