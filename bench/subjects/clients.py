"""Clients of a subject: each runs jobs one after another, a number of them at once."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from typing import Any

_numbers = itertools.count(1)


def run_jobs(job: Callable[[str], None], count: int, at_once: int) -> dict[str, Any]:
    """Run ``count`` jobs by ``at_once`` threads; milliseconds of each and seconds of all."""
    each_ms: list[float] = []
    left = iter(range(count))
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                if next(left, None) is None:
                    return
                name = f"j{next(_numbers)}"
            began = time.perf_counter()
            job(name)
            each_ms.append((time.perf_counter() - began) * 1000)

    began = time.perf_counter()
    clients = [threading.Thread(target=work) for _ in range(at_once)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return {"each_ms": each_ms, "all_s": time.perf_counter() - began}
