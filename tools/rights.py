"""``python tools/rights.py``: the golden table of rights as the policies have it today, as CSV.

With the name of a table (``tests/gateway/rights.csv``) only rows that it does not have, or has
otherwise. Read them before you put them into the table: it says what ought to be so, not what is.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from pathlib import Path

import structlog

from banyan.gateway.app import addresses_of
from banyan.gateway.rights import find_served, table_of
from banyan.gateway.tokens import TokenBook
from banyan.kernel.engine.settings import Settings
from banyan.wiring import build


def main() -> int:
    """Print the table, or what is not in the given one; 1 if there is any such row."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("info"))
    with tempfile.TemporaryDirectory() as folder:
        standing = build(Settings(folder=folder), "rights")
        front = standing.front(TokenBook(Path(folder)))
        served = find_served(standing.app(front.tokens).routes, addresses_of(front))
        header, *rows = table_of(front.access, served)
        standing.stop()
    known: set[tuple[str, ...]] = set()
    if len(sys.argv) > 1:
        with Path(sys.argv[1]).open(encoding="utf-8") as file:
            known = {tuple(row) for row in csv.reader(file)}
    missing = [row for row in rows if tuple(row) not in known]
    csv.writer(sys.stdout, lineterminator="\n").writerows([header, *missing])
    return 1 if known and missing else 0


if __name__ == "__main__":
    sys.exit(main())
