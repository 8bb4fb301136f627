"""``banyan demo``: start a house of its own, play the story over HTTP, keep serving."""

from __future__ import annotations

import os
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
    folder: Annotated[
        Path, typer.Option("--data", help="Folder of the demo; emptied first.")
    ] = FOLDER,
) -> None:
    """Start a house in a fresh folder, play the story over HTTP, and keep serving."""
    import httpx
    import msgspec
    from rich.console import Console

    from banyan.demo.stage import play
    from banyan.demo.story import steps

    console = Console()
    _clear(folder)
    house = _start(folder)
    try:
        with console.status("starting a house, with databases of its own …"):
            url = _wait(house, folder, httpx)
        console.print(f"[bold]Banyan[/] serves [link]{url}[/] out of {folder}\n")
        token = (folder / "admin.token").read_text("utf-8").strip()
        rows = play(url, token, folder / "devices" / "default", console)
        if report is not None:
            report.write_bytes(msgspec.json.format(msgspec.json.encode({"steps": rows})))
        is_whole = len(rows) == sum(1 for _ in steps()) and all(row["ok"] for row in rows)
        if exit_after or not is_whole:
            raise typer.Exit(0 if is_whole else 1)
        _say_next(console, url, folder)
        house.wait()
    except KeyboardInterrupt:
        console.print("\nleaving; the demo's data stay in", str(folder))
    finally:
        _stop(house)


def _clear(folder: Path) -> None:
    """Empty the demo's own folder; refuse to touch anybody else's."""
    if folder.exists():
        if any(folder.iterdir()) and not (folder / MARK).exists():
            reason = f"{folder} holds something that is not a demo's; name another folder"
            raise refused("rule", "foreignFolder", reason, "--data")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARK).touch()


def _start(folder: Path) -> subprocess.Popen[bytes]:
    """The demo's house; what the environment says of somebody's own house is not for it."""
    command = [sys.executable, "-m", "banyan.cli", "run", "--data", str(folder)]
    own = {name: value for name, value in os.environ.items() if not name.startswith("BANYAN_")}
    with (folder / "house.log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=own)


def _wait(house: subprocess.Popen[bytes], folder: Path, httpx: Any) -> str:
    """Where the house is, once it answers."""
    bell = Event()
    for _ in range(int(START_S / 0.05)):
        if house.poll() is not None:
            break
        try:
            url = (folder / "url").read_text("utf-8").strip()
            httpx.get(f"{url}/healthz", timeout=5, trust_env=False).raise_for_status()
        except (OSError, httpx.HTTPError):
            bell.wait(0.05)
            continue
        return url
    log = (folder / "house.log").read_text("utf-8", "replace")
    raise refused("rule", "noHouse", f"the house did not come up:\n{log[-2000:]}")


def _stop(house: subprocess.Popen[bytes]) -> None:
    if house.poll() is None:
        house.send_signal(signal.SIGINT)
        try:
            house.wait(30)
        except subprocess.TimeoutExpired:
            house.kill()


def _say_next(console: Any, url: str, folder: Path) -> None:
    console.print(f"""
[bold]The house keeps serving.[/] Open [link]{url}[/] or try, in another terminal:

  export BANYAN_DATA={folder}
  .venv/bin/banyan order --help
  curl -sH "Authorization: Bearer $(cat {folder}/admin.token)" \\
       "{url}/tmf-api/productInventory/v4/product?fields=name,status"
  cat {folder}/devices/default/olt-1.json

Ctrl-C ends it.""")
