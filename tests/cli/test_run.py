"""``banyan run``: what it refuses to start with, where it listens, and parts of a house."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from banyan.cli.run import listen
from banyan.demo.visitor import Unexpected
from banyan.kernel.words.errors import Refused
from tests.cli.running import WITHIN_S, banyan, environment, running
from tests.cli.shop import CATALOG, ORDERS, make_customer, make_network, order_body

PARTS = ("catalog,party", "ordering,inventory,activation,billing")


def check_refused(folder: Path, said: str, *arguments: str, **own: str) -> str:
    """The house does not start and says why in one line; returns it."""
    told = banyan("run", "--data", folder, *arguments, **own)
    assert told.returncode in (1, 2), told.stderr
    assert said in told.stderr
    assert len(told.stderr.splitlines()) == 1, told.stderr
    return told.stderr


def test_a_taken_port_is_refused(tmp_path: Path) -> None:
    with closing(listen("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = f"can't listen on 127.0.0.1:{port}: Address already in use"
        check_refused(tmp_path, said, "--port", str(port))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour: red\n", "unknown field `colour`"),
        ("components: [catalog, cellar]\n", "no room is named cellar; there are "),
    ],
)
def test_wrong_settings_refuse_to_start_in_one_sentence(
    tmp_path: Path, text: str, said: str
) -> None:
    settings = tmp_path / "settings.yaml"
    settings.write_text(text, "utf-8")
    told = banyan("run", "--data", tmp_path / "house", "--settings", settings)
    assert told.returncode == 1
    assert said in told.stderr
    assert len(told.stderr.splitlines()) == 1, told.stderr


def test_settings_that_are_not_there_refuse_to_start(tmp_path: Path) -> None:
    check_refused(tmp_path, "No such file", "--settings", str(tmp_path / "none.yaml"))


def test_a_database_of_a_later_release_is_not_touched(tmp_path: Path) -> None:
    with running(tmp_path) as house:
        house.stop()
    with closing(sqlite3.connect(tmp_path / "rooms" / "party.db")) as database, database:
        database.execute("INSERT INTO migration VALUES ('kernel', 99, 'm0099_later', 0)")
    before = (tmp_path / "rooms" / "party.db").read_bytes()
    check_refused(tmp_path, "this database was written by a later release (kernel m0099)")
    assert (tmp_path / "rooms" / "party.db").read_bytes() == before


def test_a_database_that_is_away_is_told_without_its_password(tmp_path: Path) -> None:
    url = "postgresql+psycopg://banyan:s3cr3t@127.0.0.1:9/none"
    (tmp_path / "url").write_text(url, "utf-8")
    for reference in ("env:HOUSE_URL", f"file:{tmp_path / 'url'}"):
        told = banyan("run", "--data", tmp_path, "--database", reference, HOUSE_URL=url)
        assert told.returncode == 2
        assert "database: " in told.stderr
        assert "s3cr3t" not in told.stdout + told.stderr
        assert "Traceback" not in told.stderr


def test_the_first_free_port_is_taken() -> None:
    with closing(listen("127.0.0.1", 0)) as one:
        first = one.getsockname()[1]
        with closing(listen("127.0.0.1", 0, first)) as two:
            assert two.getsockname()[1] > first
    with closing(listen("127.0.0.1", 0, first)) as again:
        assert again.getsockname()[1] == first


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(Refused, match=r"can't listen on 192\.0\.2\.1:8080"):
        listen("192.0.2.1", 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_house_told_to_leave_gives_everything_back(number: int, tmp_path: Path) -> None:
    with running(tmp_path) as house:
        visitor = house.visitor()
        banyan("catalog", "load", CATALOG, BANYAN_DATA=str(tmp_path))
        make_network(visitor)
        visitor.patch(
            "/tmf-api/resourceInventoryManagement/v5/resource/olt-1",
            {"@type": "PhysicalResource", "administrativeState": "locked"},
        )
        order = visitor.post(ORDERS, order_body(make_customer(visitor), "olt-1"))["id"]
        banyan("order", "watch", order, BANYAN_DATA=str(tmp_path))
        visitor.close()
        assert house.stop(number) == 0, house.log.read_text("utf-8")
    with closing(sqlite3.connect(tmp_path / "rooms" / "plans.db")) as database:
        assert database.execute("SELECT owner, state FROM plan").fetchall() == [("", "held")]


def test_a_house_told_to_leave_the_moment_it_stands_leaves_in_order(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "banyan.cli", "run", "--data", str(tmp_path)]
    with subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as house:
        assert house.stdout is not None
        next(line for line in house.stdout if line.startswith("Banyan serves"))
        house.terminate()
        assert house.wait(WITHIN_S) == 0, house.stdout.read()


def test_two_programs_that_serve_parts_of_a_house_walk_an_order_together(
    database_url: str, tmp_path: Path
) -> None:
    database = () if database_url.startswith("sqlite") else ("--database", "env:HOUSE_DATABASE")
    own = {"HOUSE_DATABASE": database_url}
    with (
        running(tmp_path, *database, "--components", PARTS[0], log="one.log", **own) as front,
        running(tmp_path, *database, "--components", PARTS[1], log="two.log", **own) as back,
    ):
        assert front.url != back.url
        sellers, makers = front.visitor(), back.visitor()
        for visitor, path in ((sellers, ORDERS), (makers, "/tmf-api/party/v4/individual")):
            with pytest.raises(Unexpected, match="404"):
                visitor.get(path)
        loaded = banyan("catalog", "load", CATALOG, "--url", front.url,
                        "--token", front.token)  # fmt: skip
        assert loaded.returncode == 0, loaded.stderr
        make_network(makers)
        order = makers.post(ORDERS, order_body(make_customer(sellers), "olt-2"))["id"]
        told = banyan("order", "watch", order, "--url", back.url, "--token", back.token)
        assert told.stdout.splitlines()[-1] == "the order is completed", told.stdout + told.stderr
        sellers.close()
        makers.close()
        assert [house.stop() for house in (front, back)] == [0, 0]


def test_a_house_started_again_on_its_folder_knows_what_it_knew(tmp_path: Path) -> None:
    with running(tmp_path) as house:
        token = house.token
        banyan("catalog", "load", CATALOG, BANYAN_DATA=str(tmp_path))
        house.stop(signal.SIGKILL)
    with running(tmp_path) as house:
        assert house.token == token
        visitor = house.visitor()
        assert len(visitor.get("/tmf-api/productCatalogManagement/v4/productOffering")) == 2
        visitor.close()
        answer = httpx.get(house.url)
        assert "server" not in answer.headers
        with socket.create_connection(("127.0.0.1", int(house.url.rpartition(":")[2]))) as raw:
            raw.sendall(b"NONSENSE\r\n\r\n")
            assert raw.recv(100).startswith(b"HTTP/1.1 400")
