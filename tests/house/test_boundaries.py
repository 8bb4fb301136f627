"""The import contracts of pyproject.toml hold, and each one bites.

Every test but the first runs the same contracts over a small skeleton of the house, in which one
import is planted that the house forbids (or, to be sure of the opposite, allows).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("cli", "demo", "gateway", "journeys", "components", "tmf", "kernel")
PURE = ("contract", "events", "model", "policy", "wire")
FILES = (*PURE, "store", "service", "reactions", "api", "component")

FLOOR = "1 floors"
KERNEL = "1 floors: inside the kernel"
DEMO = "1 floors: demo meets the house over HTTP"
INSIDE = "2 inside a room"
DOORS = "3 doors"
JOURNEYS = "4 no inner rooms: journeys know contracts and events"
GATEWAY = "4 no inner rooms: the gateway knows no room"
ALONE = "5 contracts stand alone: kernel words only"
BY_ID = "5 contracts stand alone: other rooms by typed id"
ACYCLIC = "6 calls are acyclic"
PURE_CORE = "7 pure core"
EVERY = {
    FLOOR,
    KERNEL,
    DEMO,
    INSIDE,
    DOORS,
    JOURNEYS,
    GATEWAY,
    ALONE,
    BY_ID,
    ACYCLIC,
    PURE_CORE,
}

ENGINE = "from banyan.kernel.engine import db\n"
ROOM = "from banyan.components."


def _add(root: Path, module: str, line: str = "") -> None:
    path = root / "banyan" / f"{module.replace('.', '/')}.py"
    package = root / "banyan" / module.replace(".", "/")
    if package.is_dir():
        path = package / "__init__.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(line)


def _skeleton(root: Path) -> None:
    """A small house in which everybody imports what the house wants imported."""
    shutil.copy(ROOT / "pyproject.toml", root)
    packages = [*FLOORS, "kernel.engine", "kernel.words", "components.left", "components.right"]
    for package in ["", *packages]:
        path = root / "banyan" / package.replace(".", "/")
        path.mkdir(parents=True, exist_ok=True)
        (path / "__init__.py").touch()
    for module in ("kernel.words.ids", "kernel.engine.clock", "tmf.shapes"):
        _add(root, module)
    _add(root, "kernel.engine.db", "import sqlite3\nfrom banyan.kernel.words import ids\n")
    _add(root, "tmf.kit", ENGINE + "import starlette\n")
    for room in ("left", "right"):
        for file in FILES:
            _add(root, f"components.{room}.{file}", "from banyan.kernel.words import ids\n")
        own = f"{ROOM}{room} import "
        _add(root, f"components.{room}.wire", "from banyan.tmf import shapes\n")
        _add(root, f"components.{room}.store", ENGINE + f"{own}model, wire\n")
        _add(root, f"components.{room}.service", ENGINE + f"{own}policy, store, contract\n")
        _add(root, f"components.{room}.api", f"from banyan.tmf import kit\n{own}service\n")
        _add(root, f"components.{room}.component", f"{own}api, reactions\n")
    _add(
        root,
        "journeys.story",
        ENGINE + f"{ROOM}left.contract import ids\n{ROOM}right import events\n",
    )
    _add(root, "gateway.door", "from banyan.tmf import kit\n")
    _add(root, "wiring", f"from banyan import gateway, journeys\n{ROOM}left import component\n")
    _add(root, "cli", "from banyan import wiring, demo\n")


def _broken(root: Path) -> set[str]:
    """The names of the contracts that ``root`` breaks, after checking that all were asked."""
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    run = subprocess.run(
        [sys.executable, "-c", command, "--no-cache", "--no-logo"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = dict(re.findall(r"^(\d .+) (KEPT|BROKEN)\b", run.stdout, re.MULTILINE))
    assert verdicts.keys() >= EVERY, run.stdout + run.stderr
    assert run.returncode == ("BROKEN" in verdicts.values())
    return {name for name, verdict in verdicts.items() if verdict == "BROKEN"}


def test_the_real_house_keeps_every_contract() -> None:
    run = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


PLANTED = {
    "a lower floor imports no higher one": (
        "kernel.engine.db",
        "from banyan.tmf import shapes\n",
        {FLOOR},
    ),
    "gateway and journeys don't know each other": (
        "gateway.door",
        "from banyan import journeys\n",
        {FLOOR},
    ),
    "a new floor is drawn before it is built": (
        "shared",
        "",
        {FLOOR},
    ),
    "the kernel's words know no engine": (
        "kernel.words.other",
        "from banyan.kernel.engine import clock\n",
        {KERNEL, PURE_CORE},
    ),
    "the demo speaks HTTP, not Python": (
        "demo.story",
        "from banyan.kernel.engine import clock\n",
        {DEMO},
    ),
    "a policy does not read the store": (
        "components.left.policy",
        f"{ROOM}left import store\n",
        {INSIDE, PURE_CORE},
    ),
    "a store does not call the service": (
        "components.left.store",
        f"{ROOM}left import events, api\n",
        {INSIDE},
    ),
    "a room has no file of another name": (
        "components.left.helpers",
        "",
        {INSIDE},
    ),
    "another room's model stays inside": (
        "components.left.service",
        f"{ROOM}right import model\n",
        {DOORS},
    ),
    "a policy asks nobody": (
        "components.left.policy",
        f"{ROOM}right import contract\n",
        {DOORS},
    ),
    "a room is entered by its doors, not by its package": (
        "components.left.service",
        "from banyan.components import right\n",
        {DOORS},
    ),
    "a journey knows no service": (
        "journeys.story",
        f"{ROOM}left import service\n",
        {JOURNEYS},
    ),
    "the gateway knows not even a contract": (
        "gateway.door",
        f"{ROOM}left import contract\n",
        {GATEWAY},
    ),
    "a contract knows no kit": (
        "components.left.contract",
        "from banyan.tmf import shapes\n",
        {ALONE},
    ),
    "an event knows no contract of another room": (
        "components.left.events",
        f"{ROOM}right import contract\n",
        {DOORS},
    ),
    "a contract names other rooms' things by id": (
        "components.left.contract",
        f"{ROOM}right import contract\n",
        {DOORS, BY_ID},
    ),
    "a model knows no clock": (
        "components.left.model",
        "import time\n",
        {PURE_CORE},
    ),
    "a policy rolls no dice": (
        "components.left.policy",
        "from random import choice\n",
        {PURE_CORE},
    ),
    "a pure file reaches no database through the kit": (
        "components.left.wire",
        "from banyan.tmf import kit\n",
        {PURE_CORE},
    ),
}


@pytest.mark.parametrize("rule", PLANTED)
def test_a_planted_import_breaks_the_contract_meant_for_it(rule: str, tmp_path: Path) -> None:
    module, line, expected = PLANTED[rule]
    _skeleton(tmp_path)
    _add(tmp_path, module, line)
    assert _broken(tmp_path) == expected


def test_rooms_ask_each_other_in_no_circle(tmp_path: Path) -> None:
    _skeleton(tmp_path)
    _add(tmp_path, "components.left.service", f"{ROOM}right import contract as right\n")
    _add(tmp_path, "components.right.reactions", f"{ROOM}left.contract import ids as left\n")
    assert _broken(tmp_path) == {ACYCLIC}


def test_rooms_listen_to_each_other_in_a_circle_and_ask_one_way(tmp_path: Path) -> None:
    _skeleton(tmp_path)
    _add(tmp_path, "components.left.reactions", f"{ROOM}right import events as right\n")
    _add(tmp_path, "components.right.reactions", f"{ROOM}left.events import ids as left\n")
    _add(tmp_path, "components.left.service", f"{ROOM}right.contract import ids as right\n")
    assert _broken(tmp_path) == set()


def test_what_grows_becomes_a_folder_of_the_same_name(tmp_path: Path) -> None:
    _skeleton(tmp_path)
    for module in ("contract", "events", "service"):
        grown = tmp_path / "banyan" / "components" / "left" / module
        (grown / "__init__.py").parent.mkdir()
        grown.with_suffix(".py").rename(grown / "__init__.py")
        _add(tmp_path, f"components.left.{module}.part")
    _add(tmp_path, "components.right.service", f"{ROOM}left.contract import part\n")
    _add(tmp_path, "components.right.reactions", f"{ROOM}left.events import part\n")
    _add(tmp_path, "components.left.service.part", f"{ROOM}right import events\n")
    _add(tmp_path, "journeys.story", f"{ROOM}left.contract import part\n")
    assert _broken(tmp_path) == set()
