"""Pages of lists over HTTP: which answer is partial, and the links that lead to the others.

TMF630: 200 with all that match, 206 with a part of it; ``X-Total-Count``, ``X-Result-Count``,
``Link`` (RFC 8288). Where an API has cursors, links go on by them: what is made or removed
meanwhile moves no document to another page.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from banyan.kernel.words.errors import refused
from banyan.tmf.errors import JSON, Header
from banyan.tmf.filters import Wish
from banyan.tmf.sorting import write_cursor
from banyan.tmf.stored import Page

_UNSAFE: Final = re.compile(r"[^!#$%&'()*+,\-./0-9:;=?@A-Z_a-z~]")


def check_declared(wish: Wish, declared: frozenset[str]) -> None:
    """Refuses (``unsupported``) query parameters that this generation of the API does not have."""
    asked = {"filter": wish.jsonpath, "after": wish.after, "before": wish.before}
    for name, text in asked.items():
        if text and name not in declared:
            raise refused("unsupported", "queryUnsupported", f"this API has no {name}", name)


def describe_page(
    base: str, wish: Wish, limit: int, page: Page, *, has_cursors: bool
) -> tuple[int, tuple[Header, ...]]:
    """The status of a page and its headers; ``base`` is the list's address."""
    shown = len(page.found)
    is_part = shown < page.total and wish.offset < page.total
    headers = [
        JSON,
        (b"x-total-count", b"%d" % page.total),
        (b"x-result-count", b"%d" % shown),
    ]
    if is_part:
        named = _by_cursor if has_cursors and not wish.offset else _by_offset
        links = [
            f'<{base}?{_safe([*wish.rest, *place, f"limit={limit}"])}>; rel="{rel}"'
            for rel, place in named(wish, limit, page).items()
        ]
        headers.append((b"link", ", ".join(links).encode("latin-1")))
    return 206 if is_part else 200, tuple(headers)


def _by_offset(wish: Wish, limit: int, page: Page) -> dict[str, list[str]]:
    step = max(limit, 1)
    offsets = {"first": 0, "last": (page.total - 1) // step * step}
    if wish.offset > 0:
        offsets["prev"] = max(0, wish.offset - step)
    if limit and wish.offset + limit < page.total:
        offsets["next"] = wish.offset + limit
    return {rel: [f"offset={offset}"] for rel, offset in offsets.items()}


def _by_cursor(wish: Wish, limit: int, page: Page) -> dict[str, list[str]]:
    """There may be nothing behind a full page that ends the list."""
    found: dict[str, list[str]] = {"first": []}
    is_full = len(page.found) == limit
    if page.found and (is_full or wish.before):
        found["next"] = [f"after={write_cursor(page.last)}"]
    if page.found and (wish.after or (wish.before and is_full)):
        found["prev"] = [f"before={write_cursor(page.first)}"]
    return found


def _safe(parts: list[str]) -> str:
    return _UNSAFE.sub(lambda found: quote(found[0].encode("latin-1", "replace")), "&".join(parts))
