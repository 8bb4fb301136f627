"""``python -m bench [name …]``: run benchmarks, print what was measured, write it down."""

from __future__ import annotations

import sys
from importlib import import_module

from bench.measure import keep, show

BENCHMARKS = (
    "runner_latency",
    "runner_throughput",
    "http_create_order",
    "list_first_page",
    "bulk_import",
    "inventory_graph",
)


def main() -> int:
    """Run those named, or all; ends with 1 when a target was missed, 2 for an unknown name."""
    names = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}")
        return 2
    met = True
    for name in names:
        results = import_module(f"bench.{name}").run()
        for result in results:
            keep(result)
            met = met and result.is_met
        show(results)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
