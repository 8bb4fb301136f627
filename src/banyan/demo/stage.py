"""Plays a story with live progress, prints each step's proof, and reports it as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import httpx
from rich.console import Console
from rich.text import Text

from banyan.demo.story import Story, steps
from banyan.demo.visitor import Listener, Unexpected, Visitor


def play(url: str, token: str, devices: Path, console: Console) -> list[dict[str, Any]]:
    """Play the story; one row a step: what, took_ms, ok, evidence. Stops at the first failure."""
    visitor, listener = Visitor(url, token), Listener()
    try:
        return list(_play(Story(visitor, listener, devices), console))
    finally:
        listener.close()
        visitor.close()


def _play(story: Story, console: Console) -> Iterator[dict[str, Any]]:
    for number, (what, act) in enumerate(steps(), 1):
        began_ns = perf_counter_ns()
        with console.status(f"{number:2} {what} …"):
            is_ok, evidence = _act(act, story)
        took_ms = (perf_counter_ns() - began_ns) // 1_000_000
        mark = Text("✔", "green") if is_ok else Text("✘", "bold red")
        told = Text(f"{number:2} {what}", "bold"), Text(f"{took_ms} ms", "dim")
        console.print(mark, *told, soft_wrap=True)
        console.print(Text(f"     {evidence}", "cyan" if is_ok else "red"), soft_wrap=True)
        yield {"what": what, "took_ms": took_ms, "ok": is_ok, "evidence": evidence}
        if not is_ok:
            return


def _act(act: Callable[[Story], str], story: Story) -> tuple[bool, str]:
    try:
        return True, act(story)
    except (Unexpected, LookupError, OSError, httpx.HTTPError) as error:
        return False, f"{type(error).__name__}: {error}"
