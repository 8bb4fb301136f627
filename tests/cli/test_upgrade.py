"""Today's code on the databases of the release before: an order begun under it is finished.

The release before is the newest tag, or the first commit whose schema must be kept if there is no
tag yet. It runs in its own code, taken out of the repository's history.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.cli.conftest import Shop
from tests.cli.running import banyan, running
from tests.cli.shop import PRODUCTS, make_customer, make_network, set_lock
from tests.reals import note_missing

ROOT = Path(__file__).resolve().parents[2]
OF_ORDER = "productOrderItem.orderId"
FIRST = "2249cbc"
"""The commit before the schema grew: everything later must start on its databases."""


def git(*arguments: str) -> bytes | None:
    """What git says, or nothing where it does not know."""
    try:
        told = subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, timeout=60, check=False
        )
    except FileNotFoundError:
        return None
    return told.stdout if told.returncode == 0 else None


def take_out(home: Path) -> Path | None:
    """The code of the release before, in a folder of its own; nothing if history lacks it."""
    tag = git("describe", "--tags", "--abbrev=0")
    release = tag.decode().strip() if tag else FIRST
    told = git("archive", release, "src")
    if told is None:
        return None
    with tarfile.open(fileobj=io.BytesIO(told)) as archive:
        archive.extractall(home, filter="data")
    return home / "src"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_order_held_under_the_release_before_is_finished_under_this_one(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    code = take_out(tmp_path / "before")
    if code is None:
        note_missing("the release before in the history")
        return
    home = tmp_path / "data"
    url = "" if kind == "sqlite" else str(request.getfixturevalue("pg_database"))
    database = ("--database", url) if url else ()
    before, here = {"PYTHONPATH": str(code)}, {"BANYAN_DATA": str(home)}
    with running(home, *database, **before) as house:
        catalog = code / "banyan" / "demo" / "catalog"
        loaded = banyan("catalog", "load", catalog, **before, **here)
        assert loaded.returncode == 0, loaded.stderr
        visitor = house.visitor()
        make_network(visitor)
        shop = Shop(house, visitor, make_customer(visitor))
        finished = shop.order("olt-1")
        assert "is completed" in banyan("order", "watch", finished, **before, **here).stdout
        set_lock(visitor, "olt-2", "locked")
        held = shop.order("olt-2")
        assert "is held" in banyan("order", "watch", held, **before, **here).stdout
        visitor.close()
        assert house.stop() == 0
    with running(home, *database, log="today.log") as house:
        visitor = house.visitor()
        kept = visitor.get(PRODUCTS, **{OF_ORDER: finished})
        assert [each["status"] for each in kept] == ["active"]
        set_lock(visitor, "olt-2", "unlocked")
        retried = banyan("order", "retry", held, "--reason", "the technician has left", **here)
        assert retried.returncode == 0, retried.stderr
        assert "is completed" in banyan("order", "watch", held, **here).stdout
        made = visitor.get(PRODUCTS, **{OF_ORDER: held})
        assert [each["status"] for each in made] == ["active"]
        fresh = Shop(house, visitor, shop.buyer).order("olt-1")
        assert "is completed" in banyan("order", "watch", fresh, **here).stdout
        compared = banyan("compare", **here)
        assert compared.returncode == 0, compared.stdout + compared.stderr
        visitor.close()
        assert house.stop() == 0
    verified = banyan("audit", "verify", *database, **here)
    assert verified.returncode == 0, verified.stdout
