"""Documents in a real database: filing, finding, changing, telling."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Refused
from banyan.kernel.words.messages import Call
from banyan.tmf import documents, hubs
from banyan.tmf.filters import Condition
from banyan.tmf.hubs import Hub
from banyan.tmf.tables import PATH
from tests.tmf.lab import INDIVIDUAL, Lab

T = TypeVar("T")

CALL = Call("north", "tester")


class Files:
    """Work and look in the lab's room, without its commands."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def write(self, run: Callable[[Work], T], call: Call = CALL) -> T:
        """Run in one write transaction."""
        room = self.lab.room
        return self.lab.database.write(
            lambda tx: run(Work(tx, call, self.lab.clock.now(), "key", room.mints, {}))
        )

    def read(self, run: Callable[[Look], T], call: Call = CALL) -> T:
        """Run on a consistent view."""
        with self.lab.database.read() as tx:
            return run(Look(tx, call, self.lab.clock.now()))

    def add(self, **attributes: Any) -> Document:
        """File an individual."""
        whole = {"@type": "Individual", "givenName": "Ada", "familyName": "B", **attributes}
        return self.write(lambda work: documents.create(work, INDIVIDUAL, whole))

    def found(self, wanted: documents.Wanted, **paging: Any) -> list[str]:
        """The family names found."""
        page = self.read(lambda look: documents.find(look, INDIVIDUAL, wanted, **paging))
        return [stored.document["familyName"] for stored in page.found]

    def told(self) -> list[str]:
        """The kinds of all facts on record, oldest first."""
        outbox = sa.text("SELECT kind FROM outbox ORDER BY seq")
        with self.lab.database.read() as tx:
            return list(tx.execute(outbox).scalars())

    def paths(self) -> set[tuple[str, str]]:
        """What is indexed."""
        with self.lab.database.read() as tx:
            return {(row[0], row[1]) for row in tx.execute(sa.select(PATH.c.path, PATH.c.value))}


@pytest.fixture
def files(lab: Lab) -> Files:
    """The lab's documents."""
    return Files(lab)


