"""``banyan demo``: plays, proves, reports, and fails when a step does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from banyan.demo.story import steps
from tests.cli.running import WITHIN_S, banyan, environment


def test_the_story_plays_and_every_step_proves_itself(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    elsewhere = {"BANYAN_SETTINGS": str(tmp_path / "of-somebody-else.yaml")}
    told = banyan("demo", "--exit", "--report", report, "--data", tmp_path / "demo", **elsewhere)
    assert told.returncode == 0, told.stdout + told.stderr
    rows = json.loads(report.read_text("utf-8"))["steps"]
    assert [row["what"] for row in rows] == [what for what, _ in steps()]
    for row in rows:
        assert row.keys() == {"what", "took_ms", "ok", "evidence"}
        assert row["ok"] is True
        assert row["evidence"]
        assert row["what"] in told.stdout


def test_a_step_that_fails_ends_the_story_with_one(tmp_path: Path) -> None:
    report, folder = tmp_path / "report.json", tmp_path / "demo"
    command = [sys.executable, "-m", "banyan.cli", "demo", "--exit"]
    with subprocess.Popen(
        [*command, "--report", str(report), "--data", str(folder)],
        env=environment(PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        text=True,
    ) as told:
        assert told.stdout is not None
        next(line for line in told.stdout if "Banyan serves" in line)
        children = Path(f"/proc/{told.pid}/task/{told.pid}/children").read_text("utf-8")
        for child in children.split():
            os.kill(int(child), signal.SIGKILL)
        told.stdout.read()
        assert told.wait(WITHIN_S) == 1
    rows = json.loads(report.read_text("utf-8"))["steps"]
    assert [row["ok"] for row in rows] == [True] * (len(rows) - 1) + [False]
    assert "Error" in rows[-1]["evidence"]


def test_a_folder_that_is_not_a_demos_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine", "utf-8")
    told = banyan("demo", "--exit", "--data", tmp_path)
    assert told.returncode == 1
    assert "holds something that is not a demo's" in told.stderr
    assert (tmp_path / "precious.txt").read_text("utf-8") == "mine"
