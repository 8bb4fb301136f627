"""The tutorial of a new offer is walked as the README's tour is: block by block, in one shell."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.test_tour import END, ROOT, WITHIN_S, is_in_order, place, steps_of
from tests.reals import note_missing

__all__ = ["place"]

PAGE = ROOT / "docs" / "tutorial-offer.md"
LONG_S = 3 * WITHIN_S


def blocks() -> list[str]:
    """The shell blocks of the page, in order."""
    return re.findall(r"^```bash\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture
def house(place: Path) -> Iterator[Path]:
    """The house of the first block; the folder to go on in."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("BANYAN_")}
    command = blocks()[0].split()
    with (place / "house.log").open("wb") as log:
        running = subprocess.Popen(
            command, cwd=place, stdout=log, stderr=subprocess.STDOUT, env=environment
        )
    try:
        url = place / "banyan-data" / "tutorial" / "url"
        waiting = f"until test -s {url}; do sleep 0.05; done"
        subprocess.run(["bash", "-c", waiting], timeout=WITHIN_S, check=True)
        yield place
    finally:
        running.send_signal(signal.SIGINT)
        assert running.wait(WITHIN_S) == 0, (place / "house.log").read_text("utf-8")


def test_the_tutorial_does_what_it_says(house: Path) -> None:
    if shutil.which("curl") is None:
        note_missing("curl, to walk the tutorial of a new offer")
        return
    steps = [step for block in blocks()[1:] for step in steps_of(block)]
    assert len(steps) > 15, "the tutorial has lost its steps"
    script = "\n".join(f"{commands}\necho '{END}'" for commands, _ in steps)
    told = subprocess.run(
        ["timeout", str(LONG_S), "bash", "-u", "-c", script],
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
