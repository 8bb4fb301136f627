"""Kills by the hundred: at every point of a walk, at random under orders, under write load."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from banyan.kernel.words.codec import from_json
from tests.crash.child import Ground
from tests.crash.kills import POINTS_MAX, kill_at
from tests.soak.conftest import Say
from tests.soak.load import Load, join, order

KILLS_ORDERING = 100
KILLS_WRITING = 50


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_order_survives_the_death_of_its_program_at_every_single_point(
    ground: Ground, say: Say, when: str
) -> None:
    child = ground.start()
    for number in range(1, POINTS_MAX):
        child, is_hit = kill_at(ground, child, f"{when} * {number}", f"order-{number}")
        say(f"{when} commit {number}: {'killed, recovered' if is_hit else 'the walk is over'}")
        if not is_hit:
            break
    else:
        raise AssertionError(f"more than {POINTS_MAX} commits for one order")
    assert number > 10, "so few commits can't be a walk"
    child, is_hit = kill_at(ground, child, f"{when} device 1", "device")
    assert is_hit


def test_a_stream_of_orders_survives_a_hundred_kills_at_random_moments(
    ground: Ground, say: Say, chance: random.Random
) -> None:
    load = Load(ground, chance)
    for name in ("ada", "ben", "cleo"):
        load.write(name, order, 0.4)
    for number in range(1, KILLS_ORDERING + 1):
        load.kill()
        if number % 5 == 0:
            states = Counter(ground.books.states().values())
            say(f"{number} kills, {len(load.known())} orders acknowledged, {dict(states)}")
    load.end()
    ground.settle()
    ends = ground.books.states()
    assert set(ends) == set(load.known().values()), "an order was lost, or made twice"
    assert set(ends.values()) == {"completed"}
    say(f"all {len(ends)} orders completed, each effect once")


def test_every_acknowledged_write_survives_fifty_kills_under_load(
    ground: Ground, say: Say, chance: random.Random
) -> None:
    load = Load(ground, chance)
    for name in ("p", "q", "r", "s"):
        load.write(name, join, 0.0)
    load.write("o", order, 0.2)
    for number in range(1, KILLS_WRITING + 1):
        load.kill()
        _check_written(ground, load.known())
        if number % 5 == 0:
            say(f"{number} kills, {len(load.known())} writes acknowledged and there")
    load.end()
    ground.settle()
    _check_written(ground, load.known())
    named = Counter(from_json(row.doc)["givenName"] for row in ground.books.rows("party", PEOPLE))
    assert {name: count for name, count in named.items() if count > 1} == {}, "written twice"
    say(f"{len(load.known())} acknowledged writes, all there, each once")


PEOPLE = "SELECT id, doc FROM document WHERE resource = 'individual'"


def _check_written(ground: Ground, known: dict[str, str]) -> None:
    people = {row.id for row in ground.books.rows("party", PEOPLE)}
    there = people | set(ground.books.states())
    assert [key for key, own in known.items() if own not in there] == [], "acknowledged, and lost"
