"""What goes on after the answer: jobs of a catalogue API, and creates under a monitor (202)."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from banyan.kernel.engine.dispatch import Dispatcher, Fact
from banyan.kernel.words.codec import Document, from_json
from banyan.kernel.words.errors import Refused, refused
from banyan.kernel.words.ids import CategoryId, ResourceId
from banyan.tmf.errands.places import Places
from banyan.tmf.errands.rows import export_job, import_job, monitor
from banyan.tmf.errands.runner import ErrandTeller
from banyan.tmf.resource import Resource
from banyan.tmf.service import ERRAND
from tests.tmf.lab import Lab

CATALOG = "/tmf-api/productCatalogManagement"
ACTIVATION = "/tmf-api/ResourceActivationAndConfiguration/v4"
CATEGORY = Resource(
    api="TMF620", name="category", shape="Category", room="desk", id_type=CategoryId,
    may_choose_id=True,
)  # fmt: skip
MONITOR = monitor("TMF702", "desk")


def _admit(work: Any, before: Document | None, after: Document | None) -> Document | None:
    if after is not None and after.get("name") == "refused":
        raise refused("rule", "deviceSaysNo", "the device will not have it", "name")
    return after


CONFIGURED = Resource(
    api="TMF702", name="resource", shape="Resource", room="desk", id_type=ResourceId,
    monitor=MONITOR, admit=_admit,
)  # fmt: skip
ROWS = (
    CATEGORY,
    import_job("TMF620", "desk", "importJob"),
    export_job("TMF620", "desk", "exportJob"),
    MONITOR,
    CONFIGURED,
)


class Works(Lab):
    """The lab house, whose errands run when they are told to."""

    def __init__(self, url: str, folder: Path) -> None:
        super().__init__(url, more=ROWS)
        self.folder = folder / "north"
        self.folder.mkdir()
        self.open(())

    def open(self, hosts: tuple[str, ...]) -> None:
        """Begin as a house that has just started, with hosts it may ask."""
        places = Places(self.folder.parent, hosts)
        self.teller = ErrandTeller([self.room], self.resources, places)
        self.dispatcher = Dispatcher([self.room], self._told, f"{ERRAND}:", self.clock)
        self.outcomes: list[Exception | None] = []

    def _told(self, facts: Any) -> Any:
        self.outcomes = list(self.teller(facts))
        return self.outcomes

    def run(self) -> None:
        """Run all errands to their end."""
        for _ in range(400):
            self.dispatcher.tell_due()
            if not self.due():
                return
            self.clock.advance(timedelta(seconds=61))
        raise AssertionError("an errand has no end")

    def due(self) -> bool:
        """Whether any errand is still to be run."""
        with self.database.read() as tx:
            return bool(
                tx.exec_driver_sql("SELECT 1 FROM delivery WHERE target = 'errand:desk'").first()
            )

    def job(self, noun: str, generation: int = 5, **attributes: Any) -> Document:
        """A job, made and run to its end."""
        base = f"{CATALOG}/v{generation}"
        kind = {"@type": noun[0].upper() + noun[1:]}
        made = self.http.post(f"{base}/{noun}", json={**kind, **attributes})
        assert made.status_code == 201, made.text
        assert made.json()["status"] == "Not Started"
        self.run()
        answer: Document = self.http.get(made.headers["location"]).json()
        return answer

    def close(self) -> None:
        """End the errands, then the house."""
        self.teller.close()
        super().close()


@pytest.fixture
def works(database_url: str, tmp_path: Path) -> Iterator[Works]:
    """The house on a fresh database."""
    (tmp_path / "exchange").mkdir()
    opened = Works(database_url, tmp_path / "exchange")
    yield opened
    opened.close()


def lines(*bodies: Any) -> bytes:
    return b"".join(json.dumps(body).encode() + b"\n" for body in bodies)


def category(n: int, **more: Any) -> Document:
    return {"@type": "Category", "id": f"c-{n}", "name": f"category {n}", **more}


@pytest.mark.parametrize("generation", [4, 5])
def test_an_import_job_reads_its_file_and_tells_how_it_went(works: Works, generation: int) -> None:
    hub = {"@type": "Hub", "callback": "http://127.0.0.1:9/", "query": ""}
    (works.folder / "c.ndjson").write_bytes(lines(*[category(n) for n in range(1_200)]))
    works.http.post(f"{CATALOG}/v5/hub", json=hub)
    done = works.job("importJob", generation, url="file:c.ndjson", path="/category")
    assert done["status"] == "Succeeded"
    assert done["progress"] == {"lines": 1_200, "created": 1_200, "refused": 0}
    assert done["creationDate"] <= done["completionDate"]
    assert works.http.get(f"{CATALOG}/v5/category/c-7").json()["name"] == "category 7"
    with works.database.read() as tx:
        rows = tx.exec_driver_sql("SELECT kind FROM outbox ORDER BY seq")
        told = [row[0].rpartition(".")[2] for row in rows if "importJob" in row[0]]
    assert told[0] == "Create"
    assert {"StateChange"} <= set(told)


def test_refused_lines_are_in_the_error_log_and_the_others_are_in(works: Works) -> None:
    sheet = "id,@type,name\na,Category,A\nb,Category,\nc,Category,C\n"
    (works.folder / "c.csv").write_text(sheet, "utf-8")
    done = works.job("importJob", url="file:///c.csv", path=f"{CATALOG}/v5/category")
    assert (done["status"], done["progress"]["created"]) == ("Failed", 2)
    assert done["errorLog"] == "line 3: name: mandatory attribute is missing [missing]"
    assert works.http.get(f"{CATALOG}/v5/category/c").status_code == 200


def test_an_export_job_writes_what_an_import_job_reads(works: Works) -> None:
    for n in range(3):
        works.http.post(f"{CATALOG}/v5/category", json=category(n, vendor={"a": [n, None]}))
    for name in ("out.ndjson", "out.csv"):
        done = works.job("exportJob", url=f"file:{name}", path="/category")
        assert done["status"] == "Succeeded", done
    before = works.http.get(f"{CATALOG}/v5/category").json()
    written = (works.folder / "out.ndjson").read_bytes().splitlines()
    assert [from_json(line)["id"] for line in written] == [
        "c-0", "c-1", "c-2",
    ]  # fmt: skip
    assert not list(works.folder.glob("*.part"))
    for each in before:
        assert works.http.delete(each["href"]).status_code == 204
    assert works.job("importJob", url="out.csv", path="/category")["status"] == "Succeeded"
    assert works.http.get(f"{CATALOG}/v5/category").json() == before


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"url": "file:../secret.ndjson", "path": "/category"}, "leads out of"),
        ({"url": "file:///%2e%2e/secret.ndjson", "path": "/category"}, "leads out of"),
        ({"url": "file:link.ndjson", "path": "/category"}, "leads out of"),
        ({"url": "file:gone.ndjson", "path": "/category"}, "can't be read"),
        ({"url": "file:", "path": "/category"}, "names no file"),
        ({"url": "file://host/c.ndjson", "path": "/category"}, "no host named"),
        ({"url": "http://127.0.0.1:9/c.ndjson", "path": "/category"}, "no host named"),
        ({"url": "http://user@friend.example/c", "path": "/category"}, "no host named"),
        ({"url": "http://friend.example:8080/c", "path": "/category"}, "no host named"),
        ({"url": "ftp://friend.example/c", "path": "/category"}, "no host named"),
        ({"url": "file:c.ndjson"}, "the path names one of"),
        ({"url": "file:c.ndjson", "path": "/importJob"}, "the path names one of"),
        ({"url": "file:c", "path": "/category", "contentType": "text/xml"}, "is neither"),
    ],
)
def test_a_job_reads_nothing_but_what_it_may(
    works: Works, attributes: dict[str, Any], reason: str
) -> None:
    works.open(("friend.example",))
    secret = works.folder.parent / "secret.ndjson"
    secret.write_bytes(lines(category(1)))
    (works.folder / "link.ndjson").symlink_to(secret)
    done = works.job("importJob", **attributes)
    assert done["status"] == "Failed"
    assert reason in done["errorLog"]
    assert works.http.get(f"{CATALOG}/v5/category").json() == []


@contextmanager
def served(status: int, body: bytes) -> Iterator[str]:
    """A neighbour that answers so; its host and port."""

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("location", "http://127.0.0.1:9/")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            return None

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "ends", "log"),
    [(200, "Succeeded", ""), (302, "Failed", "answered 302"), (503, "Failed", "answered 503")],
)
def test_a_named_host_is_asked_and_its_outage_waited_for(
    works: Works, status: int, ends: str, log: str
) -> None:
    with served(status, lines(category(1))) as host:
        works.open((host,))
        done = works.job("importJob", url=f"http://{host}/c.ndjson", path="/category")
    assert (done["status"], log in done.get("errorLog", "")) == (ends, True)


def test_a_job_that_is_run_twice_makes_nothing_twice(works: Works) -> None:
    (works.folder / "c.ndjson").write_bytes(lines({"@type": "Category", "name": "x"}))
    made = works.http.post(
        f"{CATALOG}/v5/importJob",
        json={"@type": "ImportJob", "url": "file:c.ndjson", "path": "/category"},
    ).json()
    body = json.dumps({"resource": "importJob", "id": made["id"]})
    fact = Fact(1, "f", "north", ERRAND, made["id"], "me", "", 0, body, f"{ERRAND}:desk", 0)
    for number in range(3):
        works.teller._run(fact)
        shown = works.http.get(made["href"]).json()
        assert (shown["status"], shown["progress"]["created"]) == ("Succeeded", 1), number
    assert len(works.http.get(f"{CATALOG}/v5/category").json()) == 1


def test_a_create_under_a_monitor_is_accepted_and_comes_to_its_end_there(works: Works) -> None:
    body = {"@type": "Resource", "name": "port", "category": "access", "vendor": [1]}
    key = {"idempotency-key": "k"}
    answer = works.http.post(f"{ACTIVATION}/resource", json=body, headers=key)
    assert answer.status_code == 202
    seen = answer.json()
    assert (seen["state"], seen["href"]) == ("InProgress", answer.headers["location"])
    assert json.loads(seen["request"]["body"]) == body
    assert works.http.get(f"{ACTIVATION}/resource").json() == []
    again = works.http.post(f"{ACTIVATION}/resource", json=body, headers=key)
    assert (again.status_code, again.json()["id"]) == (202, seen["id"])
    works.run()
    over = works.http.get(answer.headers["location"]).json()
    assert (over["state"], over["response"]["statusCode"]) == ("Completed", "201")
    made = works.http.get(over["sourceHref"])
    assert made.status_code == 200
    assert json.loads(over["response"]["body"]) == made.json()
    assert len(works.http.get(f"{ACTIVATION}/resource").json()) == 1


def test_what_is_wrong_is_refused_at_once_or_seen_at_the_monitor(works: Works) -> None:
    wrong = works.http.post(f"{ACTIVATION}/resource", json={"name": 1})
    assert wrong.status_code == 400
    answer = works.http.post(f"{ACTIVATION}/resource", json={"name": "refused"})
    assert answer.status_code == 202
    works.run()
    over = works.http.get(answer.headers["location"]).json()
    assert (over["state"], over["response"]["statusCode"]) == ("InError", "422")
    told = json.loads(over["response"]["body"])
    assert (told["code"], told["findings"][0]["path"]) == ("deviceSaysNo", "name")
    refusing = works.http.post(f"{ACTIVATION}/monitor", json={})
    assert (refusing.status_code, refusing.headers["allow"]) == (405, "GET, HEAD")


def test_every_errand_belongs_to_its_tenant(works: Works) -> None:
    (works.folder / "c.ndjson").write_bytes(lines(category(1)))
    job = {"@type": "ImportJob", "url": "file:c.ndjson", "path": "/category"}
    south = {"x-tenant": "south"}
    made = works.http.post(f"{CATALOG}/v5/importJob", json=job, headers=south)
    works.run()
    assert works.http.get(made.json()["href"]).status_code == 404
    assert "can't be read" in works.http.get(made.json()["href"], headers=south).json()["errorLog"]


def test_places_say_what_a_url_may_be(tmp_path: Path) -> None:
    places = Places(tmp_path, ("friend.example",))
    for url in ("http://friend.example/x", "file:x/../../y", "http://[::1", "x\x00y"):
        with pytest.raises(Refused), places.writing("north", url):
            pass
    with places.writing("north", "file:a/b.csv") as out:
        out.write(b"x")
        assert not (tmp_path / "north/a/b.csv").exists()
    assert (tmp_path / "north/a/b.csv").read_bytes() == b"x"
