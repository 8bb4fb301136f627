"""The drill: an hour-old copy comes back, and what is not in it is found on the devices."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Shop
from tests.cli.running import RunningHouse, banyan, running
from tests.cli.shop import CATALOG, make_customer, make_network
from tests.conftest import empty_database

DATABASES = ["sqlite", "postgresql"]


def settings(tmp_path: Path, url: str) -> Path:
    """Settings of a house whose devices are not in its folder: they outlive it."""
    database = f"database: {url}\n" if url else ""
    told = f"{database}activation: {{devices: {tmp_path / 'devices'}}}\n"
    file = tmp_path / "settings.yaml"
    file.write_text(told, "utf-8")
    return file


def open_shop(house: RunningHouse) -> Shop:
    """A catalogue, a network and a customer."""
    loaded = banyan("catalog", "load", CATALOG, BANYAN_DATA=str(house.folder))
    assert loaded.returncode == 0, loaded.stderr
    visitor = house.visitor()
    make_network(visitor)
    return Shop(house, visitor, make_customer(visitor))


def order(shop: Shop) -> str:
    """A line that is ordered and works."""
    made = shop.order("olt-1")
    walked = banyan("order", "watch", made, BANYAN_DATA=str(shop.house.folder))
    assert "is completed" in walked.stdout, walked.stdout
    return made


@pytest.mark.parametrize("kind", DATABASES)
def test_what_was_done_since_the_copy_is_found_and_nothing_else(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = "" if kind == "sqlite" else str(request.getfixturevalue("pg_database"))
    file = settings(tmp_path, url)
    old, new = tmp_path / "old", tmp_path / "new"
    here = {"BANYAN_SETTINGS": str(file)}
    with running(old, **here) as house:
        shop = open_shop(house)
        order(shop)
        held = shop.visitor
        copied = banyan("backup", tmp_path / "copy", BANYAN_DATA=str(old), **here)
        assert copied.returncode == 0, copied.stderr
        assert " rooms as they were at " in copied.stdout
        since = {order(shop), order(shop)}
        agreed = banyan("compare", BANYAN_DATA=str(old))
        assert agreed.returncode == 0, agreed.stdout
        assert agreed.stdout.startswith("0 differences in 3 order items")
        held.close()
        assert house.stop() == 0
    shutil.copy(old / "vault.key", tmp_path / "vault.key")
    if url:
        empty_database(url.replace("postgresql+psycopg:", "postgresql:", 1))
    again = banyan("restore", tmp_path / "copy", BANYAN_DATA=str(new), **here)
    assert again.returncode == 0, again.stderr
    assert f"to {new / 'vault.key'} before the house starts" in again.stdout
    shutil.copy(tmp_path / "vault.key", new / "vault.key")
    whole = banyan("audit", "verify", BANYAN_DATA=str(new), **here)
    assert whole.returncode == 0, whole.stdout
    with running(new, **here) as house:
        compared = banyan("compare", BANYAN_DATA=str(new))
        assert compared.returncode == 1, compared.stderr
        told = house.visitor()
        found = told.get("/banyan-api/comparisonManagement/v1/comparison")["differences"]
        assert {each["order_id"] for each in found} == since
        assert [(each["between"], each["kind"]) for each in found] == [
            (["activation", "device"], "extra")
        ] * len(found)
        for each in found:
            assert json.loads(each["found"])["downloadSpeed"] == 100
            assert each["order_id"] in compared.stdout
        told.close()
        assert house.stop() == 0
