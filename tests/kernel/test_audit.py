"""The audit's strands: written with the change, one writer each, and no tampering goes unseen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from banyan.kernel.engine.audit import Change, Head, Trail, compute_hash
from banyan.kernel.engine.db import Database
from banyan.kernel.engine.tables import AUDIT, STRAND
from banyan.kernel.engine.verify import Heads, read_heads, verify
from banyan.kernel.words.codec import from_json
from banyan.kernel.words.errors import Later, Refused
from banyan.kernel.words.messages import Call
from tests.kernel.lab import CALL, Lab
from tests.kernel.shelf.contract import Deliver, Put


@pytest.fixture
def lab(database_url: str) -> Iterator[Lab]:
    """One process's house."""
    opened = Lab(database_url)
    yield opened
    opened.close()


def rows(database: Database) -> list[dict[str, Any]]:
    """The audit, strand by strand."""
    query = sa.select(AUDIT).order_by(AUDIT.c.strand, AUDIT.c.number)
    with database.read() as tx:
        return [dict(row) for row in tx.execute(query).mappings()]


def put(lab: Lab, *names: str) -> None:
    """Put things on the shelf, one commit each."""
    for name in names:
        lab.shelf.put(CALL, Put(name=name), f"put/{name}")


def test_a_command_is_told_with_who_what_and_when(lab: Lab) -> None:
    call = Call("acme", "ada", ("engineer", "planner"), "thread-7")
    lab.shelf.put(call, Put(name="cup"), "k1")
    lab.shelf.put(call, Put(name="cup"), "k1")
    (row,) = rows(lab.shelf.database)
    assert (row["tenant"], row["actor"], row["roles"], row["correlation"], row["command"]) == (
        "acme", "ada", "engineer,planner", "thread-7", "shelf.Put",
    )  # fmt: skip
    assert (row["verb"], row["id"], row["before"], row["number"]) == ("run", "k1", "", 1)
    assert from_json(row["after"])["name"] == "cup"
    assert row["at_us"] > 0


def test_what_acts_outside_tells_its_intention_and_its_end(lab: Lab) -> None:
    lab.shelf.put(CALL, Deliver(name="parcel"), "d1")
    assert [row["verb"] for row in rows(lab.shelf.database)] == ["intend", "run"]


def test_what_was_refused_or_lost_leaves_no_row_and_no_gap(lab: Lab) -> None:
    put(lab, "a")
    with pytest.raises(Refused):
        put(lab, "refuse me")
    put(lab, "b")
    assert [row["number"] for row in rows(lab.shelf.database)] == [1, 2]
    assert verify(lab.shelf.database).broken == ""


