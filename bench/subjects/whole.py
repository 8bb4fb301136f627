"""The whole house as ``banyan run`` serves it; says its port and token as other subjects do.

``python -m bench.subjects.whole <folder>``.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

from banyan.cli.run import serve
from banyan.kernel.engine.settings import read_settings
from bench.measure import say


def announce(home: Path) -> None:
    """Say where the house is once it has written that down."""
    pause = threading.Event()
    while not (home / "url").exists():
        pause.wait(0.05)
    token = (home / "admin.token").read_text("utf-8").strip()
    say({"port": urlsplit((home / "url").read_text("utf-8").strip()).port, "token": token})


def main() -> None:
    """Serve until stopped."""
    home = Path(sys.argv[1])
    threading.Thread(target=announce, args=(home,), daemon=True).start()
    serve(read_settings(None, {"data": str(home)}))


if __name__ == "__main__":
    main()
