"""Who may do what, written down: a row for every API and noun that is served, a column a role.

A cell holds letters: G for get and list, C for create, U for update, D for delete, and H for coming
and going as a subscriber (hub). A small letter stands for one's own things only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from starlette.routing import BaseRoute, Route

from banyan.gateway.access import Access, Action, action_of
from banyan.gateway.addresses import AddressBook
from banyan.tmf.surface import Surface

LETTERS: Final[Mapping[Action, str]] = {
    "read": "G",
    "create": "C",
    "update": "U",
    "delete": "D",
    "subscribe": "H",
}

Served = dict[tuple[str, str], dict[str, list[tuple[str, str]]]]
"""(API, noun) → letter → every (method, path) that does it."""

_PARAMETER = re.compile(r"\{[^}]*\}")


def find_served(routes: Iterable[BaseRoute], addresses: AddressBook) -> Served:
    """Everything that is served at an address of an API; ids in paths are ``none``."""
    served: Served = {}
    for path, methods in _paths(routes):
        address = addresses.find(path)
        if address is None:
            continue
        letters = served.setdefault((address.api, address.noun), {})
        for method in methods:
            action = action_of(address.noun, method)
            letter = "?" if action is None else LETTERS[action]
            letters.setdefault(letter, []).append((method, path))
    return served


def _paths(routes: Iterable[BaseRoute]) -> Iterable[tuple[str, tuple[str, ...]]]:
    for route in routes:
        if isinstance(route, Surface):
            for path, methods in route.served():
                yield (f"{path}none" if path.endswith("/") else path), methods
        elif isinstance(route, Route):
            methods = tuple(sorted((route.methods or set()) - {"HEAD"}))
            yield _PARAMETER.sub("none", route.path), methods


def letters_of(access: Access, role: str, place: tuple[str, str], letters: Iterable[str]) -> str:
    """What of ``letters`` a role may do at (API, noun), in the order of :data:`LETTERS`."""
    api, noun = place
    found = ""
    for action, letter in LETTERS.items():
        if letter in letters:
            grant = access.grant((role,), "any", api, noun, action)
            found += {"all": letter, "own": letter.lower(), "nothing": ""}[grant]
    return found


def table_of(access: Access, served: Served) -> list[list[str]]:
    """The whole table as the policies have it today, header first."""
    roles = sorted(access.roles)
    rows = [["API", "resource", *roles]]
    for api, noun in sorted(served):
        letters = served[api, noun]
        cells = [letters_of(access, role, (api, noun), letters) for role in roles]
        rows.append([api, noun, *cells])
    return rows
