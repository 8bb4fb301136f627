"""Documents are filed again when an index changes: by a release, or by a resource's row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from banyan.kernel.engine import migrations as kernel_migrations
from banyan.kernel.engine.clock import RealClock
from banyan.kernel.engine.db import Database
from banyan.kernel.engine.migrate import find_migrations, migrate
from banyan.kernel.engine.work import Look
from banyan.kernel.words.messages import Call
from banyan.tmf import documents, filing
from banyan.tmf import migrations as kit_migrations
from banyan.tmf.documents import Search
from banyan.tmf.filing import file_again
from banyan.tmf.filters import read_query
from banyan.tmf.resource import Resource
from banyan.tmf.sorting import Order
from tests.tmf.lab import INDIVIDUAL

CLOCK = RealClock()
PEOPLE = 7
_DOC = '{"shoe":%d,"familyName":"N%d"}'


def _find(database: Database, resource: Resource, query: str, sort: str = "") -> list[str]:
    order = (Order(sort),) if sort else ()
    wanted = Search(read_query(query).conditions, order=order)
    with database.read() as tx:
        page = documents.search(Look(tx, Call("north", "tester"), CLOCK.now()), resource, wanted)
    return [each.document["id"] for each in page.found]


@pytest.fixture
def old(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database as the first release left it: seven people, filed in its form, then migrated."""
    monkeypatch.setattr(filing, "DOCUMENTS_AT_ONCE", 3)
    database = Database("desk", database_url)
    steps = find_migrations("kernel", kernel_migrations) + find_migrations("tmf", kit_migrations)
    migrate(database, CLOCK, [step for step in steps if (step.owner, step.number) < ("tmf", 2)])
    document = sa.text(
        "INSERT INTO document VALUES ('north', 'individual', :i, 1, :c, 'Individual', '', :d)"
    )
    path = sa.text(
        "INSERT INTO document_path VALUES ('north', 'individual', 'shoe', :v, :c, :i)"
    )  # fmt: skip
    with_people = [
        {
            "i": f"p{n}",
            "c": f"c{n}",
            "d": f'{{"shoe":{n * 5},"familyName":"N{n}"}}',
            "v": str(n * 5),
        }
        for n in range(PEOPLE)
    ]
    database.write(lambda tx: (tx.execute(document, with_people), tx.execute(path, with_people)))
    migrate(database, CLOCK, steps)
    yield database
    database.close()


def test_documents_of_the_first_release_are_found_by_index(old: Database) -> None:
    resource = replace(INDIVIDUAL, indexed=("shoe",))
    assert _find(old, resource, "shoe=10") == []
    assert file_again(old, [resource]) == [("individual", "shoe")]
    assert _find(old, resource, "shoe=10") == ["p2"]
    assert _find(old, resource, "shoe.lt=10.5") == ["p0", "p1", "p2"]
    assert _find(old, resource, "", "shoe") == [f"p{n}" for n in range(PEOPLE)]
    assert file_again(old, [resource]) == []


def test_a_new_path_is_filed_and_one_that_is_gone_is_forgotten(old: Database) -> None:
    file_again(old, [replace(INDIVIDUAL, indexed=("shoe",))])
    later = replace(INDIVIDUAL, indexed=("familyName",))
    assert file_again(old, [later]) == [("individual", "familyName")]
    assert _find(old, later, "familyName=N6") == ["p6"]
    with old.read() as tx:
        assert set(tx.execute(sa.text("SELECT path FROM document_path")).scalars()) == {
            "familyName"
        }


def test_what_was_cut_short_is_filed_at_the_next_start(
    old: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = replace(INDIVIDUAL, indexed=("shoe",))
    with monkeypatch.context() as patch:
        patch.setattr(filing, "_remember", lambda *parts: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            file_again(old, [resource])
    assert file_again(old, [resource]) == [("individual", "shoe")]
    assert _find(old, resource, "shoe.gte=25") == ["p5", "p6"]
