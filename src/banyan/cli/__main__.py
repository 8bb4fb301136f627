"""``python -m banyan.cli``."""

from __future__ import annotations

from banyan.cli.main import main

main()
