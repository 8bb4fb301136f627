"""The README's tour is walked: its blocks run in one shell against a house started for them.

A comment ``# → some words … more words`` in a block says what the command above it must print: the
pieces between the ellipses, in their order.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reals import note_missing

ROOT = Path(__file__).resolve().parents[2]
MARK = "# → "
END = "-- end of step --"
WITHIN_S = 60


def tour_blocks() -> list[str]:
    """The shell blocks of the README's tour, in order."""
    text = (ROOT / "README.md").read_text("utf-8")
    tour = text.split("## A five-minute tour\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^```bash\n(.*?)^```", tour, re.DOTALL | re.MULTILINE)


def steps_of(block: str) -> Iterator[tuple[str, list[str]]]:
    """Commands, and the lines that say what they must print."""
    commands: list[str] = []
    wanted: list[str] = []
    for line in block.splitlines():
        if line.startswith(MARK):
            wanted.append(line.removeprefix(MARK))
            continue
        if wanted:
            yield "\n".join(commands), wanted
            commands, wanted = [], []
        commands.append(line)
    if "".join(commands).strip():
        yield "\n".join(commands), wanted


def is_in_order(wanted: str, printed: str) -> bool:
    """Whether the pieces of ``wanted`` stand in ``printed``, one after the other."""
    at = 0
    for piece in wanted.split(" … "):
        found = printed.find(piece.strip(), at)
        if found < 0:
            return False
        at = found + len(piece.strip())
    return True


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder in which the tour's relative paths lead to this checkout and this Python."""
    (tmp_path / "src").symlink_to(ROOT / "src")
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parents[1])
    return tmp_path


@pytest.fixture
def house(place: Path) -> Iterator[Path]:
    """The house of the tour's first block; the folder to go on in."""
    command = tour_blocks()[0].strip()
    assert "\n" not in command
    environment = {k: v for k, v in os.environ.items() if not k.startswith("BANYAN_")}
    with (place / "house.log").open("wb") as log:
        running = subprocess.Popen(
            command.split(), cwd=place, stdout=log, stderr=subprocess.STDOUT, env=environment
        )
    try:
        url = place / "banyan-data" / "tour" / "url"
        waiting = f"until test -s {url}; do sleep 0.05; done"
        subprocess.run(["bash", "-c", waiting], timeout=WITHIN_S, check=True)
        yield place
    finally:
        running.send_signal(signal.SIGINT)
        assert running.wait(WITHIN_S) == 0, (place / "house.log").read_text("utf-8")


def test_the_tour_of_the_readme_does_what_it_says(house: Path) -> None:
    if shutil.which("curl") is None:
        note_missing("curl, to walk the tour of the README")
        return
    steps = [step for block in tour_blocks()[1:] for step in steps_of(block)]
    assert len(steps) > 15, "the tour has lost its steps"
    script = "\n".join(f"{commands}\necho '{END}'" for commands, _ in steps)
    told = subprocess.run(
        ["timeout", str(WITHIN_S), "bash", "-u", "-c", script],
        cwd=house,
        capture_output=True,
        text=True,
        check=False,
    )
    printed = told.stdout.split(f"{END}\n")
    for (commands, wanted), output in zip(steps, printed, strict=False):
        for words in wanted:
            assert is_in_order(words, output), f"{commands}\nprinted\n{output}\n, not\n{words}"
    assert len(printed) == len(steps) + 1, told.stdout + told.stderr
    assert not told.stderr, told.stderr


def test_the_pieces_of_an_expectation_are_looked_for_in_their_order() -> None:
    assert is_in_order("one … two", "one, then two")
    assert not is_in_order("two … one", "one, then two")
    assert not is_in_order("one … one", "one, then two")


def test_an_expectation_belongs_to_the_commands_above_it() -> None:
    block = "a\nb\n# → x\n# → y\nc\n# → z\nd\n"
    assert list(steps_of(block)) == [("a\nb", ["x", "y"]), ("c", ["z"]), ("d", [])]
