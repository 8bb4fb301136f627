"""Commands that ask a running house: what they print, and how they end when it says no."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from banyan.demo.visitor import Unexpected
from tests.cli.conftest import Shop
from tests.cli.running import banyan
from tests.cli.shop import CATALOG, ORDERS, PRODUCTS, set_lock

HEAVY = (
    "alembic", "banyan.tmf", "banyan.wiring", "httpx", "jsonschema_rs", "psycopg", "sqlalchemy",
    "starlette", "structlog", "uvicorn",
)  # fmt: skip
LOOK = """
import sys
from banyan.cli.main import app
try:
    app(sys.argv[1:])
except SystemExit as end:
    assert end.code == 0, end.code
print("heavy:", *[name for name in {heavy} if name in sys.modules])
"""


@pytest.mark.parametrize("arguments", ["--help", "run --help", "order watch --help"])
def test_help_imports_nothing_heavy(arguments: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", LOOK.format(heavy=HEAVY), *arguments.split()],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Usage: " in told.stdout
    assert told.stdout.splitlines()[-1].strip() == "heavy:"


def test_a_catalogue_with_a_mistake_is_refused_with_file_and_line_and_nothing_is_loaded(
    shop: Shop, tmp_path: Path
) -> None:
    good = "productSpecifications:\n  new-spec:\n    name: New\n"
    bad = "productOfferings:\n  new-offer:\n    product: new-spec\n    monthly: cheap\n  other: 7\n"
    (tmp_path / "good.yaml").write_text(good, "utf-8")
    (tmp_path / "bad.yaml").write_text(bad, "utf-8")
    told = banyan("catalog", "load", tmp_path, BANYAN_DATA=str(shop.house.folder))
    assert told.returncode == 1
    assert not told.stdout
    lines = told.stderr.splitlines()
    places = {line.split(": ")[0].rpartition(":")[0] for line in lines}
    assert places == {"bad.yaml:4", "bad.yaml:5"}
    with pytest.raises(Unexpected, match="404"):
        shop.visitor.get("/tmf-api/productCatalogManagement/v5/productSpecification/new-spec")


def test_loading_the_same_catalogue_again_changes_nothing(shop: Shop) -> None:
    told = banyan("catalog", "load", CATALOG, BANYAN_DATA=str(shop.house.folder))
    assert told.stdout == "Succeeded: 0 created, 0 changed, 10 unchanged\n"


def test_a_folder_that_is_none_or_holds_no_catalogue_is_refused(tmp_path: Path) -> None:
    for folder, said in ((tmp_path / "none", "is no folder"), (tmp_path, "no *.yaml file")):
        told = banyan("catalog", "load", folder)
        assert told.returncode == 1
        assert said in told.stderr
        assert "Traceback" not in told.stderr


def test_a_token_lets_its_holder_do_what_the_role_may(shop: Shop) -> None:
    folder = shop.house.folder
    made = banyan("token", "--role", "planner", "--actor", "paul", "--data", folder)
    token = made.stdout.strip()
    assert made.returncode == 0
    visitor = shop.house.visitor(token)
    assert visitor.get("/tmf-api/productCatalogManagement/v5/productOffering")
    with pytest.raises(Unexpected, match="403"):
        visitor.get(ORDERS)
    visitor.close()
    refused = banyan("order", "retry", "productorder-1", "--token", token, "--url", shop.house.url)
    assert refused.returncode == 1
    assert "the role planner may not GET BANYAN-OrderFallout" in refused.stderr


def test_a_token_of_another_tenant_sees_nothing_of_this_one(shop: Shop) -> None:
    arguments = ("--role", "admin", "--actor", "eve", "--tenant", "south")
    token = banyan("token", *arguments, "--data", shop.house.folder).stdout.strip()
    visitor = shop.house.visitor(token)
    assert visitor.get("/tmf-api/productCatalogManagement/v5/productOffering") == []
    visitor.close()


def test_a_role_nobody_knows_is_refused_with_those_there_are(tmp_path: Path) -> None:
    told = banyan("token", "--role", "king", "--actor", "paul", "--data", tmp_path)
    assert told.returncode == 1
    assert "no role is named king; there are admin, auditor" in told.stderr
    assert not list(tmp_path.iterdir())


def test_watch_prints_each_step_until_the_order_is_over(shop: Shop) -> None:
    order = shop.order("olt-1")
    told = banyan("order", "watch", order, BANYAN_DATA=str(shop.house.folder))
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    assert lines[-1] == "the order is completed"
    done = [line.split()[1] for line in lines if line.lstrip().startswith("done")]
    assert done[0] == "decompose"
    assert done[-1] == "complete"
    assert len(done) == len(set(done)) == 8
    once = banyan("order", "watch", order, "--once", BANYAN_DATA=str(shop.house.folder))
    assert once.stdout.splitlines()[-1] == "the order is completed"


def test_a_held_order_is_retried_by_command(shop: Shop) -> None:
    folder = str(shop.house.folder)
    set_lock(shop.visitor, "olt-2", "locked")
    order = shop.order("olt-2")
    held = banyan("order", "watch", order, BANYAN_DATA=folder)
    assert "held  1/configure/access-port" in held.stdout
    assert "the device olt-2 is locked" in held.stdout
    assert held.stdout.splitlines()[-1] == "the order is held"
    set_lock(shop.visitor, "olt-2", "unlocked")
    retried = banyan("order", "retry", order, "--reason", "open again", BANYAN_DATA=folder)
    assert retried.stdout.startswith("retry: 1/configure/access-port")
    watched = banyan("order", "watch", order, BANYAN_DATA=folder)
    assert watched.stdout.splitlines()[-1] == "the order is completed"
    again = banyan("order", "retry", order, BANYAN_DATA=folder)
    assert again.returncode == 1
    assert f"no step of {order} is held [notHeld]" in again.stderr


def test_a_held_step_is_skipped_by_command_and_needs_a_reason(shop: Shop) -> None:
    folder = str(shop.house.folder)
    set_lock(shop.visitor, "olt-2", "locked")
    order = shop.order("olt-2")
    banyan("order", "watch", order, BANYAN_DATA=folder)
    assert banyan("order", "skip", order, BANYAN_DATA=folder).returncode == 2
    for step in ("configure", "verify"):
        told = banyan("order", "skip", order, "--reason", "done by hand", BANYAN_DATA=folder)
        assert told.stdout.startswith(f"skip: 1/{step}/access-port"), told.stdout + told.stderr
        watched = banyan("order", "watch", order, BANYAN_DATA=folder)
    set_lock(shop.visitor, "olt-2", "unlocked")
    assert watched.stdout.splitlines()[-1] == "the order is completed"
    assert "done by hand" in watched.stdout


def test_a_held_order_is_cancelled_by_command_and_nothing_is_left(shop: Shop) -> None:
    folder = str(shop.house.folder)
    set_lock(shop.visitor, "olt-2", "locked")
    order = shop.order("olt-2")
    banyan("order", "watch", order, BANYAN_DATA=folder)
    told = banyan("order", "cancel", order, "--reason", "moves away", BANYAN_DATA=folder)
    assert told.stdout.startswith("cancelproductorder-"), told.stdout + told.stderr
    watched = banyan("order", "watch", order, BANYAN_DATA=folder)
    assert watched.stdout.splitlines()[-1] == "the order is cancelled"
    set_lock(shop.visitor, "olt-2", "unlocked")
    assert shop.visitor.get(PRODUCTS, **{"productOrderItem.orderId": order}) == []


def test_an_order_nobody_knows_is_refused_in_a_sentence(shop: Shop) -> None:
    told = banyan("order", "watch", "productorder-none", BANYAN_DATA=str(shop.house.folder))
    assert told.returncode == 1
    assert len(told.stderr.splitlines()) == 1
    assert "productorder-none" in told.stderr


def test_without_a_house_a_command_says_how_to_start_one(tmp_path: Path) -> None:
    told = banyan("order", "watch", "productorder-1", "--data", tmp_path)
    assert told.returncode == 1
    assert "is a house running (banyan run)?" in told.stderr
    gone = banyan("order", "watch", "o", "--url", "http://127.0.0.1:9", "--token", "t")
    assert gone.returncode == 2
    assert "no answer from http://127.0.0.1:9" in gone.stderr
    assert "Traceback" not in gone.stderr


def test_a_house_says_it_is_well_to_everybody(shop: Shop) -> None:
    assert httpx.get(f"{shop.house.url}/healthz").json()["status"] == "ok"
