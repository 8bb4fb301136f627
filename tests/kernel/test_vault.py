"""Sealing under a person's key, and its destruction."""

from __future__ import annotations

import stat
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from banyan.kernel.engine.db import Database
from banyan.kernel.engine.tables import KERNEL, VAULT_KEY
from banyan.kernel.engine.vault import Vault, WrongMasterKey, ensure_master, read_master
from banyan.kernel.words.errors import Refused

MASTER = bytes(range(32))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with the kernel's tables."""
    opened = Database("safe", database_url)
    opened.ensure_home()
    opened.write(KERNEL.create_all)
    yield opened
    opened.close()


@pytest.fixture
def vault() -> Vault:
    """A vault."""
    return Vault(MASTER)


def test_what_is_sealed_hides_its_text_and_opens_again(database: Database, vault: Vault) -> None:
    sealed = database.write(lambda tx: vault.seal(tx, "t", "person-1", "Ada ☂ Byron"))
    again = database.write(lambda tx: vault.seal(tx, "t", "person-1", "Ada ☂ Byron"))
    assert "Ada" not in sealed
    assert sealed != again, "equal texts must not look equal"
    with database.read() as tx:
        assert vault.open_all(tx, "t", [sealed, "plain", again]) == [
            "Ada ☂ Byron", "plain", "Ada ☂ Byron",
        ]  # fmt: skip
        keys = tx.execute(sa.select(VAULT_KEY.c.wrapped)).scalars().all()
    assert len(keys) == 1


def test_a_destroyed_key_opens_nothing_and_seals_nothing(database: Database, vault: Vault) -> None:
    sealed = database.write(lambda tx: vault.seal(tx, "t", "person-1", "Ada"))
    other = database.write(lambda tx: vault.seal(tx, "t", "person-2", "Bob"))
    assert database.write(lambda tx: vault.erase(tx, "t", "person-1", 7))
    neighbour = Vault(MASTER)  # another process: nothing it has seen before helps it
    for each in (vault, neighbour):
        with database.read() as tx:
            assert each.open_all(tx, "t", [sealed, other]) == [None, "Bob"]
            assert each.is_erased(tx, "t", "person-1")
    with pytest.raises(Refused, match="erased"):
        database.write(lambda tx: vault.seal(tx, "t", "person-1", "Ada again"))


def test_the_file_of_a_room_holds_no_destroyed_key(tmp_path: Path, vault: Vault) -> None:
    database = Database("safe", f"sqlite:///{tmp_path}")
    database.write(KERNEL.create_all)
    database.write(lambda tx: vault.seal(tx, "t", "person-1", "Ada"))
    with database.read() as tx:
        wrapped = str(tx.execute(sa.select(VAULT_KEY.c.wrapped)).scalar())
    database.write(lambda tx: vault.erase(tx, "t", "person-1", 7))
    database.close()  # the last one to leave brings the log into the file
    assert wrapped.encode() not in (tmp_path / "safe.db").read_bytes()


def test_one_tenants_key_does_not_open_anothers(database: Database, vault: Vault) -> None:
    sealed = database.write(lambda tx: vault.seal(tx, "north", "person-1", "Ada"))
    database.write(lambda tx: vault.seal(tx, "south", "person-1", "Bob"))
    with database.read() as tx, pytest.raises(WrongMasterKey):
        vault.open(tx, "south", sealed)
    with database.read() as tx:
        assert vault.open(tx, "east", sealed) is None


def test_layers_open_together_or_not_at_all(database: Database, vault: Vault) -> None:
    def seal_twice(tx: sa.Connection) -> str:
        inner = vault.seal(tx, "t", "person-1", "both")
        return vault.seal(tx, "t", "person-2", inner)

    sealed = database.write(seal_twice)
    with database.read() as tx:
        assert vault.open(tx, "t", sealed) == "both"
    database.write(lambda tx: vault.erase(tx, "t", "person-1", 7))
    with database.read() as tx:
        assert vault.open(tx, "t", sealed) is None


def test_many_subjects_open_at_once(database: Database, vault: Vault) -> None:
    def seal_all(tx: sa.Connection) -> list[str]:
        return [vault.seal(tx, "t", f"person-{n}", str(n)) for n in range(900)]

    sealed = database.write(seal_all)
    with database.read() as tx:
        assert vault.open_all(tx, "t", sealed) == [str(n) for n in range(900)]


def test_two_processes_that_meet_a_person_first_agree_on_the_key(
    database_url: str, vault: Vault
) -> None:
    both = [Database("safe", database_url) for _ in range(2)]
    both[0].ensure_home()
    both[0].write(KERNEL.create_all)
    sealed: list[str] = []

    def seal(subject: str, tx: sa.Connection) -> str:
        return vault.seal(tx, "t", subject, subject)

    def work(own: Database) -> None:
        for number in range(20):
            subject = f"person-{number}"
            sealed.append(own.write(partial(seal, subject)))

    threads = [threading.Thread(target=work, args=(own,)) for own in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with both[0].read() as tx:
        assert sorted(filter(None, vault.open_all(tx, "t", sealed))) == sorted(
            f"person-{n}" for n in range(20) for _ in both
        )
    for own in both:
        own.close()


def test_a_hidden_value_is_equal_to_itself_only(vault: Vault) -> None:
    hidden = vault.blind("t", "familyName", "Byron")
    assert hidden == Vault(MASTER).blind("t", "familyName", "Byron")
    others = [
        vault.blind("u", "familyName", "Byron"),
        vault.blind("t", "givenName", "Byron"),
        vault.blind("t", "familyName", "byron"),
        Vault(bytes(32)).blind("t", "familyName", "Byron"),
    ]
    assert len({hidden, *others}) == 5


def test_another_master_key_is_noticed(database: Database, vault: Vault) -> None:
    database.write(lambda tx: vault.seal(tx, "t", "person-1", "Ada"))
    with database.read() as tx:
        vault.check_master(tx)
        with pytest.raises(WrongMasterKey):
            Vault(bytes(32)).check_master(tx)


def test_a_master_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "vault.key"
    made = {ensure_master(file) for _ in range(3)}
    assert len(made) == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["vault.key"]


@pytest.mark.parametrize("text", ["", "secret", "ab" * 31, "xy" * 32])
def test_what_is_no_master_key_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="64 hexadecimal"):
        read_master(text)
