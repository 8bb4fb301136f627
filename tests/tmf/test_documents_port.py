"""The Documents port: the same sentences, wherever the documents are.

In the room's own tables on SQLite and PostgreSQL; at another Banyan, a program of its own, spoken
to in either generation; at a server made at test time from the official file and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from banyan.components.catalog import store as catalog
from banyan.components.party import store as party
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Refused
from banyan.tmf.client import TmfClient, find_server
from banyan.tmf.line import Manners
from tests.reals import SPECS, note_missing
from tests.remote.houses import RunningHouse
from tests.tmf.ports import Port, clean, ids
from tests.tmf.specserver import SpecServer

PLACES = ("sqlite", "postgresql", "banyan v4", "banyan v5", "file v4", "file v5")
LONG_AGO = "2001-01-01T00:00:00Z"
"""Some servers ask for it, others say themselves when a document was changed."""
ROWS = {"productOffering": catalog.RESOURCES, "individual": party.RESOURCES}


class Subject:
    """A port, and documents that fit its resource."""

    def __init__(self, port: Port) -> None:
        self.port = port
        self.is_offering = port.row.name == "productOffering"
        self.word = "name" if self.is_offering else "familyName"
        self.state = "lifecycleStatus" if self.is_offering else "status"
        words = ("In Study", "In Design") if self.is_offering else ("initialized", "validated")
        self.states = words

    def body(self, name: str, **more: Any) -> Document:
        """A document of the inner form, as a caller's create becomes one."""
        if self.is_offering:
            own = {"@type": "ProductOffering", "name": name, "lastUpdate": LONG_AGO}
        else:
            own = {"@type": "Individual", "familyName": name, "givenName": "Ada"}
        return {**own, self.state: self.states[0], **more}

    def made(self, name: str, **more: Any) -> str:
        """The id of a new document."""
        return str(self.port.create(self.body(name, **more)).document["id"])

    def nested(self, name: str) -> tuple[Document, str, str]:
        """Attributes that nest ``name``, and the path to it in v5 and in v4."""
        if self.is_offering:
            held = {"category": [{"@type": "CategoryRef", "id": name, "name": name}]}
            return held, "category.name", "category.name"
        medium = {"@type": "EmailContactMedium", "mediumType": "email", "emailAddress": name}
        held = {"contactMedium": [medium]}
        in_v4 = "contactMedium.characteristic.emailAddress"
        return held, "contactMedium.emailAddress", in_v4


@pytest.fixture(scope="module")
def other_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHouse]:
    """Another Banyan, in a program of its own."""
    house = RunningHouse(tmp_path_factory.mktemp("port") / "other")
    yield house
    house.kill()


@pytest.fixture(params=sorted(ROWS))
def resource(request: pytest.FixtureRequest) -> str:
    """The resource in question."""
    return str(request.param)


@pytest.fixture(params=PLACES)
def subject(
    request: pytest.FixtureRequest, resource: str, tmp_path: Path
) -> Iterator[Subject | None]:
    """The port, wherever the documents are; nothing where an official file is not there."""
    kind, _, generation = request.param.partition(" v")
    api = next(row.api for row in ROWS[resource] if row.name == resource)
    url, client = f"sqlite:///{tmp_path / 'data'}", None
    with ExitStack() as stack:
        if kind == "postgresql":
            url = request.getfixturevalue("pg_database")
        elif kind == "banyan":
            house: RunningHouse = request.getfixturevalue("other_house")
            token = (house.home / "admin.token").read_text("utf-8").strip()
            place = find_server(api, house.url, int(generation))
            client = TmfClient(place, Manners(token, repeats_posts=True))
            clean(client, resource)
        elif kind == "file":
            if SPECS is None:
                note_missing("official TM Forum file, served")
                yield None
                return
            suffix = "json" if generation == "4" else "yaml"
            server = SpecServer(SPECS / f"{api}-v{generation}.{suffix}")
            stack.callback(server.close)
            client = TmfClient(find_server(api, server.url, int(generation)))
        port = Port(ROWS[resource], resource, url, client)
        stack.callback(port.close)
        yield Subject(port)


def test_what_was_made_is_found_with_all_it_said(subject: Subject | None) -> None:
    if subject is None:
        return
    nested, _, _ = subject.nested("x1")
    made = subject.port.create(subject.body("One", **nested, vendorWord={"deep": [1, "two"]}))
    found = subject.port.get(made.document["id"])
    assert found == made
    assert found.document[subject.word] == "One"
    assert found.document["vendorWord"] == {"deep": [1, "two"]}
    name = next(iter(nested))
    assert found.document[name] == nested[name]
    assert "href" not in found.document


def test_what_is_not_there_is_nothing_and_cannot_be_changed_or_removed(
    subject: Subject | None,
) -> None:
    if subject is None:
        return
    assert subject.port.get("nobody") is None
    for attempt in (
        lambda: subject.port.change("nobody", {subject.word: "x"}),
        lambda: subject.port.remove("nobody"),
    ):
        with pytest.raises(Refused) as caught:
            attempt()
        assert caught.value.refusal.kind == "unknown"