def test_a_commit_of_unknown_end_begins_a_new_strand(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(lab, "a")
    commits = lab.shelf.database.write

    def write_and_lose(work: Callable[..., Any], **how: Any) -> Any:
        commits(work, **how)
        raise Later(1, "the connection broke behind the commit")

    monkeypatch.setattr(lab.shelf.database, "write", write_and_lose)
    with pytest.raises(Later):
        put(lab, "b")
    monkeypatch.undo()
    put(lab, "b", "c")
    assert len({row["strand"] for row in rows(lab.shelf.database)}) == 2
    checked = verify(lab.shelf.database)
    assert (checked.strands, checked.rows, checked.broken) == (2, 3, "")


def test_processes_write_side_by_side_in_strands_of_their_own(database_url: str) -> None:
    labs = [Lab(database_url) for _ in range(3)]
    try:

        def work(number: int) -> None:
            put(labs[number], *(f"{number}-{i}" for i in range(20)))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        checked = verify(labs[0].shelf.database)
        assert (checked.strands, checked.rows, checked.broken) == (3, 60, "")
    finally:
        for each in labs:
            each.close()


Tamper = Callable[[Any, str], None]


def _set(column: str, value: Any) -> Tamper:
    def tamper(tx: Any, strand: str) -> None:
        tx.execute(
            AUDIT.update()
            .where(AUDIT.c.strand == strand, AUDIT.c.number == 2)
            .values({column: value})
        )

    return tamper


def _cut_out(tx: Any, strand: str) -> None:
    tx.execute(AUDIT.delete().where(AUDIT.c.strand == strand, AUDIT.c.number == 2))


def _close_gap(tx: Any, strand: str) -> None:
    _cut_out(tx, strand)
    tx.execute(AUDIT.update().where(AUDIT.c.strand == strand, AUDIT.c.number == 3).values(number=2))


def _swap(tx: Any, strand: str) -> None:
    own = AUDIT.c.strand == strand
    for was, new in ((2, 99), (3, 2), (99, 3)):
        tx.execute(AUDIT.update().where(own, AUDIT.c.number == was).values(number=new))


def _put_in(tx: Any, strand: str) -> None:
    row = dict(tx.execute(sa.select(AUDIT).where(AUDIT.c.number == 2)).mappings().first())
    tx.execute(AUDIT.update().where(AUDIT.c.number == 3).values(number=4))
    tx.execute(AUDIT.insert(), row | {"number": 3})


def _forge(tx: Any, strand: str) -> None:
    """A changed row whose own hash is made again: the row behind it does not fit any more."""
    query = sa.select(AUDIT).where(AUDIT.c.strand == strand).order_by(AUDIT.c.number)
    one, two, *_ = (dict(row) for row in tx.execute(query).mappings())
    values = [value for name, value in (two | {"actor": "eve"}).items() if name != "hash"]
    forged = compute_hash(one["hash"], values)
    own = (AUDIT.c.strand == strand) & (AUDIT.c.number == 2)
    tx.execute(AUDIT.update().where(own).values(actor="eve", hash=forged))


def _drop_strand(tx: Any, strand: str) -> None:
    tx.execute(AUDIT.delete().where(AUDIT.c.strand == strand))


def _drop_beginning(tx: Any, strand: str) -> None:
    _drop_strand(tx, strand)
    tx.execute(STRAND.delete().where(STRAND.c.strand == strand))


def _change_beginning(tx: Any, strand: str) -> None:
    tx.execute(STRAND.update().where(STRAND.c.strand == strand).values(at_us=7))


def _cut_end_of_older(tx: Any, strand: str) -> None:
    tx.execute(AUDIT.delete().where(AUDIT.c.strand == strand, AUDIT.c.number == 3))


TAMPERINGS: dict[str, tuple[Tamper, str]] = {
    "actor": (_set("actor", "eve"), "row 2: was changed"),
    "time": (_set("at_us", 1), "row 2: was changed"),
    "tenant": (_set("tenant", "other"), "row 2: was changed"),
    "before": (_set("before", "{}"), "row 2: was changed"),
    "after": (_set("after", ""), "row 2: was changed"),
    "hash": (_set("hash", "0" * 64), "row 2: was changed"),
    "cut out": (_cut_out, "row 2: is missing"),
    "cut out, gap closed": (_close_gap, "row 2: was changed"),
    "swapped": (_swap, "row 2: was changed"),
    "put in": (_put_in, "row 3: was changed"),
    "forged": (_forge, "row 3: was changed"),
    "strand gone": (_drop_strand, "is missing"),
    "strand and beginning gone": (_drop_beginning, "beginning 1: is missing"),
    "beginning changed": (_change_beginning, "beginning 1: was changed"),
    "end of an older strand cut off": (_cut_end_of_older, "row 3: is missing, the end was cut"),
}


@pytest.mark.parametrize("what", sorted(TAMPERINGS))
def test_tampering_shows_at_its_first_place(database_url: str, what: str) -> None:
    first = Lab(database_url)
    put(first, "a", "b", "c")
    first.close()
    second = Lab(database_url)
    try:
        put(second, "d")
        database = second.shelf.database
        assert verify(database).broken == ""
        with database.read() as tx:
            query = sa.select(STRAND.c.strand).order_by(STRAND.c.number)
            strand = tx.execute(query).scalars().first()
        tamper, told = TAMPERINGS[what]
        database.write(lambda tx: tamper(tx, str(strand)))
        assert told in verify(database).broken
    finally:
        second.close()


def test_what_is_cut_off_at_the_very_end_shows_against_heads_kept_elsewhere(lab: Lab) -> None:
    put(lab, "a", "b")
    database = lab.shelf.database
    kept = read_heads(database)
    put(lab, "c")
    assert verify(database, kept).broken == ""
    last = AUDIT.delete().where(AUDIT.c.number == 3)
    database.write(lambda tx: tx.execute(last))
    assert verify(database, kept).broken == "", "the end was not kept elsewhere"
    database.write(lambda tx: tx.execute(AUDIT.delete().where(AUDIT.c.number == 2)))
    assert verify(database).broken == "", "this is why heads are kept elsewhere"
    assert "row 2: is missing" in verify(database, kept).broken
    database.write(lambda tx: (tx.execute(AUDIT.delete()), tx.execute(STRAND.delete())))
    assert "beginning 1" in verify(database, kept).broken


def test_kept_heads_of_another_history_do_not_fit(lab: Lab) -> None:
    put(lab, "a")
    kept = read_heads(lab.shelf.database)
    other = Heads(kept.strands, {strand: Head(1, "0" * 64) for strand in kept.open})
    assert "is not what was noted" in verify(lab.shelf.database, other).broken


def test_a_quick_look_walks_the_last_rows_only(lab: Lab) -> None:
    put(lab, *(f"n{i}" for i in range(10)))
    checked = verify(lab.shelf.database, last=3)
    assert (checked.rows, checked.broken) == (3, "")


def test_a_row_is_not_written_twice_when_a_lost_race_is_run_again(lab: Lab) -> None:
    trail = Trail(lab.shelf.database, lab.mint)
    told = Change(CALL, lab.clock.now(), "shelf.Put", "run", "", "k", 0, "", "{}")

    def attempt(tx: Any) -> None:
        trail.begin()
        trail.add(told)
        trail.flush(tx)

    for _ in range(2):
        trail.begin()
        trail.add(told)
    lab.shelf.database.write(attempt)
    trail.settle()
    lab.shelf.database.write(attempt)
    trail.settle()
    assert [row["number"] for row in rows(lab.shelf.database)] == [1, 2]
    assert verify(lab.shelf.database).broken == ""
