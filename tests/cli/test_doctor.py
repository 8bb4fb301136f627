"""``banyan doctor``: each thing that can be ill is named, with what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from banyan.kernel.engine.settings import Settings
from banyan.wiring import build
from tests.cli.conftest import Shop
from tests.cli.running import banyan


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The data folder of a house that has stood and is down."""
    folder = tmp_path / "house"
    build(Settings(folder=str(folder)), "doctor").stop()
    return folder


@contextmanager
def opened(home: Path, room: str) -> Iterator[sqlite3.Connection]:
    """A room's database, past the house."""
    database = sqlite3.connect(home / "rooms" / f"{room}.db")
    with database:
        yield database
    database.close()


def told(home: Path) -> tuple[int, str]:
    """The exit code, and what was said."""
    done = banyan("doctor", "--data", home)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def test_a_house_that_runs_is_well(shop: Shop) -> None:
    code, said = told(shop.house.folder)
    assert code == 0, said
    assert f"ok    house: {shop.house.url} answers 200" in said
    assert "changes in the audit fit" in said
    assert "ok    inventory: the schema is this release's (kernel " in said
    assert "\nill" not in said


def test_a_house_that_is_down_is_looked_at_too(home: Path) -> None:
    code, said = told(home)
    assert code == 0, said
    assert "look  house: none was ever started here" in said
    assert "ok    plans: no order is held" in said


def test_a_folder_without_a_house_is_no_illness(tmp_path: Path) -> None:
    code, said = told(tmp_path / "nothing")
    assert code == 0
    assert "there are none yet" in said
    assert not (tmp_path / "nothing").exists(), "to look makes nothing"


def test_what_is_ill_is_named_with_what_to_do(home: Path) -> None:
    (home / "vault.key").chmod(0o644)
    with opened(home, "party") as party:
        party.execute("INSERT INTO migration VALUES ('kernel', 99, 'm0099_later', 0)")
    with opened(home, "catalog") as catalog:
        catalog.execute("INSERT INTO vault_key VALUES ('t', 'p', 'x', 'another', 0)")
        catalog.execute(
            "INSERT INTO delivery VALUES ('hub:1', 1, 's', 'parked', 12, 0, 'answered 500')"
        )
    with opened(home, "billing") as billing:
        billing.execute("DELETE FROM migration WHERE owner = 'billing'")
    with opened(home, "inventory") as inventory:
        inventory.execute(
            "INSERT INTO audit VALUES ('s', 1, 't', 0, '', '', '', '', '', '', '', 0, '', '', '')"
        )
    code, said = told(home)
    assert code == 1
    for line in (
        "ill   rights: vault.key may be read by others (644)",
        "ill   party: this database was written by a later release (kernel m0099)",
        "ill   catalog: wrapped by the master key another",
        "look  catalog: 1 deliveries are parked, for instance: answered 500",
        "look  billing: 1 of ",
        "ill   inventory: the audit is broken at strand s: has rows and no beginning",
    ):
        assert line in said, f"{line} is not in\n{said}"


def test_a_database_that_is_away_is_ill(tmp_path: Path) -> None:
    url = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    done = banyan("doctor", "--data", tmp_path, "--database", url)
    assert done.returncode == 1
    assert "ill   database: " in done.stdout