def test_a_patch_changes_what_it_names_and_takes_away_what_it_empties(
    subject: Subject | None,
) -> None:
    if subject is None:
        return
    one = subject.made("One", vendorWord="stays", description="goes", nationality="goes")
    taken = "description" if subject.is_offering else "nationality"
    for generation in (5, 4):
        name = f"Two {generation}"
        patch = {subject.word: name, taken: None}
        changed = subject.port.change(one, patch, generation=generation)
        assert changed.document[subject.word] == name
        assert taken not in changed.document
        assert changed.document["vendorWord"] == "stays"
        assert subject.port.get(one) == changed


def test_a_patch_of_nothing_changes_no_revision(subject: Subject | None) -> None:
    if subject is None:
        return
    one = subject.made("One")
    before = subject.port.get(one)
    subject.port.change(one, {subject.word: "One"})
    assert subject.port.get(one) == before


def test_a_revision_that_has_passed_is_refused(subject: Subject | None) -> None:
    if subject is None:
        return
    one = subject.made("One")
    first = subject.port.get(one)
    assert first is not None
    second = subject.port.change(one, {subject.word: "Two"}, first.rev)
    assert second.rev > first.rev
    for attempt in (
        lambda: subject.port.change(one, {subject.word: "Three"}, first.rev),
        lambda: subject.port.remove(one, first.rev),
    ):
        with pytest.raises(Refused) as caught:
            attempt()
        assert caught.value.refusal.kind == "stale"
    assert subject.port.get(one) == second


def test_what_was_removed_is_gone(subject: Subject | None) -> None:
    if subject is None:
        return
    one, two = subject.made("One"), subject.made("Two")
    subject.port.remove(one)
    assert subject.port.get(one) is None
    assert ids(subject.port.find()) == [two]
    assert subject.port.decided_by(one) is None


def test_a_list_has_pages_and_says_how_much_there_is(subject: Subject | None) -> None:
    if subject is None:
        return
    made = [subject.made(f"No {number}") for number in range(7)]
    whole = subject.port.find()
    assert (ids(whole), whole.total) == (made, 7)
    for offset, limit in ((0, 2), (2, 4), (5, 10), (7, 2), (20, 2), (0, 0)):
        page = subject.port.find(offset=offset, limit=limit)
        assert (ids(page), page.total) == (made[offset : offset + limit], 7)


def test_a_list_holds_what_fits_and_nothing_else(subject: Subject | None) -> None:
    if subject is None:
        return
    made = {}
    for name in ("One", "Two, three", "Four"):
        nested, in_v5, in_v4 = subject.nested(f"of {name}")
        made[name] = subject.made(name, **nested)
    port, word = subject.port, subject.word
    assert ids(port.find((word, ["One"]))) == [made["One"]]
    assert ids(port.find((word, ["Two, three"]))) == [made["Two, three"]]
    assert ids(port.find((word, ["One", "Four"]))) == [made["One"], made["Four"]]
    assert ids(port.find((in_v5, ["of Four"]))) == [made["Four"]]
    assert ids(port.find((in_v4, ["of Four"]), generation=4)) == [made["Four"]]
    assert ids(port.find((word, ["One"]), (in_v5, ["of Four"]))) == []
    assert ids(port.find(("id", [made["One"], "nobody"]))) == [made["One"]]
    assert ids(port.find(("noSuchAttribute", ["x"]))) == []
    paged = port.find((word, ["One", "Four"]), offset=1, limit=1)
    assert (ids(paged), paged.total) == ([made["Four"]], 2)


def test_a_repeat_under_the_same_key_makes_nothing_more(subject: Subject | None) -> None:
    if subject is None:
        return
    key = subject.port.mints.text()
    first = subject.port.create(subject.body("One"), key)
    again = subject.port.create(subject.body("One"), key)
    assert again == first
    assert subject.port.find().total == 1


def test_whoever_listens_hears_of_every_change_once(subject: Subject | None) -> None:
    if subject is None:
        return
    subject.port.subscribe()
    one = subject.made("One")
    subject.port.change(one, {subject.word: "Two"})
    subject.port.change(one, {subject.state: subject.states[1]})
    subject.port.get(one)
    subject.port.remove(one)
    assert subject.port.said() == ["Create", "AttributeValueChange", "StateChange", "Delete"]


def test_the_rooms_own_decisions_see_what_was_said(subject: Subject | None) -> None:
    if subject is None:
        return
    one = subject.made("One")
    subject.port.change(one, {subject.word: "Two"})
    found = subject.port.get(one)
    assert found is not None
    assert subject.port.decided_by(one) == found.document


def test_a_list_is_in_the_order_that_was_asked(subject: Subject | None) -> None:
    if subject is None:
        return
    made = {name: subject.made(name) for name in ("b", "a", "c", "a2")}
    order = [made[name] for name in ("a", "a2", "b", "c")]
    for generation in (5, 4):
        page = subject.port.find(sort=subject.word, generation=generation)
        assert (ids(page), page.total) == (order, 4)
        page = subject.port.find(sort=f"-{subject.word}", offset=1, limit=2, generation=generation)
        assert (ids(page), page.total) == ([made["b"], made["a2"]], 4)


def test_a_list_is_asked_by_operators_too(subject: Subject | None) -> None:
    if subject is None:
        return
    made = {name: subject.made(name) for name in ("b", "a", "c")}
    word = subject.word
    assert set(ids(subject.port.find((f"{word}.gte", ["b"])))) == {made["b"], made["c"]}
    assert ids(subject.port.find((f"{word}.regex", ["^[a-a]$"]))) == [made["a"]]
