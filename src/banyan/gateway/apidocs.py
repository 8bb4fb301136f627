"""The page at ``/docs``: every API's own document, to be browsed without anything from elsewhere.

The page itself names the APIs and no more, so it needs no token; what it shows it fetches with the
reader's. It loads nothing but that, and runs nothing but its own script, named by its hash.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Set
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

from banyan.kernel.words.codec import to_json
from banyan.tmf.apis import API

DOCS_PATH: Final = "/docs"
_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@cache
def docs_page(apis: frozenset[str]) -> tuple[str, str]:
    """The page for the APIs served here, and the Content-Security-Policy it goes with."""
    text = (files("banyan.gateway") / "pages" / "docs.html").read_text("utf-8")
    script = _SCRIPT.search(text)
    assert script is not None, "the page has lost its script"
    mark = b64encode(sha256(script[1].encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{mark}'; style-src 'unsafe-inline'; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    listed = to_json(list_documents(apis)).decode().replace("<", "\\u003c")
    return text.replace(">APIS<", f">{listed}<", 1), policy


def list_documents(apis: Set[str]) -> list[tuple[str, str]]:
    """A label and a base path for every API in every generation, the standard's first."""
    found = []
    for name in sorted(apis, key=lambda each: (not each.startswith("TMF"), each)):
        api = API[name]
        for generation in api.generations:
            version = api.version(generation)
            title = api.title.partition(" (")[0]
            found.append((f"{name} {title} {version.version}", version.base_path))
    return found
