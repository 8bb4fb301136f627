"""Copies on their way through time: compared, told, missed, written through, left behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from banyan.components.catalog import store as catalog
from banyan.kernel.engine.clock import DrivenClock
from banyan.kernel.engine.dispatch import Dispatcher, parked
from banyan.kernel.engine.handlers import answers, decides
from banyan.kernel.engine.settings import RemoteSettings
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.errors import Later, NeedsPerson, Refused
from banyan.kernel.words.messages import Call, Command, Query
from banyan.tmf import copies, documents
from banyan.tmf.client import TmfClient, find_server
from banyan.tmf.copies import Copied
from banyan.tmf.line import Manners
from banyan.tmf.listener import find_subjects
from banyan.tmf.swap import TARGET
from banyan.tmf.sync import RemoteTeller, Sync
from tests.remote.shelf import Shelf
from tests.tmf.ports import CALL, Port

ORIGIN = "http://127.0.0.1:1"
OFFERING = next(row for row in catalog.RESOURCES if row.name == "productOffering")


class NameOf(Query[str], frozen=True, kw_only=True):
    """What an offering is called, as the room's own decisions know it."""

    id: str


class Praise(Command[str], frozen=True, kw_only=True):
    """Say something good of an offering; refused when it is unknown."""

    id: str


class Drop(Command[None], frozen=True, kw_only=True):
    """Take an offering out of the room's own tables."""

    id: str


def name_of(look: Look, query: NameOf) -> str:
    """Answer :class:`NameOf`."""
    found = documents.get(look, OFFERING, query.id)
    return "" if found is None else str(found.document["name"])


def praise(work: Work, command: Praise) -> str:
    """Answer :class:`Praise`."""
    return f"{documents.need(work, OFFERING, command.id).document['name']} is good"


def drop(work: Work, command: Drop) -> None:
    """Answer :class:`Drop`."""
    documents.remove(work, OFFERING, command.id)


HANDLERS = (answers(NameOf, name_of), decides(Praise, praise), decides(Drop, drop))


