"""The real parts tests stand on, and the list of those that are not there.

A test that needs a part which may be missing says so here and returns; the closing lines of the run
name every one of them. Nothing is skipped in silence.
"""

from __future__ import annotations

from pathlib import Path

_SHARED = Path(__file__).resolve().parents[2] / "shared"

MISSING: dict[str, int] = {}


def note_missing(what: str) -> None:
    """Count a check that could not be made because ``what`` is not there."""
    MISSING[what] = MISSING.get(what, 0) + 1


def _there(path: Path) -> Path | None:
    return path if path.is_dir() else None


SPECS: Path | None = _there(_SHARED / "specs" / "tmf")
"""The official TM Forum files (``TMFnnn-v4.json``, ``TMFnnn-v5.yaml``, ``examples/``), if here."""

ODA_SPECS: Path | None = _there(_SHARED / "specs" / "oda")
"""The schema of ODA component manifests and facts of the published components, if here."""

GSMA: Path | None = _there(_SHARED / "specs" / "gsma")
"""The GSMA Generic Slice Template as published for TMF633 tools (``gst.json``), if here."""
