"""``banyan demo``: start a house of its own, play the story over HTTP, keep serving."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer

from banyan.kernel.words.errors import refused

FOLDER = Path("banyan-data/demo")
MARK = ".banyan-demo"
START_S = 120.0


def demo(
    exit_after: Annotated[bool, typer.Option("--exit", help="End after the story.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write what happened as JSON into this file.")
    ] = None,
    data: Annotated[Path, typer.Option(help="Folder of the demo; emptied first.")] = FOLDER,
) -> None:
    """Start a house in a fresh folder, play the story over HTTP, and keep serving."""
    import httpx
    import msgspec
    from rich.console import Console

    from banyan.demo.stage import play
    from banyan.demo.story import steps

    console = Console()
    _clear(data)
    house = _start(data)
    try:
        url = _wait(house, data, httpx)
        console.print(f"[bold]Banyan[/] serves [link]{url}[/] out of {data}\n")
        token = (data / "admin.token").read_text("utf-8").strip()
        rows = play(url, token, data / "devices" / "default", console)
        if report is not None:
            report.write_bytes(msgspec.json.format(msgspec.json.encode({"steps": rows})))
        is_whole = len(rows) == sum(1 for _ in steps()) and all(row["ok"] for row in rows)
        if exit_after or not is_whole:
            raise typer.Exit(0 if is_whole else 1)
        _say_next(console, url, data)
        house.wait()
    except KeyboardInterrupt:
        console.print("\nleaving; the demo's data stay in", str(data))
    finally:
        _stop(house)


def _clear(data: Path) -> None:
    """Empty the demo's own folder; refuse to touch anybody else's."""
    if data.exists():
        if any(data.iterdir()) and not (data / MARK).exists():
            reason = f"{data} holds something that is not a demo's; name another folder"
            raise refused("rule", "foreignFolder", reason, "--data")
        shutil.rmtree(data)
    data.mkdir(parents=True)
    (data / MARK).touch()


def _start(data: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "banyan.cli", "run", "--data", str(data)]
    with (data / "house.log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)


def _wait(house: subprocess.Popen[bytes], data: Path, httpx: Any) -> str:
    """Where the house is, once it answers."""
    bell = Event()
    for _ in range(int(START_S / 0.05)):
        if house.poll() is not None:
            break
        try:
            url = (data / "url").read_text("utf-8").strip()
            httpx.get(f"{url}/healthz", timeout=5, trust_env=False).raise_for_status()
        except (OSError, httpx.HTTPError):
            bell.wait(0.05)
            continue
        return url
    log = (data / "house.log").read_text("utf-8", "replace")
    raise refused("rule", "noHouse", f"the house did not come up:\n{log[-2000:]}")


def _stop(house: subprocess.Popen[bytes]) -> None:
    if house.poll() is None:
        house.send_signal(signal.SIGINT)
        try:
            house.wait(30)
        except subprocess.TimeoutExpired:
            house.kill()


def _say_next(console: Any, url: str, data: Path) -> None:
    console.print(f"""
[bold]The house keeps serving.[/] Open [link]{url}[/] or try, in another terminal:

  export BANYAN_DATA={data}
  .venv/bin/banyan order watch --help
  curl -sH "Authorization: Bearer $(cat {data}/admin.token)" \\
       "{url}/tmf-api/productInventory/v4/product?fields=name,status"
  cat {data}/devices/default/olt-1.json

Ctrl-C ends it.""")