class Side:
    """A room whose offerings stand on a shelf elsewhere, and what keeps them in step."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.shelf = Shelf()
        self.folder = folder
        self.settings = settings
        self.clock = DrivenClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.port = self._open(is_remote=True)

    def _open(self, *, is_remote: bool) -> Port:
        client = None
        if is_remote:
            place = find_server("TMF620", self.shelf.url, 5)
            manners = Manners(timeout_s=5, attempts=1)
            client = TmfClient(place, manners, self.clock, ORIGIN)
        url = f"sqlite:///{self.folder / 'data'}"
        port = Port(catalog.RESOURCES, "productOffering", url, client, HANDLERS)
        if is_remote:
            given = RemoteSettings(url=self.shelf.url, **self.settings)
            (self.remote,) = port.swap.remotes.values()
            self.sync = Sync(self.remote, port.room, ORIGIN, given)
            self.dispatcher = Dispatcher([port.room], RemoteTeller([self.remote]), TARGET)
        return port

    def reopen(self, *, is_remote: bool) -> None:
        """Come back with or without the setting."""
        self.port.close()
        self.port = self._open(is_remote=is_remote)

    def close(self) -> None:
        """End both."""
        self.port.close()
        self.shelf.close()

    def hear(self, document_id: str) -> None:
        """An event about a document comes in."""
        command = self.port.messages.note(api="TMF620", resource="productOffering", id=document_id)
        self.port.room.put(self.remote.call(), command, "")

    @property
    def names(self) -> dict[str, str]:
        """What the copies are called, by id."""
        with self.remote.look() as look:
            found = documents.every(look, self.port.row)
        return {each["id"]: each["name"] for each in found}


@pytest.fixture
def side(tmp_path: Path) -> Iterator[Side]:
    """Both sides, with nothing on the shelf."""
    opened = Side(tmp_path)
    yield opened
    opened.close()


def test_the_first_comparison_copies_all_there_is(side: Side) -> None:
    for number in range(450):
        side.shelf.put(f"o{number}", f"No {number}")
    assert side.sync.sweep() == 450
    assert len(side.names) == 450
    assert side.sync.sweep() == 0
    assert side.sync.health() == {
        "state": "inStep", "hearsEvents": False, "comparedSecondsAgo": 0,
    }  # fmt: skip


def test_a_comparison_finds_what_no_event_told(side: Side) -> None:
    for name in ("stays", "changes", "goes"):
        side.shelf.put(name, name)
    side.sync.sweep()
    side.shelf.put("changes", "changed")
    side.shelf.put("comes", "new")
    del side.shelf.stored["goes"]
    side.port.subscribe()
    assert side.sync.sweep() == 3
    assert side.names == {"stays": "stays", "changes": "changed", "comes": "new"}
    assert sorted(side.port.said()) == ["AttributeValueChange", "Create", "Delete"]


def test_a_document_that_a_list_forgets_is_not_taken_away(side: Side) -> None:
    side.shelf.put("one", "One")
    side.sync.sweep()
    side.shelf.hidden.add("one")
    assert side.sync.sweep() == 0
    assert side.names == {"one": "One"}


def test_an_event_is_a_reason_to_look_and_nothing_more(side: Side) -> None:
    side.shelf.put("one", "One")
    side.sync.sweep()
    side.shelf.put("one", "Two")
    for document_id in ("one", "one", "nobody"):
        side.hear(document_id)
    while side.dispatcher.tell_due():
        pass
    assert side.names == {"one": "Two"}
    del side.shelf.stored["one"]
    side.hear("one")
    side.dispatcher.tell_due()
    assert side.names == {}


def test_what_was_told_while_the_server_is_away_is_looked_at_later(side: Side) -> None:
    side.sync.sweep()
    side.shelf.put("one", "One")
    side.shelf.is_away = True
    side.hear("one")
    for _ in range(3):
        assert side.dispatcher.tell_due() == 0
    with pytest.raises(Later):
        side.sync.sweep()
    assert side.sync.health()["state"] == "away"
    side.shelf.is_away = False
    side.clock.advance(timedelta(minutes=1))
    side.sync.sweep()
    assert side.names == {"one": "One"}
    assert parked(side.port.room) == []


def test_own_documents_are_not_taken_away_without_leave(tmp_path: Path) -> None:
    side = Side(tmp_path)
    side.reopen(is_remote=False)
    own = side.port.create({"@type": "ProductOffering", "name": "Own"}).document["id"]
    side.reopen(is_remote=True)
    side.shelf.put("theirs", "Theirs")
    with pytest.raises(NeedsPerson) as caught:
        side.sync.sweep()
    assert own in caught.value.reason
    assert side.names[own] == "Own"
    side.settings = {"replaces_local": True}
    side.reopen(is_remote=True)
    side.sync.sweep()
    assert side.names == {"theirs": "Theirs"}
    side.close()


def test_a_document_rooms_could_not_read_stays_where_it_is(side: Side) -> None:
    side.shelf.put("good", "Good")
    side.shelf.put("bad", "Bad", productOfferingPrice="free")
    side.shelf.put("i" * 200, "Too long")
    side.sync.sweep()
    assert side.names == {"good": "Good"}
    found = side.port.get("bad")
    assert found is not None
    assert found.document["productOfferingPrice"] == "free"


def test_what_a_decision_misses_is_fetched_and_the_decision_made_again(side: Side) -> None:
    side.shelf.put("one", "One")
    assert side.port.room.ask(CALL, NameOf(id="one")) == "One"
    assert side.port.room.put(CALL, Praise(id="one"), "key-1") == "One is good"
    side.shelf.put("two", "Two")
    assert side.port.room.put(CALL, Praise(id="two"), "key-2") == "Two is good"
    side.shelf.is_away = True
    assert side.port.room.ask(CALL, NameOf(id="two")) == "Two"
    assert side.port.room.ask(CALL, NameOf(id="three")) == ""
    with pytest.raises(Refused) as caught:
        side.port.room.put(CALL, Praise(id="three"), "key-3")
    assert caught.value.refusal.kind == "unknown"


def test_a_decision_about_what_is_nowhere_is_made_once_more_at_most(side: Side) -> None:
    asked = len(side.shelf.asked)
    assert side.port.decided_by("nobody") is None
    assert not side.remote.fetch(CALL, [("productOffering", "nobody")])
    assert len(side.shelf.asked) == asked + 1
    side.shelf.is_away = True
    assert not side.remote.fetch(CALL, [("productOffering", "nobody")])


def test_a_command_that_would_part_copy_and_original_is_refused(side: Side) -> None:
    side.shelf.put("one", "One")
    side.sync.sweep()

    with pytest.raises(Refused) as caught:
        side.port.room.put(CALL, Drop(id="one"), "")
    assert caught.value.refusal.findings[0].code == "keptElsewhere"
    assert side.names == {"one": "One"}


def test_a_copy_that_has_moved_on_is_not_set_back(side: Side) -> None:
    side.shelf.put("one", "One")
    side.sync.sweep()
    old = side.remote.copy_of("productOffering", "one")
    assert old is not None
    side.shelf.put("one", "Two")
    side.remote.refresh("productOffering", "one")
    late = Copied("productOffering", "one", old.rev, old.document)
    assert list(side.remote.follow([late])) == [None]
    assert side.names == {"one": "Two"}


def test_another_tenant_has_nothing_there(side: Side) -> None:
    side.shelf.put("one", "One")
    other = Call("south", "tester", ("admin",), "thread-1")
    query = side.port.messages.find(resource="productOffering", id="one")
    with pytest.raises(Refused) as caught:
        side.port.room.ask(other, query)
    assert caught.value.refusal.findings[0].code == "remoteTenant"


def test_without_the_setting_the_copies_are_our_own_documents(side: Side) -> None:
    side.shelf.put("one", "One")
    side.sync.sweep()
    side.reopen(is_remote=False)
    assert side.port.change("one", {"name": "Ours"}).document["name"] == "Ours"
    room = side.port.room
    assert room.upkeep(lambda tx: copies.forget_others(tx, set())) == ["TMF620"]
    side.reopen(is_remote=True)
    with side.port.database.read() as tx:
        assert copies.find_subscribed(tx, CALL.tenant, "TMF620") is None


def test_a_subscription_is_kept_as_long_as_it_tells(side: Side) -> None:
    side.sync.subscribe()
    (first,) = side.shelf.hubs.values()
    side.sync.subscribe()
    assert list(side.shelf.hubs.values()) == [first]
    side.sync.sweep()
    side.shelf.put("one", "untold")
    side.sync.sweep()
    assert side.shelf.hubs == {}
    side.sync.subscribe()
    (second,) = side.shelf.hubs.values()
    assert second.rpartition("/")[0] == first.rpartition("/")[0]
    assert second != first


def test_a_server_without_a_hub_is_compared_with_only(side: Side) -> None:
    side.shelf.has_hub = False
    side.shelf.put("one", "One")
    side.sync.subscribe()
    side.sync.sweep()
    assert side.names == {"one": "One"}
    assert side.sync.health()["hearsEvents"] is False


@pytest.mark.parametrize(
    ("event", "found"),
    [
        ({"event": {"productOffering": {"id": "a"}}}, [("productOffering", "a")]),
        ({"event": {"catalog": {"id": "c"}}}, [("productCatalog", "c")]),
        ({"event": {"category": [{"id": 1}, {"id": "2"}]}}, [("category", "1"), ("category", "2")]),
        ({"eventType": "CategoryCreateEvent", "event": {"id": "k"}}, [("category", "k")]),
        ({"event": {"somethingElse": {"id": "a"}}}, []),
        ({"event": "a"}, []),
        ({"event": {"productOffering": {}}}, []),
        ("text", []),
        (None, []),
    ],
)
def test_an_event_says_what_it_is_about_in_many_ways(
    event: Any, found: list[tuple[str, str]]
) -> None:
    assert list(find_subjects("TMF620", event)) == found


def test_a_server_that_changes_faster_than_it_is_read_is_left_for_later(side: Side) -> None:
    side.shelf.put("one", "One")
    side.sync.sweep()
    names = iter(range(100))

    def move() -> None:
        copy = side.remote.copy_of("productOffering", "one")
        assert copy is not None
        moved = {**copy.document, "name": f"No {next(names)}"}
        side.remote.follow([Copied("productOffering", "one", copy.rev, moved)])

    side.shelf.put("one", "Two")
    side.shelf.before_answer = move
    with pytest.raises(Later):
        side.remote.refresh("productOffering", "one")
    side.shelf.before_answer = None
    assert side.remote.refresh("productOffering", "one")
    assert side.names == {"one": "Two"}
