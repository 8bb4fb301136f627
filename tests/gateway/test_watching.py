"""What the house tells those who watch over it: that it lives, whether it works, and in numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from banyan.gateway.tokens import TokenBook
from banyan.kernel.engine.settings import MetricsSettings, Settings
from banyan.wiring import Standing, build
from tests.gateway.lab import FrontDoor
from tests.tmf.lab import Http

PARTY = "/tmf-api/partyManagement/v5/individual"
ADA = {"@type": "Individual", "givenName": "Ada", "familyName": "Banks"}


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Standing]:
    """A house that works."""
    standing = build(Settings(folder=str(tmp_path)), "watching-tests")
    standing.start()
    yield standing
    standing.stop()


def numbers(text: str) -> dict[str, float]:
    """Every sample of a Prometheus text, by name and labels."""
    found = re.findall(r"^([a-z_]+(?:\{[^}]*\})?) ([^ \n]+)$", text, re.MULTILINE)
    return {name: float(value) for name, value in found}


def test_the_house_lives_and_says_no_more_to_strangers(watched: Standing) -> None:
    front = FrontDoor(watched, TokenBook(Path(watched.settings.folder)))
    assert front.send("GET", "/healthz", "").json() == {"status": "ok"}
    assert front.send("GET", "/readyz", "").json() == {"status": "ready"}
    front.close()


def test_a_thread_that_has_ended_is_told_by_name(watched: Standing) -> None:
    front = FrontDoor(watched, TokenBook(Path(watched.settings.folder)))
    watched.dispatchers[0].stop()
    answer = front.send("GET", "/readyz", "")
    assert answer.status_code == 503
    assert answer.json()["failing"] == {"dispatcher": "has ended"}
    assert watched.runner is not None
    watched.runner.stop()
    assert front.send("GET", "/readyz", "").json()["failing"].keys() == {"dispatcher", "runner"}
    front.close()


def test_a_database_that_is_away_is_told_and_the_house_still_lives(watched: Standing) -> None:
    front = FrontDoor(watched, TokenBook(Path(watched.settings.folder)))
    token = {"authorization": f"Bearer {front.token('admin')}"}
    room = watched.house.rooms["party"]
    room.database.close()
    file = Path(watched.settings.folder) / "rooms" / "party.db"
    file.rename(file.with_suffix(".away"))
    for more in file.parent.glob("party.db-*"):
        more.unlink()
    file.mkdir()
    answer = front.send("GET", "/readyz", "")
    assert answer.status_code == 503
    assert answer.json()["failing"] == {"database of party": "does not answer"}
    assert front.send("GET", "/healthz", "").status_code == 200
    told = numbers(front.http.send("GET", "/metrics", headers=token).text)
    assert told['banyan_db_up{room="party"}'] == 0
    assert told['banyan_db_up{room="catalog"}'] == 1
    file.rmdir()
    file.with_suffix(".away").rename(file)
    assert front.send("GET", "/readyz", "").status_code == 200
    front.close()


def test_a_house_that_has_not_begun_is_not_ready(tmp_path: Path) -> None:
    standing = build(Settings(folder=str(tmp_path)), "watching-tests")
    front = FrontDoor(standing, TokenBook(tmp_path))
    assert front.send("GET", "/readyz", "").status_code == 503
    front.close()
    standing.stop()


def test_requests_are_counted_by_what_they_were_for_and_tell_nothing_of_whom(
    watched: Standing,
) -> None:
    front = FrontDoor(watched, TokenBook(Path(watched.settings.folder)))
    made = front.send("POST", PARTY, tenant="northwind", json=ADA)
    front.send("GET", f"{PARTY}/{made.json()['id']}", tenant="northwind")
    front.send("GET", f"{PARTY}/none", tenant="northwind")
    front.send("GET", PARTY, "")
    text = front.send("GET", "/metrics", "engineer").text
    told = numbers(text)
    about = 'api="TMF632",method="{}",resource="individual",status="{}"'
    for method, status in (("POST", 201), ("GET", 200), ("GET", 404)):
        name = f"banyan_http_requests_total{{{about.format(method, status)}}}"
        assert told[name] == 1, name
    nobody = 'banyan_http_requests_total{api="",method="GET",resource="",status="401"}'
    assert told[nobody] == 1
    seconds = 'banyan_http_request_seconds_count{api="TMF632",method="GET",resource="individual"}'
    assert told[seconds] == 2
    assert told['banyan_db_commits_total{room="party"}'] >= 1
    assert told['banyan_outbox_parked{room="party"}'] == 0
    assert told["banyan_http_in_flight"] >= 0
    for secret in ("northwind", "Ada", made.json()["id"], "admin of"):
        assert secret not in text
    front.close()


@pytest.mark.parametrize(
    ("access", "nobody", "sales", "engineer"),
    [("token", 401, 403, 200), ("open", 200, 200, 200), ("off", 401, 403, 404)],
)
def test_who_may_read_the_numbers_is_a_setting(
    tmp_path: Path, access: str, nobody: int, sales: int, engineer: int
) -> None:
    metrics = msgspec.convert({"access": access}, MetricsSettings)
    standing = build(Settings(folder=str(tmp_path), metrics=metrics), "watching-tests")
    front = FrontDoor(standing, TokenBook(tmp_path))
    for role, status in (("", nobody), ("sales", sales), ("engineer", engineer)):
        assert front.send("GET", "/metrics", role).status_code == status, role
    front.close()
    standing.stop()


def test_labels_do_not_grow_with_what_strangers_ask(watched: Standing) -> None:
    front = FrontDoor(watched, TokenBook(Path(watched.settings.folder)))
    for number in range(20):
        front.send(f"ODD{number}", f"{PARTY.rpartition('/')[0]}/thing{number}/{number}")
        front.send("GET", f"/nowhere/{number}")
    text = front.send("GET", "/metrics").text
    assert "ODD" not in text
    assert "thing" not in text
    assert "nowhere" not in text
    front.close()


def test_the_door_is_in_the_open_for_watchers_only(watched: Standing) -> None:
    http = Http(watched.app(TokenBook(Path(watched.settings.folder))))
    for path in ("/healthz", "/readyz", "/", "/.well-known/jwks.json"):
        assert http.send("GET", path).status_code == 200
        assert http.send("DELETE", path).status_code == 405
    http.close()
