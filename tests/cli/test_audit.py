"""``banyan audit``: from beside a house that runs."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from tests.cli.running import banyan, running
from tests.cli.shop import make_network


def test_a_running_house_is_verified_and_a_changed_row_is_named(tmp_path: Path) -> None:
    home = {"BANYAN_DATA": str(tmp_path / "house")}
    with running(tmp_path / "house") as house:
        visitor = house.visitor()
        make_network(visitor)
        head = banyan("audit", "head", **home)
        assert head.returncode == 0, head.stderr
        (tmp_path / "head.json").write_text(head.stdout, "utf-8")
        assert json.loads(head.stdout)["inventory"]["strands"][0] == 1
        whole = banyan("audit", "verify", "--head", tmp_path / "head.json", **home)
        assert whole.returncode == 0, whole.stdout + whole.stderr
        assert "whole   inventory: 3 changes in 1 strands\n" in whole.stdout
        visitor.close()
        assert house.stop() == 0
    rooms = tmp_path / "house" / "rooms"
    with sqlite3.connect(rooms / "inventory.db") as database:
        database.execute("UPDATE audit SET actor = 'eve' WHERE number = 2")
    database.close()
    broken = banyan("audit", "verify", **home)
    assert broken.returncode == 1
    assert ", row 2: was changed\n" in broken.stdout
    for file in rooms.glob("inventory.db*"):
        file.unlink()
    gone = banyan("audit", "verify", "--head", tmp_path / "head.json", **home)
    assert gone.returncode == 1
    assert "broken  inventory: the whole room is gone\n" in gone.stdout


def test_what_is_no_head_is_refused(tmp_path: Path) -> None:
    (tmp_path / "head.json").write_text("[]", "utf-8")
    told = banyan("audit", "verify", "--head", tmp_path / "head.json", "--data", tmp_path)
    assert told.returncode == 1
    assert "does not hold what 'audit head' prints" in told.stderr
