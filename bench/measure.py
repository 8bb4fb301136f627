"""How benchmarks measure: interleaved rounds, medians, the conditions of the run, a written result.

Absolute numbers belong to the machine; read ratios.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"
ROOT = Path(__file__).parents[1]
ROUNDS = 7
SYNCS = 200
SYNC_BYTES = 4096
DATABASE = (
    "SQLite, WAL, synchronous=FULL, one process per side; our rows of a plan's mere progress "
    "(done, completed) are committed at NORMAL: the rooms' answers, at FULL, can give them again"
)
"""What the runner's benchmarks stand on, told with every figure."""


@dataclass(frozen=True)
class Result:
    """One number beside its reference, from the same run. ``ratio`` is how often ours is better."""

    name: str
    what: str
    value: float
    unit: str
    reference: float
    reference_name: str
    ratio: float
    target: float
    lower_is_better: bool
    conditions: Mapping[str, Any]

    @property
    def is_met(self) -> bool:
        """Whether the ratio is at least the target."""
        return self.ratio >= self.target


class Subject:
    """A program being measured: a line of JSON in, one line of JSON out."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.facts: dict[str, Any] = self._hear()

    def do(self, **wanted: Any) -> Any:
        """What the program answers to ``wanted``."""
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps(wanted) + "\n")
        self._child.stdin.flush()
        return self._hear()

    def _hear(self) -> Any:
        assert self._child.stdout is not None
        for line in self._child.stdout:
            if line.startswith("{"):
                return json.loads(line)
        raise RuntimeError(f"{self._child.args!r} ended without an answer")

    def close(self) -> None:
        """End the program by ending its input."""
        assert self._child.stdin is not None
        self._child.stdin.close()
        self._child.wait(60)

    def stop(self) -> None:
        """End the program by signal: for servers, which have no input."""
        self._child.terminate()
        self._child.wait(60)

    @property
    def cpu_s(self) -> float:
        """Seconds of processor time the program has taken so far."""
        text = Path(f"/proc/{self._child.pid}/stat").read_text("utf-8")
        user, system = text.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def say(facts: Mapping[str, Any]) -> None:
    """What a subject says first: that it is ready, and what is good to know about it."""
    print(json.dumps(facts), flush=True)


def serve(facts: Mapping[str, Any], answer: Any) -> None:
    """The other end of :class:`Subject`: answer every line of standard input until it ends."""
    say(facts)
    for line in sys.stdin:
        print(json.dumps(answer(**json.loads(line))), flush=True)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for the databases of one run, on the disk that is measured."""
    with tempfile.TemporaryDirectory(prefix="banyan-bench-") as name:
        yield Path(name)


def sync_times_ms(folder: Path) -> list[float]:
    """Milliseconds of appending four kilobytes and ``fdatasync``, sorted."""
    path = folder / "sync"
    block = os.urandom(SYNC_BYTES)
    found = []
    handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        for _ in range(SYNCS):
            began = time.perf_counter()
            os.write(handle, block)
            os.fdatasync(handle)
            found.append((time.perf_counter() - began) * 1000)
    finally:
        os.close(handle)
        path.unlink()
    return sorted(found)


def conditions(syncs_ms: Sequence[float], **more: Any) -> dict[str, Any]:
    """What a number must be read with."""
    ordered = sorted(syncs_ms)
    return {
        "python": platform.python_version(),
        "cpu_count": os.cpu_count(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "sqlite_version": sqlite3.sqlite_version,
        "fdatasync_p50_ms": round(ordered[len(ordered) // 2], 3),
        "fdatasync_p99_ms": round(ordered[len(ordered) * 99 // 100], 3),
        "measured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        **more,
    }


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Median and extremes of the rounds."""
    return {
        "median": round(statistics.median(values), 4),
        "lowest": round(min(values), 4),
        "highest": round(max(values), 4),
        "rounds": len(values),
    }


def keep(result: Result) -> None:
    """Write a result to ``bench/results``."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{result.name}.json"
    path.write_text(json.dumps(asdict(result) | {"is_met": result.is_met}, indent=2) + "\n")


def show(results: Sequence[Result]) -> None:
    """Print results as a table."""
    table = Table(title=None, header_style="bold")
    for column in ("benchmark", "ours", "reference", "ratio", "target", ""):
        table.add_column(column, justify="left" if column in ("benchmark", "") else "right")
    for result in results:
        table.add_row(
            f"{result.name}\n[dim]{result.what}[/dim]",
            f"{result.value:,.3f} {result.unit}",
            f"{result.reference:,.3f} {result.unit}\n[dim]{result.reference_name}[/dim]",
            f"{result.ratio:.2f} x",
            f"{result.target:g} x",
            "met" if result.is_met else "[red]missed[/red]",
        )
    Console(width=max(100, Console().width)).print(table)
    if results:
        told = results[-1].conditions
        print(", ".join(f"{name} {value}" for name, value in told.items() if name != "rounds"))