@pytest.fixture
def one_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One house for many examples."""
    opened = Lab(f"sqlite:///{tmp_path_factory.mktemp('desk')}")
    yield opened
    opened.close()


def _subscribe(files: Files) -> None:
    hub = Hub("hub-1", "TMF632", 5, "http://there.example/", "", 0)
    files.write(lambda work: hubs.create(work, hub))


def test_a_document_comes_back_as_it_was_filed(files: Files) -> None:
    made = files.add(vendor={"deep": [None, True, "x"]}, status="initialized")
    stored = files.read(lambda look: documents.need(look, INDIVIDUAL, made["id"]))
    assert (stored.document, stored.rev) == (made, 1)


def test_a_taken_id_is_refused(files: Files) -> None:
    body = {"givenName": "A", "familyName": "B"}
    files.write(lambda work: documents.create(work, INDIVIDUAL, body, "mine"))
    with pytest.raises(Refused) as refusal:
        files.write(lambda work: documents.create(work, INDIVIDUAL, body, "mine"))
    assert refusal.value.refusal.findings[0].code == "duplicate"


def test_indexed_and_other_paths_find_alike(files: Files) -> None:
    files.add(familyName="A", birthDate="1815-12-10T00:00:00Z", shoe=39)
    files.add(familyName="B", birthDate="1815-12-10T01:00:00+01:00", shoe=39)
    files.add(familyName="C", birthDate="1815-12-11T00:00:00Z", shoe=40)
    assert files.found({"birthDate": ["1815-12-09T23:00:00-01:00"]}) == ["A", "B"]
    assert files.found({"shoe": ["39.0"]}) == ["A", "B"]
    assert files.found({"shoe": ["39"], "familyName": ["B", "C"]}) == ["B"]
    assert files.found({"shoe": ["39", "40"]}, offset=1, limit=1) == ["B"]
    assert files.found({}, offset=1, limit=5) == ["B", "C"]
    page = files.read(lambda look: documents.find(look, INDIVIDUAL, {"shoe": ["39"]}, 0, 1))
    assert page.total == 2


def test_a_long_value_is_compared_in_full(files: Files) -> None:
    files.add(familyName="x" * 250 + "a")
    files.add(familyName="x" * 250 + "b")
    assert files.found({"familyName": ["x" * 250 + "b"]}) == ["x" * 250 + "b"]


def test_a_last_word_narrows_further_and_counts(files: Files) -> None:
    for name in "ABCD":
        files.add(familyName=name)

    def accept(document: Document) -> bool:
        return bool(document["familyName"] != "B")

    def look_up(look: Look) -> documents.Page:
        return documents.find(look, INDIVIDUAL, {}, 1, 1, accept)

    page = files.read(look_up)
    assert ([s.document["familyName"] for s in page.found], page.total) == (["C"], 3)


def test_a_change_moves_the_revision_and_the_index(files: Files) -> None:
    made = files.add()
    files.write(lambda work: documents.change(work, INDIVIDUAL, {**made, "familyName": "New"}, 1))
    assert files.found({"familyName": ["New"]}) == ["New"]
    assert files.found({"familyName": ["B"]}) == []
    assert files.read(lambda look: documents.need(look, INDIVIDUAL, made["id"])).rev == 2
    with pytest.raises(Refused) as refusal:
        files.write(lambda work: documents.change(work, INDIVIDUAL, {**made, "x": 1}, 1))
    assert refusal.value.refusal.kind == "stale"


def test_a_removed_document_leaves_no_row(files: Files) -> None:
    made = files.add()
    assert files.paths() == {("familyName", "tB")}
    files.write(lambda work: documents.remove(work, INDIVIDUAL, made["id"]))
    assert files.paths() == set()
    assert files.found({}) == []


def test_hubs_are_told_once_per_change_by_its_kind(files: Files) -> None:
    files.add()
    assert files.told() == []
    _subscribe(files)
    made = files.add(status="initialized")
    moved = {**made, "status": "validated", "familyName": "New"}
    files.write(lambda work: documents.change(work, INDIVIDUAL, moved))
    files.write(lambda work: documents.change(work, INDIVIDUAL, moved))
    files.write(lambda work: documents.change(work, INDIVIDUAL, {**moved, "familyName": "Newer"}))
    files.write(lambda work: documents.remove(work, INDIVIDUAL, made["id"]))
    assert files.told() == [
        f"TMF632.individual.{word}"
        for word in ("Create", "StateChange", "AttributeValueChange", "Delete")
    ]


def test_a_hub_hears_only_its_tenant(files: Files) -> None:
    _subscribe(files)
    south = Call("south", "tester")
    body = {"givenName": "A", "familyName": "B"}
    files.write(lambda work: documents.create(work, INDIVIDUAL, body), south)
    assert files.told() == []
    assert files.read(lambda look: documents.find(look, INDIVIDUAL), south).total == 1
    assert files.found({}) == []


values = st.one_of(
    st.sampled_from(["1", "1.0", "true", "2026-01-31T12:00:00Z", "2026-01-31T13:00:00+01:00", ""]),
    st.integers(0, 2),
    st.booleans(),
    st.decimals(0, 2, places=1),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(values, min_size=1, max_size=4), values)
def test_the_index_finds_exactly_what_reading_finds(
    one_lab: Lab, filed: list[Any], wanted: Any
) -> None:
    files = Files(one_lab)
    ids = [files.add(familyName=each, elsewhere=each)["id"] for each in filed]
    text = "true" if wanted is True else "false" if wanted is False else str(wanted)

    def found(path: str) -> list[str]:
        page = files.read(lambda look: documents.find(look, INDIVIDUAL, {path: [text]}))
        return [each.document["id"] for each in page.found if each.document["id"] in ids]

    judged = Condition("familyName", (text,))
    expected = [
        own for own, value in zip(ids, filed, strict=True) if judged.matches({"familyName": value})
    ]
    assert found("familyName") == found("elsewhere") == expected


def test_the_rooms_last_word_is_asked_for_before_every_write(lab: Lab) -> None:
    files, heard = Files(lab), []

    def note(_work: Work, before: Document | None, after: Document | None) -> Document | None:
        heard.append(tuple(each and each["familyName"] for each in (before, after)))
        return after

    watched = replace(INDIVIDUAL, admit=note)
    whole = {"@type": "Individual", "givenName": "Ada", "familyName": "B"}
    filed = files.write(lambda work: documents.create(work, watched, whole))
    other = {**filed, "familyName": "C"}
    for _ in range(2):  # a change of nothing is no write
        files.write(lambda work: documents.change(work, watched, other))
    files.write(lambda work: documents.remove(work, watched, filed["id"]))
    assert heard == [(None, "B"), ("B", "C"), ("C", None)]
