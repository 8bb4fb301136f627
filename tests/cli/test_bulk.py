"""``banyan bulk``: files in, files out; told what was refused, and going on where it stopped."""

from __future__ import annotations

import csv
import json
import signal
import socket
import threading
from pathlib import Path
from typing import Any

from banyan.cli.bulk import find_path
from banyan.kernel.words.codec import from_json
from banyan.tmf.bulk.parts import CSV, NDJSON, chunks
from tests.cli.conftest import Shop
from tests.cli.running import banyan, running
from tests.cli.shop import ORDERS

PEOPLE = "/tmf-api/partyManagement/v5/individual"


def person(n: int) -> dict[str, Any]:
    return {"@type": "Individual", "givenName": f"n{n}", "familyName": "Bulk", "n": n}


def write(path: Path, *bodies: Any) -> Path:
    path.write_text("".join(json.dumps(body) + "\n" for body in bodies), "utf-8")
    return path


def read(path: Path) -> list[Any]:
    return [from_json(line) for line in path.read_bytes().splitlines()]


def test_what_is_refused_is_told_by_line_and_begun_again_makes_nothing_twice(
    shop: Shop, tmp_path: Path
) -> None:
    told = {"BANYAN_DATA": str(shop.house.folder)}
    file = write(tmp_path / "some people.ndjson", person(1), {"@type": "Individual"}, person(2))
    done = banyan("bulk", "import", "individual", file, **told)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "2 created, 1 refused" in done.stdout
    assert "line 2: familyName: mandatory attribute is missing [missing]" in done.stderr
    (error,) = read(file.with_name("some people.ndjson.errors"))
    assert (error["line"], error["status"]) == (2, "400")
    again = banyan("bulk", "import", "TMF632/individual", file, **told)
    assert "was imported already: 2 created, 1 refused" in again.stdout
    fresh = banyan("bulk", "import", "individual", file.rename(tmp_path / "new.jsonl"), **told)
    assert "2 created, 1 refused" in fresh.stdout


def test_a_csv_export_is_imported_into_another_house(shop: Shop, tmp_path: Path) -> None:
    told = {"BANYAN_DATA": str(shop.house.folder)}
    for name in ("specs.csv", "specs.ndjson"):
        out = banyan("bulk", "export", "serviceSpecification", tmp_path / name, **told)
        assert out.returncode == 0, out.stderr
    specs = read(tmp_path / "specs.ndjson")
    assert len(specs) > 1
    with (tmp_path / "specs.csv").open(encoding="utf-8", newline="") as sheet:
        rows = list(csv.DictReader(sheet))
    assert [row["id"] for row in rows] == [spec["id"] for spec in specs]
    with running(tmp_path / "other") as other:
        there = {"BANYAN_DATA": str(other.folder)}
        into = banyan(
            "bulk", "import", "serviceSpecification", tmp_path / "specs.csv", "--keep-ids", **there
        )
        assert into.returncode == 0, into.stderr + into.stdout
        out = banyan("bulk", "export", "serviceSpecification", tmp_path / "back.ndjson", **there)
        assert out.returncode == 0, out.stderr
    back = read(tmp_path / "back.ndjson")
    for here, found in zip(_without(specs), _without(back), strict=True):
        assert found == here


_ANEW = ("lastUpdate", "lifecycleHistory")


def _without(documents: list[Any]) -> list[Any]:
    """All but what a house sets anew."""
    return [{k: v for k, v in each.items() if k not in _ANEW} for each in documents]


def test_orders_of_a_file_are_captured_by_the_rooms_own_command(shop: Shop, tmp_path: Path) -> None:
    told = {"BANYAN_DATA": str(shop.house.folder)}
    bad = {"@type": "ProductOrder", "productOrderItem": [
        {"@type": "ProductOrderItem", "id": "1", "action": "add",
         "productOffering": {"@type": "ProductOfferingRef", "id": "nothing"}}]}  # fmt: skip
    before = len(shop.visitor.get(ORDERS))
    done = banyan("bulk", "import", "productOrder", write(tmp_path / "o.jsonl", bad), **told)
    assert (done.returncode, "0 created, 1 refused" in done.stdout) == (1, True)
    assert "unknownOffering" in done.stderr
    assert len(shop.visitor.get(ORDERS)) == before


def test_mistakes_are_told_before_anything_is_sent(shop: Shop, tmp_path: Path) -> None:
    told = {"BANYAN_DATA": str(shop.house.folder)}
    file = write(tmp_path / "x.ndjson", {})
    wrong: list[tuple[Any, ...]] = [
        ("nothing", file), ("resource", file), ("individual", tmp_path / "x.txt"),
        ("individual", tmp_path / "gone.csv"),
    ]  # fmt: skip
    for arguments in wrong:
        done = banyan("bulk", "import", *arguments, **told)
        assert (done.returncode, "[" in done.stderr) == (1, True), done.stderr
    assert find_path("TMF629/v4/customer") == "/tmf-api/customerManagement/v4/bulk/customer"
    assert find_path("TMF639/resource").endswith("/v5/bulk/resource")


def test_a_file_is_cut_between_its_records(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    rows = [f'{n},"two\nlines"' for n in range(2_500)]
    path.write_text("a,b\n" + "\n".join(rows), "utf-8")
    with path.open("rb") as opened:
        parts = list(chunks(opened, CSV))
    assert [part.line for part in parts] == [2, *[part.following for part in parts[:-1]]]
    assert parts[-1].following == 2 + 5_000
    assert b"".join(part.body.removeprefix(b"a,b\n") for part in parts).decode() == "\n".join(rows)
    with write(tmp_path / "y.ndjson", *range(2_500)).open("rb") as opened:
        assert [part.is_last for part in chunks(opened, NDJSON)] == [False, False, True]


def test_an_import_whose_house_is_killed_goes_on_and_makes_nothing_twice(tmp_path: Path) -> None:
    count, folder = 8_000, tmp_path / "home"
    file = write(tmp_path / "people.ndjson", *[person(n) for n in range(count)])
    told = {"BANYAN_DATA": str(folder)}
    with socket.socket() as free:  # a port nobody takes when this house is dead
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with running(folder, "--port", port) as house:
        ended = threading.Event()

        def kill() -> None:
            import httpx

            auth = {"authorization": f"Bearer {house.token}"}
            while not ended.wait(0.05):
                at = {"limit": 0}
                seen = httpx.get(f"{house.url}{PEOPLE}", params=at, headers=auth, timeout=30)
                if int(seen.headers["x-total-count"]) > 1_000:
                    house.program.send_signal(signal.SIGKILL)
                    return

        killer = threading.Thread(target=kill)
        killer.start()
        first = banyan("bulk", "import", "individual", file, **told)
        ended.set()
        killer.join()
        assert house.program.wait(30) == -signal.SIGKILL
        assert first.returncode == 2, first.stdout + first.stderr
    with running(folder, "--port", port, log="again.log"):
        second = banyan("bulk", "import", "individual", file, **told)
        assert second.returncode == 0, second.stderr
        assert "goes on at line" in second.stdout
        assert f"{count} created, 0 refused" in second.stdout
        out = banyan("bulk", "export", "individual", tmp_path / "out.ndjson", **told)
        assert out.returncode == 0, out.stderr
    assert [each["n"] for each in read(tmp_path / "out.ndjson")] == list(range(count))
